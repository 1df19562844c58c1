"""Schemas written as compact tables: one row per set of object types and kind of attribute.

A kind reads ``string``, ``string many``, ``binary indexed`` and so on. Source: facts "engine" section 19.3.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.schema import AttributeDefinition, AttributeType, Schema

Row = tuple[str, str, str]


def schema_from_rows(rows: Iterable[Row]) -> Schema:
    """Build a schema from rows of (object types, kind, attribute names); a name has one kind in all rows."""
    attributes: dict[str, AttributeDefinition] = {}
    types: dict[str, set[str]] = {}
    for object_types, kind, names in rows:
        word, *flags = kind.split()
        for name in names.split():
            definition = AttributeDefinition(name, AttributeType(word), "many" in flags, "indexed" in flags)
            if attributes.setdefault(name, definition) != definition:
                raise ValueError(f"{name} is described twice, and differently")
            for object_type in object_types.split():
                types.setdefault(object_type, set()).add(name)
    return Schema(attributes, {object_type: frozenset(names) for object_type, names in types.items()})
