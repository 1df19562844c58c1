"""The rules of directory extensions: which there are, and what they cut."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from engine.model.schema import AttributeType
from engine.rules.expression import Context, compile_expression
from engine.rules.rule import FlowType
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.rules.standard.options import DirectoryExtension

CONTOSO, FABRIKAM = DirectoryConnector("c", "contoso.com"), DirectoryConnector("f", "fabrikam.com")
BADGE = DirectoryExtension("badge", "extension_a_badge")
BOTH = DirectoryExtension("info", "extension_a_info", object_types=("user", "group"))


def rules(*extensions):
    made = standard_rules(StandardRuleOptions((CONTOSO, FABRIKAM), extensions=extensions))
    return [rule for rule in made if "DirectoryExtension" in rule.name]


def evaluate(flow, **attributes):
    context = Context(attributes, attributes, {}, datetime(2026, 1, 5, tzinfo=UTC), random.Random(0))
    return compile_expression(flow.expression).evaluate(context)


def test_without_any_there_are_no_rules():
    assert rules() == []


def test_one_rule_for_each_type_and_forest():
    assert [(rule.name, rule.connector[:1]) for rule in rules(BADGE, BOTH)] == [
        ("In from AD - User DirectoryExtension", "c"),
        ("In from AD - User DirectoryExtension", "f"),
        ("In from AD - Group DirectoryExtension", "c"),
        ("In from AD - Group DirectoryExtension", "f"),
        ("Out to AAD - User DirectoryExtension", "b"),
        ("Out to AAD - Group DirectoryExtension", "b"),
    ]
    assert [flow.target for flow in rules(BADGE, BOTH)[2].flows] == ["extension_a_info"]


@pytest.mark.parametrize(("length", "kept"), [(0, None), (1, 1), (250, 250), (251, 250), (4000, 250)])
def test_a_text_is_cut(length, kept):
    found = evaluate(rules(BADGE)[0].flows[0], badge="x" * length)
    assert found == (None if kept is None else "x" * kept)


def test_each_of_several_texts_is_cut():
    many = DirectoryExtension("badge", "extension_a_badge", multivalued=True)
    assert evaluate(rules(many)[0].flows[0], badge=["x" * 300, "y"]) == ["x" * 250, "y"]


@pytest.mark.parametrize("kind", [AttributeType.INTEGER, AttributeType.BOOLEAN, AttributeType.BINARY])
def test_other_values_go_as_they_are(kind):
    (inbound, *_rest) = rules(DirectoryExtension("badge", "extension_a_badge", kind))
    assert (inbound.flows[0].type, inbound.flows[0].sources) == (FlowType.DIRECT, ("badge",))
