"""Which value wins: the flows of a plan resolved for one object by precedence.

Objects that carry the same attributes share a shape: the plan cut down to what can flow for them. Source: declarative
provisioning; facts "engine" sections 7 and 8, "expressions" section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from engine.model.schema import AttributeType
from engine.model.values import Attributes, Scalar, Value, as_list, unique
from engine.rules.expression import AUTHORITATIVE_NULL, IGNORE_THIS_FLOW, Context, ErrorRaised, ExpressionError
from engine.rules.flow_plan import CompiledFlow, FlowError, Plan, Target
from engine.rules.rule import MergeType

#: Shapes kept per plan, and patterns per shape; past it they are made anew.
SHAPES_MAX = 4096
#: which rule gave an attribute, and from which of the linked objects (its position): attribute -> (rule number, link)
Pattern = dict[str, tuple[int, int]]
#: link, names of the sources, how to take their values, names of the targets
Copies = tuple[int, tuple[str, ...], Callable[[Mapping[str, Value]], tuple[Value, ...]], tuple[str, ...]]
#: its bit, link, the flow's function, the target's name, whether text can be taken as it is, flow, target, whether
#: IgnoreThisFlow keeps what is there
Single = tuple[int, int, Callable[[Context], object], str, bool, CompiledFlow, Target, bool]
#: target and its candidates that are awake: (link, flow)
Contest = tuple[Target, tuple[tuple[int, CompiledFlow], ...]]


@dataclass(slots=True)
class Shape:
    """A plan cut down to objects that carry certain attributes: what is copied, what has one flow, what has several.

    fixed: the contributors of the copies. patterns: the contributors by who gave a value, shared by all objects of
    which the same is true: nobody changes one. names: every target.
    """

    copies: tuple[Copies, ...]
    singles: tuple[Single, ...]
    others: tuple[Contest, ...]
    fixed: Pattern
    names: frozenset[str]
    patterns: dict[tuple[int, ...], Pattern] = field(default_factory=dict)


@dataclass(slots=True)
class Resolution:
    """values: the winners. pattern: who gave them; shared, not to be changed. kept: attributes that every flow left
    alone, so what the target holds stays. considered: with ``only``, the targets that were looked at."""

    values: Attributes
    pattern: Pattern
    kept: set[str]
    considered: frozenset[str]


def resolve(
    plan: Plan, contexts: Sequence[Context], *, creating: bool, only: Collection[str] | None = None
) -> Resolution:
    """Compute every target of the plan over the linked objects' contexts.

    creating: the target object is new, so execute-once flows run. only: source attributes that changed; targets that
    none of them can wake are left out of the result. Raises FlowError for the first flow that fails.
    """
    shape = _shape_of(plan, contexts, only)
    values: Attributes = {}
    kept: set[str] = set()
    for link, _, take, names in shape.copies:
        values.update(zip(names, take(contexts[link].attributes), strict=True))
    given = 0
    flow: CompiledFlow | None = None
    try:
        for bit, link, run, name, plain, flow, target, keeps in shape.singles:
            found = run(contexts[link])
            if type(found) is str and plain:
                values[name] = found
                given |= bit
            elif found is IGNORE_THIS_FLOW:
                if keeps:
                    kept.add(name)
            elif found is not None and found is not AUTHORITATIVE_NULL:
                values[name] = _fit(found, target, flow)
                given |= bit
    except ExpressionError as failed:
        assert flow is not None
        raise _failed(flow, failed) from None
    won = [given]
    for target, candidates in shape.others:
        if target.merge is MergeType.UPDATE:
            won.append(_resolve_winner(target, candidates, contexts, creating, values, kept))
        else:
            won.append(_resolve_union(target, contexts, creating, values))
    key = tuple(won)
    pattern = shape.patterns.get(key)
    if pattern is None:
        pattern = _make_pattern(shape, key)
    return Resolution(values, pattern, kept, shape.names)


def _make_pattern(shape: Shape, key: tuple[int, ...]) -> Pattern:
    """Who gave a value, in full: copies always, single flows by their bit, contested targets by the winner's place."""
    pattern = dict(shape.fixed)
    for bit, link, _, name, _, flow, _, _ in shape.singles:
        if key[0] & bit:
            pattern[name] = (flow.rule_number, link)
    for (target, candidates), place in zip(shape.others, key[1:], strict=True):
        if place >= 0:
            link, flow = candidates[place]
            pattern[target.name] = (flow.rule_number, link)
    if len(shape.patterns) >= SHAPES_MAX:
        shape.patterns.clear()
    shape.patterns[key] = pattern
    return pattern


def _shape_of(plan: Plan, contexts: Sequence[Context], only: Collection[str] | None) -> Shape:
    """What the plan comes down to for objects that carry just these attributes; objects of one kind share it."""
    key: tuple[object, ...] = tuple(
        (tuple(context.attributes), None if context.imported is context.attributes else tuple(context.imported))
        for context in contexts
    )
    if only is not None:
        key = (frozenset(only), *key)
    shape = plan.shapes.get(key)
    if shape is None:
        if len(plan.shapes) >= SHAPES_MAX:
            plan.shapes.clear()
        shape = plan.shapes[key] = _make_shape(plan, contexts, only)
    return shape


def _make_shape(plan: Plan, contexts: Sequence[Context], only: Collection[str] | None) -> Shape:
    present = [context.attributes.keys() | context.imported.keys() for context in contexts]
    woken = set(plan.always) if only is None else set()
    copies: list[Copies] = []
    fixed: Pattern = {}
    for link, (wakes, pairs) in enumerate(zip(plan.wakes, plan.copies, strict=True)):
        taken: list[tuple[str, str]] = []
        for name in sorted(present[link] if only is None else only):
            woken.update(wakes.get(name, ()))
            if name in contexts[link].attributes:
                for target_name, rule in pairs.get(name, ()):
                    taken.append((name, target_name))
                    fixed[target_name] = (rule, link)
        if taken:
            sources = tuple(source for source, _ in taken)
            copies.append((link, sources, _taker(sources), tuple(name for _, name in taken)))
    singles: list[Single] = []
    others: list[Contest] = []
    for position in sorted(woken):
        target = plan.targets[position]
        live = tuple(c for c in target.candidates if not c[1].quiet or not c[1].sources.isdisjoint(present[c[0]]))
        if len(live) == 1 and target.merge is MergeType.UPDATE and not live[0][1].execute_once:
            link, flow = live[0]
            keeps = len(live) == len(target.candidates)
            bit = 1 << len(singles)
            singles.append((bit, link, flow.run, target.name, target.plain, flow, target, keeps))
        else:
            others.append((target, target.candidates))
    names = frozenset(fixed).union((single[3] for single in singles), (target.name for target, _ in others))
    return Shape(tuple(copies), tuple(singles), tuple(others), fixed, names)


def _taker(names: tuple[str, ...]) -> Callable[[Mapping[str, Value]], tuple[Any, ...]]:
    """How to take the values of these attributes; an itemgetter of one name gives no tuple."""
    if len(names) > 1:
        return itemgetter(*names)
    only = names[0]
    return lambda attributes: (attributes[only],)


def _resolve_winner(
    target: Target,
    candidates: Sequence[tuple[int, CompiledFlow]],
    contexts: Sequence[Context],
    creating: bool,
    values: Attributes,
    kept: set[str],
) -> int:
    """The first candidate with a value wins; returns its place, -1 when there is none."""
    ignored = nothing = False
    for place, (link, flow) in enumerate(candidates):
        if flow.execute_once and not creating:
            ignored = True
            continue
        try:
            value = flow.run(contexts[link])
        except ExpressionError as failed:
            raise _failed(flow, failed) from None
        if value is None:
            nothing = True
        elif value is IGNORE_THIS_FLOW:
            ignored = True
        elif value is AUTHORITATIVE_NULL:
            return -1
        else:
            if type(value) is not str or not target.plain:
                value = _fit(value, target, flow)
            values[target.name] = value
            return place
    if ignored and not nothing:
        kept.add(target.name)
    return -1


def _resolve_union(target: Target, contexts: Sequence[Context], creating: bool, values: Attributes) -> int:
    """Merge and MergeCaseInsensitive: the union of what every flow gives, the first writer's spelling kept."""
    gathered: dict[object, Scalar] = {}
    first = -1
    fold = target.merge is MergeType.MERGE_CASE_INSENSITIVE
    for place, (link, flow) in enumerate(target.candidates):
        if flow.execute_once and not creating:
            continue
        value = _run(flow, contexts[link])
        if value is None or value is IGNORE_THIS_FLOW:
            continue
        if value is AUTHORITATIVE_NULL:
            break
        if first < 0:
            first = place
        for item in as_list(value):  # type: ignore[arg-type]
            gathered.setdefault(item.casefold() if fold and isinstance(item, str) else item, item)
    if not gathered:
        return -1
    values[target.name] = list(gathered.values())
    return first


def _run(flow: CompiledFlow, context: Context) -> object:
    try:
        return flow.run(context)
    except ExpressionError as failed:
        raise _failed(flow, failed) from None


def _failed(flow: CompiledFlow, failed: ExpressionError) -> FlowError:
    if isinstance(failed, ErrorRaised):
        return FlowError("sync-rule-error-function-triggered", flow.rule_name, flow.target, failed.message)
    return FlowError("sync-generic-failure", flow.rule_name, flow.target, str(failed))


def _fit(value: object, target: Target, flow: CompiledFlow) -> Value:
    """Bring a result into the shape of its target: one value or a list, within the metaverse's length."""
    definition = target.definition
    if isinstance(value, list):
        if definition.multivalued:
            return value if len(value) == 1 else unique(value)
        if len(value) != 1:
            raise FlowError(
                "flow-multi-values-to-single-value",
                flow.rule_name,
                definition.name,
                f"{len(value)} values cannot flow to the single-valued attribute {definition.name}.",
            )
        value = value[0]
    elif definition.multivalued:
        return [value]  # type: ignore[list-item]
    if target.length_max is not None and isinstance(value, str) and len(value) > target.length_max:
        raise FlowError(
            "mv-constraint-violation",
            flow.rule_name,
            definition.name,
            f"The value of {definition.name} has {len(value)} characters; the metaverse holds {target.length_max}.",
        )
    if definition.type is AttributeType.BOOLEAN and isinstance(value, str):
        return value.strip().lower() == "true"
    return value  # type: ignore[return-value]
