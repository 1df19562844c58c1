"""Which rules are compiled, and what follows from the ones in scope. Source: facts "engine" 3.2 and 6."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.model.schema import AttributeDefinition, Schema
from engine.rules.plans import CompiledRule, CompiledRules, RulesInScope
from engine.rules.rule import Direction, JoinClause, LinkType, ScopeClause, SyncRule

JOIN, PROVISION, STICKY, SILENT = LinkType.JOIN, LinkType.PROVISION, LinkType.STICKY_JOIN, LinkType.JOIN_NO_FLOW
BY_MAIL = ((JoinClause("mail", "mail"),),)
SCHEMA = Schema({name: AttributeDefinition(name) for name in ("mail", "cn", "title", "displayName")})


def in_scope(make: Any, *rules: tuple[LinkType, Any]) -> RulesInScope:
    made = [make.inbound(n, link_type=kind, joins=joins) for n, (kind, joins) in enumerate(rules, 1)]
    return RulesInScope.of(tuple(CompiledRule(rule, n, 1 << n, ()) for n, rule in enumerate(made)))


def compiled(make: Any, *rules: SyncRule) -> CompiledRules:
    return CompiledRules(
        enumerate(rules, 1), connectors={make.ad: 1}, metaverse=SCHEMA, schemas={1: SCHEMA}, parameters={1: {}}
    )


def outbound(make: Any, number: int, **changes: Any) -> SyncRule:
    held = {"direction": Direction.OUTBOUND, "source_object_type": "person", "target_object_type": "user"}
    return replace(make.inbound(number), **{**held, **changes})


@pytest.mark.parametrize(
    ("rules", "decides"),
    [
        ([(JOIN, BY_MAIL)], 1),
        ([(JOIN, BY_MAIL), (PROVISION, BY_MAIL)], 2),
        ([(PROVISION, BY_MAIL), (JOIN, BY_MAIL)], 1),
        ([(JOIN, ()), (JOIN, BY_MAIL)], 2),
        ([(JOIN, ())], None),
    ],
)
def test_the_rule_that_provisions_decides_over_a_join(make, rules, decides):
    found = in_scope(make, *rules).joining
    assert (found.rule.precedence if found is not None else None) == decides


@pytest.mark.parametrize(
    ("kinds", "alive"), [([JOIN], False), ([JOIN, STICKY], True), ([PROVISION], True), ([SILENT], False), ([], False)]
)
def test_what_keeps_a_metaverse_object_alive(make, kinds, alive):
    assert in_scope(make, *((kind, BY_MAIL) for kind in kinds)).keeps_alive is alive


@pytest.mark.parametrize(
    ("kinds", "written"), [([JOIN], {"person"}), ([JOIN, SILENT], set()), ([SILENT], set()), ([PROVISION], {"person"})]
)
def test_a_rule_that_joins_without_flows_silences_the_others(make, kinds, written):
    assert in_scope(make, *((kind, BY_MAIL) for kind in kinds)).linked_types == written


def test_different_criteria_in_scope_are_named(make):
    other = ((JoinClause("cn", "cn"),),)
    assert in_scope(make, (JOIN, BY_MAIL), (PROVISION, BY_MAIL)).conflicting == ()
    assert in_scope(make, (JOIN, BY_MAIL), (PROVISION, other)).conflicting == ("Rule 1", "Rule 2")


def test_a_disabled_rule_and_one_of_no_connector_are_left_out(make):
    rules = compiled(
        make,
        make.inbound(1, disabled=True),
        make.inbound(2, connector="11111111-2222-4333-8444-555555555555"),
        make.inbound(3),
    )
    assert [rule.number for rule in rules.inbound(1, "user").rules] == [3]
    assert rules.names == {1: "Rule 1", 2: "Rule 2", 3: "Rule 3"}


def test_rules_that_share_a_scope_hold_together(make):
    scope = ((ScopeClause("title", "EQUAL", "Lead"),),)
    group = compiled(make, *(make.inbound(n, scope=scope if n != 2 else ()) for n in (1, 2, 3))).inbound(1, "user")
    for attributes, expected in [({"title": "lead"}, [1, 2, 3]), ({}, [2])]:
        assert [rule.number for rule in group.chosen(group.in_scope(attributes, {}))] == expected


def test_what_a_scope_asks_for_is_read_though_the_rule_is_not_in_scope(make):
    rules = compiled(
        make,
        make.inbound(1, flows=(make.direct("cn"),)),
        make.inbound(2, scope=((ScopeClause("title", "EQUAL", "Lead"),),), flows=(make.direct("mail"),)),
    )
    group = rules.inbound(1, "user")
    assert group.reads == {"cn", "title", "mail"}
    assert group.reads_of(group.in_scope({}, {})) == {"cn", "title"}


def test_join_values_are_kept_for_inbound_rules_and_outbound_ones_that_only_join(make):
    by_cn = ((JoinClause("cn", "cn"),),)
    by_name = ((JoinClause("displayName", "displayName"),),)
    rules = compiled(
        make,
        make.inbound(1, joins=BY_MAIL),
        outbound(make, 2, joins=by_cn),
        outbound(make, 3, joins=by_name, link_type=PROVISION),
    )
    assert rules.join_attributes == {"mail", "cn"}
    assert [rule.number for rule, _ in rules.claims(1, "user")] == [2]


def test_only_rules_to_the_object_s_own_type_flow_to_it(make):
    rules = compiled(
        make,
        outbound(make, 1, flows=(make.direct("cn"),)),
        outbound(make, 2, target_object_type="contact", flows=(make.direct("mail"),)),
    )
    plans = {kind: rules.outbound_plans("person", 1, 0b11, kind)[0].names for kind in ("user", "contact")}
    assert plans == {"user": {"cn"}, "contact": {"mail"}}
