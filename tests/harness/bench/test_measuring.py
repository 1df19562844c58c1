"""Arithmetic of measurements: medians, ratios, verdicts. No figure is asserted that a machine decides."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.bench.measuring import Collector, Goal, Line, Peer, Series, child_environment, spin


def line(ours: tuple[float, ...], peer: Peer | None, goal: Goal | None = None) -> Line:
    return Line("7", "something", "s", Series(ours), peer, goal)


def test_a_series_knows_its_middle_and_its_ends() -> None:
    series = Series((5.0, 1.0, 2.0, 9.0))
    assert (series.count, series.median, series.low, series.high) == (4, 3.5, 1.0, 9.0)


def test_a_series_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError):
        Series(())


@pytest.mark.parametrize(
    ("bound", "at_most", "ratio", "verdict"),
    [
        (1.0, True, 0.99, "met"),
        (1.0, True, 1.0, "met"),
        (1.0, True, 1.5, "missed by 1.50x"),
        (0.25, True, 0.5, "missed by 2.00x"),
        (1.7, False, 1.7, "met"),
        (1.7, False, 1.0, "missed by 1.70x"),
        (2.0, False, 3.0, "met"),
    ],
)
def test_verdict(bound: float, at_most: bool, ratio: float, verdict: str) -> None:
    assert Goal(bound, at_most).verdict(ratio) == verdict


@pytest.mark.parametrize(("goal", "text"), [(Goal(0.25), "<= 0.25x"), (Goal(1.7, at_most=False), ">= 1.7x")])
def test_a_goal_reads_as_the_contract_writes_it(goal: Goal, text: str) -> None:
    assert goal.text == text


def test_the_ratio_is_median_to_median() -> None:
    measured = line((3.0, 100.0, 1.0), Peer("peer", Series((2.0, 1.5, 50.0))), Goal(1.0))
    assert measured.ratio == 1.5
    assert measured.verdict == "missed by 1.50x"


def test_an_absent_peer_is_named_and_leaves_no_ratio() -> None:
    measured = line((3.0,), Peer("slapd", None, "it is not installed here"), Goal(1.0))
    assert measured.ratio is None
    assert measured.verdict == "slapd absent: it is not installed here"


@pytest.mark.parametrize("peer", [None, Peer("before", Series((2.0,)))])
def test_without_a_goal_there_is_no_verdict(peer: Peer | None) -> None:
    assert line((1.0,), peer).verdict == "no goal"


def test_a_collector_keeps_series_apart() -> None:
    taken = Collector()
    for value in (1.0, 2.0):
        taken.put("ours", value)
        taken.put("part", value * 10)
    assert taken.of("ours").values == (1.0, 2.0)
    assert taken.parts("ours") == {"part": Series((10.0, 20.0))}
    assert taken.calibration is None
    taken.spins += [(40.0, 0.5), (60.0, 1.0)]
    assert taken.calibration is not None
    assert (taken.calibration.speed.median, taken.calibration.share.low) == (50.0, 0.5)


def test_spin_gives_a_speed_and_a_share() -> None:
    speed, share = spin(1000)
    assert speed > 0
    assert 0 < share <= 1


def test_children_cache_bytecode_in_our_folder_and_find_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    environment = child_environment(tmp_path)
    assert environment.keys().isdisjoint({"PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"})
    assert environment["PYTHONPYCACHEPREFIX"].startswith(str(tmp_path))
    first, rest = environment["PYTHONPATH"].split(os.pathsep)
    assert (Path(first) / "harness" / "bench").is_dir()
    assert rest == "elsewhere"
