"""The flows of all rules in scope, compiled once and laid out by target: who may write it, in precedence order.

A plan says which source attributes can wake a target; one none of whose sources is present and whose flows give NULL
then is never looked at. Source: declarative provisioning; facts "engine" sections 7 and 8, "expressions" section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.model.values import Value
from engine.rules.expression import Context, ExpressionError, compile_expression
from engine.rules.rule import AttributeFlow, FlowType, MergeType, SyncRule

#: Strings that can be indexed in the metaverse hold at most this many characters (facts "expressions" 9).
METAVERSE_STRING_MAX = 448


class FlowError(Exception):
    """A flow that fails its object: ``error_type`` is the product's name, the text names rule and attribute."""

    def __init__(self, error_type: str, rule: str, attribute: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.rule = rule
        self.attribute = attribute
        self.message = message


@dataclass(slots=True)
class CompiledFlow:
    """One flow of one rule, ready to run.

    run: Context -> value, NULL (None) or a sentinel. sources: attributes that can change its result. quiet: whether the
    result is surely NULL while none of the sources is present. recipe: what a later flow of the same object must share
    to give the same result again; None when it need not.
    """

    rule_number: int
    rule_name: str
    precedence: int
    target: str
    merge: MergeType
    execute_once: bool
    run: Callable[[Context], object]
    sources: frozenset[str]
    quiet: bool
    direct: str | None = None
    recipe: str | None = None


@dataclass(slots=True)
class Target:
    """One destination attribute of a plan: (position of the link, flow) in precedence order.

    plain: a text result can be taken as it is.
    """

    name: str
    definition: AttributeDefinition
    candidates: tuple[tuple[int, CompiledFlow], ...]
    merge: MergeType
    length_max: int | None = None
    plain: bool = False

    def __post_init__(self) -> None:
        definition = self.definition
        self.plain = (
            not definition.multivalued and self.length_max is None and definition.type is not AttributeType.BOOLEAN
        )


@dataclass(slots=True)
class Plan:
    """targets by position; always: those that must be looked at each time; wakes: per link, attribute -> positions.

    copies: per link, attribute -> (target, rule number) for targets that have one direct flow and nothing to check;
    they never become positions. merging: multi-valued targets of merging flows, and whether letters' case counts there.
    """

    targets: tuple[Target, ...]
    always: tuple[int, ...]
    wakes: tuple[dict[str, tuple[int, ...]], ...]
    copies: tuple[dict[str, tuple[tuple[str, int], ...]], ...]
    names: frozenset[str]
    sources: frozenset[str]
    merging: dict[str, bool] = field(init=False)
    shapes: dict[object, Any] = field(default_factory=dict)  # kept here by flowing.resolve

    def __post_init__(self) -> None:
        self.merging = {
            target.name: target.merge is MergeType.MERGE
            for target in self.targets
            if target.merge is not MergeType.UPDATE and target.definition.multivalued
        }


def compile_flow(
    rule: SyncRule, number: int, flow: AttributeFlow, target: AttributeDefinition, source: Schema
) -> CompiledFlow:
    """Compile one flow; ``source`` is the schema its attributes belong to.

    An expression that cannot be parsed compiles to a flow that fails each object it meets: a rule can be saved with a
    bad expression (facts "expressions" section 1).
    """
    sources: frozenset[str] = frozenset()
    quiet, direct, recipe = True, None, None
    run: Callable[[Context], object]
    if flow.type is FlowType.DIRECT:
        direct = name = flow.sources[0]
        recipe = f"[{name}]"
        sources = frozenset((name,))

        def run(context: Context) -> object:
            return context.attributes.get(name)

    elif flow.type is FlowType.CONSTANT:
        constant = typed_constant(flow.constant or "", target)
        quiet = False

        def run(context: Context) -> object:
            return constant

    else:
        try:
            expression = compile_expression(
                flow.expression or "",
                reference_attributes=source.reference_attributes(),
                multivalued=source.multivalued_attributes(),
            )
        except ExpressionError as unparsable:
            problem = FlowError("sync-rule-validation-parsing-error", rule.name, flow.target, str(unparsable))
            quiet = False

            def run(context: Context) -> object:
                raise problem

        else:
            run = expression.evaluate
            sources = expression.attributes | expression.imported
            quiet = bool(sources) and _null_without_sources(expression.evaluate, expression)
            recipe = expression.text if expression.deterministic else None
    if flow.execute_once or flow.merge is not MergeType.UPDATE:
        recipe = None
    return CompiledFlow(
        number,
        rule.name,
        rule.precedence,
        flow.target,
        flow.merge,
        flow.execute_once,
        run,
        sources,
        quiet,
        direct,
        recipe,
    )


def _null_without_sources(evaluate: Callable[[Context], object], expression: object) -> bool:
    """Whether the expression is NULL on an object that has none of its attributes, whatever the parameters."""
    if getattr(expression, "parameters", None) or not getattr(expression, "deterministic", False):
        return False
    try:
        return evaluate(_BARE) is None
    except ExpressionError:
        return False


def typed_constant(text: str, target: AttributeDefinition) -> Value | None:
    """A constant of a rule in the type of its target: True and False become Booleans, digits numbers."""
    if text == "":
        return None
    if target.type is AttributeType.BOOLEAN:
        return text.strip().lower() == "true"
    if target.type is AttributeType.INTEGER:
        return int(text)
    return text


def make_plan(
    flows: Sequence[tuple[int, CompiledFlow]], schema: Schema, sources: Sequence[Schema], *, string_max: int | None
) -> Plan:
    """Order the flows of all rules in scope into a plan.

    flows: (link position, flow) of every rule in scope. schema: of the target; sources: of each link. Raises FlowError
    when flows of one target disagree on the merge type (facts "engine" section 7).
    """
    links = len(sources)
    by_target: dict[str, list[tuple[int, CompiledFlow]]] = {}
    for item in sorted(flows, key=lambda f: (f[1].precedence, f[0])):
        by_target.setdefault(item[1].target, []).append(item)
    targets: list[Target] = []
    always: list[int] = []
    wakes: list[dict[str, list[int]]] = [{} for _ in range(links)]
    copies: list[dict[str, list[tuple[str, int]]]] = [{} for _ in range(links)]
    for name, candidates in by_target.items():
        target = _target(name, candidates, schema, string_max)
        if _is_copy(target, sources):
            link, flow = target.candidates[0]
            copies[link].setdefault(flow.direct or "", []).append((name, flow.rule_number))
            continue
        position = len(targets)
        targets.append(target)
        if not all(flow.quiet and not flow.execute_once for _, flow in candidates):
            always.append(position)  # what flows once stays also when its sources go
        for link, flow in candidates:
            for source in flow.sources:
                woken = wakes[link].setdefault(source, [])
                if not woken or woken[-1] != position:
                    woken.append(position)
    return Plan(
        tuple(targets),
        tuple(always),
        tuple({source: tuple(positions) for source, positions in link.items()} for link in wakes),
        tuple({source: tuple(pairs) for source, pairs in link.items()} for link in copies),
        frozenset(by_target),
        frozenset(source for _, flow in flows for source in flow.sources),
    )


def _target(
    name: str, candidates: Sequence[tuple[int, CompiledFlow]], schema: Schema, string_max: int | None
) -> Target:
    merges = {_merging(flow.merge) for _, flow in candidates}
    if len(merges) > 1:
        raise FlowError(
            "sync-rule-inbound-flow-rules-invalid",
            candidates[0][1].rule_name,
            name,
            f"The rules that write {name} do not agree on the merge type.",
        )
    definition = schema.attributes.get(name) or AttributeDefinition(name)
    limited = string_max is not None and definition.indexable and definition.type is AttributeType.STRING
    return Target(name, definition, _without_repeats(candidates), merges.pop(), string_max if limited else None)


def _is_copy(target: Target, sources: Sequence[Schema]) -> bool:
    """Whether the target only ever takes over one attribute as it is."""
    if len(target.candidates) != 1 or target.merge is not MergeType.UPDATE or target.length_max is not None:
        return False
    link, flow = target.candidates[0]
    if flow.direct is None or flow.execute_once:
        return False
    source = sources[link].attributes.get(flow.direct)
    definition = target.definition
    return source is not None and source.multivalued == definition.multivalued and source.type is definition.type


def _merging(merge: MergeType) -> MergeType:
    return MergeType.UPDATE if merge is MergeType.REPLACE else merge


def _without_repeats(candidates: Sequence[tuple[int, CompiledFlow]]) -> tuple[tuple[int, CompiledFlow], ...]:
    """A later flow that does the same with the same object can never win."""
    seen: set[tuple[int, str]] = set()
    kept = []
    for link, flow in candidates:
        if flow.recipe is not None:
            if (link, flow.recipe) in seen:
                continue
            seen.add((link, flow.recipe))
        kept.append((link, flow))
    return tuple(kept)


def _bare_context() -> Context:
    from datetime import UTC, datetime
    from random import Random

    nothing: Mapping[str, Value] = {}
    return Context(nothing, nothing, {}, datetime(2000, 1, 1, tzinfo=UTC), Random(0))


_BARE = _bare_context()
