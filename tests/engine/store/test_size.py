"""The size of a database: what is given beside the file, who frees it, and what happens at the limit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.store.database import DatabaseFull
from engine.store.size import GIGABYTE, LOCALDB_LIMIT, SQL_INSTANCE, Holds

FULL = "stopped-database-disk-full"


@pytest.fixture
def world(deploy):
    made = deploy(anchor="objectGUID")
    made.contoso.add("Ana Lopez")
    made.cycle(initial=True)
    return made


def test_a_file_counts_as_it_is(world):
    size = world.server.size
    assert 0 < size.used < GIGABYTE
    assert size.given() == 0
    assert (size.limit, size.full) == (LOCALDB_LIMIT, False)


def test_a_sql_instance_has_no_limit(world):
    world.server.database.set_fact(SQL_INSTANCE, "SQL1")
    world.server.size.grow(40 * GIGABYTE, Holds.RUN_HISTORY)
    assert (world.server.size.limit, world.server.size.full) == (None, False)
    assert world.run("contoso.com", "Delta Import").result == "success"


@pytest.mark.parametrize("holds", list(Holds))
def test_it_grows_to_the_size_asked_for_and_never_shrinks_by_growing(world, holds):
    size = world.server.size
    size.grow(4 * GIGABYTE, holds)
    assert size.used == pytest.approx(4 * GIGABYTE, abs=65536)
    size.grow(GIGABYTE, holds)
    assert size.used == pytest.approx(4 * GIGABYTE, abs=65536)


def test_cleared_runs_give_back_what_they_held(world):
    size = world.server.size
    size.grow(LOCALDB_LIMIT, Holds.RUN_HISTORY)
    assert size.full
    world.server.history.purge(world.clock.now() + timedelta(seconds=1))
    assert size.given() == 0


def test_shrinking_gives_back_white_space_alone(world):
    size = world.server.size
    size.grow(4 * GIGABYTE, Holds.OBJECTS)
    size.grow(6 * GIGABYTE, Holds.WHITE_SPACE)
    freed = size.shrink()
    assert freed == pytest.approx(2 * GIGABYTE, abs=65536)
    assert size.shrink() == 0
    assert size.used == pytest.approx(4 * GIGABYTE, abs=65536)


def test_without_runs_history_is_held_by_objects(deploy):
    size = deploy(anchor="objectGUID").server.size
    size.grow(GIGABYTE, Holds.RUN_HISTORY)
    assert size.given(Holds.OBJECTS) > 0


def test_at_the_limit_a_run_ends_before_it_does_anything(world):
    world.server.size.grow(LOCALDB_LIMIT, Holds.RUN_HISTORY)
    world.contoso.add("Ben Ode")
    run = world.run("contoso.com", "Delta Import")
    assert (run.result, run.steps[0].statistics.counters) == (FULL, {})
    with pytest.raises(DatabaseFull):
        world.server.size.leave_room()


def test_just_below_it_sqlite_refuses_the_page_too_many_and_nothing_is_half_done(world):
    size, one = world.server.size, world.server.database.connection.execute
    size.grow(LOCALDB_LIMIT - 40_000, Holds.RUN_HISTORY)
    for number in range(300):
        world.contoso.add(f"Person {number}", info="x" * 600)
    before = one("SELECT count(*) FROM cs").fetchone()
    assert not size.full
    assert world.run("contoso.com", "Delta Import").result == FULL
    assert one("SELECT count(*) FROM cs").fetchone() == before
    world.server.history.purge(world.clock.now() - timedelta(days=30))
    assert world.run("contoso.com", "Delta Import").result == FULL
    world.server.history.purge(world.clock.now() + timedelta(seconds=1))
    world.cycle()
    world.cycle()
    assert len(world.tenant.objects) == 301
