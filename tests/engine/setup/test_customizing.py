"""Customize synchronization options on a server of plain objects: OUs, the group filter, and what stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.active_directory.partitions import Container, DomainFacts
from engine.errors import EngineError
from engine.run.group_filter import PARAMETER, SETTING
from engine.setup.answers import Credential, OuSelection
from engine.setup.customizing import Customization, customize, filter_forgotten, shown_options

ADMIN = Credential("admin@contoso.onmicrosoft.com", "x")
STAFF, SALES = "OU=Staff,DC=contoso,DC=com", "OU=Sales,OU=Staff,DC=contoso,DC=com"
PILOT = "CN=Pilot,OU=Staff,DC=contoso,DC=com"


@pytest.fixture
def server(stage):
    """contoso.com, filtered by a group, and fabrikam.com; first full runs are done."""
    stage.forest.tree = (
        Container(STAFF, "Staff", "organizationalUnit"),
        Container(SALES, "Sales", "organizationalUnit"),
    )
    stage.forest.groups = {"Pilot": PILOT}
    other = "DC=fabrikam,DC=com"
    stage.forests["fabrikam.com"] = type(stage.forest)(
        facts=replace(
            stage.forest.facts,
            name="fabrikam.com",
            root_dn=other,
            default_dn=other,
            domains=(DomainFacts(other, "fabrikam.com", "FABRIKAM"),),
        )
    )
    first = stage.answers().directories[0]
    directories = (replace(first, group_filter="Pilot"), replace(first, forest="fabrikam.com"))
    return stage.installed(stage.custom(directories=directories))


def run(stage, server, **wanted):
    return customize(server, ADMIN, Customization(**wanted), stage, stage.state().clock)


def select(*included, excluded=(), new=True, forest="contoso.com"):
    return {forest: {forest: OuSelection(tuple(included), tuple(excluded), new)}}


def flags(server):
    return {c.name: (c.full_import_required, c.full_sync_required) for c in server.connectors.values()}


def test_a_changed_selection_flags_its_own_directory(stage, server) -> None:
    outcome = run(stage, server, ou_selection=select(excluded=(SALES,)))
    assert not outcome.refused
    assert outcome.changes == {"selected": ["contoso.com"], "unfiltered": []}
    assert server.connectors[0].partitions[0].excluded == (SALES,)
    assert {name for name, (import_, _) in flags(server).items() if import_} == {"contoso.com"}
    assert not any(sync for _, sync in flags(server).values())
    assert server.held == ["suspend", "resume"]


def test_an_old_wizard_flags_every_directory(stage, server) -> None:
    server.version = "1.1.523.0"
    run(stage, server, ou_selection=select(STAFF))
    assert {name for name, (import_, _) in flags(server).items() if import_} == {"contoso.com", "fabrikam.com"}


def test_the_same_selection_flags_nothing(stage, server) -> None:
    assert run(stage, server, ou_selection=select()).changes == {"selected": [], "unfiltered": []}
    assert not any(import_ for import_, _ in flags(server).values())


def test_only_what_is_ticked_is_in(stage, server) -> None:
    run(stage, server, ou_selection=select(SALES))
    partition = server.connectors[0].partitions[0]
    assert (partition.included, partition.excluded) == ((SALES,), ("DC=contoso,DC=com",))


def test_without_new_ous_those_of_today_are_named(stage, server) -> None:
    run(stage, server, ou_selection=select(STAFF, new=False))
    partition = server.connectors[0].partitions[0]
    assert (partition.included, partition.new_containers) == ((STAFF, SALES), False)
    server.version = "1.1.523.0"
    assert run(stage, server, ou_selection=select(STAFF, new=False)).pages[-1].code == "NEW_OUS_NOT_ASKED"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"ou_selection": select("OU=Gone,DC=contoso,DC=com")}, "CONTAINER_UNKNOWN"),
        ({"group_filter": {"contoso.com": "Other"}}, "GROUP_FILTER_NOT_OFFERED"),
        ({"fixed": {"upn_attribute": "mail"}}, "OPTION_READ_ONLY"),
        ({"fixed": {"source_anchor": "employeeID"}}, "OPTION_READ_ONLY"),
        ({"fixed": {"identification": "Mail"}}, "OPTION_READ_ONLY"),
        ({"fixed": {"upn_attribute": "USERPRINCIPALNAME"}}, ""),
    ],
)
def test_refusals_change_nothing(stage, server, wanted, code) -> None:
    before = (dict(server.connectors), dict(server.global_settings), dict(server.stored_rules))
    assert run(stage, server, **wanted).pages[-1].code == code
    assert (server.connectors, server.global_settings, server.stored_rules) == before


def test_the_group_filter_goes_once_and_for_all(stage, server) -> None:
    assert shown_options(server)["group_filter"] == {
        "groups": {"contoso.com": PILOT},
        "removable": True,
        "offered": False,
    }
    pattern = next(rule for rule in server.rules().values() if rule.name == "In from AD - User Group Filtering")
    own = replace(pattern, identifier="own", name="Mine", precedence=50, immutable_tag="")
    server.save_rules([own, *server.rules().values()])
    rules = len(server.rules())
    assert run(stage, server, remove_group_filter=True).changes["unfiltered"] == ["contoso.com"]
    assert server.connectors[0].parameters[PARAMETER] == ""
    assert server.global_settings[SETTING] == "False"
    assert len(server.rules()) == rules - 5
    assert own in server.rules().values(), "what an administrator made is his to delete"
    assert {name for name, (_, sync) in flags(server).items() if sync} == {"contoso.com"}
    assert shown_options(server)["group_filter"] == {"groups": {}, "removable": False, "offered": False}
    assert run(stage, server, remove_group_filter=True).pages[-1].code == "GROUP_FILTER_ABSENT"
    assert run(stage, server, group_filter={"contoso.com": "Pilot"}).pages[-1].code == "GROUP_FILTER_NOT_OFFERED"


def test_it_does_not_open_while_a_cycle_runs_nor_without_a_sign_in(stage, server) -> None:
    server.running = True
    assert run(stage, server).pages[-1].code == "SYNC_IN_PROGRESS"
    server.running = False
    stage.sign_in_refusal = EngineError("INVALID_GRANT", "wrong password")
    assert run(stage, server, remove_group_filter=True).pages[-1].code == "INVALID_GRANT"
    assert server.connectors[0].parameters[PARAMETER] == PILOT
    assert server.held == ["suspend", "resume"]


@pytest.fixture
def two_domains(stage):
    """contoso.com with a child, both selected and run over."""
    child = DomainFacts("DC=emea,DC=contoso,DC=com", "emea.contoso.com", "EMEA")
    stage.forest.facts = replace(stage.forest.facts, domains=(*stage.forest.facts.domains, child))
    return stage.installed(stage.custom())


def test_a_cleared_domain_loses_its_steps_and_gets_them_back(stage, two_domains) -> None:
    held = two_domains.connectors[0].run_profiles
    child = two_domains.connectors[0].partitions[1].identifier
    assert run(stage, two_domains, domains={"contoso.com": ("contoso.com",)}).changes["selected"] == ["contoso.com"]
    connector = two_domains.connectors[0]
    assert [one.selected for one in connector.partitions] == [True, False]
    assert connector.full_import_required
    assert all(step.partition != child for profile in connector.run_profiles for step in profile.steps)
    run(stage, two_domains, domains={"contoso.com": ("contoso.com", "emea.contoso.com")})
    assert two_domains.connectors[0].run_profiles == held


@pytest.mark.parametrize(
    ("domains", "code"),
    [
        (("else.com",), "DOMAIN_UNKNOWN"),
        ((), "NO_DOMAIN_SELECTED"),
        (("contoso.com", "emea.contoso.com"), "DOMAIN_UNREACHABLE"),
    ],
)
def test_domains_that_cannot_be_selected(stage, two_domains, domains, code) -> None:
    stage.forest.unreachable = {"DC=emea,DC=contoso,DC=com"}
    assert run(stage, two_domains, domains={"contoso.com": domains}).pages[-1].code == code
    assert [one.selected for one in two_domains.connectors[0].partitions] == [True, True]


@pytest.mark.parametrize(
    ("version", "forgotten"), [("1.1.552.0", False), ("1.1.553.0", True), ("1.1.557.0", True), ("1.1.558.0", False)]
)
def test_releases_whose_page_forgets_the_filter(version, forgotten) -> None:
    assert filter_forgotten(version) is forgotten
