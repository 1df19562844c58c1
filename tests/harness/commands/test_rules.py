"""Rule sets as files: scripts of the rules editor in and out, and what differs between two."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import run
from harness.commands.rules import shipped

REAL = Path(__file__).parents[4] / "shared/real/contoso-server-configuration"


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


def test_a_disabled_rule_is_marked(script: Path, anchorage: Anchorage) -> None:
    text = script.read_text("utf-8-sig")
    name = "-Name 'In from AD - User Join' `"
    script.write_text(text.replace(name, f"{name}\n-Disabled `", 1))
    first, second, *_ = anchorage("list", script).stdout.splitlines()
    assert first.endswith("  In from AD - User Join  (disabled)")
    assert second.endswith("  In from AD - InetOrgPerson Join")


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


def test_a_policy_is_a_source_and_a_form(script: Path, tmp_path: Path, anchorage: Anchorage) -> None:
    policy = tmp_path / "policy.json"
    assert anchorage("export", script, "--format", "json", "--to", policy).exit_code == 0
    assert policy.read_text() == anchorage("export", "shipped", "--format", "json").stdout
    assert "standardSynchronizationRules" in policy.read_text()
    assert anchorage("diff", policy, script).exit_code == 0
    assert anchorage("list", policy).stdout == anchorage("list").stdout
    assert anchorage("check", policy).stdout.endswith("expressions, 0 problems\n")
    name = shipped()[0].name
    assert anchorage("show", policy, name).stdout == anchorage("show", name).stdout


def test_check_names_file_line_and_column_of_every_fault(tmp_path: Path, anchorage: Anchorage) -> None:
    folder = tmp_path / "out"
    anchorage("export", "--format", "xml", "--to", folder)
    files = {rule.name: folder / f"SynchronizationRule_{{{rule.identifier}}}.xml" for rule in shipped()}
    first, second = files["In from AD - User Join"], files["In from AD - User Common"]
    for file in set(files.values()) - {first, second}:
        file.unlink()
    first.write_text(first.read_text().replace("<linkType>", "<linkType>Un"))
    second.write_text(second.read_text().replace("<dest>cn</dest>", "<dest>cnn</dest>").replace("Trim(", "Trimm("))
    found = anchorage("check", folder)
    assert found.exit_code == 1
    *problems, counts = found.stdout.splitlines()
    assert problems[0].startswith(f"{first}:13:3: linkType: 'Un")
    assert all(line.split(":")[0] in (str(first), str(second)) for line in problems)
    assert counts.startswith("2 rules, ")
    assert counts.endswith(f" {len(problems)} problems")


def test_check_against_a_servers_own_schema(tmp_path: Path, anchorage: Anchorage) -> None:
    if not REAL.is_dir():
        pytest.skip("the real exported configuration is not beside this checkout")
    script = tmp_path / "r.ps1"
    anchorage("export", REAL, "--to", script)
    script.write_text(
        script.read_text("utf-8-sig").replace("-Destination 'telephoneNumber'", "-Destination 'extension_x'", 1)
    )
    script.write_text(script.read_text().replace("[info]", "[inffo]", 1))
    alone, against = anchorage("check", script), anchorage("check", script, "--against", REAL)
    assert "extension_x" not in alone.stdout
    assert "The target attribute extension_x does not exist." in against.stdout
    assert "inffo does not exist. Did you mean info?" in against.stdout
    assert anchorage("check", script, "--against", script).exit_code == 2


def test_a_file_without_rules(tmp_path: Path, anchorage: Anchorage) -> None:
    (tmp_path / "p.json").write_text('{"deploymentMetadata": {}}')
    assert anchorage("list", tmp_path / "p.json").exit_code == 5
