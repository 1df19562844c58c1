"""Entries out of octets: types, several values, ranges, what does not fit, and hostile octets."""

from __future__ import annotations

import random

import pytest

from engine.connectors.active_directory.entry_mapping import object_type_of
from engine.connectors.active_directory.entry_reading import ReadPlan, read_entries, read_typed_entries, typed_values
from engine.model.schema import AttributeDefinition, AttributeType, Schema

T = AttributeType
SCHEMA = Schema(
    {
        name: AttributeDefinition(name, kind, many)
        for name, kind, many in (
            ("cn", T.STRING, False),
            ("description", T.STRING, True),
            ("objectGUID", T.BINARY, False),
            ("userCertificate", T.BINARY, True),
            ("userAccountControl", T.INTEGER, False),
            ("pwdLastSet", T.INTEGER, False),
            ("isCriticalSystemObject", T.BOOLEAN, False),
            ("otherNumbers", T.INTEGER, True),
            ("manager", T.REFERENCE, False),
            ("member", T.REFERENCE, True),
        )
    }
)
GUID = bytes(range(16))


def tlv(tag: int, *parts: bytes, long: bool = False) -> bytes:
    content = b"".join(parts)
    if len(content) < 128 and not long:
        return bytes([tag, len(content)]) + content
    return bytes([tag, 0x84]) + len(content).to_bytes(4, "big") + content


def message(dn: str, attributes: dict[str, list[bytes]], *, tag: int = 0x64, long: bool = False) -> bytes:
    rows = [
        tlv(0x30, tlv(4, name.encode()), tlv(0x31, *(tlv(4, v) for v in values), long=long), long=long)
        for name, values in attributes.items()
    ]
    operation = tlv(tag, tlv(4, dn.encode(), long=long), tlv(0x30, *rows, long=long), long=long)
    return tlv(0x30, tlv(2, b"\x07"), operation, long=long)


def plan(*attributes: str, aside: tuple[str, ...] = ()) -> ReadPlan:
    return ReadPlan(SCHEMA, attributes or SCHEMA.attributes, object_type_of(("user", "group")), aside)


PERSON = {
    "objectClass": [b"top", b"person", b"user"],
    "objectGUID": [GUID],
    "cn": ["Añá".encode()],
    "description": [b"one"],
    "userAccountControl": [b"512"],
    "pwdLastSet": [b"133013592072266832"],
    "isCriticalSystemObject": [b"TRUE"],
    "otherNumbers": [b"1", b"-2"],
    "manager": [b"CN=Boss,DC=contoso,DC=com"],
    "userCertificate": [b"\x30\x80" * 100, b"\xff"],
    "member": [b"CN=a", b"CN=b" * 60, b"CN=c"],
}


@pytest.mark.parametrize("long", [False, True], ids=["short lengths", "Active Directory's long lengths"])
def test_every_type(long: bool) -> None:
    (entry,) = read_typed_entries(message("CN=Añá,DC=contoso,DC=com", PERSON, long=long), plan())
    assert entry.dn == "CN=Añá,DC=contoso,DC=com"
    assert (entry.anchor, entry.object_type, entry.error) == (GUID, "user", None)
    assert entry.attributes == {
        "objectGUID": GUID,
        "cn": "Añá",
        "description": ["one"],
        "userAccountControl": 512,
        "pwdLastSet": 133013592072266832,
        "isCriticalSystemObject": True,
        "otherNumbers": [1, -2],
        "manager": "CN=Boss,DC=contoso,DC=com",
        "userCertificate": [b"\x30\x80" * 100, b"\xff"],
        "member": ["CN=a", "CN=b" * 60, "CN=c"],
    }
    assert entry.attributes["isCriticalSystemObject"] is True


def test_only_the_selected_attributes_in_the_schemas_spelling() -> None:
    (entry,) = read_typed_entries(message("CN=a", {**PERSON, "CN": [b"x"], "unknown": [b"1"]}), plan("cn"))
    assert entry.attributes == {"cn": "x"}
    assert entry.anchor == GUID


def test_references_and_other_messages_are_passed_over() -> None:
    block = message("CN=a", PERSON) + message("ldap://child", {}, tag=0x73) + message("CN=b", PERSON)
    assert [e.dn for e in read_typed_entries(block, plan("cn"))] == ["CN=a", "CN=b"]
    assert [dn for dn, _ in read_entries(block)] == [b"CN=a", b"CN=b"]


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"cn": [b"a", b"b"]}, "multi-single-mismatch"),
        ({"cn": [b"\xff\xfe"]}, "invalid-attribute-value"),
        ({"userAccountControl": [b"many"]}, "invalid-attribute-value"),
        ({"isCriticalSystemObject": [b"yes"]}, "invalid-attribute-value"),
        ({"userAccountControl": [b"1", b"2"]}, "multi-single-mismatch"),
    ],
)
def test_a_value_that_does_not_fit_harms_only_its_object(attributes: dict[str, list[bytes]], error: str) -> None:
    block = message("CN=bad", {**attributes, "objectGUID": [GUID]}) + message("CN=good", PERSON)
    bad, good = read_typed_entries(block, plan())
    assert bad.error == error
    assert good.error is None
    assert good.attributes["cn"] == "Añá"


def test_emptied_ranged_and_set_aside() -> None:
    attributes = {
        "cn": [],
        "member;range=0-1": [b"CN=a", b"CN=b"],
        "isDeleted": [b"TRUE"],
        "name": [],
        "unknown;range=0-1": [b"x"],
    }
    (entry,) = read_typed_entries(message("CN=a", attributes), plan("cn", "member", aside=("isDeleted", "name")))
    assert entry.emptied == ["cn"]
    assert entry.aside == {"member;range=0-1": [b"CN=a", b"CN=b"], "isDeleted": [b"TRUE"], "name": []}


def test_unselected_types_are_known_to_be_unselected() -> None:
    block = message("CN=a", {"objectClass": [b"top", b"user", b"computer"]}) + message("CN=b", {})
    computer, unknown = read_typed_entries(block, plan())
    assert (computer.object_type, computer.object_type_known) == (None, True)
    assert (unknown.object_type, unknown.object_type_known) == (None, False)


def test_hostile_octets_end_in_an_error_never_in_a_hang() -> None:
    source = random.Random("seed/hostile")
    block = message("CN=a,DC=contoso,DC=com", PERSON) * 3
    ended = 0
    for _ in range(3000):
        octets = bytearray(block)
        for _ in range(source.randint(1, 6)):
            octets[source.randrange(len(octets))] = source.randrange(256)
        octets = octets[: source.randint(1, len(octets))]
        for reader in (lambda b: read_typed_entries(b, plan()), lambda b: list(read_entries(b))):
            try:
                reader(bytes(octets))
            except (IndexError, ValueError):
                ended += 1
    assert ended > 100


def test_typed_values() -> None:
    assert typed_values([b"1", b"2"], T.INTEGER) == [1, 2]
    assert typed_values([b"CN=a"], T.REFERENCE) == ["CN=a"]
