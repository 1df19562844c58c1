"""A forest connected later: last in every group, numbers shift, what an administrator did stays (JOIN-09)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.rules.rule import Direction, LinkType, SyncRule
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, rule_identifier, standard_rules
from engine.rules.standard.further_connector import with_further_connectors

FORESTS = [
    DirectoryConnector("aaaaaaaa-0000-0000-0000-000000000001", "contoso.com", has_exchange=False, has_lync=False),
    DirectoryConnector("bbbbbbbb-0000-0000-0000-000000000002", "fabrikam.com"),
    DirectoryConnector("cccccccc-0000-0000-0000-000000000003", "northwind.com", has_lync=False),
]


def rules_of(*forests, **changes):
    return standard_rules(StandardRuleOptions(forests, **changes))


@pytest.mark.parametrize("criteria", ["AlwaysProvision", "Mail", "ObjectSID"])
def test_connected_later_is_like_connected_in_that_order(criteria):
    held = rules_of(FORESTS[0], join_criteria=criteria)
    for number in (2, 3):
        fresh = rules_of(*FORESTS[:number], join_criteria=criteria)
        held = with_further_connectors(held, fresh, frozenset({FORESTS[number - 1].identifier}))
        assert held == fresh


def test_two_at_once():
    fresh = rules_of(*FORESTS)
    added = frozenset(forest.identifier for forest in FORESTS[1:])
    assert with_further_connectors(rules_of(FORESTS[0]), fresh, added) == fresh


def custom(precedence):
    return SyncRule(
        f"dddddddd-0000-0000-0000-{precedence:012d}", f"Custom {precedence}", Direction.INBOUND,
        FORESTS[0].identifier, "user", "person", LinkType.JOIN, precedence,
    )  # fmt: skip


def test_changed_disabled_and_deleted_rules_stay_as_they_are():
    first = FORESTS[0]
    exchange_like = rule_identifier("In from AD - Contact Common", first.identifier)
    lost = rule_identifier("In from AD - Contact Join", first.identifier)
    held = [custom(50), *rules_of(first)]
    held = [replace(r, disabled=True) if r.identifier == exchange_like else r for r in held if r.identifier != lost]
    found = with_further_connectors(held, rules_of(*FORESTS[:2]), frozenset({FORESTS[1].identifier}))
    by_identifier = {rule.identifier: rule for rule in found}
    assert by_identifier[exchange_like].disabled
    assert lost not in by_identifier
    assert by_identifier[custom(50).identifier].precedence == 50
    assert len({rule.precedence for rule in found}) == len(found)


def test_a_custom_rule_among_the_standard_ones_keeps_its_place():
    first = FORESTS[0]
    standard = rules_of(first)
    held = [r if r.precedence < 102 else replace(r, precedence=r.precedence + 1) for r in standard]
    found = with_further_connectors([*held, custom(102)], rules_of(*FORESTS[:2]), frozenset({FORESTS[1].identifier}))
    names = [rule.name for rule in found]
    at = names.index("Custom 102")
    assert names[at + 1] == "In from AD - User AccountEnabled"
    assert set(names[:at]) == {"In from AD - User Join", "In from AD - InetOrgPerson Join"}
