"""``anchorage shell``: a running world through its control door, the database of a stopped server, exit codes."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import pytest

from harness.cli import run
from harness.commands.up import install_servers, ready_document
from harness.lab.control_door import Desk, open_door
from harness.lab.lab import Lab
from harness.lab.reactor import in_reactor
from harness.pytest_plugin import make_world


@dataclass(frozen=True)
class Ended:
    exit_code: int
    stdout: str
    stderr: str


@dataclass
class Up:
    """A world as ``anchorage up --install SYNC1`` keeps it."""

    ready_file: Path
    database: Path
    administrator: str


@pytest.fixture(scope="module")
def up(tmp_path_factory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    world = make_world(
        forests={"contoso.com": {"users": ["Ana Lopez"]}},
        tenants={"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}},
    )
    with Lab(world) as lab:
        install_servers(lab, ("SYNC1",))
        desk, over = Desk(lab), Event()
        door = in_reactor(open_door, desk, "token", "127.0.0.1", 0)

        def serve() -> None:
            while not over.is_set():
                desk.serve(0.05)

        serving = Thread(target=serve)
        serving.start()
        try:
            ready = ready_document(lab, f"http://127.0.0.1:{door.getHost().port}", "token", "127.0.0.1")
            (folder / "ready.json").write_text(json.dumps(ready))
            server = lab.server("SYNC1").engine
            yield Up(folder / "ready.json", server.database.path, lab.tenant().service.admin_upn)
        finally:
            over.set()
            serving.join()
            in_reactor(door.stopListening)


@pytest.fixture
def shell(capsys, monkeypatch):
    def call(*arguments: str | Path, typed: str = "") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = run(["shell", *map(str, arguments)])
        return Ended(code, *capsys.readouterr())

    return call


def test_a_line_in_a_running_world(up: Up, shell) -> None:
    found = shell("SYNC1", "--world", up.ready_file, "-c", "Get-ADSyncScheduler | select SyncCycleEnabled")
    assert found == Ended(0, "\nSyncCycleEnabled\n----------------\nTrue\n\n", "")


def test_lines_from_standard_input_share_their_variables(up: Up, shell) -> None:
    typed = "$c = Get-ADSyncConnector |\n  ? Name -like '*AAD'\n\n$c.Name\nGet-ADSyncSchedular\n'after'\n"
    found = shell("sync1", "--world", up.ready_file, typed=typed)
    assert found.exit_code == 1
    assert found.stdout == "contoso.onmicrosoft.com - AAD\nafter\n"
    assert found.stderr == (
        "Get-ADSyncSchedular : The cmdlet Get-ADSyncSchedular is not emulated. Did you mean Get-ADSyncScheduler?\n"
        "    + FullyQualifiedErrorId : UNKNOWN_CMDLET,Get-ADSyncSchedular\n"
    )
    assert shell("SYNC1", "--world", up.ready_file, "-c", "$c").exit_code == 1  # another prompt has its own


def test_the_worlds_passwords_answer_where_nobody_sits(up: Up, shell) -> None:
    line = f"(Enable-ADSyncExportDeletionThreshold 77 {up.administrator}).DeletionThreshold"
    assert shell("SYNC1", "--world", up.ready_file, "-c", line).stdout == "77\n"


def test_a_relative_path_is_the_typists(up: Up, shell, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shell("SYNC1", "--world", up.ready_file, "-c", "Get-ADSyncServerConfiguration -Path out").exit_code == 0
    assert (tmp_path / "out" / "GlobalSettings" / "MV.xml").is_file()


def test_records_as_json(up: Up, shell) -> None:
    found = shell("SYNC1", "--world", up.ready_file, "--json", "-c", "Get-ADSyncConnector | select Name, Type")
    assert json.loads(found.stdout)[0] == {"Name": "contoso.com", "Type": "AD"}


@pytest.fixture
def stopped(up: Up, tmp_path: Path) -> Path:
    """The files of a server, taken away from its machine."""
    for suffix in ("", "-wal"):
        file = up.database.with_name(up.database.name + suffix)
        if file.exists():
            shutil.copy(file, tmp_path)
    shutil.copy(up.database.with_suffix(".events"), tmp_path)
    return tmp_path / up.database.name


def test_a_stopped_server_is_read(stopped: Path, shell) -> None:
    assert shell(stopped, "-c", "(Get-ADSyncRule).Count -gt 30; (Get-Service).Status").stdout == "True\nStopped\n"
    assert shell(stopped.parent, "-c", "(Get-WinEvent Application -MaxEvents 1).MachineName").stdout == "SYNC1\n"
    assert (
        shell(stopped, "-c", "(Get-ADSyncCSObject contoso.com | ? ObjectType -eq user).Count -gt 0").stdout == "True\n"
    )
    refused = shell(stopped, "-c", "Start-ADSyncSyncCycle")
    assert refused.exit_code == 1
    assert "SERVICE_STOPPED,Start-ADSyncSyncCycle" in refused.stderr


def test_reading_a_stopped_server_changes_nothing(stopped: Path, shell) -> None:
    before = {one.name: one.read_bytes() for one in stopped.parent.iterdir() if one.suffix in (".sqlite", ".events")}
    typed = "Get-ADSyncRunProfileResult\nGet-ADSyncGlobalSettings\nSet-ADSyncAutoUpgrade Disabled\n"
    shell(stopped, typed=typed)
    assert {name: (stopped.parent / name).read_bytes() for name in before} == before


@pytest.mark.parametrize(
    ("server", "world", "code", "word"),
    [
        ("SYNC9", "ready", 2, "did you mean SYNC1?"),
        ("SYNC1", "missing", 2, "anchorage up --ready-file writes it"),
        ("SYNC1", "empty", 2, "is no ready file"),
        ("SYNC1", "dead", 4, "the world does not answer"),
        ("SYNC1", "stranger", 2, "does not let us in"),
        ("SYNC9", "", 2, "--world READY.json"),
    ],
)
def test_refused(up: Up, shell, tmp_path: Path, server: str, world: str, code: int, word: str) -> None:
    ready = json.loads(up.ready_file.read_text())
    files = {
        "empty": {},
        "dead": {**ready, "control": {"url": "http://127.0.0.1:1", "token": "token"}},
        "stranger": {**ready, "control": {**ready["control"], "token": "guessed"}},
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    where = ["--world", up.ready_file if world == "ready" else tmp_path / world] if world else []
    found = shell(server, *where, "-c", "'x'")
    assert found.exit_code == code
    assert word in found.stderr


def test_what_is_no_database(shell, tmp_path: Path) -> None:
    assert "holds no database" in shell(tmp_path, "-c", "'x'").stderr
    (tmp_path / "a.sqlite").write_bytes(b"nothing of the kind" * 10)
    found = shell(tmp_path, "-c", "'x'")
    assert found.exit_code == 2
    assert "a.sqlite is not a usable sync database" in found.stderr
    (tmp_path / "b.sqlite").write_bytes(b"")
    assert "name one of a.sqlite, b.sqlite" in shell(tmp_path, "-c", "'x'").stderr
