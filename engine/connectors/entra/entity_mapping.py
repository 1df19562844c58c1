"""Tenant entities to imported objects, export changes to sync objects; values typed by the Entra schema.

Source: facts "engine" 1.1 (names and anchors), facts "tenant" 17.2 (types on the wire, reference changes).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from engine.connectors.connector import ExportChange, ExportOperation, ImportedObject, ImportKind, ValueChanges
from engine.model.anchor import entra_dn
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.model.values import Scalar, Value

SyncObject = dict[str, Any]

_OPERATIONS = {ExportOperation.ADD: "Add", ExportOperation.UPDATE: "Set", ExportOperation.DELETE: "Delete"}
_CLOUD_ANCHOR = re.compile(r"^(User|Group|Contact|Device|PublicFolder)_[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}$")


def entity_dn(source_anchor: str | None, cloud_anchor: str) -> str:
    """``CN={HEX}`` of the source anchor, of the cloud anchor for an object that has none."""
    return entra_dn(source_anchor or cloud_anchor)


def anchor_in_dn(dn: str) -> str:
    """The text inside ``CN={HEX}``; empty when the DN is not of that form."""
    if not (dn.upper().startswith("CN={") and dn.endswith("}")):
        return ""
    try:
        return bytes.fromhex(dn[4:-1]).decode()
    except ValueError:
        return ""


def is_cloud_anchor(text: str) -> bool:
    return _CLOUD_ANCHOR.match(text) is not None


# ---- import ----------------------------------------------------------------------------------------------------------
class EntityReader:
    """Turns read-back objects into imported ones, one reader per read. attributes: the selected ones, empty = all."""

    def __init__(self, schema: Schema, attributes: tuple[str, ...] = ()) -> None:
        selected = attributes or tuple(schema.attributes)
        self._definitions = {name: schema.attributes[name] for name in selected if name in schema.attributes}
        self._by_lower = {name.lower(): name for name in self._definitions}
        self._plain = {
            name
            for name, definition in self._definitions.items()
            if not definition.multivalued and definition.type in (AttributeType.STRING, AttributeType.REFERENCE)
        }

    def read(self, entity: Mapping[str, Any]) -> ImportedObject:
        """One read-back object; a value that does not fit its type makes an object in error."""
        if not isinstance(entity, dict):
            return ImportedObject(ImportKind.FULL, "", "", None, error="read-error")
        properties = entity.get("PropertyValues")
        if not isinstance(properties, dict):
            properties = {}
        cloud_anchor = str(properties.get("cloudAnchor") or "")
        source_anchor = properties.get("sourceAnchor")
        if not isinstance(source_anchor, str | None):
            dn = entity_dn(None, cloud_anchor)
            return ImportedObject(ImportKind.FULL, dn, cloud_anchor, None, error="invalid-attribute-value")
        dn = entity_dn(source_anchor, cloud_anchor)
        kind = str(entity.get("SyncObjectType", ""))
        object_type = kind[:1].lower() + kind[1:] or None
        if not cloud_anchor:
            return ImportedObject(ImportKind.FULL, dn, "", object_type, error="missing-anchor-component")
        if entity.get("SyncOperation") == "Delete":
            return ImportedObject(ImportKind.DELETE, dn, cloud_anchor, object_type)
        found = ImportedObject(ImportKind.FULL, dn, cloud_anchor, object_type)
        if object_type is None:
            found.error = "missing-object-class"
        attributes, plain = found.attributes, self._plain
        for name, value in properties.items():
            if value is None or value == "" or value == []:
                continue
            if name in plain and type(value) is str:
                attributes[name] = value
                continue
            known = name if name in self._definitions else self._by_lower.get(name.lower())
            if known is not None:
                try:
                    attributes[known] = read_value(self._definitions[known], value)
                except ValueError as error:
                    found.error = str(error)
        return found


def read_value(definition: AttributeDefinition, value: object) -> Value:
    """One property as an engine value; ValueError carries the discovery error's name."""
    if definition.multivalued:
        values = value if isinstance(value, list) else [value]
        return list(dict.fromkeys(_read_scalar(definition.type, one) for one in values))
    if isinstance(value, list):
        if len(value) != 1:
            raise ValueError("multi-single-mismatch")
        value = value[0]
    return _read_scalar(definition.type, value)


def _read_scalar(kind: AttributeType, value: object) -> Scalar:
    match kind, value:
        case (AttributeType.STRING | AttributeType.REFERENCE, str()):
            return value
        case AttributeType.BOOLEAN, bool():
            return value
        case AttributeType.INTEGER, int() if not isinstance(value, bool) and -(2**63) <= value < 2**63:
            return value
        case AttributeType.BINARY, str():
            try:
                return base64.b64decode(value, validate=True)
            except ValueError:
                raise ValueError("invalid-attribute-value") from None
    raise ValueError("invalid-attribute-value")


# ---- export ----------------------------------------------------------------------------------------------------------
def sync_object(change: ExportChange, schema: Schema) -> SyncObject:
    """One export change as the service takes it. ValueError: differences of an attribute that is no reference."""
    source_anchor = change.attributes.get("sourceAnchor")
    if not isinstance(source_anchor, str):
        in_dn = anchor_in_dn(change.dn)
        source_anchor = None if is_cloud_anchor(in_dn) else in_dn or None
    found: SyncObject = {
        "SyncObjectType": change.object_type[:1].upper() + change.object_type[1:],
        "SyncOperation": _OPERATIONS[change.operation],
        "SourceAnchor": source_anchor,
        "CloudAnchor": change.anchor if isinstance(change.anchor, str) else None,
        "PropertyValues": {name: write_value(value) for name, value in change.attributes.items()},
    }
    references: dict[str, list[dict[str, str]]] = {}
    for name, differences in change.value_changes.items():
        definition = schema.attributes.get(name)
        if definition is None or definition.type is not AttributeType.REFERENCE:
            raise ValueError(f"{name} cannot be exported to the tenant as differences")
        if change.operation is ExportOperation.ADD:
            found["PropertyValues"][name] = [str(value) for value in differences.added]
        else:
            references[name] = reference_changes(differences)
    if references:
        found["ReferenceChanges"] = references
    return found


def reference_changes(differences: ValueChanges) -> list[dict[str, str]]:
    """Removals first, so that a full group has room."""
    rows = [(str(value), "Remove") for value in differences.removed]
    rows += [(str(value), "Add") for value in differences.added]
    return [
        {
            "Anchor": anchor,
            "ReferenceType": "CloudAnchor" if is_cloud_anchor(anchor) else "SourceAnchor",
            "Operation": operation,
        }
        for anchor, operation in rows
    ]


def write_value(value: Value | None) -> Any:
    """An engine value as JSON: binary becomes Base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, list):
        return [write_value(one) for one in value]
    return value
