"""A forest connected to a running server: rules last in their groups, nothing written where a page refuses."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from engine.errors import EngineError
from engine.model.schema import Schema
from engine.network import Network
from engine.server import SyncServer
from engine.setup.answers import Credential, DirectoryAnswers, Identification, SourceAnchorChoice, Switches
from engine.setup.directory_adding import add_directories
from engine.setup.wizard_run import run_wizard

ADMIN = Credential("admin@contoso.onmicrosoft.com", "cloud secret")
NORTHWIND = DirectoryAnswers("northwind.com", Credential("NORTHWIND\\Administrator", "forest secret"))


@pytest.fixture
def grown(stage, tmp_path):
    """Make a server with contoso.com alone; northwind.com stands ready."""
    base = "DC=northwind,DC=com"
    facts = stage.forest.facts
    domain = replace(facts.domains[0], dn=base, dns_name="northwind.com", netbios="NORTHWIND")
    found = type(stage.forest)(replace(facts, name="northwind.com", root_dn=base, default_dn=base, domains=(domain,)))
    stage.forests["northwind.com"] = found
    servers = []

    def make(**changes):
        _, blueprint = run_wizard(stage.custom(**changes), stage.state())
        server = SyncServer.create(
            tmp_path / "ADSync.db",
            name="SYNC1",
            blueprint=blueprint,
            network=Network(),
            clock=stage.state().clock,
            seed="1",
        )
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.close()


def add(stage, server, *directories, **options):
    directories = directories or (NORTHWIND,)
    return add_directories(server, ADMIN, directories, stage.host(), stage, source=random.Random("7"), **options)


def places(server, name):
    by_identifier = {one.identifier: one.name for one in server.connectors.values()}
    return [
        (rule.precedence, by_identifier[rule.connector])
        for rule in sorted(server.rules().values(), key=lambda rule: rule.precedence)
        if rule.name == name
    ]


def test_the_new_forest_comes_last_in_each_group_and_reads_everything_first(stage, grown):
    server = grown()
    outcome = add(stage, server)
    assert outcome.changes == {"directories": ["northwind.com"]}
    assert places(server, "In from AD - User Join") == [(100, "contoso.com"), (101, "northwind.com")]
    assert places(server, "In from AD - User AccountEnabled") == [(104, "contoso.com"), (105, "northwind.com")]
    _, added = server.connector("northwind.com")
    assert (added.full_import_required, added.full_sync_required, added.password_hash_sync) == (True, True, True)
    assert {"mail", "sAMAccountName", "mS-DS-ConsistencyGuid"} <= set(added.attributes)
    assert server.configuration.secret(added.identifier)
    assert [what for what, _ in stage.forests["northwind.com"].writes] == ["account", "rights"]


def test_a_forest_that_is_connected_is_refused(stage, grown):
    server = grown()
    outcome = add(stage, server, replace(NORTHWIND, forest="CONTOSO.com"))
    assert outcome.pages[-1].code == "DIRECTORY_TWICE"


@pytest.mark.parametrize(
    ("anchor", "skipped", "code"),
    [
        ("mS-DS-ConsistencyGuid", False, "CONSISTENCYGUID_IN_USE"),
        ("mS-DS-ConsistencyGuid", True, ""),
        ("objectGUID", False, ""),
    ],
)
def test_a_forest_that_uses_consistency_guid_already(stage, grown, anchor, skipped, code):
    server = grown(source_anchor=SourceAnchorChoice(anchor))
    stage.forests["northwind.com"].in_use = True
    outcome = add(stage, server, switches=Switches(skip_ldap_search=skipped))
    assert outcome.pages[-1].code == code
    assert len(places(server, "In from AD - User Join")) == (1 if code else 2)
    assert bool(stage.forests["northwind.com"].writes) is not bool(code)


def test_a_matching_attribute_the_new_forest_lacks(stage, grown):
    server = grown(identification=Identification.ATTRIBUTE, identification_attribute="employeeID")
    schema = stage.forests["northwind.com"].schema_found
    lacking = Schema({n: a for n, a in schema.attributes.items() if n != "employeeID"}, schema.object_types)
    stage.forests["northwind.com"].schema_found = lacking
    assert add(stage, server).pages[-1].code == "IDENTIFICATION_ATTRIBUTE_UNKNOWN"
    assert len(server.connectors) == 2


def test_the_sign_in_of_the_tenant_is_asked_for(stage, grown):
    server = grown()
    stage.sign_in_refusal = EngineError("AADSTS50126", "wrong")
    assert add(stage, server).pages[-1].code == "AADSTS50126"
