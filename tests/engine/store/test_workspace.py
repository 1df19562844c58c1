"""One object's transaction: what fails leaves nothing behind, what goes takes its look-ups along."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.model.cs_object import CSObject, Kind
from engine.store import workspace as workspace_module
from engine.store.database import Database
from engine.store.objects import CS_COLUMNS, read_cs, write_cs
from engine.store.workspace import StoredWorkspace

BASE = "OU=Staff,DC=contoso,DC=com"


def user(number: int, connector: int, mv: int = 0) -> CSObject:
    cs = CSObject(number, connector, "user", f"CN=User {number},{BASE}", bytes([number]))
    cs.mv, cs.owned = mv, connector == 2
    return cs


class Store:
    def __init__(self, path: Path) -> None:
        self.database = Database(path / "ADSync.db", create=True)
        with self.database.transaction() as connection:
            write_cs(connection, [user(1, 1), user(2, 2), user(3, 1)])
        self.space = self.step()

    def step(self) -> StoredWorkspace:
        made = StoredWorkspace(self.database, join_attributes=("mail",), entra_connectors=frozenset())
        made._spaces_stored = {1, 2}  # the database knows no connectors here
        return made

    def save(self) -> None:
        with self.database.transaction():
            self.space.flush()

    def person(self, *linked: int, **values: object) -> int:
        """A metaverse object with these values, made and saved."""
        self.space.begin()
        mv = self.space.create_mv("person")
        self.space.touch(mv)
        mv.values = values  # type: ignore[assignment]
        for number in linked:
            cs = self.space.cs(number)
            assert cs is not None
            self.space.link(cs, mv.number)
        self.space.keep()
        self.save()
        return mv.number

    def found(self, mail: str) -> list[int]:
        return list(self.space.find_mv("person", "mail", mail, False))

    def hashes(self) -> int:
        return self.database.connection.execute("SELECT count(*) FROM join_value").fetchone()[0]

    def row(self, number: int) -> CSObject:
        return read_cs(
            self.database.connection.execute(f"SELECT {CS_COLUMNS} FROM cs WHERE number = ?", (number,)).fetchone()
        )


@pytest.fixture
def store(tmp_path: Path):
    made = Store(tmp_path)
    yield made
    made.database.close()


def test_every_slot_of_a_failed_object_is_as_before(store):
    cs = store.space.cs(2)
    slots = [slot for slot in CSObject.__slots__ if slot not in ("keys", "mv")]
    before = {slot: getattr(cs, slot) for slot in slots}
    store.space.begin()
    store.space.touch(cs)
    for slot in slots:
        setattr(cs, slot, "another")
    store.space.undo()
    assert {slot: getattr(cs, slot) for slot in slots} == before


def test_a_link_that_was_taken_back_leads_nowhere(store):
    mv = store.person(1)
    store.space.begin()
    store.space.link(store.space.cs(2), mv)
    assert store.space.counterparts(2, [1]) == {1: 2}
    store.space.undo()
    assert store.space.counterparts(2, [1]) == {}
    assert [cs.number for cs in store.space.linked(mv)] == [1]


@pytest.mark.parametrize("saved", [False, True])
def test_a_link_that_ended_leads_nowhere(store, saved):
    mv = store.person(1, 2)
    assert store.space.counterparts(2, [1]) == {1: 2}
    store.space.begin()
    store.space.link(store.space.cs(2), 0)
    store.space.keep()
    if saved:
        store.save()
    assert store.space.counterparts(2, [1]) == {}
    assert [cs.number for cs in store.space.linked(mv)] == [1]


def test_join_values_go_with_their_object(store):
    store.person(1, mail="ana@x")
    store.space = store.step()
    assert store.hashes() == 1
    store.space.begin()
    store.space.remove_mv(store.space.mv(1))
    store.space.keep()
    store.save()
    assert (store.found("ana@x"), store.hashes()) == ([], 0)


def test_a_value_that_changed_twice_in_a_batch_leaves_no_old_one(store):
    number = store.person(1, mail="one@x")
    store.space = store.step()
    for mail in ("two@x", "three@x"):
        store.space.begin()
        mv = store.space.mv(number)
        store.space.touch(mv)
        mv.values = {"mail": mail}
        store.space.keep()
    store.save()
    assert store.hashes() == 1
    store.space = store.step()
    assert [store.found(mail) for mail in ("one@x", "two@x", "three@x")] == [[], [], [number]]


def test_a_hash_alone_finds_nobody(store, monkeypatch):
    monkeypatch.setattr(workspace_module, "join_key", lambda attribute, value: 1)
    number = store.person(1, mail="ana@x")
    assert (store.found("bo@x"), store.found("ANA@x")) == ([], [number])


def test_who_is_referred_to_stays_by_name_only(store):
    with store.database.transaction() as connection:
        connection.execute("INSERT INTO reference VALUES (1, 3)")
    store.space.begin()
    store.space.remove_cs(store.space.cs(1))
    store.space.keep()
    store.save()
    left = store.row(1)
    assert (left.kind, left.anchor, left.object_type, left.dn) == (Kind.PLACEHOLDER, None, "", f"CN=User 1,{BASE}")
    keys = store.database.connection.execute("SELECT anchor_hash FROM cs WHERE number = 1").fetchone()
    assert keys == (None,)


def test_a_new_link_concerns_whoever_refers_to_the_object_at_the_other_end(store):
    """Boss (1) is referred to by 3; that the tenant's object (2) was linked to Boss lets 3's reference through."""
    boss, ana = store.person(1, 2), store.person(3)
    with store.database.transaction() as connection:
        connection.execute("INSERT INTO reference VALUES (1, 3)")
    assert store.space.referrers_of([2]) == {ana}
    assert store.space.referrers_of([1]) == {ana}
    assert store.space.referrers_of([3]) == set()
    assert boss != ana


def test_another_name_is_saved_with_its_key(store):
    store.space.begin()
    store.space.rename(store.space.cs(2), f"CN=Other,{BASE}")
    store.space.keep()
    store.save()
    assert store.row(2).dn == f"CN=Other,{BASE}"
    store.space = store.step()
    found = store.space.find_cs_by_dn(2, f"cn=other,{BASE}")
    assert found is not None
    assert found.number == 2
    assert store.space.find_cs_by_dn(2, f"CN=User 2,{BASE}") is None
