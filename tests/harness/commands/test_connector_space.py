"""``anchorage connector-space``: what it prints, how it chooses, what it refuses, and that it leaves the file alone."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest

from harness.cli import run

ENTRA = "contoso.onmicrosoft.com - AAD"
ANA = "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"


@pytest.fixture
def look(stopped_database: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str | Path, database: Path | None = None) -> tuple[int, str, str]:
        code = run(["connector-space", str(database or stopped_database), *map(str, arguments)])
        return code, *capsys.readouterr()

    return call


def objects(look: Any, *arguments: str) -> list[dict[str, Any]]:
    code, out, err = look(*arguments, "--json")
    assert code == 0, err
    found: list[dict[str, Any]] = json.loads(out)
    return found


def test_one_object_for_a_person(look: Any) -> None:
    code, out, _ = look("--dn", ANA)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == f"contoso.com  {ANA}"
    assert lines[2] == "  connector"
    assert "inbound-provision by In from AD - User Join" in out
    assert lines[-1] == "1 object"


def test_a_staged_change_shows_before_and_after(look: Any) -> None:
    _, out, _ = look(ENTRA, "--state", "pending-export")
    assert "  unapplied-export: modify\n" in out
    assert '    ~ title: "Engineer" -> "Lead"\n' in out


def test_nothing_of_a_type_that_no_schema_has(look: Any) -> None:
    hint = "there is no object type usr; did you mean user?\n"
    assert look("contoso.com", "--type", "usr") == (0, "0 objects\n", hint)
    assert look("contoso.com", "--type", "INETORGPERSON") == (0, "0 objects\n", "")


def test_json_has_every_layer(look: Any) -> None:
    (one,) = objects(look, ENTRA, "--state", "pending-export-modify")
    assert one["states"] == ["connector", "pending-export-modify"]
    assert [layer["name"] for layer in one["layers"]] == [
        "synchronized", "pending-import", "unconfirmed-export", "escrowed-export", "unapplied-export",
    ]  # fmt: skip
    assert one["layers"][-1]["changes"] == {"title": "Lead"}
    assert one["layers"][-1]["image"]["title"] == "Lead"
    assert one["layers"][-2]["image"]["title"] == "Engineer"
    assert (one["linking_rule"], one["owned"]) == ("Out to AAD - User Join", True)


def test_references_are_names(look: Any) -> None:
    (bo,) = objects(look, "contoso.com", "--rdn", "Bo Berg")
    assert bo["imported"]["manager"] == ANA
    assert bo["imported"]["objectGUID"].keys() == {"base64"}


def test_plain_output_is_the_same_each_time(look: Any) -> None:
    assert look()[1] == look()[1]
    assert "\x1b" not in look()[1]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["contoso.com", "--subtree", "ou=staff,dc=contoso,dc=com", "--type", "user"], ["Ana Lopez", "Bo Berg"]),
        (["contoso.com", "--rdn", "CN=Ana Lopez"], ["Ana Lopez"]),
        (["contoso.com", "--rdn", "Lopez"], []),
        (["contoso.com", "--dn", "CN=ana lopez, OU=Staff, DC=contoso, DC=com"], ["Ana Lopez"]),
        (["--dn", ANA], ["Ana Lopez"]),
        (["contoso.com", "--type", "user", "--subtree", "OU=Staff,DC=contoso,DC=com", "--limit", "1"], ["Ana Lopez"]),
    ],
)
def test_scopes(look: Any, arguments: list[str], names: list[str]) -> None:
    assert [one["attributes"]["cn"] for one in objects(look, *arguments)] == names


@pytest.mark.parametrize("form", ["hex", "guid", "base64"])
def test_an_anchor_in_any_of_its_forms(look: Any, form: str) -> None:
    (ana,) = objects(look, "--dn", ANA)
    octets = bytes.fromhex(ana["anchor"])
    text = {"hex": octets.hex(), "guid": str(UUID(bytes_le=octets)), "base64": base64.b64encode(octets).decode()}[form]
    assert [one["dn"] for one in objects(look, "--anchor", text)] == [ANA]


def test_the_anchor_of_a_tenant_s_object_is_text(look: Any) -> None:
    first, *_ = objects(look, ENTRA, "--type", "user")
    assert first["anchor"].startswith("User_")
    assert [one["dn"] for one in objects(look, "--anchor", first["anchor"])] == [first["dn"]]


def test_states_of_one_kind_make_up_the_whole(look: Any) -> None:
    every = {one["number"] for one in objects(look, "contoso.com")}
    kinds = [
        {one["number"] for one in objects(look, "contoso.com", "--state", state)}
        for state in ("connector", "disconnector", "placeholder", "transient")
    ]
    assert set().union(*kinds) == every
    assert sum(map(len, kinds)) == len(every)
    both = objects(look, "contoso.com", "--state", "connector", "--state", "disconnector")
    assert {one["number"] for one in both} == kinds[0] | kinds[1]


def test_a_tenant_s_connector_answers_to_the_tenant_s_name(look: Any) -> None:
    assert objects(look, "contoso.onmicrosoft.com") == objects(look, ENTRA)


def test_csexport(look: Any, tmp_path: Path) -> None:
    target = tmp_path / "out.xml"
    assert look(ENTRA, "--xml", target, "--filter", "x")[0] == 0
    (one,) = ElementTree.parse(target).getroot().findall("cs-object")
    assert one.find("unapplied-export/delta").attrib["operation"] == "update"  # type: ignore[union-attr]
    _, out, _ = look(ENTRA, "--xml", "-", "--filter", "/f:x")
    assert out.encode() == target.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["contso.com"], "there is no connector contso.com; did you mean contoso.com?"),
        (["contoso.com", "--state", "pending-exports"], "did you mean pending-export?"),
        (["contoso.com", "--filter", "x"], "--filter goes with --xml"),
        (["--xml", "x.xml"], f"name its CONNECTOR, one of contoso.com, {ENTRA}"),
        (["contoso.com", "--xml", "x.xml", "--json"], "--xml takes a CONNECTOR"),
        (["contoso.com", "--xml", "x.xml", "--filter", "q"], "csexport has no filter 'q'"),
    ],
)
def test_what_is_refused_with_a_hint(look: Any, tmp_path: Path, arguments: list[str], said: str) -> None:
    code, _, err = look(*[str(tmp_path / a) if a == "x.xml" else a for a in arguments])
    assert (code, said in err) == (2, True), err
    assert list(tmp_path.iterdir()) == []


class TestFiles:
    def test_a_missing_file_and_a_folder(self, look: Any, tmp_path: Path) -> None:
        assert look(database=tmp_path / "no.db")[0] == 2
        code, _, err = look(database=tmp_path)
        assert (code, "is a folder" in err) == (2, True)

    @pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + b"\xff" * 4096])
    def test_no_database(self, look: Any, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "x.db"
        file.write_bytes(content)
        code, _, err = look(database=file)
        assert (code, "x.db" in err) == (4, True), err

    def test_somebody_else_s_database(self, look: Any, tmp_path: Path) -> None:
        file = tmp_path / "x.db"
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE fact (a)")
        connection.close()
        code, _, err = look(database=file)
        assert (code, "not a usable sync database" in err) == (4, True), err

    def test_a_damaged_database(self, look: Any, stopped_database: Path, tmp_path: Path) -> None:
        file = tmp_path / "x.db"
        content = bytearray(stopped_database.read_bytes())
        content[len(content) // 4 : -4096] = b"\xa5" * (len(content) - len(content) // 4 - 4096)
        file.write_bytes(content)
        code, _, err = look(database=file)
        assert (code, "Traceback" in err) == (4, False), err

    def test_a_stopped_server_s_file_stays_as_it_is(self, look: Any, stopped_database: Path) -> None:
        before = stopped_database.read_bytes()
        look()
        look(ENTRA, "--xml", "-")
        assert stopped_database.read_bytes() == before
        assert [path.name for path in stopped_database.parent.iterdir()] == ["ADSync.db"]

    def test_a_live_server_is_not_hindered(self, live: Any, capsys: pytest.CaptureFixture[str]) -> None:
        def look(lab: Any) -> None:
            server = lab.servers["SYNC1"]
            path = server.paths()["database"]
            reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM cs").fetchone()  # somebody reads all the time
            before = Path(path).read_bytes()
            assert run(["connector-space", path, ENTRA, "--state", "pending-export"]) == 0
            assert Path(path).read_bytes() == before
            assert server.engine.run_profile(ENTRA, "Export").result == "success"
            capsys.readouterr()
            assert run(["connector-space", path, ENTRA, "--state", "pending-export"]) == 0
            assert capsys.readouterr().out == "0 objects\n"
            reader.close()

        live(look)
