"""Which object on the other side is the same one? The first join group that yields exactly one object wins.

Clauses inside a group must all hold, an absent attribute leaves its group unmatched, zero or several matches pass on to
the next group; precedence never settles a join. Source: facts "engine" sections 3.2 and 6.3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from engine.errors import EngineError
from engine.model.values import Scalar, Value
from engine.rules.rule import JoinClause, SyncRule

#: (object type, attribute, value, case sensitive) -> numbers of the objects that hold the value. ``*`` is any type.
Lookup = Callable[[str, str, Scalar, bool], Collection[int]]


@dataclass(frozen=True, slots=True)
class JoinOutcome:
    """matched: the one object found. candidates: of the last group that found several, when no group found exactly one.

    group: position of the deciding group. has_value: at least one join criterion has a value on the source object;
    without it a rule that provisions does not (facts "engine" 3.2, 12).
    """

    matched: int | None = None
    candidates: tuple[int, ...] = ()
    group: int | None = None
    has_value: bool = False

    @property
    def ambiguous(self) -> bool:
        return self.matched is None and bool(self.candidates)


def find_join(rule: SyncRule, cs_attributes: Mapping[str, Value], lookup: Lookup) -> JoinOutcome:
    """Look for the metaverse object of a connector-space object by an inbound rule's join criteria."""
    return _find(rule, cs_attributes, lookup, rule.target_object_type, outbound=False)


def find_reverse_join(rule: SyncRule, mv_attributes: Mapping[str, Value], lookup: Lookup) -> JoinOutcome:
    """Look for the connector-space object of a metaverse object: an outbound rule's pairs, the other way round."""
    return _find(rule, mv_attributes, lookup, rule.target_object_type, outbound=True)


def find_claim(rule: SyncRule, cs_attributes: Mapping[str, Value], lookup: Lookup) -> JoinOutcome:
    """Look for the metaverse object whose outbound rule would find this connector-space object: asked from its end."""
    return _find(rule, cs_attributes, lookup, rule.source_object_type, outbound=False)


def _source(clause: JoinClause, outbound: bool) -> str:
    return clause.mv_attribute if outbound else clause.cs_attribute


def _find(
    rule: SyncRule, attributes: Mapping[str, Value], lookup: Lookup, wanted: str, *, outbound: bool
) -> JoinOutcome:
    several: tuple[int, ...] = ()
    several_group: int | None = None
    for position, group in enumerate(rule.joins):
        if not group or any(_source(clause, outbound) not in attributes for clause in group):
            continue
        found: set[int] | None = None
        for clause in group:
            value = attributes[_source(clause, outbound)]
            matches = _matches(clause, value, lookup, wanted, outbound=outbound)
            found = matches if found is None else found & matches
            if not found:
                break
        if not found:
            continue
        if len(found) == 1:
            return JoinOutcome(found.pop(), (), position, True)
        several, several_group = tuple(sorted(found)), position
    has_value = bool(several) or any(_source(c, outbound) in attributes for group in rule.joins for c in group)
    return JoinOutcome(None, several, several_group, has_value)


def _matches(clause: JoinClause, value: Value, lookup: Lookup, object_type: str, *, outbound: bool) -> set[int]:
    other = clause.cs_attribute if outbound else clause.mv_attribute
    if not isinstance(value, list):
        return set(lookup(object_type, other, value, clause.case_sensitive))
    if not outbound and len(value) > 1:
        raise EngineError(
            "join-object-id-must-be-single-valued",
            f"The join attribute {clause.cs_attribute} has {len(value)} values; a join needs one.",
        )
    return {number for item in value for number in lookup(object_type, other, item, clause.case_sensitive)}
