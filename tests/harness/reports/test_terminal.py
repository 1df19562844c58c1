"""The report of a run: plain without a terminal, whole in its failures, counted in its last line."""

from __future__ import annotations

import io
from pathlib import Path

from harness.reports.terminal import RunReporter, closing_line
from harness.run_spool import Spool, SpooledOutcome


def one(status: str, title: str = "A story", text: str = "", seed: str = "7") -> SpooledOutcome:
    return SpooledOutcome("dir/f.yaml", "few", title, status, seed, 0.25, 3, 2, "30m", text)


def test_summary_without_a_terminal(tmp_path: Path) -> None:
    out = io.StringIO()
    RunReporter(Spool(tmp_path, journals=False), out).summary([one("passed"), one("failed", "Other", "what differs")])
    lines = out.getvalue().splitlines()
    assert "FAIL Other [few] (dir/f.yaml)" in lines
    assert "what differs" in lines
    assert lines[-4].split() == ["result", "scenario", "file", "steps", "virtual", "wall"]
    assert lines[-3].split() == ["pass", "A", "story", "[few]", "dir/f.yaml", "2/3", "30m", "0.25s"]
    assert lines[-1] == "1 passed, 1 failed of 2 scenarios (seed 7)"
    assert "\x1b" not in out.getvalue()


def test_counts() -> None:
    assert closing_line([]) == "0 passed of 0 scenarios"
    assert closing_line([one("error"), one("invalid", seed="8")]) == "0 passed, 1 error, 1 invalid of 2 scenarios"
