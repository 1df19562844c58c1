"""Removals under a name that is not known: the attribute is read whole."""

from __future__ import annotations

import pytest

from engine.connectors.connector import ImportedObject, ImportKind, ValueChanges
from engine.run.unclear_removals import read_unclear

ANA, BOB, MOVED = "CN=Ana,DC=contoso,DC=com", "CN=Bob,DC=contoso,DC=com", "CN=Uma,DC=emea,DC=contoso,DC=com"


def delta(**attributes) -> ImportedObject:
    return ImportedObject(ImportKind.CHANGE, "CN=Group,DC=contoso,DC=com", b"g", "group", dict(attributes))


@pytest.mark.parametrize(
    ("changes", "whole", "expected"),
    [
        (ValueChanges((), (MOVED,)), [ANA], [ANA]),
        (ValueChanges((BOB,), (ANA, MOVED)), [BOB], [BOB]),
        (ValueChanges((), (MOVED,)), None, None),
        (ValueChanges((), (ANA,)), [BOB], ValueChanges((), (ANA,))),
        (ValueChanges((MOVED,), ()), [BOB], ValueChanges((MOVED,), ())),
        ([ANA], [BOB], [ANA]),
    ],
)
def test_what_is_put_in_place(changes, whole, expected) -> None:
    each = delta(member=changes)
    read_unclear([each], {"member"}, lambda dns: {ANA, BOB} & set(dns), lambda anchor: delta(member=whole))
    assert each.attributes["member"] == expected


def test_an_object_that_is_gone_keeps_its_change_and_other_attributes_are_left_alone() -> None:
    changes = ValueChanges((), (MOVED,))
    each = delta(member=changes, title=ValueChanges((), ("x",)))
    read_unclear([each], {"member"}, lambda dns: (), lambda anchor: None)
    assert each.attributes == {"member": changes, "title": ValueChanges((), ("x",))}
