"""Lines to whole statements, what is shown where, passwords asked for once."""

from __future__ import annotations

import json

import pytest

from harness.shell import typist as module
from harness.shell.place import Answer, Line, Words
from harness.shell.typist import Typist


class Echo:
    """A place that repeats what it was sent; a line that ends in a bar goes on."""

    name = "SYNC1"

    def __init__(self) -> None:
        self.sent: list[Line] = []

    def type(self, line: Line) -> Answer:
        self.sent.append(line)
        if line.text.rstrip().endswith("|"):
            return Answer(error={"code": "COMMAND_LINE", "message": "column 3: more", "cmdlet": ""}, incomplete=True)
        if line.text == "bad":
            return Answer(("before",), warnings=("careful",), error={"code": "C", "message": "no", "cmdlet": "Get-X"})
        if "secret" in line.text and not (line.passwords or {}).get("ana"):
            error = {"code": "CREDENTIAL_NEEDED", "message": "The password", "cmdlet": "Get-X"}
            return Answer(("first",), error=error, asks="ana", done=1)
        return Answer((line.text,), ({"Text": line.text},))

    def words(self) -> Words:
        return Words()

    def close(self) -> None: ...


@pytest.fixture
def place() -> Echo:
    return Echo()


def test_lines_become_statements(place: Echo, capsys) -> None:
    typist = Typist(place)
    typist.lines(iter(["a\n", "\n", "b |\n", "  c\n", "exit\n", "never\n"]))
    assert [line.text for line in place.sent] == ["a", "b |", "b |\n  c"]
    assert capsys.readouterr().out == "a\nb |\n  c\n"
    assert not typist.failed


def test_a_statement_that_never_ends_is_refused(place: Echo, capsys) -> None:
    typist = Typist(place)
    typist.lines(iter(["a |\n"]))
    assert typist.failed
    assert "column 3: more" in capsys.readouterr().err


def test_refusals_and_warnings_go_beside_the_output(place: Echo, capsys) -> None:
    typist = Typist(place)
    typist.one("bad")
    out, err = capsys.readouterr()
    assert out == "before\n"
    assert err == "WARNING: careful\nGet-X : no\n    + FullyQualifiedErrorId : C,Get-X\n"
    assert typist.failed


def test_records_as_json(place: Echo, capsys) -> None:
    Typist(place, as_json=True).one("a")
    assert json.loads(capsys.readouterr().out) == [{"Text": "a"}]


def test_without_a_terminal_nobody_is_asked(place: Echo, capsys) -> None:
    typist = Typist(place)
    typist.one("secret")
    assert typist.failed
    assert [line.passwords for line in place.sent] == [None]


def test_at_a_terminal_the_rest_of_the_line_is_typed_again(place: Echo, monkeypatch, capsys) -> None:
    monkeypatch.setattr(module.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(module.sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(module.getpass, "getpass", lambda text: "word")
    typist = Typist(place)
    typist.one("secret")
    assert [(line.skip, line.passwords) for line in place.sent] == [(0, {}), (1, {"ana": "word"})]
    assert capsys.readouterr().out == "first\nsecret\n"
    typist.one("secret again")
    assert place.sent[2].passwords == {}  # a password is forgotten with its line


@pytest.mark.parametrize(("no_color", "before"), [(None, "\x1b[31m"), ("1", "Get-X")])
def test_colours_at_a_terminal_unless_nobody_wants_them(place: Echo, monkeypatch, no_color, before) -> None:
    said: list[str] = []
    monkeypatch.setattr(module.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(module.sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(module.click, "echo", lambda text="", **_: said.append(text))
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    Typist(place).one("bad")
    assert next(line for line in said if "Get-X : no" in line).startswith(before)
