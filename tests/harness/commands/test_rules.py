"""Rule sets as files: scripts of the rules editor in and out, and what differs between two."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import run
from harness.commands.rules import shipped


@dataclass(frozen=True)
class Ended:
    exit_code: int
    stdout: str
    stderr: str


Anchorage = Callable[..., Ended]


@pytest.fixture
def anchorage(capsys: pytest.CaptureFixture[str]) -> Anchorage:
    def call(*arguments: str | Path) -> Ended:
        code = run(["rules", *map(str, arguments)])
        return Ended(code, *capsys.readouterr())

    return call


@pytest.fixture
def script(tmp_path: Path, anchorage: Anchorage) -> Path:
    file = tmp_path / "rules.ps1"
    assert anchorage("export", "shipped", "--to", file).exit_code == 0
    return file


def test_a_script_is_a_source(script: Path, anchorage: Anchorage) -> None:
    assert anchorage("list", script).stdout == anchorage("list", "shipped").stdout
    assert anchorage("check", script).stdout.endswith("expressions, 0 problems\n")


def test_export_writes_every_rule_either_way(script: Path, tmp_path: Path, anchorage: Anchorage) -> None:
    assert script.read_bytes().startswith(b"\xef\xbb\xbfNew-ADSyncRule")
    assert script.read_text("utf-8-sig") == anchorage("export", "shipped").stdout
    folder = tmp_path / "out"
    assert anchorage("export", script, "--format", "xml", "--to", folder).exit_code == 0
    assert len(list(folder.glob("SynchronizationRule_{*}.xml"))) == len(shipped())
    assert anchorage("diff", folder, "shipped").exit_code == 0


def test_xml_needs_a_folder(anchorage: Anchorage) -> None:
    found = anchorage("export", "--format", "xml")
    assert found.exit_code == 2
    assert "give the folder with --to" in found.stderr


def test_diff_tells_and_ends_with_one(script: Path, anchorage: Anchorage) -> None:
    same = anchorage("diff", "shipped", script)
    assert (same.exit_code, same.stdout.count("\n")) == (0, 1)
    text = script.read_text("utf-8-sig")
    script.write_text(text.replace("-Precedence 100 `", "-Precedence 99 `").replace("'Trim([sn])'", "'[sn]'"))
    found = anchorage("diff", "shipped", script, "--names", "active,staging")
    assert found.exit_code == 1
    assert "  100 -> 99    In from AD - User Join" in found.stdout
    assert "    expression: Trim([sn]) -> [sn]" in found.stdout
    assert "0 only in active, 0 only in staging" in found.stdout
    document = anchorage("diff", "shipped", script, "--json")
    assert document.exit_code == 1
    assert json.loads(document.stdout)["changed"][0]["fields"]["precedence"] == {"before": "100", "after": "99"}


def test_a_broken_script_is_refused_with_its_place(script: Path, anchorage: Anchorage) -> None:
    script.write_text(script.read_text("utf-8-sig").replace("New-ADSyncRule", "New-ADSyncRul", 1))
    for found in (anchorage("diff", "shipped", script), anchorage("export", script)):
        assert found.exit_code == 2
        assert "rules.ps1:1:1: New-ADSyncRul is no cmdlet" in found.stderr
        assert "did you mean New-ADSyncRule?" in found.stderr
    assert anchorage("list", script).exit_code == 1


def test_names_are_two(script: Path, anchorage: Anchorage) -> None:
    assert "--names takes two words" in anchorage("diff", "shipped", script, "--names", "active").stderr
