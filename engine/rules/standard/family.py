"""A family of standard rules before it is bound to a connector, and the short makers its tables are written with.

Source: facts "engine" sections 6.1 and 10.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.rules.rule import (
    AttributeFlow,
    Direction,
    FlowType,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
    SyncRule,
)

Scope = tuple[tuple[ScopeClause, ...], ...]
Joins = tuple[tuple[JoinClause, ...], ...]
Flows = tuple[AttributeFlow, ...]


@dataclass(frozen=True)
class Family:
    """One rule as the tables say it; the direction follows from the name (In from ..., Out to ...)."""

    name: str
    source: str
    target: str
    link: LinkType = LinkType.JOIN
    scope: Scope = ()
    joins: Joins = ()
    flows: Flows = ()
    description: str = ""
    password_sync: bool = False

    @property
    def direction(self) -> Direction:
        return Direction.INBOUND if self.name.startswith("In ") else Direction.OUTBOUND

    def bind(self, identifier: str, connector: str, precedence: int) -> SyncRule:
        """Make the rule of one connector; the tag marks it as out-of-box."""
        compact = "".join(word for word in self.name.replace("-", " ").split())
        return SyncRule(
            identifier=identifier,
            name=self.name,
            direction=self.direction,
            connector=connector,
            source_object_type=self.source,
            target_object_type=self.target,
            link_type=self.link,
            precedence=precedence,
            flows=self.flows,
            scope=self.scope,
            joins=self.joins,
            description=self.description,
            immutable_tag=f"Microsoft.{compact}.001",
            enable_password_sync=self.password_sync,
            internal_identifier=identifier,
        )


def direct(names: str | Iterable[str]) -> Flows:
    """Direct flows: ``name`` keeps its name, ``target=source`` is renamed."""
    pairs = (token.partition("=") for token in (names.split() if isinstance(names, str) else names))
    return tuple(AttributeFlow(target, FlowType.DIRECT, (source or target,)) for target, _, source in pairs)


def expression(target: str, text: str, *sources: str, merge: MergeType = MergeType.UPDATE) -> AttributeFlow:
    """One expression flow; the sources are what the rules editor shows beside it."""
    return AttributeFlow(target, FlowType.EXPRESSION, sources, expression=text, merge=merge)


def constant(target: str, value: str, *, once: bool = False) -> AttributeFlow:
    return AttributeFlow(target, FlowType.CONSTANT, constant=value, execute_once=once)


def trimmed(names: str) -> Flows:
    """Copies without the blanks around them."""
    return tuple(expression(name, f"Trim([{name}])", name) for name in names.split())


def first_value(names: str) -> Flows:
    """First of several values, cut to what the metaverse can index."""
    return tuple(
        expression(name, f"IIF(IsNullOrEmpty([{name}]),NULL,Left(Trim(Item([{name}],1)),448))", name)
        for name in names.split()
    )


def clauses(*texts: str) -> tuple[ScopeClause, ...]:
    """One scope group from texts like ``cloudFiltered NOTEQUAL True``."""
    group = []
    for text in texts:
        attribute, operator, *value = text.split(" ", 2)
        group.append(ScopeClause(attribute, operator, value[0] if value else ""))
    return tuple(group)


def joined_on(*pairs: str, case_sensitive: bool = False) -> Joins:
    """Join groups from texts like ``mail=mail``, one group each; ``&`` joins several clauses into one group."""
    groups = []
    for pair in pairs:
        group = []
        for clause in pair.split("&"):
            cs_attribute, _, mv_attribute = clause.partition("=")
            group.append(JoinClause(cs_attribute, mv_attribute, case_sensitive))
        groups.append(tuple(group))
    return tuple(groups)
