"""Connector-space objects found by the values an outbound rule joins on."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.model.cs_object import CSObject, Kind
from engine.store.database import Database
from engine.store.objects import write_cs
from engine.store.space_index import SpaceIndex
from engine.store.workspace import StoredWorkspace


def user(number: int, connector: int = 1, kind: Kind = Kind.STAGING, **attributes) -> CSObject:
    cs = CSObject(number, connector, "user", f"CN=User {number},DC=contoso,DC=com", bytes([number]), kind=kind)
    cs.base = attributes
    return cs


@pytest.fixture
def database(tmp_path: Path):
    held = Database(tmp_path / "ADSync.db", create=True)
    with held.transaction() as connection:
        changed = user(4, mail="old@contoso.com")
        changed.pending = {"mail": "new@contoso.com"}
        write_cs(
            connection,
            [
                user(1, mail="Ana@contoso.com"),
                user(2, connector=2, mail="ana@contoso.com"),
                user(3, otherMailbox=["x@contoso.com", "ana@contoso.com"]),
                changed,
                user(5, kind=Kind.PLACEHOLDER, mail="ana@contoso.com"),
            ],
        )
    yield held
    held.close()


@pytest.fixture
def workspace(database):
    return StoredWorkspace(database, join_attributes=(), entra_connectors=frozenset())


@pytest.mark.parametrize(
    ("attribute", "value", "exact", "expected"),
    [
        ("mail", "ana@CONTOSO.com", False, [1]),
        ("mail", "ana@contoso.com", True, []),
        ("mail", "Ana@contoso.com", True, [1]),
        ("otherMailbox", "ana@contoso.com", False, [3]),
        ("mail", "new@contoso.com", False, [4]),
        ("mail", "old@contoso.com", False, []),
        ("title", "ana@contoso.com", False, []),
    ],
)
def test_objects_are_found_by_what_they_hold_by_now(workspace, attribute, value, exact, expected):
    assert [cs.number for cs in workspace.find_cs(1, "user", attribute, value, exact)] == expected


def test_another_type_is_not_looked_through(workspace):
    assert workspace.find_cs(1, "group", "mail", "ana@contoso.com", False) == []


def test_what_the_step_provisions_is_found_too(workspace):
    assert workspace.find_cs(1, "user", "mail", "bo@contoso.com", False) == []
    workspace.begin()
    made = workspace.create_cs(1, "user", "CN=Bo,DC=contoso,DC=com")
    made.unapplied = {"mail": "bo@contoso.com"}
    workspace.keep()
    assert workspace.find_cs(1, "user", "mail", "bo@contoso.com", False) == [made]


def test_what_a_failed_object_provisioned_is_not(workspace):
    workspace.find_cs(1, "user", "mail", "bo@contoso.com", False)
    workspace.begin()
    workspace.create_cs(1, "user", "CN=Bo,DC=contoso,DC=com").unapplied = {"mail": "bo@contoso.com"}
    workspace.undo()
    assert workspace.find_cs(1, "user", "mail", "bo@contoso.com", False) == []


def test_objects_not_written_yet_count_when_the_first_question_comes(database):
    index = SpaceIndex(database.connection)
    assert not index.asked
    unsaved = user(9, mail="bo@contoso.com")
    assert index.find(1, "user", "mail", "bo@contoso.com", [unsaved, user(10, 2, mail="bo@contoso.com")]) == [9]
    assert index.asked


def test_a_renamed_export_is_found_under_its_new_name_only(workspace):
    workspace.begin()
    made = workspace.create_cs(1, "user", "CN=Old,DC=contoso,DC=com")
    workspace.rename(made, "CN=New,DC=contoso,DC=com")
    workspace.keep()
    assert workspace.find_cs_by_dn(1, "cn=new,dc=contoso,dc=com") is made
    assert workspace.find_cs_by_dn(1, "CN=Old,DC=contoso,DC=com") is None
    with workspace.connection:
        workspace.flush()
    assert workspace.find_cs_by_dn(1, "CN=Old,DC=contoso,DC=com") is None
    found = workspace.find_cs_by_dn(1, "CN=New,DC=contoso,DC=com")
    assert found is not None
    assert found.dn == "CN=New,DC=contoso,DC=com"


def test_a_rename_is_taken_back_with_its_object(workspace):
    workspace.begin()
    made = workspace.create_cs(1, "user", "CN=Old,DC=contoso,DC=com")
    workspace.keep()
    workspace.begin()
    workspace.rename(made, "CN=New,DC=contoso,DC=com")
    workspace.undo()
    assert workspace.find_cs_by_dn(1, "CN=New,DC=contoso,DC=com") is None
    assert made.dn == "CN=Old,DC=contoso,DC=com"
