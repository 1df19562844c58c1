"""What an incoming object does to the connector-space object it matches. Pure: two objects in, a counter out.

Source: matching and pending imports, facts "engine" sections 1.5, 1.7 and 2; the caller has found the match by anchor
or DN.
"""

from __future__ import annotations

from engine.connectors.connector import ImportedObject, ImportKind, ValueChanges
from engine.model.change import Operation, difference
from engine.model.cs_object import CSObject, Kind
from engine.model.values import Attributes, Value, as_list, same


def stage_new(cs: CSObject, incoming: ImportedObject) -> str:
    """A new object, a placeholder that turns out to exist, or an export add that comes back with its anchor."""
    exported = cs.unconfirmed_operation is not Operation.NONE or cs.mv != 0
    cs.kind = Kind.STAGING
    cs.dn = incoming.dn
    cs.anchor = incoming.anchor
    cs.object_type = incoming.object_type or cs.object_type
    cs.base = image({}, incoming)
    cs.pending = None
    cs.pending_import = Operation.ADD
    if cs.pending_export is Operation.ADD:  # it arrived and the answer did not: what is left of it is a change
        cs.pending_export = Operation.UPDATE
    if exported:
        confirm(cs, cs.base, None)
    return "StageAdd"


def stage_known(cs: CSObject, incoming: ImportedObject) -> tuple[str, dict[str, Value | None]]:
    """An object that is there already. Returns the counter and what was exported but did not come back."""
    before = cs.imported()
    after = image(before, incoming)
    renamed = incoming.dn != cs.dn and incoming.dn != ""
    retyped = incoming.object_type is not None and incoming.object_type != cs.object_type
    if renamed:
        cs.dn = incoming.dn
        if cs.kind is Kind.TRANSIENT:
            cs.kind = Kind.STAGING  # the directory has said where it went
    missing: dict[str, Value | None] = {}
    if cs.unconfirmed_operation is not Operation.NONE:
        seen = None if incoming.kind is ImportKind.FULL else frozenset(incoming.attributes)
        missing = confirm(cs, after, seen)
    if retyped:
        cs.object_type = incoming.object_type or cs.object_type
        cs.base, cs.pending = after, None
        if cs.pending_import is not Operation.ADD:  # nobody has looked at the one before
            cs.pending_import = Operation.DELETE_ADD
        return "StageDeleteAdd", missing
    changed = difference(before, after)
    if cs.pending_import in (Operation.ADD, Operation.DELETE_ADD):
        cs.base = after
    else:
        pending = difference(cs.base, after)
        cs.pending = pending or None
        if pending or renamed or missing or cs.pending_import is Operation.DELETE:
            cs.pending_import = Operation.UPDATE
    if renamed:
        return "StageRename", missing
    return ("StageUpdate" if changed else "StageNoChange"), missing


def repoint(cs: CSObject, names: frozenset[str], old: int, new: int) -> None:
    """What an object referred to by name alone turned out to be known by another number; ``names``: its references."""
    before = cs.imported()
    after = dict(before)
    for name in names & before.keys():
        value = before[name]
        if isinstance(value, list):
            after[name] = list(dict.fromkeys(new if number == old else number for number in value))
        elif value == old:
            after[name] = new
    if cs.pending_import in (Operation.ADD, Operation.DELETE_ADD):
        cs.base = after
        return
    cs.pending = difference(cs.base, after) or None
    if cs.pending and cs.pending_import is Operation.NONE:
        cs.pending_import = Operation.UPDATE


def stage_delete(cs: CSObject) -> str:
    """The directory says the object is gone, or a full import did not see it."""
    cs.pending_import = Operation.DELETE
    cs.pending = None
    return "StageDelete"


def image(before: Attributes, incoming: ImportedObject) -> Attributes:
    """The whole object after the report: a full report replaces, a change report alters."""
    if incoming.kind is ImportKind.FULL:
        return incoming.attributes  # type: ignore[return-value]  # a full report holds values only
    after = dict(before)
    for name, value in incoming.attributes.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, ValueChanges):
            held = as_list(after.get(name))
            gone = set(value.removed)
            values = [v for v in held if v not in gone] if gone else list(held)
            known = set(values)
            values += [v for v in value.added if v not in known]
            if values:
                after[name] = values
            else:
                after.pop(name, None)
        else:
            after[name] = value
    return after


def confirm(cs: CSObject, after: Attributes, seen: frozenset[str] | None) -> dict[str, Value | None]:
    """Compare what was exported with what came back. ``seen``: names a change report spoke of; None = all.

    Returns the exported attributes that came back with another value; they are forgotten, so the next sync stages them
    again.
    """
    exported = cs.unconfirmed or {}
    missing: dict[str, Value | None] = {}
    left: dict[str, Value | None] = {}
    for name, value in exported.items():
        if seen is not None and name not in seen:
            if not same(after.get(name), value):
                left[name] = value
        elif not same(after.get(name), value):
            missing[name] = value
    cs.unconfirmed = left or None
    if not left:
        cs.unconfirmed_operation = Operation.NONE
    return missing
