"""``anchorage drift`` over exported folders and over databases: text, JSON, a page, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import run
from harness.exit_codes import ExitCode
from harness.lab.failover import export_configuration
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world


def without_title(rule):
    """In from AD - User Common without its flow to the title; any other rule as it is."""
    if rule.name != "In from AD - User Common":
        return rule
    return replace(rule, flows=tuple(flow for flow in rule.flows if flow.target != "title"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    tenants = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
    folder = tmp_path_factory.mktemp("drift")
    with Lab(
        make_world(forests={"contoso.com": {"users": [{"name": "Ana Lopez", "title": "Engineer"}]}}, tenants=tenants)
    ) as lab:
        first = install_server(lab, "SYNC1", Choices(mode="custom"))
        first.engine.start_sync_cycle("Initial")
        second = install_server(lab, "SYNC2", Choices(mode="custom", staging=True))
        export_configuration(lab, first, "kept")
        second.engine.save_rules(without_title(rule) for rule in second.engine.rules().values())
        second.engine.start_sync_cycle("Initial")
        yield {
            "export": str(lab.folder / "exports" / "kept"),
            "first": first.paths()["database"],
            "second": second.paths()["database"],
            "folder": str(folder),
        }


def test_alike(pair, capsys) -> None:
    assert run(["drift", pair["export"], pair["first"]]) == ExitCode.PASS
    assert "0 differences" in capsys.readouterr().out


def test_a_database_says_what_it_would_export(pair, capsys) -> None:
    assert run(["drift", pair["export"], pair["second"], "--json"]) == ExitCode.ASSERTION_FAILED
    told = json.loads(capsys.readouterr().out)
    assert [(one["class"], one["about"]) for one in told["findings"]] == [("flow differs", "In from AD - User Common")]
    shown = [(one["object"], one["attribute"], one["before"], one["after"], one["cause"]) for one in told["effects"]]
    cause = "flow differs: In from AD - User Common of contoso.com: (none) -> title"
    assert ("Ana Lopez", "title", "Engineer", None, cause) in shown
    [anchor] = [one for one in shown if one[1] != "title"]  # of the second server's own account, made since
    assert (anchor[0][:5], anchor[1], anchor[4]) == ("MSOL_", "mS-DS-ConsistencyGuid", "")


def test_a_folder_cannot_say(pair, capsys) -> None:
    page = Path(pair["folder"]) / "drift.html"
    assert run(["drift", pair["second"], pair["export"], "--html", str(page)]) == ExitCode.ASSERTION_FAILED
    out = capsys.readouterr().out
    assert "flow differs: In from AD - User Common of contoso.com" in out
    assert "would export" not in out
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [("nowhere", "{export}", ExitCode.USAGE), ("{folder}", "{export}", ExitCode.FAULT)],
)
def test_what_is_no_configuration(pair, first, second, code) -> None:
    assert run(["drift", first.format(**pair), second.format(**pair)]) == code


def test_at_the_prompt(pair) -> None:
    """The stopped server's prompt compares with the folder too; with -Effects it says what would be exported."""
    from harness.shell.place import Line
    from harness.shell.stopped import StoppedServer

    place = StoppedServer(Path(pair["second"]))
    try:
        found = place.type(Line(f"Compare-ADSyncServerConfiguration '{pair['export']}'"))
        assert [(one["Class"], one["About"]) for one in found.records] == [("flow differs", "In from AD - User Common")]
        done = place.type(
            Line(f"Compare-ADSyncServerConfiguration '{pair['export']}' -Effects | ? Attribute -eq title")
        )
        assert [(one["Object"], one["Before"]) for one in done.records] == [("Ana Lopez", "Engineer")]
        refused = place.type(Line("Compare-ADSyncServerConfiguration nowhere"))
        assert (refused.error or {}).get("code") == "PATH"
    finally:
        place.close()
