"""``anchorage explain``: on a database, and after a scenario with the messages that carried the value."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.cli import run

ENTRA = "contoso.onmicrosoft.com - AAD"
STORY = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8").split('"""\\\n')[1].split('"""')[0]


@pytest.fixture
def explain(stopped_database: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str, after: Path | None = None) -> tuple[int, str, str]:
        if after is None:
            code = run(["explain", *arguments, "--database", str(stopped_database)])
            return code, *capsys.readouterr()
        # a process of its own: a world's reactor runs once in a process
        ended = subprocess.run(
            [sys.executable, "-m", "harness", "explain", *arguments, "--after", str(after)],
            capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False,
        )  # fmt: skip
        return ended.returncode, ended.stdout, ended.stderr

    return call


def test_the_metaverse_and_every_target(explain: Any) -> None:
    code, out, _ = explain("Ana Lopez", "title", "--json")
    found = json.loads(out)
    assert code == 0
    metaverse = found["metaverse"]
    assert (metaverse["value"], metaverse["candidates"][0]["verdict"]) == ("Lead", "wins")
    assert metaverse["candidates"][0]["source"] == "contoso.com: CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"
    (target,) = found["targets"]
    assert (target["connector"], target["value"]) == (ENTRA, "Lead")
    assert target["layers"]["unapplied-export"] == "Lead"
    assert target["layers"]["unconfirmed-export"] == "Engineer"
    assert target["because"][0]["candidates"][0]["rule"] == "In from AD - User Common"


def test_losers_say_why(explain: Any) -> None:
    _, out, _ = explain("ana.lopez@contoso.com", "userPrincipalName")
    lines = [line.split()[0] for line in out.splitlines() if line.startswith("  ") and "User" in line]
    assert lines[:2] == ["wins", "lower-precedence"]


def test_a_reference_is_a_name(explain: Any) -> None:
    _, out, _ = explain("Bo Berg", "manager", "--json")
    assert json.loads(out)["metaverse"]["value"] == "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"


def test_one_connector_alone(explain: Any) -> None:
    _, out, _ = explain("Ana Lopez", "title", "--connector", "contoso.onmicrosoft.com", "--json")
    found = json.loads(out)
    assert found["metaverse"] is None
    assert [target["connector"] for target in found["targets"]] == [ENTRA]


def test_an_object_outside_the_metaverse(explain: Any) -> None:
    _, out, _ = explain("CN=Administrator,CN=Users,DC=contoso,DC=com", "title")
    assert "not in the metaverse; what the inbound rules say:" in out
    assert " 100  Provision  In from AD - User Join  not in scope: [isCritical" in out
    assert "[isCriticalSystemObject NOTEQUAL TRUE] found True" in out
    assert out.endswith("\n  no rule in scope has the link type Provision, and none joined it\n")


def test_an_object_outside_the_metaverse_by_its_name(explain: Any) -> None:
    by_dn = explain("CN=Administrator,CN=Users,DC=contoso,DC=com", "title")
    assert explain("administrator", "title") == by_dn


def test_layers_that_hold_the_same_are_named_together(explain: Any) -> None:
    _, out, _ = explain("Ana Lopez", "title")
    before = 'synchronized, pending-import, unconfirmed-export, escrowed-export: "Engineer"'
    assert f'\n  {before}; unapplied-export: "Lead"\n' in out
    _, out, _ = explain("Ana Lopez", "displayName")
    assert '\n  every layer: "Ana Lopez"\n' in out


def test_letters_of_an_attribute_do_not_count(explain: Any) -> None:
    assert explain("Ana Lopez", "TITLE")[1] == explain("Ana Lopez", "title")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Ana Lopz", "title"], "there is no object Ana Lopz; did you mean Ana Lopez?"),
        (["Ana Lopez", "titel"], "no rule writes the attribute titel of Ana Lopez; did you mean title?"),
        (["Zacharias Quux", "title"], "Error: there is no object Zacharias Quux\n"),
        (["Guezt", "title"], "there is no object Guezt; did you mean Guest?"),
        (["Ana Lopez", "title", "--connector", "contoso.com"], "without --connector the metaverse's value is"),
        (["Ana Lopez", "title", "--connector", "fabrikam.com"], "there is no connector fabrikam.com"),
        (["Ana Lopez", "title", "--server", "SYNC1"], "go with --after"),
    ],
)
def test_refusals_have_a_hint(explain: Any, arguments: list[str], said: str) -> None:
    code, _, err = explain(*arguments)
    assert (code, said in err) == (2, True), err


def test_somewhere_to_look_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "Ana", "title"]) == 2
    assert "say where to look" in capsys.readouterr().err


def test_a_foreign_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.db"
    file.write_text("no database")
    assert run(["explain", "Ana", "title", "--database", str(file)]) == 4
    assert "Traceback" not in capsys.readouterr().err


class TestAfter:
    def test_the_message_that_brought_it_and_the_one_that_took_it(self, explain: Any, tmp_path: Path) -> None:
        file = tmp_path / "story.yaml"
        file.write_text(
            STORY + "  - run_profile: {server: SYNC1, connector: contoso.onmicrosoft.com, profile: Export}\n"
        )
        code, out, err = explain("Ana Lopez", "title", "--json", after=file)
        assert code == 0, err
        found = json.loads(out)
        written, read = found["metaverse"]["brought"]
        assert (written["kind"], written["changes"][0]["values"]) == ("ldap.modify", ["Lead"])
        assert (read["kind"], read["attributes"]) == ("engine.import", ["title"])
        sent, exported = found["targets"][0]["taken"]
        assert (sent["kind"], sent["changed"]) == ("tenant.provisioning.set", ["title"])
        assert exported["kind"] == "engine.export"

    def test_a_failing_scenario_is_explained_all_the_same(self, explain: Any, tmp_path: Path) -> None:
        file = tmp_path / "story.yaml"
        file.write_text(STORY + "  - expect:\n      tenant.user(Ana Lopez): {jobTitle: Boss}\n")
        code, out, err = explain("Ana Lopez", "title", after=file)
        assert (code, 'metaverse title = "Lead"' in out, "Boss" in err) == (1, True, True)

    def test_which_case(self, explain: Any, tmp_path: Path) -> None:
        file = tmp_path / "story.yaml"
        file.write_text(STORY)
        code, _, err = explain("Ana Lopez", "title", "--case", "north", after=file)
        assert (code, "there is no case north; the file has no cases" in err) == (2, True), err

    def test_which_server(self, explain: Any, tmp_path: Path) -> None:
        file = tmp_path / "story.yaml"
        file.write_text(STORY)
        code, _, err = explain("Ana Lopez", "title", "--server", "SYNC9", after=file)
        assert (code, "there is no server SYNC9; the world has SYNC1" in err) == (2, True), err
