"""Entries and deltas of connector-space and metaverse objects as XML, as csexport and previews show them.

An entry is a whole object; a delta tells two layers apart. An attribute of an update carries its operation (add,
delete, replace for a single value, update for several), a value of an updated attribute its own. Source: facts "engine"
20.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from engine.model.change import Operation
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.model.values import Attributes, Scalar, Value, as_list, text_of
from engine.model.xml_document import XmlWriter, attribute_text, is_writable

Anchor = bytes | str | None
#: number of an object -> its distinguished name and anchor; None when it is gone
Referenced = Callable[[int], tuple[str, Anchor] | None]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose layers are written. schema: of its connector space or of the metaverse."""

    dn: str
    object_type: str
    schema: Schema
    referenced: Referenced
    anchor: Anchor = None


def write_entry(xml: XmlWriter, subject: Subject, image: Attributes) -> None:
    """Write the whole object."""
    xml.open("entry", f" dn={attribute_text(subject.dn)}")
    _write_head(xml, subject)
    for name in sorted(image):
        _write_attribute(xml, subject, name, "", [(value, "") for value in as_list(image[name])])
    xml.close()


def write_delta(
    xml: XmlWriter,
    subject: Subject,
    operation: Operation,
    changes: Mapping[str, Value | None],
    below: Attributes | None,
    new_dn: str | None = None,
) -> None:
    """Write what turns the layer below into the one above. new_dn: the object is renamed to it."""
    renamed = f" newdn={attribute_text(new_dn)}" if new_dn is not None else ""
    xml.open("delta", f' operation="{operation.label}" dn={attribute_text(subject.dn)}{renamed}')
    _write_head(xml, subject)
    if operation is not Operation.DELETE:
        for name in sorted(changes):
            if operation is Operation.UPDATE:
                kind, values = attribute_delta(subject.schema, name, changes[name], (below or {}).get(name))
                _write_attribute(xml, subject, name, kind, values)
            else:
                _write_attribute(xml, subject, name, "", [(value, "") for value in as_list(changes[name])])
    xml.close()


def attribute_delta(
    schema: Schema, name: str, value: Value | None, below: Value | None
) -> tuple[str, list[tuple[Scalar, str]]]:
    """The operation of an attribute in an update, and its values, each with its own operation where that is told."""
    if value is None:
        return "delete", []
    if below is None:
        return "add", [(one, "") for one in as_list(value)]
    if not _definition(schema, name, value, below).multivalued:
        return "replace", [(one, "") for one in as_list(value)]
    wanted, held = as_list(value), as_list(below)
    kept, before = set(wanted), set(held)
    gone = [(one, "delete") for one in held if one not in kept]
    return "update", gone + [(one, "add") for one in wanted if one not in before]


def _definition(schema: Schema, name: str, *values: Value | None) -> AttributeDefinition:
    known = schema.attributes.get(name)
    several = any(isinstance(value, list) for value in values)
    if known is None:
        return AttributeDefinition(name, multivalued=several)
    if several and not known.multivalued:
        return AttributeDefinition(name, known.type, multivalued=True)
    return known


def _write_head(xml: XmlWriter, subject: Subject) -> None:
    if subject.anchor is not None:
        xml.element("anchor", encoded_anchor(subject.anchor), ' encoding="base64"')
    if subject.object_type:
        xml.element("primary-objectclass", subject.object_type)
        xml.open("objectclass")
        xml.element("oc-value", subject.object_type)
        xml.close()


def _write_attribute(
    xml: XmlWriter, subject: Subject, name: str, operation: str, values: Iterable[tuple[Scalar, str]]
) -> None:
    given = list(values)
    definition = _definition(subject.schema, name, [v for v, _ in given] if len(given) > 1 else None)
    reference = definition.type is AttributeType.REFERENCE
    attributes = f" name={attribute_text(name)}" + (f' operation="{operation}"' if operation else "")
    if not reference:
        attributes += f' type="{definition.type.value}"'
    attributes += f' multivalued="{str(definition.multivalued).lower()}"'
    element = "dn-attr" if reference else "attr"
    if not given:
        xml.element(element, attributes=attributes)
        return
    xml.open(element, attributes)
    for value, kind in given:
        told = f' operation="{kind}"' if kind else ""
        if reference:
            _write_reference(xml, subject, value, told)
        else:
            _write_value(xml, value, told)
    xml.close()


def _write_reference(xml: XmlWriter, subject: Subject, value: Scalar, told: str) -> None:
    found = subject.referenced(value) if isinstance(value, int) else (str(value), None)
    dn, anchor = found if found is not None else (f"#{text_of(value)}", None)
    xml.open("dn-value", told)
    xml.element("dn", dn)
    if anchor is not None:
        xml.element("anchor", encoded_anchor(anchor), ' encoding="base64"')
    xml.close()


def _write_value(xml: XmlWriter, value: Scalar, told: str) -> None:
    if isinstance(value, bytes):
        xml.element("value", base64.b64encode(value).decode(), f'{told} encoding="base64"')
    elif isinstance(value, bool):
        xml.element("value", str(value).lower(), told)
    elif isinstance(value, str) and not is_writable(value):
        xml.element(
            "value", base64.b64encode(value.encode("utf-8", "surrogatepass")).decode(), f'{told} encoding="base64"'
        )
    else:
        xml.element("value", text_of(value), told)


def encoded_anchor(anchor: bytes | str) -> str:
    """An anchor as csexport spells it: Base64, of the text's UTF-8 where it is a text."""
    return base64.b64encode(anchor if isinstance(anchor, bytes) else anchor.encode()).decode()
