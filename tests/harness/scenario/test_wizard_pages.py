"""Answers by page: every argument of install has its page, and a beginner's mistakes are shown where they stand."""

from __future__ import annotations

from typing import Any

import pytest

from engine.setup.wizard import PAGES as WIZARD_PAGES
from harness.actions.sync_server import ACTIONS, ANSWERS, PAGE_ANSWERS
from harness.scenario.reader import Files, MissingFileError, read_scenario
from harness.scenario.wizard_pages import PAGES, STARTED_WITH, arguments_of, read_answers
from harness.vocabulary import the_language

SCENARIO = """scenario: a
world:
  forests: {contoso.com: {}}
  tenants: {contoso.onmicrosoft.com: {}}
steps:
  - install: {server: SYNC1, answers: %s}
"""
NAMES = {"forest": ["contoso.com"]}


def complaints(text: str) -> list[str]:
    problems, _ = read_answers("answers.yaml", text, PAGE_ANSWERS.record, NAMES)
    return [f"{one.place} {one.message} {one.hint}".rstrip() for one in problems]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "Optional Feature: {features: []}",
            "answers.yaml:1:1 the wizard has no key Optional Feature did you mean Optional features?",
        ),
        (
            "Ready to configure:\n  stagin: true",
            "answers.yaml:2:3 the page Ready to configure has no key stagin did you mean staging?",
        ),
        (
            "Ready to configure: {staging: yes}",
            "answers.yaml:1:31 here belongs true or false, not the text 'yes' write true or false",
        ),
        (
            "User sign-in: {sign_in: password-hash-synch}",
            "answers.yaml:1:25 'password-hash-synch' is none of password-hash-sync, pass-through, ad-fs, "
            "ping-federate, do-not-configure did you mean password-hash-sync?",
        ),
        (
            "Connect your directories: {forests: [contoso.con]}",
            "answers.yaml:1:38 there is no forest contoso.con did you mean contoso.com?",
        ),
        (
            "Express settings: custom",
            "answers.yaml:1:19 here belongs a mapping with keys such as mode, not the text 'custom'",
        ),
        ("- a", "answers.yaml:1:1 answers by page is a mapping with keys, not a list"),
        ("", "answers.yaml:1:1 the file is empty; answers by page was expected"),
        ("Ready to configure: {staging: true\n", "answers.yaml:2:1 unreadable YAML"),
    ],
)
def test_mistakes(text: str, complaint: str) -> None:
    found = complaints(text)
    assert len(found) == 1
    assert found[0].startswith(complaint)


def test_a_mistake_in_the_file_is_told_where_the_scenario_names_it() -> None:
    def read(name: str) -> str:
        if name != "answers.yaml":
            raise MissingFileError(f"there is no file {name}")
        return "Ready to configure:\n  stagin: true\n"

    files = Files(read=read, exists=lambda name: True, alike=lambda name: ["answers.yaml"])
    (wrong,) = read_scenario("s.yaml", SCENARIO % "answers.yaml", the_language(), files).problems
    assert (wrong.place, wrong.hint) == ("s.yaml:6:39", "did you mean staging?")
    assert wrong.message == "answers.yaml:2:3: the page Ready to configure has no key stagin"
    (missing,) = read_scenario("s.yaml", SCENARIO % "answer.yaml", the_language(), files).problems
    assert (missing.message, missing.hint) == ("there is no file answer.yaml", "did you mean answers.yaml?")
    (inline,) = read_scenario("s.yaml", SCENARIO % "{User signin: {}}", the_language(), files).problems
    assert inline.hint == "did you mean User sign-in?"


def test_every_argument_of_install_has_its_page() -> None:
    on_pages = {row.split(".")[0] for rows in PAGES.values() for row in rows}
    known = set(ACTIONS.by_name["install"].verb.arguments.names())
    assert known - on_pages - set(STARTED_WITH) == set()
    assert on_pages - known == set()


def test_pages_are_the_wizards() -> None:
    titles = {entry.title for entry in WIZARD_PAGES}
    assert set(PAGES) <= titles


@pytest.mark.parametrize(
    ("answers", "arguments"),
    [
        ({"User sign-in": {"sign_in": "ad-fs"}}, {"sign_in": "ad-fs"}),
        (
            {"Connect to Microsoft Entra ID": {"user": "a@b", "challenge": "cancel"}},
            {"entra_admin": {"user": "a@b", "challenge": "cancel"}},
        ),
        (
            {"Install required components": {"service_account": "C\\a"}},
            {"pages": {"components": {"service_account": "C\\a"}}},
        ),
        ({"Optional features": None}, {}),
    ],
)  # fmt: skip
def test_arguments(answers: Any, arguments: Any) -> None:
    assert arguments_of(answers, PAGE_ANSWERS.arguments()) == arguments


def test_the_schema_knows_the_pages() -> None:
    written = ANSWERS.schema()["anyOf"][1]
    properties = written.get("properties") or written["anyOf"][0]["properties"]
    assert list(properties) == list(PAGES)
