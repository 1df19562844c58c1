"""What is wrong between the rules of a set: names, identifiers and numbers given twice, merge types, circles of places.

Source: facts "engine" sections 7 and 8.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.rules.nearest import hint
from engine.rules.rule import ZERO_GUID, Direction, MergeType, SyncRule
from engine.rules.ruleset import canonical_name


@dataclass(frozen=True, slots=True)
class Complaint:
    """position: of the rule in the set. parts: what of it is meant, as place.py names parts, the first known counts.

    other: the position of the rule it clashes with.
    """

    position: int
    kind: str
    message: str
    parts: tuple[str, ...]
    attribute: str = ""
    other: int | None = None


def complaints_of_set(
    rules: Sequence[SyncRule], *, complete: bool = True, beside: Collection[str] = ()
) -> Iterator[Complaint]:
    """Everything that is wrong between the rules, given in precedence order.

    complete: every rule of the server is among them, or ``beside`` names those that are not, so a neighbour that is in
    neither does not exist.
    """
    yield from _uniqueness(rules)
    yield from _merges(rules)
    yield from _places(rules, beside, complete=complete)


def _uniqueness(rules: Sequence[SyncRule]) -> Iterator[Complaint]:
    first: dict[tuple[str, Hashable], int] = {}
    for position, rule in enumerate(rules):
        twin = first.setdefault(("name", (canonical_name(rule.name), rule.connector)), position)
        if twin != position:
            message = f'Another rule of the same connector is called "{rules[twin].name}"'
            yield Complaint(position, "name-not-unique", message, ("name",), other=twin)
        twin = first.setdefault(("id", rule.identifier), position)
        if twin != position:
            message = f'The identifier {{{rule.identifier}}} belongs to "{rules[twin].name}"'
            yield Complaint(position, "identifier-not-unique", message, ("id",), other=twin)
        twin = first.setdefault(("precedence", rule.precedence), position)
        if twin != position and not _placed(rule) and not _placed(rules[twin]):
            message = f'The precedence {rule.precedence} belongs to "{rules[twin].name}"'
            yield Complaint(position, "precedence-not-unique", message, ("precedence",), other=twin)


def _placed(rule: SyncRule) -> bool:
    """Whether the rule says 0 and names a neighbour, whose number it gets when it is added (facts "engine" 8)."""
    return rule.precedence == 0 and (rule.precedence_before, rule.precedence_after) != (ZERO_GUID, ZERO_GUID)


def _merges(rules: Sequence[SyncRule]) -> Iterator[Complaint]:
    """All flows into one attribute of one object type must merge alike (facts "engine" 7)."""
    first: dict[tuple[str, str, str], tuple[int, MergeType]] = {}
    for position, rule in enumerate(rules):
        if rule.disabled:
            continue
        side = "metaverse" if rule.direction is Direction.INBOUND else rule.connector
        for number, flow in enumerate(rule.flows):
            merge = MergeType.UPDATE if flow.merge is MergeType.REPLACE else flow.merge
            other, wanted = first.setdefault((side, rule.target_object_type, flow.target), (position, merge))
            if merge is not wanted:
                message = f'The merge type {flow.merge.value} differs from {wanted.value} in "{rules[other].name}"'
                yield Complaint(position, "merge-type-conflict", message, (f"flow {number}",), flow.target, other)


def _places(rules: Sequence[SyncRule], beside: Collection[str], *, complete: bool) -> Iterator[Complaint]:
    """PrecedenceBefore and PrecedenceAfter must name rules and must not go round in a circle."""
    positions = {rule.identifier: position for position, rule in enumerate(rules)}
    later: dict[str, set[str]] = {rule.identifier: set() for rule in rules}
    for position, rule in enumerate(rules):
        for neighbour, part in (
            (rule.precedence_before, "precedence-before"),
            (rule.precedence_after, "precedence-after"),
        ):
            if neighbour == ZERO_GUID:
                continue
            if neighbour in positions:
                first, second = rule.identifier, neighbour
                if part == "precedence-after":
                    first, second = second, first
                later[first].add(second)
            elif complete and neighbour not in beside:
                told = f"Its place is given beside the rule {{{neighbour}}}, which does not exist."
                told += hint(neighbour, positions) if len(positions) < 1000 else ""
                yield Complaint(position, "precedence-neighbour-unknown", told, (part, "precedence"))
    for circle in _circles(later):
        path = " -> ".join(f'"{rules[positions[identifier]].name}"' for identifier in circle)
        told = f"Before and after go round in a circle: {path}."
        yield Complaint(positions[circle[0]], "precedence-circle", told, ("precedence-before", "precedence-after"))


def _circles(edges: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """One path per circle, by depth-first search without recursion."""
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        path, on_path = [start], {start}
        stack = [(start, iter(sorted(edges[start])))]
        while stack:
            node, following = stack[-1]
            step = next(following, None)
            if step is None:
                stack.pop()
                path.pop()
                on_path.discard(node)
                done.add(node)
            elif step in on_path:
                yield [*path[path.index(step) :], step]
            elif step not in done:
                stack.append((step, iter(sorted(edges[step]))))
                path.append(step)
                on_path.add(step)
