"""What a clumsy or hostile user may hand in: one clear message with its place, the right exit code, nothing left
behind.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.cli import run
from harness.commands.up import write_atomically
from harness.exit_codes import CommandFailedError
from harness.runner import machine_fault

ROOT = Path(__file__).parents[3]
REAL = ROOT.parent / "shared" / "real" / "contoso-server-configuration"
STORY = (
    "scenario: A story\ntags: [first]\nworld:\n  seed: 7\n  start: 2026-03-02\n  forests:\n"
    "    contoso.com: {users: [Ana Lopez]}\nsteps:\n  - wait: 1h\n"
    "  - expect: {world.time: {contains: 'T01:00'}}\n"
)
LDIF = "version: 1\n\ndn: DC=contoso,DC=com\nobjectClass: domainDNS\ndc: contoso\n\ndn: OU=A,DC=contoso,DC=com\n"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{one}'] * 9)}]\n" for one, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (STORY.replace("  seed", "\tseed").encode(), "f.yaml:4:1: unreadable YAML: a tab stands here"),
        (STORY.replace("T01:00'", "T01:00").encode(), "f.yaml:10:37: unreadable YAML: while scanning a quoted scalar"),
        (b"\x7fELF\x00\x01", "f.yaml:1:1: the file holds a NUL byte"),
        (b"", "f.yaml:1:1: the file is empty"),
        (STORY.replace("A story", "Señor").encode("latin-1"), "f.yaml:1:13: the file is not UTF-8 text"),
        (STORY.encode("utf-16"), "it is UTF-16"),
        (b"[" * 10_000_000, "f.yaml:1:1001: nested too deep or too large"),
        (b"- " * 400_000, "nested too deep or too large"),
        (b"\n".join(b" " * level + b"a:" for level in range(2000)), "nested too deep or too large"),
        (BOMB.encode(), "nested too deep or too large"),
        (STORY.replace("  seed: 7", "  seed: 7\n  seed: 8").encode(), "f.yaml:5:3: seed stands here twice"),
        (f"{STORY}---\n{STORY}".encode(), "f.yaml:11:1: unreadable YAML: expected a single document"),
        (b"scenario: x\nworld: " + b"w" * 1_000_000 + b"\nsteps: [wait: 1m]\n", "f.yaml:2:8: there is no file www"),
    ],
)
def test_unreadable_files(folder: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str) -> None:
    (folder / "f.yaml").write_bytes(content)
    assert run(["check", "f.yaml"]) == 3
    out = capsys.readouterr().out
    assert said in out
    assert len(out) < 2000


def test_a_file_nobody_may_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "f.yaml").write_text(STORY)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert run(["check", "f.yaml"]) == 3
    assert "f.yaml:1:1: the file cannot be read: Permission denied" in capsys.readouterr().out


def test_a_world_file_that_is_no_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "w.yaml").write_bytes(b"seed: \xff\n")
    (folder / "f.yaml").write_text("scenario: x\nworld: w.yaml\nsteps: [wait: 1m]\n")
    assert run(["check", "f.yaml"]) == 3
    assert "f.yaml:2:8: the file w.yaml is not UTF-8 text" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "storry.yaml"], 2, "there is no file or folder storry.yaml; did you mean story.yaml?"),
        (["up", "storry.yaml"], 2, "did you mean story.yaml?"),
        (["run", "empty"], 5, "no scenario files were found in empty"),
        (["check", "empty"], 5, "no scenario files were found in empty"),
        (["run", "story.yaml", "-n", "100000"], 2, "-n takes a number or auto, not 100000; at most 256"),
        (["run", "story.yaml", "-n", "-1"], 2, "-n takes a number or auto, not -1"),
    ],
)
def test_arguments(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    (folder / "story.yaml").write_text(STORY)
    (folder / "empty").mkdir()
    assert run(arguments) == code
    assert said in capsys.readouterr().err


def test_a_device_is_never_replaced_by_a_ready_file() -> None:
    with pytest.raises(CommandFailedError, match="it is no ordinary file"):
        write_atomically(Path(os.devnull), {})
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


# ---- files a scenario names ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ldif", "said"),
    [
        (LDIF + "objectClass: organizationalUnit\nou:: !!!\n", "f.ldif:9: not base64"),
        (LDIF + "objectClass organizationalUnit\n", "f.ldif:8: no colon in the line"),
        (LDIF + "objectClass: organizationalUnit\nnosuch: x\n", "f.ldif:7: OU=A,DC=contoso,DC=com: nosuch is not in"),
        (LDIF.replace("contoso", "fabrikam"), "f.ldif:3: the file is of DC=fabrikam,DC=com"),
        ("", "f.ldif:1: the file holds no entry"),
    ],
)
def test_a_broken_ldif_is_seen_without_running(
    folder: Path, capsys: pytest.CaptureFixture[str], ldif: str, said: str
) -> None:
    (folder / "f.ldif").write_text(ldif)
    (folder / "f.yaml").write_text(STORY.replace("{users: [Ana Lopez]}", "{ldif: f.ldif}"))
    assert run(["check", "f.yaml"]) == 3
    assert f"f.yaml:7:25: {said}" in capsys.readouterr().out


def test_a_missing_ldif(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "forest.ldif").write_text(LDIF)
    (folder / "f.yaml").write_text(STORY.replace("{users: [Ana Lopez]}", "{ldif: forst.ldif}"))
    assert run(["check", "f.yaml"]) == 3
    assert "did you mean forest.ldif?" in capsys.readouterr().out


def importing(export: str) -> str:
    step = f"  - install: {{server: SYNC1, configuration: {{folder: {export}, map: {{contoso.com: contoso.com}}}}}}\n"
    tenant = "  tenants:\n    contoso.onmicrosoft.com: {}\n"
    return STORY.replace("steps:\n", f"{tenant}steps:\n{step}")


def test_a_missing_configuration_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "export").mkdir()
    (folder / "f.yaml").write_text(importing("exprt"))
    assert run(["check", "f.yaml"]) == 3
    out = capsys.readouterr().out
    assert "f.yaml:11:54: there is no folder exprt" in out
    assert "did you mean export?" in out


def test_a_rule_that_cannot_be_read_in_a_configuration(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not REAL.is_dir():
        pytest.skip("the real exported configuration is not beside this checkout")
    for file in REAL.rglob("*.xml"):
        copy = folder / "export" / file.relative_to(REAL)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8-sig")
        copy.write_text(text.replace("Trim([extensionAttribute2])", "Trim([extensionAttribute2]))"))
    (folder / "f.yaml").write_text(importing("export"))
    assert run(["check", "f.yaml"]) == 3
    out = capsys.readouterr().out
    assert re.search(r"SynchronizationRule_\{[0-9a-f-]+\}\.xml: In from AD - .+: extensionAttribute2: .*column 28", out)
    assert run(["rules", "check", "export"]) == 1
    assert re.search(r"In from AD - .+: extensionAttribute2: .*column 28", capsys.readouterr().out)


def test_a_machine_that_cannot_go_on_is_told_from_a_fault_of_the_stage() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/worlds")
    assert machine_fault(full) == "this machine cannot go on: No space left on device: /worlds"
    assert machine_fault(ConnectionResetError(errno.ECONNRESET, "reset")) == ""
    assert machine_fault(ValueError("x")) == ""


# ---- in a process of its own -----------------------------------------------------------------------------------------
def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    (folder / "tmp").mkdir(exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp"), "NO_COLOR": "1"}
    command = [sys.executable, "-W", "ignore", "-m", "harness", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, out


def test_an_unknown_tag_names_the_nearest(folder: Path) -> None:
    (folder / "a.yaml").write_text(STORY)
    code, out = finish(start(folder, "run", ".", "-m", "frst"))
    assert (code, "no scenario has the tag frst; did you mean first?" in out) == (5, True), out


def test_a_broken_ldif_does_not_stop_the_others_and_a_full_disk_is_said(folder: Path) -> None:
    (folder / "a.yaml").write_text(STORY.replace("{users: [Ana Lopez]}", "{ldif: f.ldif}"))
    (folder / "f.ldif").write_text("dn DC=contoso\n")
    (folder / "b.yaml").write_text(STORY)
    (folder / "c.yaml").write_bytes(b"scenario: x\n\xff")
    full = ["--json", "/dev/full", "--junit", "/dev/full"] if Path("/dev/full").exists() else []
    code, out = finish(start(folder, "run", "a.yaml", "b.yaml", "c.yaml", *full))
    assert "f.ldif:1: a record begins with dn:" in out
    assert "1 passed, 2 invalid of 3 scenarios" in out
    assert "Traceback" not in out
    if full:
        assert code == 4
        assert "the journals could not be written to /dev/full: No space left on device" in out
        assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    else:
        assert code == 3
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(folder: Path, number: int) -> None:
    slow = STORY.replace("  - wait: 1h\n", "  - wait: 1h\n    retry: {times: 1000000, every: 1h, until: "
                         "{world.time: {contains: never}}}\n")  # fmt: skip
    for name in "ab":
        (folder / f"{name}.yaml").write_text(slow)
    process = start(folder, "run", ".", "-n", "2", "--json", "out.json", "--junit", "out.xml")
    try:
        deadline = time.monotonic() + 30
        while len(list((folder / "tmp").glob("anchorage-run-*/anchorage-*"))) < 2:  # both worlds are there
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        code, out = finish(process)
    finally:
        process.kill()
    assert code == 130, out
    assert "interrupted: 2 scenarios did not run or did not end" in out
    assert "Traceback" not in out
    assert list((folder / "tmp").iterdir()) == []
    assert not list(folder.glob("*.part"))
    assert (folder / "out.json").read_text().split() == ["[", "]"]


def test_the_command_that_repeats_a_failure_repeats_it(folder: Path) -> None:
    (folder / "a.yaml").write_text(STORY.replace("T01:00", "T02:00"))
    code, out = finish(start(folder, "run", "."))
    assert code == 1
    said = out[out.index("a.yaml:10:14: world.time") :].split("repeat with: ")
    assert "expected: text with T02:00 in it" in said[0]
    words = said[1].splitlines()[0].split()
    assert words[0] == "anchorage"
    code, again = finish(start(folder, *words[1:]))
    assert code == 1
    assert said[0] in again
