"""The rules of a server, ordered by precedence: look-up by connector, direction and type, and where a new rule goes.

Lower numbers win and are unique; a rule placed before another takes its number and the later ones shift up. Names are
stored with AAD; "Microsoft Entra ID" is accepted as an alias. Source: facts "engine" section 8; decision D5.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from engine.errors import ConfigurationError
from engine.rules.expression import ExpressionError, compile_expression
from engine.rules.rule import ZERO_GUID, AttributeFlow, Direction, FlowType, SyncRule

#: Custom rules live below this number, standard rules from it on (facts "engine" 8).
FIRST_STANDARD_PRECEDENCE = 100

_ALIAS = re.compile(r"\b(?:microsoft entra id|entra id|azure ad)\b")
_DASHES = str.maketrans({"–": "-", "—": "-"})


def canonical_name(name: str) -> str:
    """Fold a rule name for comparison: stored label, plain hyphen, case and blanks aside."""
    folded = " ".join(name.translate(_DASHES).casefold().split())
    return _ALIAS.sub("aad", folded)


def plain_guid(text: str) -> str:
    """A GUID in lower case without braces."""
    return text.strip().strip("{}").lower()


class RuleSet:
    """An unchanging, ordered set of rules; methods that change something give a new set."""

    def __init__(self, rules: Iterable[SyncRule]) -> None:
        self.rules: tuple[SyncRule, ...] = tuple(sorted(rules, key=lambda rule: rule.precedence))
        self._by_identifier = {rule.identifier: rule for rule in self.rules}
        self._applying: dict[tuple[str, Direction, str], tuple[SyncRule, ...]] = {}
        collected: dict[tuple[str, Direction, str], list[SyncRule]] = {}
        for rule in self.rules:
            if not rule.disabled:
                collected.setdefault((rule.connector, rule.direction, rule.source_object_type), []).append(rule)
        self._applying = {key: tuple(found) for key, found in collected.items()}

    def __len__(self) -> int:
        return len(self.rules)

    def __iter__(self) -> Iterator[SyncRule]:
        return iter(self.rules)

    def by_identifier(self, identifier: str) -> SyncRule | None:
        return self._by_identifier.get(plain_guid(identifier))

    def by_name(self, name: str) -> tuple[SyncRule, ...]:
        """Rules of that name (one per AD connector of the group), aliases understood."""
        wanted = canonical_name(name)
        return tuple(rule for rule in self.rules if canonical_name(rule.name) == wanted)

    def inbound(self, connector: str, object_type: str) -> tuple[SyncRule, ...]:
        """Enabled inbound rules for objects of that type in that connector space, by precedence."""
        return self._applying.get((connector, Direction.INBOUND, object_type), ())

    def outbound(self, connector: str, object_type: str) -> tuple[SyncRule, ...]:
        """Enabled outbound rules of that connector for metaverse objects of that type, by precedence."""
        return self._applying.get((connector, Direction.OUTBOUND, object_type), ())

    def of_connector(self, connector: str) -> tuple[SyncRule, ...]:
        return tuple(rule for rule in self.rules if rule.connector == connector)

    def connectors(self) -> tuple[str, ...]:
        """Connectors in the order of their first rule."""
        return tuple(dict.fromkeys(rule.connector for rule in self.rules))

    def connector_attributes(self, connector: str) -> tuple[str, ...]:
        """Attributes of that connector space the enabled rules read or write: what its inclusion list must hold."""
        names: set[str] = set()
        for rule in self.of_connector(connector):
            if rule.disabled:
                continue
            names.update(clause.cs_attribute for group in rule.joins for clause in group)
            if rule.direction is Direction.INBOUND:
                names.update(clause.attribute for group in rule.scope for clause in group)
                for flow in rule.flows:
                    names.update(sources_of(flow))
            else:
                names.update(flow.target for flow in rule.flows)
        return tuple(sorted(names - {"dn"}, key=lambda name: (name.lower(), name)))

    def without(self, identifier: str) -> RuleSet:
        wanted = plain_guid(identifier)
        return RuleSet(rule for rule in self.rules if rule.identifier != wanted)

    def with_rule(self, rule: SyncRule) -> RuleSet:
        """Add the rule, or put it in the place of the one with its identifier; may shift others up.

        PrecedenceBefore takes that rule's number, PrecedenceAfter the next; else the rule's own number must be free.
        """
        others = [other for other in self.rules if other.identifier != rule.identifier]
        before, after = plain_guid(rule.precedence_before), plain_guid(rule.precedence_after)
        if before != ZERO_GUID:
            return RuleSet(_placed(rule, self._neighbour(rule, before).precedence, others))
        if after != ZERO_GUID:
            return RuleSet(_placed(rule, self._neighbour(rule, after).precedence + 1, others))
        taken = next((other for other in others if other.precedence == rule.precedence), None)
        if taken is not None:
            raise ConfigurationError(
                "precedence-not-unique",
                f'The precedence {rule.precedence} of the rule "{rule.name}" belongs to "{taken.name}".',
            )
        return RuleSet([*others, rule])

    def _neighbour(self, rule: SyncRule, identifier: str) -> SyncRule:
        found = self._by_identifier.get(identifier)
        if found is None or found.identifier == rule.identifier:
            raise ConfigurationError(
                "precedence-neighbour-unknown",
                f'The rule "{rule.name}" wants its place beside the rule {{{identifier}}}, which does not exist.',
            )
        return found


def _placed(rule: SyncRule, precedence: int, others: list[SyncRule]) -> list[SyncRule]:
    """The rule at that number; when it is taken, the later rules shift up by one."""
    if any(other.precedence == precedence for other in others):
        others = [
            replace(other, precedence=other.precedence + 1) if other.precedence >= precedence else other
            for other in others
        ]
    return [*others, replace(rule, precedence=precedence)]


def sources_of(flow: AttributeFlow) -> frozenset[str]:
    """Attributes a flow reads. An expression's own text decides, not the list beside it (facts "expressions" 1)."""
    if flow.type is FlowType.DIRECT:
        return frozenset(flow.sources)
    if flow.type is FlowType.CONSTANT or flow.expression is None:
        return frozenset()
    try:
        expression = compile_expression(flow.expression)
    except ExpressionError:
        return frozenset(flow.sources)
    return frozenset(expression.attributes) | frozenset(expression.imported)


def expression_count(rules: Iterable[SyncRule]) -> int:
    return sum(flow.type is FlowType.EXPRESSION for rule in rules for flow in rule.flows)


def counts(rules: Iterable[SyncRule]) -> Mapping[str, int]:
    """How many rules of each direction and link type, for a summary."""
    return Counter(f"{rule.direction.value} {rule.link_type.value}" for rule in rules)
