"""The rules of group write-back: where they are, what groups are called, how many members they may have."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from engine.rules.expression import Context, compile_expression
from engine.rules.rule import LinkType
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.rules.standard.group_writeback import CONTAINER_PARAMETER

CONTOSO, FABRIKAM = DirectoryConnector("c", "contoso.com"), DirectoryConnector("f", "fabrikam.com")
ANCHOR = "Group_3a5c3221-c465-48c0-95b8-e9305786a271"


def rules(**changes):
    return standard_rules(StandardRuleOptions((CONTOSO, FABRIKAM), group_writeback="contoso.com", **changes))


def evaluate(made, name, target, **attributes):
    rule = next(one for one in made if one.name == name)
    flow = next(one for one in rule.flows if one.target == target)
    parameters = {CONTAINER_PARAMETER: "OU=Back,DC=contoso,DC=com"}
    context = Context(attributes, attributes, parameters, datetime(2026, 1, 5, tzinfo=UTC), random.Random(0))
    return compile_expression(flow.expression).evaluate(context)


def test_they_come_last_and_of_one_forest_only():
    before = standard_rules(StandardRuleOptions((CONTOSO, FABRIKAM)))
    made = rules()
    assert [rule.identifier for rule in made[: len(before)]] == [rule.identifier for rule in before]
    assert [(rule.name, rule.connector[:1], rule.link_type) for rule in made[len(before) :]] == [
        ("In from AAD - Group SOAInAAD", "b", LinkType.PROVISION),
        ("Out to AD - Group Writeback Member Limit", "c", LinkType.JOIN),
        ("Out to AD - Group SOAInAAD", "c", LinkType.PROVISION),
        ("Out to AD - Group SOAInAAD - Exchange", "c", LinkType.JOIN),
    ]


@pytest.mark.parametrize(
    ("display_names", "name", "dn"),
    [
        (False, "Administrators", f"CN={ANCHOR},OU=Back,DC=contoso,DC=com"),
        (True, "Administrators", "CN=Administrators_e9305786a271,OU=Back,DC=contoso,DC=com"),
        (True, "Sales, North", "CN=Sales\\, North_e9305786a271,OU=Back,DC=contoso,DC=com"),
        (True, "N" * 80, f"CN={'N' * 51}_e9305786a271,OU=Back,DC=contoso,DC=com"),
    ],
)
def test_what_a_group_is_called(display_names, name, dn):
    made = rules(group_display_names=display_names)
    assert evaluate(made, "Out to AD - Group SOAInAAD", "dn", cloudAnchor=ANCHOR, displayName=name) == dn


def test_a_description_is_cut():
    found = evaluate(rules(), "In from AAD - Group SOAInAAD", "description", description=" " + "d" * 500)
    assert found == "d" * 448


def test_the_member_limit_is_a_rule_of_its_own_before_the_members_flow():
    made = rules()
    order = [rule.name for rule in made]
    assert order.index("Out to AD - Group Writeback Member Limit") < order.index("Out to AD - Group SOAInAAD")
    with pytest.raises(Exception, match="Maximum Group member count exceeded"):
        evaluate(made, "Out to AD - Group Writeback Member Limit", "member", memberCount=50_001)
