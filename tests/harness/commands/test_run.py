"""Exit codes of a run, and which files it takes."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from harness.commands.run import exit_code, select
from harness.run_spool import SpooledOutcome


def one(status: str) -> SpooledOutcome:
    return SpooledOutcome("f", "", "t", status, "1", 0.0, 1, 1, "0s", "")


@pytest.mark.parametrize(
    ("pytest_code", "statuses", "code"),
    [
        (0, ["passed"], 0),
        (1, ["passed", "failed"], 1),
        (1, ["failed", "invalid"], 3),
        (1, ["failed", "error"], 4),
        (3, [], 4),
        (1, [], 4),
        (4, [], 2),
        (5, [], 5),
        (2, ["passed"], 130),
    ],
)
def test_exit_codes(pytest_code: int, statuses: list[str], code: int) -> None:
    assert exit_code(pytest_code, [one(status) for status in statuses]) == code


def test_selection(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "worlds").mkdir()
    for name in ("b.yaml", "a.yaml", "sub/c.yml", "worlds/w.yaml"):
        (tmp_path / name).write_text("scenario: x\n")
    (tmp_path / "other.yaml").write_text("name: x\n")
    files, root = select([str(tmp_path)])
    assert [str(path.relative_to(root)) for path in files] == ["a.yaml", "b.yaml", "sub/c.yml"]
    files, root = select([str(tmp_path / "sub" / "c.yml"), str(tmp_path / "a.yaml")])
    assert [path.name for path in files] == ["c.yml", "a.yaml"]
    assert root == tmp_path
    with pytest.raises(click.UsageError):
        select([str(tmp_path / "gone")])
    (tmp_path / "test_x.py").write_text("")
    with pytest.raises(click.UsageError):
        select([str(tmp_path / "test_x.py")])
