"""Deltas as XML: the operation of the object, of each attribute and of each value."""

from __future__ import annotations

import pytest

from engine.model.change import Operation
from engine.model.hologram_xml import Subject, attribute_delta, write_delta
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.model.xml_document import XmlWriter, read_document

SCHEMA = Schema(
    {
        "title": AttributeDefinition("title"),
        "mails": AttributeDefinition("mails", multivalued=True),
        "manager": AttributeDefinition("manager", AttributeType.REFERENCE),
    }
)


@pytest.mark.parametrize(
    ("name", "value", "below", "told"),
    [
        ("title", "a", None, ("add", [("a", "")])),
        ("title", "b", "a", ("replace", [("b", "")])),
        ("title", None, "a", ("delete", [])),
        ("mails", ["b", "c"], ["a", "b"], ("update", [("a", "delete"), ("c", "add")])),
        ("mails", ["a"], None, ("add", [("a", "")])),
        ("unknown", ["a", "b"], ["a"], ("update", [("b", "add")])),
    ],
)
def test_an_attribute_of_an_update(name, value, below, told):
    assert attribute_delta(SCHEMA, name, value, below) == told


def test_a_rename_and_a_reference_to_an_object_that_is_gone():
    xml = XmlWriter()
    subject = Subject("CN=Ana", "user", SCHEMA, {}.get, b"\x01")
    write_delta(xml, subject, Operation.UPDATE, {"manager": 7}, {}, "CN=Bo")
    delta = read_document(xml.text(), "delta")
    assert delta.attributes == {"operation": "update", "dn": "CN=Ana", "newdn": "CN=Bo"}
    assert delta.text_at("dn-attr/dn-value/dn") == "#7"
    assert delta.text_at("anchor") == "AQ=="
