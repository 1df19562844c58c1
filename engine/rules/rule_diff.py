"""What differs between two rule sets, as a person would tell it: rules, fields, flows, clauses. Pure.

Servers give the same rule other GUIDs, so rules are paired by identifier, else by name, direction and types, and their
connectors by the rules so paired; that alone is no difference. Neither is the order of flows or scope clauses, blanks
around the signs of an expression, nor the version, which counts edits. Source: facts "engine" 6 and 18.3; decision.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

from engine.rules.rule import ZERO_GUID, AttributeFlow, FlowType, JoinClause, ScopeClause, SyncRule
from engine.rules.ruleset import canonical_name

_Thing = TypeVar("_Thing")

#: fields compared as they stand, in the order they are told; the neighbours of a placed rule follow its precedence
FIELDS = (
    "name",
    "description",
    "direction",
    "source_object_type",
    "target_object_type",
    "link_type",
    "precedence",
    "disabled",
    "enable_password_sync",
    "immutable_tag",
    "soft_delete_expiry",
)
_TEXT_OR_NAME = re.compile(r'("(?:[^"]|"")*"|\[[^\[\]\r\n]*\])')
_BLANKS_AT_SIGNS = re.compile(r"\s*([(),=<>|])\s*")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A value on both sides, as text."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FlowChange:
    """A flow to ``target`` on one side only, or on both with what differs in ``fields``."""

    target: str
    before: AttributeFlow | None
    after: AttributeFlow | None
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleChange:
    """scope, joins: all clauses as lines that begin with "- ", "+ " or two blanks; empty when they say the same."""

    before: SyncRule
    after: SyncRule
    fields: tuple[FieldChange, ...] = ()
    flows: tuple[FlowChange, ...] = ()
    scope: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        return not (self.fields or self.flows or self.scope or self.joins)

    @property
    def moved_only(self) -> bool:
        """Nothing but the precedence differs."""
        return [change.field for change in self.fields] == ["precedence"] and not (
            self.flows or self.scope or self.joins
        )


@dataclass(frozen=True, slots=True)
class RuleSetDiff:
    """same: how many rules say the same. connectors: whose GUIDs differ but which hold the same rules."""

    only_before: tuple[SyncRule, ...]
    only_after: tuple[SyncRule, ...]
    changed: tuple[RuleChange, ...]
    same: int
    connectors: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.only_before or self.only_after or self.changed)

    @property
    def affected_connectors(self) -> set[str]:
        """Whose rules say something else now; a precedence that shifts changes nothing."""
        changed = {change.after.connector for change in self.changed if not change.moved_only}
        return changed | {rule.connector for rule in (*self.only_before, *self.only_after)}


def compare(before: Iterable[SyncRule], after: Iterable[SyncRule]) -> RuleSetDiff:
    """Pair the rules of two sets and tell what differs, in the order of precedence."""
    left, right = _ordered(before), _ordered(after)
    pairs, only_left, only_right = _paired(left, right)
    connectors = _connectors(pairs)
    changes = [_rule_change(one, other, connectors) for one, other in pairs]
    changed = sorted((change for change in changes if not change.same), key=lambda change: change.before.precedence)
    renamed = tuple((one, other) for one, other in connectors.items() if one != other)
    return RuleSetDiff(tuple(only_left), tuple(only_right), tuple(changed), len(changes) - len(changed), renamed)


def _ordered(rules: Iterable[SyncRule]) -> list[SyncRule]:
    return sorted(rules, key=lambda rule: rule.precedence)


Pairs = list[tuple[SyncRule, SyncRule]]


def _paired(left: list[SyncRule], right: list[SyncRule]) -> tuple[Pairs, list[SyncRule], list[SyncRule]]:
    """Pairs by the surest sign first, each in the order of precedence, and what stays alone on each side."""
    pairs: Pairs = []
    signs: tuple[Callable[[SyncRule], Hashable], ...] = (
        lambda rule: rule.identifier,
        lambda rule: (*_sign(rule), rule.connector),
        _sign,
    )
    for sign in signs:
        found, left, right = _matched(left, right, sign)
        pairs += found
    return pairs, left, right


def _sign(rule: SyncRule) -> tuple[str, ...]:
    return (canonical_name(rule.name), rule.direction, rule.source_object_type, rule.target_object_type)


def _matched(
    left: Sequence[_Thing], right: Sequence[_Thing], sign: Callable[[_Thing], Hashable]
) -> tuple[list[tuple[_Thing, _Thing]], list[_Thing], list[_Thing]]:
    """Pairs of things with the same sign, the first with the first; then those that found none."""
    waiting: dict[Hashable, list[_Thing]] = {}
    for thing in right:
        waiting.setdefault(sign(thing), []).append(thing)
    pairs, alone = [], []
    for thing in left:
        others = waiting.get(sign(thing))
        if others:
            pairs.append((thing, others.pop(0)))
        else:
            alone.append(thing)
    taken = {id(other) for _, other in pairs}
    return pairs, alone, [thing for thing in right if id(thing) not in taken]


def _connectors(pairs: Pairs) -> dict[str, str]:
    """Which connector of one side is which of the other: one to one, where all rules of both agree."""
    seen = Counter((one.connector, other.connector) for one, other in pairs if one.identifier != other.identifier)
    for one, other in pairs:
        if one.identifier == other.identifier:
            seen[one.connector, one.connector] += 1
    firsts, seconds = Counter(one for one, _ in seen), Counter(other for _, other in seen)
    return {one: other for one, other in seen if firsts[one] == 1 and seconds[other] == 1}


def _rule_change(before: SyncRule, after: SyncRule, connectors: Mapping[str, str]) -> RuleChange:
    fields = list(_field_changes(before, after, FIELDS))
    if after.connector not in (before.connector, connectors.get(before.connector)):
        fields.append(FieldChange("connector", before.connector, after.connector))
    if before.identifier == after.identifier:
        fields += _field_changes(before, after, ("precedence_after", "precedence_before"))
    if before.unknown != after.unknown:
        fields.append(FieldChange("unknown", _elements(before), _elements(after)))
    return RuleChange(
        before,
        after,
        tuple(fields),
        tuple(_flow_changes(before.flows, after.flows)),
        () if _scope_meaning(before) == _scope_meaning(after) else line_diff(scope_lines(before), scope_lines(after)),
        () if _join_meaning(before) == _join_meaning(after) else line_diff(join_lines(before), join_lines(after)),
    )


def _elements(rule: SyncRule) -> str:
    return "".join(rule.unknown.values())


def _field_changes(before: object, after: object, names: Iterable[str]) -> Iterator[FieldChange]:
    for name in names:
        one, other = _as_text(getattr(before, name)), _as_text(getattr(after, name))
        same = one == other or (name == "expression" and _plain_expression(one) == _plain_expression(other))
        if not same:
            yield FieldChange(name, one, other)


def _as_text(value: object) -> str:
    """A value for a person; line ends of either system are the same."""
    if isinstance(value, tuple):
        return ", ".join(value)
    if value is None or value == ZERO_GUID:
        return ""
    return str(value).replace("\r\n", "\n")


def _plain_expression(text: str) -> str:
    """An expression without the blanks that decide nothing."""
    pieces = _TEXT_OR_NAME.split(text)
    pieces[::2] = (_BLANKS_AT_SIGNS.sub(r"\1", " ".join(f"|{piece}|".split())) for piece in pieces[::2])
    return "".join(pieces)


def _flow_changes(before: Iterable[AttributeFlow], after: Iterable[AttributeFlow]) -> Iterator[FlowChange]:
    pairs, only_before, only_after = _matched(list(before), list(after), lambda flow: flow.target.lower())
    for flow in only_before:
        yield FlowChange(flow.target, flow, None)
    for flow in only_after:
        yield FlowChange(flow.target, None, flow)
    for one, other in pairs:
        fields = tuple(_field_changes(one, other, ("target", "type", *_told(one, other), "merge", "execute_once")))
        if fields:
            yield FlowChange(one.target, one, other, fields)


def _told(one: AttributeFlow, other: AttributeFlow) -> tuple[str, ...]:
    """What decides the value of a flow: the list beside an expression only informs (facts "expressions" 1)."""
    if one.type is other.type is FlowType.EXPRESSION:
        return ("expression",)
    return ("sources", "constant", "expression")


def _scope_meaning(rule: SyncRule) -> Counter[frozenset[ScopeClause]]:
    return Counter(frozenset(group) for group in rule.scope)


def _join_meaning(rule: SyncRule) -> list[frozenset[JoinClause]]:
    return [frozenset(group) for group in rule.joins]


def scope_lines(rule: SyncRule) -> list[str]:
    """The scope filter, a clause a line, groups parted by "or"."""
    return _grouped(rule.scope, lambda clause: f"{clause.attribute} {clause.operator} {clause.value}".rstrip())


def join_lines(rule: SyncRule) -> list[str]:
    """The join criteria, a clause a line, groups in the order they are tried, parted by "or"."""
    return _grouped(
        rule.joins,
        lambda clause: (
            f"{clause.cs_attribute} = {clause.mv_attribute}{' (case-sensitive)' if clause.case_sensitive else ''}"
        ),
    )


def _grouped(groups: Sequence[Sequence[_Thing]], told: Callable[[_Thing], str]) -> list[str]:
    lines: list[str] = []
    for number, group in enumerate(groups):
        lines += ["or"] if number else []
        lines += [told(clause) for clause in group] or ["(no clause)"]
    return lines


def line_diff(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    lines: list[str] = []
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [f"  {line}" for line in before[first:last]]
            continue
        lines += [f"- {line}" for line in before[first:last]]
        lines += [f"+ {line}" for line in after[start:end]]
    return tuple(lines)
