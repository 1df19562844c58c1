"""The process whose start row 4 measures ends when its input does and says nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.bench.cold_forest import PASSWORD
from harness.bench.first_bind import await_bind
from harness.bench.measuring import child_environment


def test_it_answers_and_ends_with_its_input(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "harness.bench.cold_forest"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=child_environment(tmp_path),
    ) as process:
        assert process.stdout is not None
        port, _, administrator = process.stdout.readline().strip().partition(" ")
        await_bind(int(port), administrator, PASSWORD)
        assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0
