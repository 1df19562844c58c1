"""How the engine reaches a connected system: the Connector protocol and the records that cross it.

A connector is a thin edge: it speaks LDAP or HTTPS and turns what it reads into these records. It decides nothing about
joining, rules or filtering by container; the engine does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from engine.model.configuration import Partition
from engine.model.schema import Schema
from engine.model.values import Attributes, Scalar, Value


class ImportKind(StrEnum):
    FULL = "full"  # attributes is the whole object: what it does not name is absent
    CHANGE = "change"  # attributes names only what changed; None removes an attribute
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class ValueChanges:
    """Values added to and removed from a multi-valued attribute since the last read (linked values)."""

    added: tuple[Scalar, ...] = ()
    removed: tuple[Scalar, ...] = ()


@dataclass(slots=True)
class ImportedObject:
    """One object as the connected system reports it.

    anchor: 16 raw objectGUID octets for AD, the cloudAnchor text for Entra. References are still DN text (AD) or anchor
    text (Entra, sourceAnchor or cloudAnchor); the import step turns them into object numbers.
    ``error``: a discovery error name (engine facts 17.1) when the object could not be read; it then counts, no more.
    """

    kind: ImportKind
    dn: str
    anchor: bytes | str
    object_type: str | None
    attributes: dict[str, Value | ValueChanges | None] = field(default_factory=dict)
    error: str | None = None


@dataclass(slots=True)
class ImportPage:
    """objects of one page; watermark: where a later delta read goes on (set on the last page at least)."""

    objects: list[ImportedObject]
    watermark: bytes | None = None


class ExportOperation(StrEnum):
    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(slots=True)
class ExportChange:
    """One pending export, ready for the wire.

    number: the connector-space row. attributes: for ADD all, for UPDATE the changed ones (None clears). References are
    already DN text (AD) or source anchors (Entra). value_changes: for multi-valued attributes exported as differences.
    new_dn: set when the object is renamed.
    """

    number: int
    operation: ExportOperation
    object_type: str
    dn: str
    anchor: bytes | str | None
    attributes: dict[str, Value | None] = field(default_factory=dict)
    value_changes: dict[str, ValueChanges] = field(default_factory=dict)
    new_dn: str | None = None


@dataclass(slots=True)
class ExportResult:
    """number: of the change; anchor: what the system gave a new object; error_*: the product's names when it failed."""

    number: int
    anchor: bytes | str | None = None
    error_type: str | None = None  # "permission-issue", "InvalidSoftMatch", "AttributeValueMustBeUnique" ...
    error_code: str = ""
    error_text: str = ""
    error_detail: dict[str, str] = field(default_factory=dict)


class Connector(Protocol):
    """What a run step needs. Every method may raise engine.errors.ConnectorError for the whole step."""

    def schema(self) -> Schema:
        """Read object types and attributes the system offers."""

    def read_full(self, partition: Partition, attributes: Sequence[str], page_size: int) -> Iterator[ImportPage]:
        """Read every object of the partition; the last page carries the watermark for a later delta."""

    def read_delta(
        self, partition: Partition, attributes: Sequence[str], watermark: bytes, page_size: int
    ) -> Iterator[ImportPage]:
        """Read what changed since the watermark."""

    def read_object(
        self, partition: Partition, attributes: Sequence[str], anchor: bytes | str
    ) -> ImportedObject | None:
        """Read one object whole by its anchor; None when it is not there (a move into scope needs all attributes)."""

    def read_at(self, partition: Partition, attributes: Sequence[str], dn: str) -> ImportedObject | None:
        """Read one object whole by its DN; None when it is not there or not of a selected type."""

    def export(self, changes: Sequence[ExportChange]) -> list[ExportResult]:
        """Send one batch; answers one result per change, in order."""

    def finish_export(self, total: int, succeeded: int) -> None:
        """Tell the system that an export run is over (the tenant records it; AD has no such thing)."""

    def close(self) -> None:
        """Give up connections; idempotent."""


__all__ = [
    "Attributes",
    "Connector",
    "ExportChange",
    "ExportOperation",
    "ExportResult",
    "ImportKind",
    "ImportPage",
    "ImportedObject",
    "ValueChanges",
]
