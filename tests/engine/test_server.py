"""What the composed server decides itself: what is still due after a cycle or a run. Facts "engine" 16."""

from __future__ import annotations

import sqlite3

import pytest

from engine.connectors.connector import ImportedObject, ImportKind, ImportPage
from engine.errors import ConnectorError
from engine.scheduler import PolicyType, SchedulerSettings
from engine.store.database import DatabaseFull


def test_the_cycle_after_an_initial_one_is_a_delta_again(deploy) -> None:
    world = deploy(anchor="objectGUID")
    world.contoso.add("Ana")
    world.cycle(initial=True)
    kept = [SchedulerSettings(next_sync_cycle_policy_type=PolicyType.INITIAL)]
    world.server.scheduler_settings = lambda: kept[-1]
    world.server.save_scheduler_settings = kept.append
    cycles = [world.server.start_sync_cycle(PolicyType.UNSPECIFIED) for _ in range(2)]
    assert [cycle.policy for cycle in cycles] == [PolicyType.INITIAL, PolicyType.DELTA]
    assert [cycle.result for cycle in cycles] == ["success", "success"]
    assert kept[1:] == [SchedulerSettings()]  # stored once, and nothing else changed


def kept_after(deploy, ask: PolicyType, *, stop: bool = False) -> list[SchedulerSettings]:
    """What a server that should run Initial next has stored after one cycle."""
    server = deploy().server
    kept = [SchedulerSettings(next_sync_cycle_policy_type=PolicyType.INITIAL)]
    server.scheduler_settings = lambda: kept[-1]
    server.save_scheduler_settings = kept.append
    if stop:
        run_profile = server.run_profile

        def run_and_stop(*given):
            server.run_profile = run_profile
            server.stop_sync_cycle()
            return run_profile(*given)

        server.run_profile = run_and_stop
    server.start_sync_cycle(ask)
    return kept


def test_a_delta_asked_for_does_not_take_the_initial_one_that_is_due(deploy) -> None:
    assert len(kept_after(deploy, PolicyType.DELTA)) == 1
    assert len(kept_after(deploy, PolicyType.INITIAL)) == 2


def test_an_initial_cycle_that_was_stopped_is_still_due(deploy) -> None:
    assert len(kept_after(deploy, PolicyType.UNSPECIFIED, stop=True)) == 1


def unreadable(*_given):
    yield ImportPage([ImportedObject(ImportKind.FULL, "CN=Odd", b"odd", "user", error="invalid-attribute-value")], b"1")


def refused(*_given):
    raise ConnectorError("failed-authentication", "the password is wrong", "no-start-credentials")


@pytest.mark.parametrize(
    ("profile", "reading", "result", "left"),
    [
        ("Full Import", None, "success", (False, True)),
        ("Full Import", unreadable, "completed-discovery-errors", (True, True)),
        ("Full Import", refused, "no-start-credentials", (True, True)),
        ("Full Synchronization", None, "success", (True, False)),
        ("Delta Import", None, "success", (True, True)),
    ],
)
def test_what_must_run_in_full_is_settled_by_a_run_that_came_to_its_end(deploy, profile, reading, result, left) -> None:
    world = deploy()
    world.contoso.add("Ana")
    world.run("contoso.com", "Full Import")
    ordinal, configuration = world.server.connector("contoso.com")
    world.server.connectors[ordinal] = configuration.with_(full_import_required=True, full_sync_required=True)
    if reading is not None:
        world.contoso.read_full = reading
    assert world.run("contoso.com", profile).result == result
    after = world.server.connectors[ordinal]
    assert (after.full_import_required, after.full_sync_required) == left


def as_sqlite_says_it() -> sqlite3.Error:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorname = "SQLITE_FULL"
    return full


@pytest.mark.parametrize(
    ("part", "work", "full"), [("passwords", "beat", DatabaseFull()), ("cycle", "_end", as_sqlite_says_it())]
)
def test_a_beat_on_a_full_disk_is_told_and_the_next_one_goes_on(deploy, monkeypatch, part, work, full) -> None:
    server = deploy(anchor="objectGUID").server
    server.scheduler_settings = SchedulerSettings

    def fails(*given):
        raise full

    monkeypatch.setattr(getattr(server, part), work, fails)
    server.tick(server.clock.now())
    assert 106 in [event.id for event in server.events.read()]
    monkeypatch.undo()
    assert server.start_sync_cycle(PolicyType.INITIAL).result == "completed-no-objects"
