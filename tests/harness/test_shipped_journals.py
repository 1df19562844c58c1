"""The same seed gives the same journals, byte for byte, whatever the number of processes; another seed does not."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
CHOSEN = (
    "title_change.yaml",
    "installs/INST-03.yaml",
    "moves/MOVE-01.yaml",
    "moves/MOVE-04.yaml",
    "staging/FAIL-05.yaml",
    "errors/DUP-01.yaml",
)


def journal(folder: Path, name: str, *words: str) -> bytes:
    files = [str(SCENARIOS / one) for one in CHOSEN]
    target = folder / f"{name}.json"
    done = subprocess.run(
        [sys.executable, "-m", "harness", "run", *files, "--json", str(target), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target.read_bytes()


def test_two_processes_twice_and_one_process_give_the_same_journals(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        twice = [pool.submit(journal, tmp_path, f"two{n}", "-n", "2", "--seed", "5") for n in range(2)]
        single = pool.submit(journal, tmp_path, "one", "-n", "1", "--seed", "5")
        other = pool.submit(journal, tmp_path, "other", "-n", "2", "--seed", "6")
    first = twice[0].result()
    assert first == twice[1].result()
    assert first == single.result()
    assert first != other.result()
    assert b"tenant.provisioning" in first
    assert b"/tmp" not in first
    assert b"127.0.0.1:" not in first
