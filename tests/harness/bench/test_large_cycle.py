"""Rows 8 and 9: budgets as peers, growth against a tenth, both rule sets when there is an export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench import large_cycle
from harness.bench.initial_cycle import CycleFailedError
from harness.bench.measuring import Settings


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, str | None]]:
    """The stories asked for; each takes a millisecond a person."""
    stories: list[tuple[str, int, str | None]] = []

    def world(_settings: Settings, story: str, people: int, rules: large_cycle.Rules) -> dict[str, float]:
        stories.append((story, people, rules.folder))
        return {"seconds": people / 1000, "GiB": 1.0, "idle": 40.0, "changed": 1.0, "confirming": 2.0, "member": 6.0}

    monkeypatch.setattr(large_cycle, "_world", world)
    return stories


def test_the_large_forest_is_held_to_its_budgets(toy: Settings, told: list[tuple[str, int, str | None]]) -> None:
    time, memory, growth = large_cycle.measure_initial(replace(toy, large=20_000, runs=2))
    assert [line.verdict for line in (time, memory, growth)] == ["met", "met", "met"]
    assert growth.ratio == pytest.approx(10)
    assert told == [("initial", 2_000, None), ("initial", 20_000, None)] * 2


def test_the_delta_cycles_are_held_to_theirs(toy: Settings, told: list[tuple[str, int, str | None]]) -> None:
    idle, changed, member = large_cycle.measure_delta(replace(toy, large=20_000, runs=1))
    assert (idle.verdict, changed.verdict, member.verdict) == ("met", "met", "missed by 1.20x")
    assert told == [("delta", 20_000, None), ("group", 9_999, None)]


def test_an_exported_configuration_doubles_the_lines(toy: Settings, told: list[tuple[str, int, str | None]]) -> None:
    lines = list(large_cycle.measure_initial(replace(toy, large=200, runs=1, configuration=Path("export"))))
    assert len(lines) == 6
    assert told[-1] == ("initial", 200, "export")


def test_a_world_that_fails_is_told_with_its_reason(toy: Settings, tmp_path: Path) -> None:
    rules = large_cycle.Rules("exported rules", str(tmp_path))
    with pytest.raises(CycleFailedError, match="initial with 20 people"):
        large_cycle._world(toy, "initial", 20, rules)
