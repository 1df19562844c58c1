"""One object's way through synchronization: what the phases share, what they count, how one of them fails.

Counter names are the product's (facts "engine" 5.3, step result object).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from engine.model.cs_object import CSObject
from engine.model.mv_object import MVObject
from engine.model.values import Attributes
from engine.rules.expression import Context
from engine.rules.plans import NONE_IN_SCOPE, CompiledRules, RulesInScope

Observer = Callable[[str, dict[str, object]], None]


class SyncFailure(Exception):
    """The object fails: error_type is the product's name of the synchronization error."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message


@dataclass(slots=True)
class SyncSetting:
    """What a step's objects have in common.

    parameters: the %Parameters% of an object's connector and partition, by (connector, partition). connector_names: by
    ordinal, for hops. observer: who wants to know every hop, or None. distinguished_name: the DN of an object number,
    asked only where an expression uses a reference as text.
    """

    rules: CompiledRules
    parameters: Mapping[tuple[int, int], Mapping[str, str]]
    now: datetime
    random: Random
    connector_names: Mapping[int, str] = field(default_factory=dict)
    observer: Observer | None = None
    distinguished_name: Callable[[int], str | None] | None = None

    def parameters_of(self, connector: int, partition: int) -> Mapping[str, str]:
        held = self.parameters.get((connector, partition))
        return held if held is not None else self.parameters.get((connector, 0), {})

    def inbound_context(self, cs: CSObject) -> Context:
        """How an inbound rule sees a connector-space object: ``[dn]`` is its distinguished name."""
        attributes: Attributes = {**cs.newest(), "dn": cs.dn}
        imported = attributes if not (cs.unapplied or cs.unconfirmed) else cs.imported()
        return Context(
            attributes,
            imported,
            self.parameters_of(cs.connector, cs.partition),
            self.now,
            self.random,
            self.distinguished_name,
        )

    def outbound_context(self, mv: MVObject, connector: int) -> Context:
        return Context(
            mv.values, mv.values, self.parameters_of(connector, 0), self.now, self.random, self.distinguished_name
        )


@dataclass(slots=True)
class Passage:
    """cs: the source object. deleted: its directory says it is gone. mv: the metaverse object it ends up with. retyped:
    its directory holds another type of object under its anchor."""

    cs: CSObject
    setting: SyncSetting
    deleted: bool = False
    context: Context | None = None
    held: RulesInScope = NONE_IN_SCOPE
    mask: int = 0
    mv: MVObject | None = None
    was_linked: bool = False
    joined: bool = False
    projected: bool = False
    unlinked: bool = False
    retyped: bool = False
    mv_created: bool = False
    mv_changed: bool = False
    mv_removed: bool = False
    outbound: dict[tuple[int, str], int] = field(default_factory=dict)
    references: set[int] = field(default_factory=set)
    relinked: set[int] = field(default_factory=set)

    def count_outbound(self, connector: int, counter: str) -> None:
        key = (connector, counter)
        self.outbound[key] = self.outbound.get(key, 0) + 1

    def observe(self, kind: str, **fields: object) -> None:
        if self.setting.observer is not None:
            self.setting.observer(kind, fields)

    def counter(self) -> str:
        """The one inbound counter this object adds to; none for a disconnector its directory deleted."""
        if self.deleted and not self.was_linked:
            return ""  # a disconnector that goes has no counter
        if self.deleted:
            return "ConnectorDeleteRemoveMv" if self.mv_removed else "ConnectorDeleteLeaveMv"
        if self.retyped:
            return "ConnectorDeleteAddProcessed"
        if self.unlinked:
            return "ConnectorFilteredRemoveMv" if self.mv_removed else "ConnectorFilteredLeaveMv"
        if not (self.projected or self.joined or self.was_linked):
            return "DisconnectorRemains" if self.mask else "DisconnectorFiltered"
        flowed = "Flow" if self.mv_changed else "NoFlow"
        if self.projected or self.joined:
            link = "DisconnectorProjected" if self.projected else "DisconnectorJoined"
            return f"{link}RemoveMv" if self.mv_removed else f"{link}{flowed}"
        return "ConnectorFlowRemoveMv" if self.mv_removed else f"Connector{flowed}"
