"""The schema tables: definitions the fact pages name, link pairs, class contents, the Exchange switch."""

import pytest

from emulators.directory.core.schema import Schema, attid, load_schema


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load_schema(False)


@pytest.mark.parametrize(
    ("name", "oid", "syntax", "single", "search_flags", "link_id"),
    [
        ("objectGUID", "1.2.840.113556.1.4.2", "2.5.5.10", True, 9, 0),
        ("mS-DS-ConsistencyGuid", "1.2.840.113556.1.4.1360", "2.5.5.10", True, 0, 0),
        ("member", "2.5.4.31", "2.5.5.1", False, 0, 2),
        ("memberOf", "1.2.840.113556.1.2.102", "2.5.5.1", False, 16, 3),
        ("proxyAddresses", "1.2.840.113556.1.2.210", "2.5.5.12", False, 5, 0),
        ("msDS-KeyCredentialLink", "1.2.840.113556.1.4.2328", "2.5.5.7", False, 0, 2220),
    ],
)
def test_attributes(
    schema: Schema, name: str, oid: str, syntax: str, single: bool, search_flags: int, link_id: int
) -> None:
    attribute = schema.attribute(name.upper())
    assert attribute is not None
    assert (attribute.name, attribute.oid, attribute.attribute_syntax) == (name, oid, syntax)
    assert (attribute.single, attribute.search_flags, attribute.link_id) == (single, search_flags, link_id)


@pytest.mark.parametrize(
    ("forward", "back"), [("member", "memberof"), ("manager", "directreports"), ("managedby", "managedobjects")]
)
def test_link_pairs(schema: Schema, forward: str, back: str) -> None:
    assert schema.back_link(forward) == back
    assert schema.forward_link(back) == forward
    assert schema.back_link(back) is None


def test_class_chain_and_contents(schema: Schema) -> None:
    assert schema.chain("inetOrgPerson") == ("top", "person", "organizationalPerson", "user", "inetOrgPerson")
    assert {"mail", "samaccountname", "proxyaddresses", "ms-ds-consistencyguid", "manager"} <= schema.allowed("user")
    assert "member" not in schema.allowed("user")
    assert "organizationalunit" in schema.possible_superiors("user")
    assert schema.chain("nosuchclass") == ()


def test_every_definition_can_be_built() -> None:
    schema = Schema(exchange=True)
    oids = [a.oid for name in schema.attribute_names() if (a := schema.attribute(name)) is not None]
    assert len(oids) == len(set(oids)) == len(schema.attribute_names())
    for name in schema.class_names():
        for attribute in schema.allowed(name) | schema.required(name):
            assert schema.attribute(attribute) is not None, (name, attribute)


def test_exchange_attributes_come_with_their_switch(schema: Schema) -> None:
    assert schema.attribute("mailNickname") is None
    exchange = load_schema(True)
    assert exchange.attribute("mailNickname") is not None
    for kind in ("user", "group", "contact"):
        assert {"mailnickname", "msexchhidefromaddresslists", "extensionattribute15"} <= exchange.allowed(kind)


@pytest.mark.parametrize(
    ("oid", "number"), [("1.2.840.113556.1.4.90", 0x9005A), ("1.2.840.113556.1.4.656", 0x90290), ("2.5.4.42", 0x2A)]
)
def test_attid(oid: str, number: int) -> None:
    assert attid(oid) == number
