"""Refresh directory schema on a server of plain objects: what is read again, set back, flagged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import EngineError
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.setup.answers import Credential
from engine.setup.features.schema_refresh import refresh_schema

ADMIN = Credential("admin@contoso.onmicrosoft.com", "x")


@pytest.fixture
def server(stage):
    of_users = frozenset(stage.forest.schema_found.attributes)
    stage.forest.schema_found = Schema(stage.forest.schema_found.attributes, {"user": of_users})
    return stage.installed(stage.custom())


def extend(stage, name: str, kind: AttributeType = AttributeType.STRING) -> None:
    known = stage.forest.schema_found
    more = {**known.attributes, name: AttributeDefinition(name, kind)}
    stage.forest.schema_found = Schema(more, {"user": frozenset(more)})


def test_a_new_attribute_is_known_afterwards(server, stage) -> None:
    extend(stage, "badge")
    found = refresh_schema(server, ADMIN, stage)
    assert found.changes == {"extended": ["contoso.com"], "flagged": ["contoso.com"]}
    assert "badge" in next(c for c in server.connectors.values() if c.name == "contoso.com").schema.attributes
    assert server.flagged() == {"contoso.com": (True, True), "contoso.onmicrosoft.com - AAD": (False, False)}


def test_exchange_brings_its_rules(server, stage) -> None:
    assert "In from AD - User Exchange" not in server.names()
    extend(stage, "msExchMailboxGuid", AttributeType.BINARY)
    refresh_schema(server, ADMIN, stage)
    assert "In from AD - User Exchange" in server.names()


def test_nothing_new_flags_nothing(server, stage) -> None:
    assert refresh_schema(server, ADMIN, stage).changes == {"extended": [], "flagged": []}
    assert set(server.flagged().values()) == {(False, False)}


def test_changed_standard_rules_are_set_back_and_custom_ones_stay(server, stage) -> None:
    number, changed = next((n, r) for n, r in server.stored_rules.items() if r.name == "In from AD - User Join")
    custom = replace(changed, identifier="own", name="Own", precedence=50, immutable_tag="")
    server.stored_rules[number] = replace(changed, flows=())
    server.stored_rules[1000] = custom
    assert refresh_schema(server, ADMIN, stage).changes["flagged"] == ["contoso.com"]
    by_name = {rule.name: rule for rule in server.stored_rules.values()}
    assert by_name["In from AD - User Join"].flows == changed.flows
    assert by_name["Own"] == custom


def test_one_forest_only(server, stage) -> None:
    extend(stage, "badge")
    assert refresh_schema(server, ADMIN, stage, "fabrikam.com").changes["extended"] == []
    assert refresh_schema(server, ADMIN, stage, "CONTOSO.COM").changes["extended"] == ["contoso.com"]


def test_a_forest_that_does_not_answer_changes_nothing(server, stage) -> None:
    extend(stage, "badge")
    before = dict(server.connectors)
    stage.connect_refusal = EngineError("DIR_NET_DNS", "SERVFAIL")
    assert refresh_schema(server, ADMIN, stage).pages[-1].code == "DIR_NET_DNS"
    assert server.connectors == before
    assert server.held == ["suspend", "resume"]
