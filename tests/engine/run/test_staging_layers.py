"""What a report does to the layers of one object: pure, row by row. Source: facts "engine" 1.4, 1.5, 1.7."""

from __future__ import annotations

import pytest

from engine.connectors.connector import ImportedObject, ImportKind
from engine.model.change import Operation
from engine.model.cs_object import CSObject
from engine.run.export_step import _acknowledge
from engine.run.staging import confirm, repoint, stage_new

NONE, ADD, UPDATE = Operation.NONE, Operation.ADD, Operation.UPDATE


def held(**layers: object) -> CSObject:
    cs = CSObject(1, 1, "user", "CN=Ana", b"1")
    for name, value in layers.items():
        setattr(cs, name, value)
    return cs


@pytest.mark.parametrize(
    ("layers", "imported", "waits"),
    [
        ({"base": {"member": [1, 2]}}, {"member": [2]}, UPDATE),
        ({"base": {"member": [1, 3]}}, {"member": [2, 3]}, UPDATE),
        ({"base": {"manager": 1, "size": 1}}, {"manager": 2, "size": 1}, UPDATE),
        ({"base": {"member": [3]}}, {"member": [3]}, NONE),
        ({"base": {}, "pending": {"member": [1]}, "pending_import": UPDATE}, {"member": [2]}, UPDATE),
        ({"base": {"member": [1, 2]}, "pending_import": ADD}, {"member": [2]}, ADD),
    ],
)
def test_who_is_known_by_another_number(layers, imported, waits):
    cs = held(**layers)
    repoint(cs, frozenset({"member", "manager"}), 1, 2)
    assert (cs.imported(), cs.pending_import) == (imported, waits)


@pytest.mark.parametrize(
    ("exported", "after", "seen", "missing", "left"),
    [
        ({"title": "Lead"}, {"title": "Lead"}, None, {}, None),
        ({"title": "Lead"}, {"title": "Clerk"}, None, {"title": "Lead"}, None),
        ({"title": None}, {}, None, {}, None),
        ({"title": "Lead", "mail": "m"}, {"title": "Lead"}, {"title"}, {}, {"mail": "m"}),
        ({"title": "Lead", "mail": "m"}, {"title": "Clerk"}, {"title"}, {"title": "Lead"}, {"mail": "m"}),
        ({"mail": "m"}, {"mail": "m"}, {"title"}, {}, None),
    ],
)
def test_what_was_exported_and_what_came_back(exported, after, seen, missing, left):
    cs = held(unconfirmed=exported, unconfirmed_operation=UPDATE)
    assert confirm(cs, after, seen if seen is None else frozenset(seen)) == missing
    assert (cs.unconfirmed, cs.unconfirmed_operation) == (left, UPDATE if left else NONE)


def test_an_add_whose_answer_was_lost_is_a_change_from_then_on():
    cs = held(anchor=None, mv=7, pending_export=ADD, unapplied={"title": "Lead"})
    report = ImportedObject(ImportKind.FULL, "CN=Ana", "User_1", "user", {"title": "Lead"})
    assert stage_new(cs, report) == "StageAdd"
    assert (cs.anchor, cs.pending_import, cs.pending_export) == ("User_1", ADD, UPDATE)


@pytest.mark.parametrize(
    ("layers", "unconfirmed", "operation"),
    [
        ({"pending_export": UPDATE, "unapplied": {"title": "Lead", "cn": None}}, {"title": "Lead", "cn": None}, UPDATE),
        (
            {
                "pending_export": UPDATE,
                "unapplied": {"title": "Lead", "cn": None},
                "unconfirmed": {"mail": "m", "cn": "Ana"},
                "unconfirmed_operation": ADD,
            },
            {"mail": "m", "title": "Lead", "cn": None},
            ADD,
        ),
        ({"pending_export": Operation.DELETE, "unconfirmed": {"mail": "m"}}, None, Operation.DELETE),
        ({"pending_export": ADD, "unapplied": {"title": "Lead"}}, {"title": "Lead"}, ADD),
    ],
)
def test_what_was_sent_waits_beside_what_waits_already(layers, unconfirmed, operation):
    cs = held(**layers)
    _acknowledge(cs)
    assert (cs.unconfirmed, cs.unconfirmed_operation) == (unconfirmed, operation)
    assert (cs.unapplied, cs.pending_export) == (None, NONE)
