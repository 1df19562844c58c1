"""A server's own export sets up another one over another forest; choices that the export makes are refused."""

from __future__ import annotations

import pytest

from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.setup.configuration.server_configuration import ServerConfiguration, write_server_configuration
from harness.actions.sync_server import cycle, install
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError
from harness.scenario.reader import read_scenario
from harness.vocabulary import the_language

CONTOSO = {"contoso.com": {"population": {"users": 2, "in": "CORP"}}}
FABRIKAM = {"fabrikam.com": {"population": [{"users": 3, "in": "CORP"}, {"users": 4, "in": "Elsewhere"}]}}


@pytest.fixture
def lab():
    """Return a maker of labs; closed at the end."""
    started = []

    def start(**keys):
        started.append(Lab(make_world(**keys)))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def export(lab, tmp_path):
    """The folder that a server of contoso.com, which synchronizes CORP only, would export."""
    first = lab(forests=CONTOSO, tenants={"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}})
    install(first, "SYNC1", mode="custom", ous={"include": ["CORP"]})
    engine = first.server("SYNC1").engine
    folder = tmp_path / "export"
    folder.mkdir()
    connectors, rules = tuple(engine.connectors.values()), tuple(engine.rules().values())
    schema = engine.configuration.metaverse_schema() or METAVERSE_SCHEMA
    write_server_configuration(ServerConfiguration(connectors, rules, schema, dict(engine.global_settings)), folder)
    return folder


@pytest.fixture
def fabrikam(lab):
    return lab(forests=FABRIKAM, tenants={"fabrikam.onmicrosoft.com": {"verified_domains": ["fabrikam.com"]}})


@pytest.mark.parametrize(
    ("containers", "arrived"),
    [
        (None, 3),
        ({"fabrikam.com": {}}, 7),
        ({"fabrikam.com": {"include": ["Elsewhere"], "exclude": ["DC=fabrikam,DC=com"]}}, 4),
    ],
    ids=["of the export", "whole forest", "another OU"],
)
def test_the_mapped_server_synchronizes_what_is_selected(export, fabrikam, containers, arrived):
    mapped = {"folder": str(export), "map": {"contoso.com": "fabrikam.com"}, "containers": containers}
    install(fabrikam, "SYNC9", start_sync=False, configuration=mapped)
    cycle(fabrikam, "SYNC9", "Initial")
    people = fabrikam.tenant().graph().collection("users", ["userPrincipalName"])
    assert len([one for one in people if one["userPrincipalName"].endswith("@fabrikam.com")]) == arrived
    assert fabrikam.server("SYNC9").outcome.pages[0].warnings == ()


def test_choices_of_the_export_cannot_be_made_again(export, fabrikam):
    with pytest.raises(ScenarioError, match=r"decides about staging, anchor"):
        install(fabrikam, "SYNC9", staging=True, anchor="objectGUID", configuration={"folder": str(export)})
    assert fabrikam.servers == {}


@pytest.mark.parametrize(
    ("configuration", "complaint"),
    [
        ("{map: {contoso.com: fabrikam.com}}", "needs the key folder"),
        ("{folder: x, map: {contoso.com: nowhere.test}}", "nowhere.test"),
        ("{folder: x, containers: {fabrikam.com: {only: [Staff]}}}", "only"),
    ],
)
def test_a_wrong_configuration_is_seen_when_the_file_is_read(configuration, complaint):
    text = (
        "scenario: x\nworld:\n  forests: {fabrikam.com: {}}\n  tenants: {fabrikam.onmicrosoft.com: {}}\n"
        f"steps:\n  - install: {{server: SYNC1, configuration: {configuration}}}\n"
    )
    problems = read_scenario("f.yaml", text, the_language()).problems
    assert [one.position.line for one in problems] == [6]
    assert complaint in problems[0].message
