"""Records in order, numbered, with plain values."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.lab.clock import VirtualClock
from harness.timeline import Timeline


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
