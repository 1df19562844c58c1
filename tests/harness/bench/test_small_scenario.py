"""Row 10 runs at toy size."""

from __future__ import annotations

import sys

import pytest

from harness.bench import small_scenario
from harness.bench.measuring import Settings


def test_one_scenario_stands_beside_an_empty_pytest_run(toy: Settings) -> None:
    line = small_scenario.warm_scenario(toy)
    assert (line.row, line.unit, line.ours.count) == ("10", "ms", 1)
    assert set(line.parts) == {small_scenario.BARE}
    assert line.ratio is not None


def test_two_workers_stand_beside_one(toy: Settings) -> None:
    line = small_scenario.two_workers(toy)
    assert line.goal is not None
    assert line.goal.text == ">= 1.7x"
    assert set(line.parts) == {small_scenario.ONE_PROCESS, small_scenario.TWO_SPINS}
    assert sorted(path.name for path in (toy.folder / "copies").iterdir()) == ["copy_000.yaml", "copy_001.yaml"]


def test_a_command_that_fails_is_no_measurement(toy: Settings) -> None:
    with pytest.raises(small_scenario.ScenarioDidNotPassError, match="ended with 3"):
        small_scenario._seconds(["-c", f"raise {SystemExit.__name__}(3)"], toy, toy.folder)
    assert sys.executable


def test_a_scenario_that_does_not_pass_is_no_measurement(toy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_scenario, "PASSED", "something else")
    with pytest.raises(small_scenario.ScenarioDidNotPassError):
        small_scenario.warm_scenario(toy)
