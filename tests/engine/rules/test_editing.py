"""The rules editor: what it adds, changes, disables and removes, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.editing import add_rules, change_rules, find_rules, remove_rules, set_disabled
from engine.rules.rule import JoinClause, ScopeClause


def strings(object_type, *names):
    attributes = {name: AttributeDefinition(name, AttributeType.STRING) for name in names}
    return Schema(attributes, {object_type: frozenset(names)})


@pytest.fixture
def server(make):
    connector = ConnectorConfiguration(
        make.ad,
        "contoso.com",
        ConnectorType.ACTIVE_DIRECTORY,
        attributes=("cn", "sn"),
        schema=strings("user", "cn", "sn", "department", "title"),
    )
    held = {1: make.inbound(100, "In from AD - User Join", immutable_tag="Microsoft.InfromADUserJoin.004")}
    place = SimpleNamespace(
        connectors={1: connector},
        version="2.5.79.0",
        configuration=SimpleNamespace(metaverse_schema=lambda: strings("person", "cn", "sn", "department")),
        rules=lambda: held,
        saved=0,
    )

    def save_rules(rules):
        place.saved += 1
        numbers = {rule.identifier: number for number, rule in held.items()}
        chosen = {numbers.get(rule.identifier, 1000 + index): rule for index, rule in enumerate(rules)}
        held.clear()
        held.update(chosen)

    place.save_rules = save_rules
    place.save_connector = lambda changed: place.connectors.update({1: changed})
    return place


def names(server):
    return [rule.name for rule in sorted(server.rules().values(), key=lambda rule: rule.precedence)]


def test_a_rule_is_added_at_its_place(make, server):
    add_rules(server, [make.inbound(50, "Mine", flows=(make.direct("cn"),))])
    assert names(server) == ["Mine", "In from AD - User Join"]
    with pytest.raises(EngineError, match='belongs to "Mine"') as refusal:
        add_rules(server, [replace(make.inbound(50, "Other"), identifier=make.identifier(7))])
    assert refusal.value.code == "precedence-not-unique"
    assert names(server) == ["Mine", "In from AD - User Join"]


def test_a_rule_before_another_takes_its_number(make, server):
    add_rules(server, [make.inbound(0, "Mine", precedence_before=make.identifier(100))])
    assert {rule.name: rule.precedence for rule in server.rules().values()} == {
        "Mine": 100,
        "In from AD - User Join": 101,
    }
    set_disabled(server, "Mine", disabled=True)
    assert find_rules(server, "Mine")[0].precedence == 100


def test_what_the_check_complains_about_is_refused_and_nothing_is_saved(make, server):
    wrong = make.inbound(
        50, "Mine", scope=((ScopeClause("nowhere", "EQUAL", "1"),),), flows=(make.direct("gone", "cn"),)
    )
    with pytest.raises(EngineError) as refusal:
        add_rules(server, [wrong])
    assert refusal.value.code == "unknown-attribute"
    assert "nowhere" in refusal.value.message
    assert "gone" in refusal.value.message
    assert server.saved == 0


def test_an_old_complaint_does_not_stand_in_the_way(make, server):
    server.rules()[1] = replace(server.rules()[1], joins=((JoinClause("nowhere", "cn"),),))
    add_rules(server, [make.inbound(50, "Mine")])
    set_disabled(server, "In from AD - User Join", disabled=True)
    assert server.saved == 2


def test_what_a_new_rule_reads_is_selected_on_its_connector(make, server):
    add_rules(server, [make.inbound(50, "Mine", scope=((ScopeClause("department", "EQUAL", "Sales"),),))])
    assert server.connectors[1].attributes == ("cn", "department", "sn")


def test_rules_are_changed_disabled_and_removed_by_name(make, server):
    change_rules(server, "in from ad – user join", lambda rule: replace(rule, precedence=40), make.ad)
    assert find_rules(server, "In from AD - User Join")[0].precedence == 40
    set_disabled(server, "In from AD - User Join", disabled=True)
    assert find_rules(server, "In from AD - User Join")[0].disabled
    remove_rules(server, "In from AD - User Join")
    assert names(server) == []
    with pytest.raises(EngineError) as refusal:
        set_disabled(server, "In from AD - User Join", disabled=False)
    assert refusal.value.code == "no-such-rule"
