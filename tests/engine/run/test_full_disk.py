"""A disk that is full in any step: the run says so, nothing is half-done, and with room the next cycles go on.

Source: run result stopped-database-disk-full, facts "engine" 5.2; ledger crash.database-full.
"""

from __future__ import annotations

import pytest

from engine.run.since_full import SinceFull
from engine.store.database import DatabaseFull

ENTRA = "contoso.onmicrosoft.com - AAD"
FULL = "stopped-database-disk-full"
PROFILES = ("Full Import", "Full Synchronization", "Export")


@pytest.fixture
def world(deploy):
    made = deploy(anchor="objectGUID")
    for number in range(60):
        made.contoso.add(f"Person {number}", info="x" * 400)
    made.contoso.add("Team", "group", member=[made.contoso.dn(guid) for guid in list(made.contoso.objects)[:9]])
    return made


def fill(world, spare=0):
    """Leave room for so many pages, inside the file and behind it."""
    one = world.server.database.connection.execute
    one("VACUUM")
    held = one("PRAGMA page_count").fetchone()[0]
    one(f"PRAGMA max_page_count = {held + spare}")


def make_room(world):
    world.server.database.connection.execute("PRAGMA max_page_count = 1000000")


def contents(world):
    """Everything but the run history."""
    one = world.server.database.connection.execute
    tables = ("cs", "mv", "join_value", "reference", "watermark", "object_error")
    return {table: one(f"SELECT * FROM {table}").fetchall() for table in tables}


@pytest.mark.parametrize("spare", [0, 1, 3])
def test_an_import_that_finds_the_disk_full(world, spare):
    fill(world, spare)
    before = contents(world)
    run = world.run("contoso.com", "Full Import")
    assert run.result == FULL
    assert contents(world) == before
    assert world.server.configuration.watermark(1, "part-contoso.com") is None
    make_room(world)
    world.cycle(initial=True)
    world.cycle()
    assert len(world.tenant.objects) == 61
    assert len(world.tenant.by_name("Team")["member"]) == 9
    assert world.cycle()[ENTRA, "Export"].steps[0].statistics.counters == {}


def test_a_synchronization_that_finds_the_disk_full(world):
    world.run("contoso.com", "Full Import")
    fill(world, 2)
    before = contents(world)
    assert world.run("contoso.com", "Full Synchronization").result == FULL
    assert contents(world) == before
    make_room(world)
    assert world.run("contoso.com", "Full Synchronization").result == "success"
    assert world.run(ENTRA, "Export").counter("ExportAdd") == 61


def test_an_export_whose_answers_find_no_room_sends_again_and_makes_nothing_twice(world):
    for profile in PROFILES[:2]:
        world.run("contoso.com", profile)
    take = world.tenant._take

    def with_a_long_anchor(change):
        answer = take(change)
        held = world.tenant.objects[bytes.fromhex(change.dn[4:-1]).decode()]
        held["cloudAnchor"] = answer.anchor = str(held["cloudAnchor"])[:40].ljust(3000, "x")
        return answer

    world.tenant._take = with_a_long_anchor
    fill(world)
    assert world.run(ENTRA, "Export").result == FULL
    assert world.tenant.batches[0]
    assert world.pending_exports() == 61
    make_room(world)
    world.cycle()
    world.cycle()
    assert len(world.tenant.objects) == 61
    assert world.cycle()[ENTRA, "Export"].steps[0].statistics.counters == {}


def test_the_history_tells_of_it_as_soon_as_there_is_room(world):
    fill(world)
    results = [world.run("contoso.com", "Full Import").result for _ in range(40)]  # until not even a run fits
    assert set(results) == {FULL}
    make_room(world)
    world.run("contoso.com", "Full Import")
    told = [run.result for run in world.server.history.runs()]
    assert told[0] == "success"
    assert set(told[1:]) == {FULL}
    assert "in-progress" not in told


def test_what_a_full_run_settles_stays_open(world, monkeypatch):
    noted = SinceFull.note

    def note_until_the_disk_is_full(*given):
        noted(*given)
        raise DatabaseFull

    monkeypatch.setattr(SinceFull, "note", note_until_the_disk_is_full)
    one = world.server.database.connection.execute
    before = one("SELECT * FROM fact ORDER BY name").fetchall()
    assert world.run("contoso.com", "Full Import").result == FULL
    assert one("SELECT * FROM fact ORDER BY name").fetchall() == before
    monkeypatch.undo()
    assert world.run("contoso.com", "Full Import").result == "success"
    assert [run.result for run in world.server.history.runs()] == ["success", FULL]
