"""Row 7 runs at toy size: people arrive, runs and threads are told apart."""

from __future__ import annotations

import importlib.util

import pytest

from harness.bench import initial_cycle
from harness.bench.measuring import Settings

STAGES = ("import AD", "import Entra", "sync AD", "sync Entra", "export AD", "export Entra")


def test_sizes_growth_and_the_watched_cycle(toy: Settings) -> None:
    smaller, larger, growth, watched = initial_cycle.measure(toy)
    assert [smaller.measure, larger.measure] == ["initial cycle, 20 people", "initial cycle, 40 people"]
    assert watched.measure.startswith("initial cycle, 40 people with every hop")
    assert (growth.ours, growth.goal) == (larger.ours, None)
    assert growth.peer is not None
    assert growth.peer.series == smaller.ours


def test_every_run_and_both_threads_are_put_down(toy: Settings) -> None:
    line = initial_cycle.cycle_line(toy, 20)
    expected = {initial_cycle.ENGINE, initial_cycle.EMULATORS}
    for stage in STAGES:
        expected |= {stage, f"{stage}, {initial_cycle.ENGINE}", f"{stage}, {initial_cycle.EMULATORS}"}
    assert expected <= set(line.parts)
    assert sum(line.parts[stage].median for stage in STAGES) <= line.ours.median
    assert line.parts[initial_cycle.ENGINE].median > line.parts[f"import AD, {initial_cycle.ENGINE}"].median > 0
    assert line.parts[initial_cycle.EMULATORS].median > 0
    present = importlib.util.find_spec("ldap3") is not None
    assert (line.ratio is not None) == present


def test_without_ldap3_the_row_says_so(toy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(initial_cycle.importlib.util, "find_spec", lambda _name: None)
    line = initial_cycle.cycle_line(toy, 20)
    assert line.verdict.startswith("ldap3 absent: it is not installed here")


def test_people_who_do_not_arrive_spoil_the_measurement(toy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_count: int, _base_dn: str) -> list[object]:
        return []

    monkeypatch.setattr(initial_cycle, "directory_entries", nobody)
    with pytest.raises(initial_cycle.CycleFailedError, match="of 20 people reached the tenant"):
        initial_cycle.cycle_line(toy, 20)
