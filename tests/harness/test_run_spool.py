"""Outcomes come back in file order whatever the order in which they ended; nothing of the machine is in the journal."""

from __future__ import annotations

import json
from pathlib import Path

from harness.outcome import Outcome, StepResult
from harness.run_spool import Spool


def outcome(title: str, case: str = "", status: str = "passed") -> Outcome:
    one = Outcome("x.yaml", title, case, "7", "guide", status=status, seconds=1.5)
    one.steps = [StepResult(1, "s", "wait", "passed", "2026-03-02T08:00:00.000000Z", "2026-03-02T08:30:00.000000Z", 1)]
    one.records = [{"n": 1, "kind": "stage.step"}]
    return one


def test_file_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path, journals=True)
    spool.put(outcome("b"), "b/one.yaml", 0)
    spool.put(outcome("a", "second"), "a/one.yaml", 1)
    spool.put(outcome("a", "first"), "a/one.yaml", 0)
    assert [(one.file, one.case) for one in spool.outcomes()] == [
        ("a/one.yaml", "first"),
        ("a/one.yaml", "second"),
        ("b/one.yaml", ""),
    ]
    assert spool.outcomes()[0].virtual == "30m"
    spool.write_json(tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text())
    assert [one["case"] for one in written] == ["first", "second", ""]
    assert "seconds" not in json.dumps(written)
    assert not (tmp_path / "out.json.part").exists()


def test_without_journals_none_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, journals=False)
    spool.put(outcome("a"), "a.yaml", 0)
    assert not list(tmp_path.glob("*.journal"))
