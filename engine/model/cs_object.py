"""A connector-space object: what one connected directory last said, what is on its way there, and its link.

Layers, oldest knowledge first (facts "engine" 1.4): ``base`` holds what sync has processed; ``pending`` turns it into
what the directory last said (for a pending add ``base`` already is the whole object); ``unconfirmed`` was exported and
acknowledged but not yet seen again; ``unapplied`` is staged and not sent.
"""

from __future__ import annotations

from enum import IntEnum

from engine.model.change import Changes, Operation, apply
from engine.model.values import Attributes

#: under this name a staged rename carries the new DN among the changes
RENAME = "dn"


class Kind(IntEnum):
    """Staging object; placeholder for something referenced but not imported; transient: pushed off its DN."""

    STAGING = 0
    PLACEHOLDER = 1
    TRANSIENT = 2


class LinkedBy(IntEnum):
    """How the link to the metaverse came about."""

    NOTHING = 0
    INBOUND_JOIN = 1
    INBOUND_PROVISION = 2
    OUTBOUND_JOIN = 3
    OUTBOUND_PROVISION = 4


class CSObject:
    """One row of a connector space.

    number: its identity inside the database, also the form in which other objects refer to it. connector: ordinal of
    the connector. mv: number of the metaverse object or 0. owned: an outbound Provision rule of this server is in
    scope for the link, so the object is deleted when that rule lets go (decision D8). lineage: (rule number, action)
    of the rules that hold; password_sync: which end of the password channel the object is.
    """

    __slots__ = (
        "anchor",
        "base",
        "connector",
        "dn",
        "keys",
        "kind",
        "linked_by",
        "linking_rule",
        "mv",
        "number",
        "object_type",
        "owned",
        "partition",
        "pending",
        "pending_export",
        "pending_import",
        "unapplied",
        "unconfirmed",
        "unconfirmed_operation",
    )

    def __init__(
        self,
        number: int,
        connector: int,
        object_type: str,
        dn: str,
        anchor: bytes | str | None = None,
        *,
        partition: int = 0,
        kind: Kind = Kind.STAGING,
    ) -> None:
        self.number = number
        self.connector = connector
        self.partition = partition
        self.object_type = object_type
        self.dn = dn
        self.anchor = anchor
        self.kind = kind
        self.keys: tuple[str, bytes | str | None, int, int | None] | None = None  # the store's look-up keys, kept by it
        self.base: Attributes = {}
        self.pending_import = Operation.NONE
        self.pending: Changes | None = None
        self.pending_export = Operation.NONE
        self.unapplied: Changes | None = None
        self.unconfirmed: Changes | None = None
        self.unconfirmed_operation = Operation.NONE
        self.mv = 0
        self.linked_by = LinkedBy.NOTHING
        self.linking_rule = ""
        self.owned = False

    def imported(self) -> Attributes:
        """What the directory last said: the view of ImportedValue."""
        return apply(self.base, self.pending) if self.pending else self.base

    def confirmed_and_sent(self) -> Attributes:
        """Imports plus acknowledged exports: what the directory should hold now."""
        held = self.imported()
        if self.unconfirmed_operation is Operation.DELETE:
            return {}
        return apply(held, self.unconfirmed) if self.unconfirmed else held

    def newest(self) -> Attributes:
        """Everything known and intended, staged exports included: the view of ``[attribute]``."""
        if self.pending_export is Operation.DELETE:
            return {}
        held = self.confirmed_and_sent()
        return apply(held, self.unapplied) if self.unapplied else held

    def __repr__(self) -> str:
        return f"CSObject({self.number}, {self.object_type} {self.dn!r})"
