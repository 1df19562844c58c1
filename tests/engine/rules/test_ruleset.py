from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import ConfigurationError
from engine.rules.rule import Direction, FlowType, JoinClause, ScopeClause
from engine.rules.ruleset import RuleSet, canonical_name, expression_count


def test_rules_stand_in_precedence_order(make):
    rules = RuleSet([make.inbound(103), make.inbound(7), make.inbound(100)])
    assert [rule.precedence for rule in rules] == [7, 100, 103]
    assert len(rules) == 3


def test_look_up_by_connector_direction_and_type(make):
    out = make.inbound(110, direction=Direction.OUTBOUND, source_object_type="person", target_object_type="user")
    off = make.inbound(101, disabled=True)
    group = make.inbound(102, source_object_type="group", target_object_type="group")
    rules = RuleSet([make.inbound(105), out, make.inbound(100), off, group])
    assert [rule.precedence for rule in rules.inbound(make.ad, "user")] == [100, 105]
    assert [rule.precedence for rule in rules.outbound(make.ad, "person")] == [110]
    assert rules.inbound(make.ad, "contact") == ()
    assert rules.inbound("another", "user") == ()


@pytest.mark.parametrize(
    "name",
    [
        "Out to AAD - User Join",
        "Out to Microsoft Entra ID - User Join",
        "out to microsoft entra id – user join",
        "Out to Azure AD  — User Join",
    ],
)
def test_names_of_the_documents_find_the_stored_rule(make, name):
    rules = RuleSet([make.inbound(123, "Out to AAD - User Join"), make.inbound(100, "In from AD - User Join")])
    assert [rule.precedence for rule in rules.by_name(name)] == [123]


def test_ad_is_not_taken_for_the_cloud():
    assert canonical_name("In from AD - User Join") != canonical_name("In from AAD - User Join")


def test_by_identifier_takes_braces_and_capitals(make):
    rule = make.inbound(1, identifier="abcdef00-0000-0000-0000-000000000000")
    assert RuleSet([rule]).by_identifier("{ABCDEF00-0000-0000-0000-000000000000}") is rule
    assert RuleSet([rule]).by_identifier(make.identifier(9)) is None


def numbers(rules):
    return {rule.name: rule.precedence for rule in rules}


def test_before_takes_the_number_and_the_later_ones_shift_up(make):
    rules = RuleSet([make.inbound(99), make.inbound(100), make.inbound(101), make.inbound(102)])
    new = make.inbound(0, "New", precedence_before=make.identifier(101))
    assert numbers(rules.with_rule(new)) == {
        "Rule 99": 99,
        "Rule 100": 100,
        "New": 101,
        "Rule 101": 102,
        "Rule 102": 103,
    }


def test_after_takes_the_next_number(make):
    rules = RuleSet([make.inbound(100), make.inbound(101)])
    new = make.inbound(0, "New", precedence_after=f"{{{make.identifier(100)}}}")
    assert numbers(rules.with_rule(new)) == {"Rule 100": 100, "New": 101, "Rule 101": 102}


def test_a_free_number_shifts_nobody(make):
    rules = RuleSet([make.inbound(100), make.inbound(105)])
    new = make.inbound(0, "New", precedence_after=make.identifier(100))
    assert numbers(rules.with_rule(new)) == {"Rule 100": 100, "New": 101, "Rule 105": 105}


def test_a_taken_number_without_a_place_is_refused(make):
    rules = RuleSet([make.inbound(50, "First")])
    with pytest.raises(ConfigurationError, match='precedence 50 of the rule "Second" belongs to "First"'):
        rules.with_rule(replace(make.inbound(51, "Second"), precedence=50))


def test_a_place_beside_a_stranger_is_refused(make):
    with pytest.raises(ConfigurationError, match="does not exist"):
        RuleSet([]).with_rule(make.inbound(0, precedence_before=make.identifier(9)))


def test_a_known_identifier_replaces_its_rule(make):
    rules = RuleSet([make.inbound(50, "Old"), make.inbound(60)])
    changed = rules.with_rule(replace(make.inbound(50, "Old"), name="Renamed"))
    assert numbers(changed) == {"Renamed": 50, "Rule 60": 60}
    assert numbers(rules) == {"Old": 50, "Rule 60": 60}
    assert numbers(changed.without(make.identifier(60))) == {"Renamed": 50}


def test_attributes_of_a_connector_come_from_the_expressions_not_the_lists(make):
    flow = replace(make.expression("sn", 'IIF(IsPresent([dn]),Trim(ImportedValue("sn")),[cn])'), sources=("listed",))
    rule = make.inbound(
        1,
        flows=(flow, make.direct("l", "city")),
        scope=((ScopeClause("adminDescription", "ISNULL"),),),
        joins=((JoinClause("objectGUID", "sourceAnchorBinary"),),),
    )
    out = make.inbound(2, direction=Direction.OUTBOUND, flows=(make.direct("info"), make.direct("dn", "x")))
    hidden = make.inbound(3, disabled=True, flows=(make.direct("hidden"),))
    assert RuleSet([rule, out, hidden]).connector_attributes(make.ad) == (
        "adminDescription",
        "city",
        "cn",
        "info",
        "objectGUID",
        "sn",
    )


def test_expressions_are_counted(make):
    constant = replace(make.direct("x"), type=FlowType.CONSTANT, sources=(), constant="True")
    assert expression_count([make.inbound(1, flows=(make.expression("a", "[b]"), make.direct("c"), constant))]) == 1
