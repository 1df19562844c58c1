"""The command line: exit codes, messages without tracebacks, a quick start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import COMMANDS, run

ROOT = Path(__file__).parents[2]
GOOD = (
    "scenario: Good\nworld: {seed: 7, start: 2026-03-02, forests: {contoso.com: {users: [Ana Lopez]}}}\n"
    "steps: [{wait: 1h}, {expect: {world.time: {starts_with: '2026-03-02T01:00'}}}]\n"
)
WRONG = GOOD.replace("T01:00", "T02:00").replace("Good", "Wrong")
INVALID = GOOD.replace("wait", "wayt")
REFUSED = GOOD.replace("wait: 1h", "directory.delete: Nobody")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert "Usage: anchorage" in capsys.readouterr().out


def test_listing_commands_imports_none_of_them() -> None:
    code = (
        "import sys; from harness.cli import run; run(['--help']);"
        "heavy = {'twisted', 'flask', 'faker', 'pytest', 'urllib3', 'yaml'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["chek"], 2, "did you mean check?"),
        (["run", "nowhere.yaml"], 2, "there is no file or folder nowhere.yaml"),
        (["run", "--html", "x.html"], 2, "--html is not available yet"),
        (["run", "good.yaml", "-m", "a and"], 2, "-m takes words joined by and, or, not"),
        (["run", "good.yaml", "-k", "(a"], 2, "-k takes words joined by and, or, not"),
        (["up", "good.yaml", "--install", "A B"], 2, "such as SYNC1: letters, digits and hyphens, not 'A B'"),
        (["up", "good.yaml", "--install", "SYNC1", "--install", "sync1"], 2, "--install sync1 is given twice"),
        (["run", "-n", "two"], 2, "-n takes a number or auto"),
        (["run", "--json", "no/such/folder.json"], 2, "there is no folder for no/such/folder.json"),
        (["check", "nowhere"], 2, "there is no file or folder nowhere"),
        (["up", "nowhere.yaml"], 2, "there is no file nowhere.yaml"),
        (["trace", "nowhere.yaml"], 2, "there is no file nowhere.yaml"),
        (["trace", "good.yaml", "--step", "3"], 2, "there is no step 3; the file has 2 steps"),
        (["trace", "good.yaml", "--step", "0"], 2, "there is no step 0; the file has 2 steps"),
        (["trace", "good.yaml", "--case", "north"], 2, "there is no case north; the file has no cases"),
        (["expr", "[x]", "--set", "novalue"], 2, "--set takes ATTR=VALUE"),
        (["expr", "[x]", "--attrs-json", "nowhere.json"], 2, "nowhere.json cannot be read"),
        (["rules", "check", "nowhere"], 2, "there is no file or folder nowhere"),
        (["rules", "show", "In from AD - User Joyn"], 2, "did you mean In from AD - User Join?"),
        (["rules", "show", "xyzzy"], 2, "there is no rule xyzzy\n"),
        (["verbs", "xyzzy"], 2, "nothing is called xyzzy\n"),
        (["fidelity", "xyzzy"], 5, "no entry of the ledger fits"),
        (["check", "empty"], 5, "no scenario files were found"),
        (["run", "empty"], 5, "no scenario files were found"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    (folder / "good.yaml").write_text(GOOD)
    (folder / "empty").mkdir()
    assert run(arguments) == code
    assert said in capsys.readouterr().err


def test_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "good.yaml").write_text(GOOD)
    assert run(["check", "good.yaml"]) == 0
    (folder / "bad.yaml").write_text(INVALID)
    assert run(["check", "."]) == 3
    out = capsys.readouterr().out
    assert "bad.yaml:3:10: there is no verb wayt" in out
    assert out.endswith("2 files, 1 problem\n")


def test_check_of_the_shipped_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check"]) == 0


def test_bytes_that_are_no_text_are_a_complaint(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").write_bytes(b"scenario: x\n\xff\xfe\n")
    assert run(["check", "bad.yaml"]) == 3
    assert "bad.yaml:2:1: the file is not UTF-8 text" in capsys.readouterr().out


def anchorage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a person does."""
    command = [sys.executable, "-W", "ignore", "-m", "harness", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTEST_ADDOPTS": "--nonsense"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, check=False, timeout=100
    )


@pytest.mark.parametrize("arguments", [["rules", "list"], ["rules", "export"], ["verbs"], ["--help"], ["expr", "1"]])
def test_whoever_read_the_output_may_have_seen_enough(folder: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "harness", *arguments], stdout=writing, stderr=subprocess.PIPE, text=True,
            cwd=ROOT, check=False, timeout=100,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_run_tells_what_came_of_each_and_goes_on(folder: Path) -> None:
    (folder / "conftest.py").write_text("raise SystemExit('nobody asked for this')")
    (folder / "a_good.yaml").write_text(GOOD)
    (folder / "b_wrong.yaml").write_text(WRONG)
    (folder / "c_refused.yaml").write_text(REFUSED)
    done = anchorage(folder, "run", ".", "--junit", "out.xml", "--json", "out.json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "b_wrong.yaml:3:31: world.time" in done.stdout
    assert "expected: text starting with 2026-03-02T02:00" in done.stdout
    assert "found:    2026-03-02T01:00:00.000000Z" in done.stdout
    assert "repeat with: anchorage run b_wrong.yaml --seed 7" in done.stdout
    assert "contoso.com has no object called Nobody" in done.stdout
    assert "1 passed, 2 failed of 3 scenarios (seed 7)" in done.stdout
    assert "\x1b[" not in done.stdout
    junit = (folder / "out.xml").read_text()
    assert 'tests="3"' in junit
    assert 'failures="2"' in junit
    assert "expected: text starting with" in junit
    assert '<property name="seed" value="7"' in junit
    assert str(folder) not in (folder / "out.json").read_text()
    assert sorted(one.name for one in folder.iterdir()) == [
        "a_good.yaml", "b_wrong.yaml", "c_refused.yaml", "conftest.py", "out.json", "out.xml",
    ]  # fmt: skip


def test_journals_are_the_same_with_and_without_workers(folder: Path) -> None:
    for number in range(4):
        (folder / f"s{number}.yaml").write_text(GOOD.replace("seed: 7", f"seed: {number}"))
    one = anchorage(folder, "run", ".", "-n", "0", "--json", "one.json")
    two = anchorage(folder, "run", ".", "-n", "2", "--json", "two.json")
    assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
    assert (folder / "one.json").read_bytes() == (folder / "two.json").read_bytes()
    assert b'"seed":"3"' in (folder / "one.json").read_bytes()


def test_selecting(folder: Path) -> None:
    (folder / "a.yaml").write_text(GOOD.replace("world:", "tags: [slow-one]\nworld:"))
    (folder / "b.yaml").write_text(GOOD)
    assert "1 passed of 1" in anchorage(folder, "run", ".", "-m", "slow-one").stdout
    assert anchorage(folder, "run", ".", "-k", "nothing").returncode == 5


def test_an_invalid_file_among_others(folder: Path) -> None:
    (folder / "a.yaml").write_text(GOOD)
    (folder / "b.yaml").write_text(INVALID)
    done = anchorage(folder, "run", ".")
    assert done.returncode == 3
    assert "b.yaml:3:10: there is no verb wayt" in done.stdout
    assert "1 passed, 1 invalid of 2 scenarios" in done.stdout
