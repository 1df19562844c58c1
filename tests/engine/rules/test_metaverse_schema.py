from __future__ import annotations

import pytest

from engine.model.schema import AttributeType
from engine.model.schema_table import schema_from_rows
from engine.rules.metaverse_schema import METAVERSE_ROWS, METAVERSE_SCHEMA
from engine.setup.configuration.server_configuration import read_server_configuration


def test_types_and_their_sizes():
    before = schema_from_rows(METAVERSE_ROWS)
    assert {name: len(found) for name, found in before.object_types.items()} == {
        "person": 182,
        "group": 86,
        "device": 29,
    }


@pytest.mark.parametrize(
    ("name", "kind", "many", "indexed"),
    [
        ("proxyAddresses", AttributeType.STRING, True, True),
        ("description", AttributeType.STRING, False, True),
        ("member", AttributeType.REFERENCE, True, False),
        ("manager", AttributeType.REFERENCE, False, False),
        ("sourceAnchorBinary", AttributeType.BINARY, False, True),
        ("userCertificate", AttributeType.BINARY, True, False),
        ("cloudFiltered", AttributeType.BOOLEAN, False, False),
        ("memberCount", AttributeType.INTEGER, False, False),
        ("pwdLastSet", AttributeType.STRING, False, True),
    ],
)
def test_attributes(name, kind, many, indexed):
    found = METAVERSE_SCHEMA.attributes[name]
    assert (found.type, found.multivalued, found.indexable) == (kind, many, indexed)


@pytest.mark.real_input
def test_it_is_the_metaverse_of_a_real_server(real_configuration):
    real = read_server_configuration(real_configuration).metaverse
    before = schema_from_rows(METAVERSE_ROWS)
    assert real.object_types == before.object_types
    for name, definition in before.attributes.items():
        assert real.attributes[name] == definition


def test_what_later_builds_added_is_there_too():
    before = schema_from_rows(METAVERSE_ROWS)
    assert METAVERSE_SCHEMA.attributes.keys() - before.attributes.keys() == {"cloudNoFlow"}
    assert "cloudNoFlow" in METAVERSE_SCHEMA.object_types["person"] & METAVERSE_SCHEMA.object_types["group"]


def test_a_table_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="cn is described twice"):
        schema_from_rows([("person", "string", "cn"), ("group", "binary", "cn")])
