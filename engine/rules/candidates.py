"""Everything that could have given an attribute its value: every flow that writes it, in the order of precedence, with
what it gives and why it wins or loses.

Worked out when somebody asks, never during a run; the verdicts repeat what flowing.py decides. Source: facts "engine"
6.2, 7, 8 and 21 (what a preview tells of rules out of scope).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.errors import EngineError
from engine.model.schema import AttributeDefinition, Schema
from engine.model.values import Value
from engine.rules.expression import AUTHORITATIVE_NULL, IGNORE_THIS_FLOW, Context, ExpressionError
from engine.rules.flow_plan import CompiledFlow, FlowError, compile_flow
from engine.rules.plans import RuleGroup
from engine.rules.rule import AttributeFlow, Direction, FlowType, MergeType, SyncRule
from engine.rules.scoping import ClauseOutcome, MemberOf, Parameters, explain_scope


class Verdict(StrEnum):
    """Why a candidate gave the value, or did not."""

    WINS = "wins"
    MERGED = "merged"  # its values are part of the union
    CLEARS = "authoritative-null"  # it wins with nothing: lower ones are not asked
    LOWER_PRECEDENCE = "lower-precedence"
    NULL = "null"
    IGNORED = "ignore-this-flow"
    ONCE = "applied-once"  # only when the object is made
    FAILS = "error"
    OUT_OF_SCOPE = "out-of-scope"
    DISABLED = "disabled"
    SOURCE_DELETED = "source-deleted"


@dataclass(frozen=True, slots=True)
class ScopeOutcome:
    """One rule before one object. reason: empty when it is in scope, else out-of-scope, disabled or source-deleted.
    failed: the clauses that did not hold."""

    number: int
    rule: SyncRule
    reason: str = ""
    failed: tuple[ClauseOutcome, ...] = ()

    @property
    def in_scope(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Side:
    """One object that rules read: what they see of it, and which of them hold. name: how to call it."""

    name: str
    context: Context
    schema: Schema
    scopes: tuple[ScopeOutcome, ...]
    compiled: Mapping[int, tuple[CompiledFlow, ...]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """side: position of the object it reads. error: why its flow fails."""

    side: int
    number: int
    rule: SyncRule
    flow: AttributeFlow
    verdict: Verdict
    value: Value | None = None
    failed: tuple[ClauseOutcome, ...] = ()
    error: str = ""

    @property
    def text(self) -> str:
        """The flow as the rules editor shows it."""
        return flow_text(self.flow)


def flow_text(flow: AttributeFlow) -> str:
    match flow.type:
        case FlowType.DIRECT:
            return flow.sources[0]
        case FlowType.CONSTANT:
            return f'"{flow.constant or ""}"'
        case _:
            return flow.expression or ""


def scope_outcomes(
    rules: Iterable[tuple[int, SyncRule]],
    group: RuleGroup,
    attributes: Mapping[str, Value],
    parameters: Parameters,
    schema: Schema,
    *,
    deleted: bool = False,
    member_of: MemberOf | None = None,
) -> tuple[ScopeOutcome, ...]:
    """What each of the rules says about the object, by precedence. rules: those of its connector, direction and type;
    group: the enabled ones, compiled: it decides. member_of: answers clauses that ask for membership."""
    mask = 0 if deleted else group.in_scope(attributes, parameters)
    holding = {rule.number for rule in group.chosen(mask)}
    found = []
    for number, rule in sorted(rules, key=lambda item: item[1].precedence):
        if rule.disabled:
            found.append(ScopeOutcome(number, rule, Verdict.DISABLED))
        elif deleted:
            found.append(ScopeOutcome(number, rule, Verdict.SOURCE_DELETED))
        elif number in holding:
            found.append(ScopeOutcome(number, rule))
        else:
            failed = _failed_clauses(rule, attributes, parameters, schema, member_of)
            found.append(ScopeOutcome(number, rule, Verdict.OUT_OF_SCOPE, failed))
    return tuple(found)


def _failed_clauses(
    rule: SyncRule,
    attributes: Mapping[str, Value],
    parameters: Parameters,
    schema: Schema,
    member_of: MemberOf | None,
) -> tuple[ClauseOutcome, ...]:
    try:
        return explain_scope(rule, attributes, parameters, schema, member_of).failed
    except EngineError:  # a clause that cannot be tested keeps every object out; there is no value to tell of
        return ()


def applying(
    rules: Mapping[int, SyncRule], direction: Direction, connector: str, object_type: str
) -> list[tuple[int, SyncRule]]:
    """The rules, disabled ones too, that look at objects of this type on their way in or out of this connector."""
    return [
        (number, rule)
        for number, rule in rules.items()
        if rule.direction is direction and rule.connector == connector and rule.source_object_type == object_type
    ]


def candidates(
    definition: AttributeDefinition, sides: Sequence[Side], *, target_type: str | None = None, creating: bool = False
) -> tuple[Candidate, ...]:
    """Every flow to the attribute, winners first decided, in the order in which they are asked.

    target_type: of the object that is written; rules for others do not count. creating: the object is new.
    """
    found: list[tuple[int, int, int, Candidate]] = []
    for position, side in enumerate(sides):
        for scope in side.scopes:
            if target_type is not None and scope.rule.target_object_type not in (target_type, "*"):
                continue
            for place, flow in enumerate(scope.rule.flows):
                if flow.target == definition.name:
                    made = _evaluated(definition, side, position, scope, place, creating=creating)
                    found.append((scope.rule.precedence, position, place, made))
    ordered = [candidate for *_, candidate in sorted(found, key=lambda item: item[:3])]
    return tuple(_judged(ordered))


def _evaluated(
    definition: AttributeDefinition, side: Side, position: int, scope: ScopeOutcome, place: int, *, creating: bool
) -> Candidate:
    """What the flow gives by itself, whether or not its turn comes."""
    flow = scope.rule.flows[place]
    result = Candidate(position, scope.number, scope.rule, flow, Verdict.NULL, failed=scope.failed)
    held = side.compiled.get(scope.number)
    compiled = (
        held[place]
        if held and len(held) == len(scope.rule.flows)
        else compile_flow(scope.rule, scope.number, flow, definition, side.schema)
    )
    try:
        value = compiled.run(side.context)
    except (ExpressionError, FlowError) as failed:
        result = replace(result, verdict=Verdict.FAILS, error=str(failed))
    else:
        if value is AUTHORITATIVE_NULL:
            result = replace(result, verdict=Verdict.CLEARS)
        elif value is IGNORE_THIS_FLOW:
            result = replace(result, verdict=Verdict.IGNORED)
        elif value is not None:
            result = replace(result, verdict=Verdict.LOWER_PRECEDENCE, value=_shaped(value, definition))
    if scope.reason:
        return replace(result, verdict=Verdict(scope.reason))
    if flow.execute_once and not creating:
        return replace(result, verdict=Verdict.ONCE)
    return result


def _shaped(value: object, definition: AttributeDefinition) -> Value:
    """One value or a list, as the target holds it."""
    if isinstance(value, list):
        return value if definition.multivalued or len(value) != 1 else value[0]
    return [value] if definition.multivalued else value  # type: ignore[list-item, return-value]


def _judged(ordered: Sequence[Candidate]) -> Iterable[Candidate]:
    """Say who wins. Only flows that hold a value take part; a clearing or failing one ends the search."""
    settled = False
    for candidate in ordered:
        takes_part = candidate.verdict in (Verdict.LOWER_PRECEDENCE, Verdict.CLEARS, Verdict.FAILS)
        if not takes_part:
            yield candidate
        elif settled:
            yield replace(candidate, verdict=Verdict.LOWER_PRECEDENCE)
        elif candidate.verdict is not Verdict.LOWER_PRECEDENCE:
            settled = True
            yield candidate
        elif candidate.flow.merge in (MergeType.MERGE, MergeType.MERGE_CASE_INSENSITIVE):
            yield replace(candidate, verdict=Verdict.MERGED)
        else:
            settled = True
            yield replace(candidate, verdict=Verdict.WINS)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One attribute of one object. value: what it holds; candidates in the order of precedence; sides: the names of the
    objects they read."""

    attribute: str
    value: Value | None
    candidates: tuple[Candidate, ...]
    sides: tuple[str, ...] = field(default=())

    @property
    def winner(self) -> Candidate | None:
        """The first that gives the value or clears it; the first of several that are merged."""
        winning = (Verdict.WINS, Verdict.MERGED, Verdict.CLEARS, Verdict.FAILS)
        return next((candidate for candidate in self.candidates if candidate.verdict in winning), None)

    @property
    def kept(self) -> bool:
        """Nothing gives the value now: an earlier one stays."""
        return self.winner is None and self.value is not None
