"""What a DirSync entry says about an object, which objects are searched for, what an export carries."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory import entry_mapping
from engine.connectors.active_directory.entry_mapping import (
    attributes_of_new,
    changed_object,
    full_object,
    is_deleted,
    modifications,
    must_be_read_whole,
    new_object,
    object_filter,
    object_type_of,
)
from engine.connectors.active_directory.entry_reading import TypedEntry
from engine.connectors.active_directory.ldap_client import Modification, ModifyOperation
from engine.connectors.connector import ExportChange, ExportOperation, ImportKind, ValueChanges
from engine.model.schema import AttributeDefinition, AttributeType, Schema

SCHEMA = Schema(
    {
        "member": AttributeDefinition("member", AttributeType.REFERENCE, True),
        "manager": AttributeDefinition("manager", AttributeType.REFERENCE, False),
    }
)
GUID = bytes(range(16))


def entry(**settings: object) -> TypedEntry:
    made = TypedEntry("CN=a,DC=x")
    made.anchor = GUID
    for name, value in settings.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("types", "text"),
    [
        (["group"], "(objectClass=group)"),
        (["group", "contact"], "(|(objectClass=group)(objectClass=contact))"),
        (
            ["user", "inetOrgPerson", "computer"],
            "(|(objectClass=user)(objectClass=inetOrgPerson)(objectClass=computer))",
        ),
        (
            ["user", "group", "inetOrgPerson"],
            "(&(|(objectClass=user)(objectClass=group)(objectClass=inetOrgPerson))(!(objectClass=computer)))",
        ),
        (["user"], "(&(objectClass=user)(!(objectClass=inetOrgPerson))(!(objectClass=computer)))"),
    ],
)
def test_object_filter(types: list[str], text: str) -> None:
    assert object_filter(types) == text


@pytest.mark.parametrize(
    ("selected", "classes", "object_type"),
    [
        ("user group", "top person organizationalPerson user", "user"),
        ("user inetOrgPerson", "top person organizationalPerson user inetOrgPerson", "inetOrgPerson"),
        ("user", "top person organizationalPerson user inetOrgPerson", None),
        ("user", "top person organizationalPerson user computer", None),
        ("user computer", "top person organizationalPerson user computer", "computer"),
        ("user computer", "top person organizationalPerson user computer msDS-GroupManagedServiceAccount", "computer"),
        ("user group", "TOP GROUP", "group"),
        ("user", "top container", None),
    ],
)
def test_object_type(selected: str, classes: str, object_type: str | None) -> None:
    assert object_type_of(selected.split())(tuple(classes.split())) == object_type


def test_full_objects_and_what_is_wrong_with_them() -> None:
    assert full_object(entry(object_type="user", object_type_known=True)).error is None  # type: ignore[union-attr]
    assert full_object(entry(object_type_known=True)) is None
    assert full_object(entry()).error == "missing-object-class"  # type: ignore[union-attr]
    found = full_object(entry(object_type="user", object_type_known=True, anchor=b""))
    assert found is not None
    assert found.error == "missing-anchor-component"


def test_marks_of_a_delta_entry() -> None:
    assert is_deleted(entry(aside={"isDeleted": [b"TRUE"]}))
    assert not is_deleted(entry(aside={"isDeleted": []}))
    assert must_be_read_whole(entry(aside={"isDeleted": []}))
    assert must_be_read_whole(entry(aside={"name": [b"b"]}))
    assert must_be_read_whole(entry(aside={"parentGUID": [GUID]}))
    assert not must_be_read_whole(entry(aside={"parentGUID": [GUID]}, object_type_known=True))
    assert not must_be_read_whole(entry(aside={"member;range=1-1": [b"CN=b"]}))


def test_a_changed_object_names_only_what_changed() -> None:
    changed = changed_object(
        entry(
            attributes={"title": "Lead", "objectGUID": GUID},
            emptied=["mail"],
            aside={"member;range=1-1": [b"CN=b"], "member;range=0-0": [b"CN=c", b"CN=d"]},
        ),
        SCHEMA,
    )
    assert changed.kind is ImportKind.CHANGE
    assert changed.object_type is None
    assert changed.attributes == {
        "title": "Lead",
        "mail": None,
        "member": ValueChanges(("CN=b",), ("CN=c", "CN=d")),
    }


def test_linked_values_of_a_new_object_are_its_values() -> None:
    made = entry(object_type="group", object_type_known=True, aside={"member;range=1-1": [b"CN=b", b"CN=c"]})
    found = new_object(made, SCHEMA)
    assert found is not None
    assert (found.kind, found.attributes) == (ImportKind.FULL, {"member": ["CN=b", "CN=c"]})


@pytest.mark.parametrize(
    ("value", "octets"),
    [("é", "é".encode()), (512, b"512"), (True, b"TRUE"), (False, b"FALSE"), (b"\0\1", b"\0\1")],
)
def test_octets(value: object, octets: bytes) -> None:
    assert entry_mapping.octets(value) == octets  # type: ignore[arg-type]


def test_what_an_add_carries() -> None:
    change = ExportChange(
        1,
        ExportOperation.ADD,
        "group",
        "CN=g",
        None,
        {"displayName": "G", "mail": None, "proxyAddresses": ["a", "b"]},
        {"member": ValueChanges(("CN=a",))},
    )
    assert attributes_of_new(change) == {
        "objectClass": (b"group",),
        "displayName": (b"G",),
        "proxyAddresses": (b"a", b"b"),
        "member": (b"CN=a",),
    }


def test_what_a_modify_carries() -> None:
    change = ExportChange(
        1,
        ExportOperation.UPDATE,
        "user",
        "CN=u",
        GUID,
        {"title": "Lead", "mail": None},
        {"member": ValueChanges(("CN=a",), ("CN=b",))},
    )
    assert modifications(change) == [
        Modification(ModifyOperation.REPLACE, "title", (b"Lead",)),
        Modification(ModifyOperation.REPLACE, "mail", ()),
        Modification(ModifyOperation.DELETE, "member", (b"CN=b",)),
        Modification(ModifyOperation.ADD, "member", (b"CN=a",)),
    ]


@pytest.mark.parametrize(
    ("aside", "value"),
    [
        ({"manager;range=1-1": [b"CN=b"]}, "CN=b"),
        ({"manager;range=1-1": [b"CN=b"], "manager;range=0-0": [b"CN=a"]}, "CN=b"),
        ({"manager;range=0-0": [b"CN=a"]}, None),
    ],
)
def test_a_link_with_one_end_is_a_plain_value(aside: dict[str, list[bytes]], value: str | None) -> None:
    assert changed_object(entry(aside=aside), SCHEMA).attributes == {"manager": value}
    made = new_object(entry(aside=aside, object_type="user", object_type_known=True), SCHEMA)
    assert made is not None
    assert made.attributes.get("manager") == value
