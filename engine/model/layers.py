"""The five layers of a connector-space object, oldest knowledge first, each with what tells it from the one below.

Names are those of the connector-space export (facts "engine" 1.4, 20). Exports in flight have no layer of their own
here: a batch and its answers are one transaction, so ``escrowed-export`` always equals the layer below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.change import Changes, Operation, apply
from engine.model.cs_object import RENAME, CSObject, Kind
from engine.model.values import Attributes, Value

SYNCHRONIZED = "synchronized"
PENDING_IMPORT = "pending-import"
UNCONFIRMED_EXPORT = "unconfirmed-export"
ESCROWED_EXPORT = "escrowed-export"
UNAPPLIED_EXPORT = "unapplied-export"
NAMES = (SYNCHRONIZED, PENDING_IMPORT, UNCONFIRMED_EXPORT, ESCROWED_EXPORT, UNAPPLIED_EXPORT)


@dataclass(frozen=True, slots=True)
class Layer:
    """operation, changes: the delta to the layer below, NONE where there is none. image: the whole object as this layer
    knows it, None where it knows of no object. new_dn: what the delta renames the object to."""

    name: str
    operation: Operation
    changes: Changes
    image: Attributes | None
    new_dn: str | None = None


def layers(cs: CSObject) -> tuple[Layer, ...]:
    """All five, in the order of NAMES."""
    synchronized = Layer(SYNCHRONIZED, Operation.NONE, {}, _synchronized(cs))
    found = [synchronized]
    for name, operation, changes in (
        (PENDING_IMPORT, cs.pending_import, _imported_changes(cs)),
        (UNCONFIRMED_EXPORT, cs.unconfirmed_operation, cs.unconfirmed or {}),
        (ESCROWED_EXPORT, Operation.NONE, {}),
        (UNAPPLIED_EXPORT, cs.pending_export, cs.unapplied or {}),
    ):
        below = found[-1].image
        kept, new_dn = without_rename(changes)
        found.append(Layer(name, operation, kept, applied(below, operation, kept), new_dn))
    return tuple(found)


def without_rename(changes: Changes) -> tuple[Changes, str | None]:
    """The attributes that change, and the new DN where a rename is staged with them."""
    if RENAME not in changes:
        return changes, None
    new_dn = changes[RENAME]
    return {n: v for n, v in changes.items() if n != RENAME}, new_dn if isinstance(new_dn, str) else None


def applied(below: Attributes | None, operation: Operation, changes: Mapping[str, Value | None]) -> Attributes | None:
    """The layer above: the delta applied to the layer below. Changes to an object that is gone come to nothing."""
    match operation:
        case Operation.NONE:
            return below
        case Operation.DELETE:
            return None
        case Operation.DELETE_ADD:
            return apply({}, changes)
        case Operation.ADD:
            return apply(below or {}, changes)
    return None if below is None else apply(below, changes)


def _synchronized(cs: CSObject) -> Attributes | None:
    known = cs.anchor is not None and cs.kind is not Kind.PLACEHOLDER
    if not known or cs.pending_import in (Operation.ADD, Operation.DELETE_ADD):
        return None  # before a delete-add stood an object of another type, which nobody keeps
    if cs.unconfirmed_operation is Operation.ADD and not cs.base:
        return None  # exported and acknowledged with its anchor, not imported yet
    return cs.base


def _imported_changes(cs: CSObject) -> Changes:
    if cs.pending_import in (Operation.ADD, Operation.DELETE_ADD):
        return dict(cs.base)
    return cs.pending or {}
