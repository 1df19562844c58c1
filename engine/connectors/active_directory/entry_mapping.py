"""LDAP entries to imported objects, export changes to LDAP values. Decides what a DirSync entry says about an object.

Source: facts "directory" section 4 (DirSync: what comes when), facts "engine" 1.1 (anchor), 2.2, 2.3, 17.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from engine.connectors.active_directory.entry_reading import TypedEntry, typed_values
from engine.connectors.active_directory.ldap_client import Modification, ModifyOperation
from engine.connectors.connector import ExportChange, ImportedObject, ImportKind, ValueChanges
from engine.model.schema import Schema
from engine.model.values import Scalar, Value, as_list

#: classes below another selectable class: objects of the first are also found by a filter for the second
_SUBCLASSES = {"inetOrgPerson": "user", "computer": "user"}
#: raw attributes a delta read looks at besides the selected ones
DELTA_MARKS = ("isDeleted", "name", "parentGUID")

_RANGE = re.compile(r"^(?P<name>[^;]+);range=(?P<low>\d+)-(?P<high>\d+|\*)$", re.IGNORECASE)
_ADDED, _REMOVED = ("1", "1"), ("0", "0")


def object_filter(object_types: Iterable[str]) -> str:
    """The search filter for the selected object types; unselected classes below a selected one are left out."""
    selected = list(dict.fromkeys(object_types))
    wanted = "".join(f"(objectClass={name})" for name in selected)
    unwanted = [sub for sub, above in _SUBCLASSES.items() if above in selected and sub not in selected]
    if len(selected) != 1:
        wanted = f"(|{wanted})"
    if not unwanted:
        return wanted
    return f"(&{wanted}{''.join(f'(!(objectClass={name}))' for name in unwanted)})"


def object_type_of(object_types: Iterable[str]) -> Callable[[tuple[str, ...]], str | None]:
    """A function from an objectClass value (top first) to the most specific selected type."""
    selected = {name.lower(): name for name in object_types}

    def choose(classes: tuple[str, ...]) -> str | None:
        lower = [name.lower() for name in classes]
        if any(sub.lower() in lower and sub.lower() not in selected for sub in _SUBCLASSES):
            return None
        return next((selected[name] for name in reversed(lower) if name in selected), None)

    return choose


def full_object(entry: TypedEntry) -> ImportedObject | None:
    """The whole object, None when its type is not selected."""
    if entry.object_type is None and entry.object_type_known:
        return None
    error = entry.error
    if not entry.anchor:
        error = "missing-anchor-component"
    elif entry.object_type is None:
        error = "missing-object-class"
    # the reader's dictionary becomes the object's; it names only selected attributes and holds no None
    return ImportedObject(ImportKind.FULL, entry.dn, entry.anchor, entry.object_type, entry.attributes, error)  # type: ignore[arg-type]


def first_range(entry: TypedEntry) -> list[tuple[str, list[bytes], int | None]]:
    """(attribute, values, next start) of values sent in part; next start None: this was the last part."""
    found: list[tuple[str, list[bytes], int | None]] = []
    for name, values in (entry.aside or {}).items():
        if match := _RANGE.match(name):
            found.append((match["name"], values, None if match["high"] == "*" else int(match["high"]) + 1))
    return found


def is_deleted(entry: TypedEntry) -> bool:
    return (entry.aside or {}).get("isDeleted") == [b"TRUE"]


def must_be_read_whole(entry: TypedEntry) -> bool:
    """Renamed, moved or brought back: the delta alone does not say enough to place the object."""
    aside = entry.aside or {}
    return not entry.object_type_known and any(mark in aside for mark in DELTA_MARKS)


def deleted_object(entry: TypedEntry) -> ImportedObject:
    return ImportedObject(ImportKind.DELETE, entry.dn, entry.anchor, entry.object_type)


def new_object(entry: TypedEntry, schema: Schema) -> ImportedObject | None:
    """An object created since the last read: its linked values all come as added ones."""
    for name, (added, _) in _linked(entry).items():
        if added:
            definition = schema.attributes[name]
            values = typed_values(added, definition.type)
            entry.attributes[name] = values if definition.multivalued else values[0]
    return full_object(entry)


def changed_object(entry: TypedEntry, schema: Schema) -> ImportedObject:
    """What changed of an object: new values, None for removed attributes, differences for linked values."""
    attributes: dict[str, Value | ValueChanges | None] = dict(entry.attributes)
    attributes.update(dict.fromkeys(entry.emptied or ()))
    for name, (added, removed) in _linked(entry).items():
        definition = schema.attributes[name]
        values = typed_values(added, definition.type)
        if definition.multivalued:
            attributes[name] = ValueChanges(tuple(values), tuple(typed_values(removed, definition.type)))
        else:  # a link with one end, such as manager: the value it has now
            attributes[name] = values[0] if values else None
    attributes.pop("objectGUID", None)  # comes with every change and never changes
    return ImportedObject(ImportKind.CHANGE, entry.dn, entry.anchor, entry.object_type, attributes, entry.error)


def _linked(entry: TypedEntry) -> dict[str, tuple[list[bytes], list[bytes]]]:
    """Attribute to (added, removed) raw values: ``range=1-1`` and ``range=0-0`` of an incremental answer."""
    found: dict[str, tuple[list[bytes], list[bytes]]] = {}
    for name, values in (entry.aside or {}).items():
        match = _RANGE.match(name)
        if match and (match["low"], match["high"]) in (_ADDED, _REMOVED):
            added, removed = found.setdefault(match["name"], ([], []))
            (added if match["low"] == "1" else removed).extend(values)
    return found


# ---- export ----------------------------------------------------------------------------------------------------------
def octets(value: Scalar) -> bytes:
    """One value as the directory stores it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"TRUE" if value else b"FALSE"
    return str(value).encode()


def octets_list(value: Value | None) -> tuple[bytes, ...]:
    return tuple(octets(scalar) for scalar in as_list(value))


def attributes_of_new(change: ExportChange) -> dict[str, Sequence[bytes]]:
    """What an add request carries; linked differences of a new object are simply its values."""
    found: dict[str, Sequence[bytes]] = {"objectClass": (change.object_type.encode(),)}
    for name, value in change.attributes.items():
        if value is not None:
            found[name] = octets_list(value)
    for name, differences in change.value_changes.items():
        if differences.added:
            found[name] = tuple(octets(value) for value in differences.added)
    return found


def modifications(change: ExportChange) -> list[Modification]:
    """What a modify request carries: only what changed."""
    found = [
        Modification(ModifyOperation.REPLACE, name, octets_list(value)) for name, value in change.attributes.items()
    ]
    for name, differences in change.value_changes.items():
        if differences.removed:
            removed = tuple(octets(value) for value in differences.removed)
            found.append(Modification(ModifyOperation.DELETE, name, removed))
        if differences.added:
            found.append(Modification(ModifyOperation.ADD, name, tuple(octets(v) for v in differences.added)))
    return found
