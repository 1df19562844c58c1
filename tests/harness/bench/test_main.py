"""The command line of the benchmarks, over rows that take no time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import harness.bench.__main__ as bench
from harness.bench.measuring import Line, Peer, Row, Series, Settings


def quick(settings: Settings) -> Iterator[Line]:
    assert settings.folder.is_dir()
    yield Line("4", f"quick at {settings.sizes}", "s", Series((1.0,) * (settings.runs or 3)), Peer("p", Series((2.0,))))


def broken(settings: Settings) -> Iterator[Line]:
    yield from quick(settings)
    raise RuntimeError("the peer fell over")


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """What the command measures; the reactor of the test process goes on."""
    found = [Row("4", "quick", quick)]
    monkeypatch.setattr(bench, "chosen", lambda _numbers: tuple(found))
    monkeypatch.setattr("harness.lab.reactor.stop_reactor", lambda: None)
    return found


def test_table_json_and_markdown(rows: list[Row], tmp_path: Path) -> None:
    values, text = tmp_path / "bench.json", tmp_path / "bench.md"
    words = ["--runs", "2", "--size", "5,50", "--json", str(values), "--markdown", str(text)]
    ended = CliRunner().invoke(bench.command, words)
    assert ended.exit_code == 0, ended.output
    assert "quick at (5, 50)" in ended.output
    assert json.loads(values.read_text())["lines"][0]["runs"] == 2
    assert "python" in json.loads(values.read_text())["machine"]
    assert "| 4 | quick at (5, 50) |" in text.read_text()


def test_a_row_that_fails_is_told_and_the_others_go_on(rows: list[Row]) -> None:
    rows.insert(0, Row("1", "broken", broken))
    ended = CliRunner().invoke(bench.command, [])
    assert ended.exit_code == 1
    assert "row 1 could not be measured" in ended.stderr
    assert "the peer fell over" in ended.stderr
    assert ended.stdout.count("quick at") == 2  # what row 1 had measured before, and row 4


@pytest.mark.parametrize("text", ["", "many", "0", "10,,20", "-5", "10000000"])
def test_sizes_are_numbers_of_people(rows: list[Row], text: str) -> None:
    ended = CliRunner().invoke(bench.command, ["--size", text])
    assert ended.exit_code == 2
    assert "numbers of people" in ended.output


def test_an_unknown_row_is_a_usage_error() -> None:
    ended = CliRunner().invoke(bench.command, ["--rows", "99"])
    assert ended.exit_code == 2
    assert "no row has the number 99" in ended.output
