"""Records in order, numbered, with plain values."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.lab.clock import VirtualClock
from harness.timeline import Record, Timeline, settled


def test_records_are_numbered_and_plain() -> None:
    clock = VirtualClock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    timeline = Timeline(clock)
    timeline.sink({"at": "t", "actor": "contoso.com", "kind": "ldap.bind", "value": b"\x01"})
    timeline.observer("SYNC1")("engine.run", {"names": ("a", "b"), "set": {"y", "x"}})
    mark = timeline.mark()
    timeline.note("stage.step", step=1)
    assert [record["kind"] for record in timeline.since(mark)] == ["stage.step"]
    first, second, third = timeline.numbered()
    assert first == {"n": 1, "at": "t", "actor": "contoso.com", "kind": "ldap.bind", "value": {"base64": "AQ=="}}
    assert second["actor"] == "SYNC1"
    assert (second["names"], second["set"]) == (["a", "b"], ["x", "y"])
    assert third["at"] == "2026-03-02T08:00:00.000000Z"


def record(actor: str, kind: str, n: int) -> Record:
    return {"actor": actor, "kind": kind, "n": n}


def test_read_ahead_does_not_show() -> None:
    """Wherever the record of the next page falls among the hops of the staging, the order is the same."""
    first, second = record("AD", "ldap.search", 1), record("AD", "ldap.search", 2)
    hops = [record("SYNC1", "engine.import", n) for n in range(4)]
    end = [record("SYNC1", "engine.run", 9), record("AD", "ldap.search", 10)]
    orders = [settled([first, *hops[:at], second, *hops[at:], *end]) for at in range(4)]
    assert all(order == [first, second, *hops, *end] for order in orders)


def test_other_records_stay_where_they_are() -> None:
    hop = record("SYNC1", "engine.import", 1)
    for story in (
        [record("AD", "ldap.search", 1), hop, record("AD", "ldap.modify", 2)],
        [record("AD", "ldap.search", 1), hop, record("T", "tenant.sync-service.call", 2)],
        [record("SYNC1", "engine.run", 1), hop, record("AD", "ldap.search", 2)],
        [hop],
    ):
        assert settled(story) == story
