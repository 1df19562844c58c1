"""The stories of rows 8 and 9 at toy size: the work that is timed was really done."""

from __future__ import annotations

import pytest

from harness.bench import cycle_story
from harness.bench.initial_cycle import CycleFailedError


def test_the_initial_story_tells_time_and_memory() -> None:
    figures = cycle_story.tell("initial", 20, None)
    assert 0 < figures["sync AD"] < figures["seconds"]
    assert 0 < figures["GiB"] < 2


def test_delta_cycles_come_after_the_initial_one() -> None:
    figures = cycle_story.tell("delta", 200, None)
    assert {"idle", "changed", "confirming"} <= figures.keys()


def test_a_delta_cycle_that_carries_nothing_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycle_story, "_change", lambda _lab, _people: None)
    with pytest.raises(CycleFailedError, match="0 changes reached the tenant"):
        cycle_story.tell("delta", 200, None)


def test_one_member_leaves_and_the_tenant_hears_of_it() -> None:
    assert "member" in cycle_story.tell("group", 20, None)
