from __future__ import annotations

import pytest

from engine.model.schema import AttributeType
from engine.model.schema_table import schema_from_rows
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.setup.server_configuration import read_server_configuration


def test_types_and_their_sizes():
    assert {name: len(found) for name, found in METAVERSE_SCHEMA.object_types.items()} == {
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
    assert real.object_types == METAVERSE_SCHEMA.object_types
    for name, definition in METAVERSE_SCHEMA.attributes.items():
        assert real.attributes[name] == definition


def test_a_table_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="cn is described twice"):
        schema_from_rows([("person", "string", "cn"), ("group", "binary", "cn")])
