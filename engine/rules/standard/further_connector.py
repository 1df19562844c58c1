"""The standard rules of a directory connected later: each comes last in the group of its name, numbers shift up.

What an administrator did to the rules that are there stays. Source: facts "engine" section 8; default configuration.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.rules.rule import ZERO_GUID, SyncRule
from engine.rules.ruleset import FIRST_STANDARD_PRECEDENCE, RuleSet


def with_further_connectors(
    held: Iterable[SyncRule], fresh: Iterable[SyncRule], connectors: frozenset[str]
) -> tuple[SyncRule, ...]:
    """Put the rules of the new connectors into the set that is there.

    held: the server's rules, custom and changed ones included. fresh: the standard rules for all connectors, in order;
    they say where a new rule stands. Standard rules of the old connectors that were deleted do not come back.
    """
    rules = RuleSet(held)
    before: SyncRule | None = None
    for rule in fresh:
        if rules.by_identifier(rule.identifier) is not None:
            before = rule
        elif rule.connector in connectors:
            rules = rules.with_rule(_placed(rule, before, rules))
            rules = rules.with_rule(_settled(rule, rules))
            before = rule
    return rules.rules


def _placed(rule: SyncRule, before: SyncRule | None, rules: RuleSet) -> SyncRule:
    if before is not None:
        return replace(rule, precedence_after=before.identifier)
    first = next((one for one in rules if one.precedence >= FIRST_STANDARD_PRECEDENCE), None)
    return replace(rule, precedence_before=first.identifier) if first is not None else rule


def _settled(rule: SyncRule, rules: RuleSet) -> SyncRule:
    """The rule at the number it was given, without the neighbour it was placed beside."""
    placed = rules.by_identifier(rule.identifier)
    number = placed.precedence if placed is not None else rule.precedence
    return replace(rule, precedence=number, precedence_after=ZERO_GUID, precedence_before=ZERO_GUID)
