"""``anchorage expr``: each kind of answer, and each kind of mistake with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import run

Answered = Callable[..., tuple[int, str, str]]


@pytest.fixture
def expr(capsys: pytest.CaptureFixture[str]) -> Answered:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = run(["expr", *map(str, arguments)])
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('"a" & 5', "value", "a5"),
        ("[p]", "value", ["SMTP:a@x", "smtp:b@x"]),
        ('ImportedValue("p")', "value", ["SMTP:old@x"]),
        ("[guid]", "value", {"base64": "AQID"}),
        ("[n] + 1", "value", 6),
        ("%Domain.FQDN%", "value", "contoso.com"),
        ("[nothing]", "null", None),
        ("[empty]", "null", None),
        ("NULL", "null", None),
        ("AuthoritativeNull", "authoritative-null", None),
        ("IgnoreThisFlow", "ignore", None),
        ('Error("no")', "error", None),
        ("Trim(5)", "error", None),
        ('"not closed', "error", None),
        ("", "error", None),
        ("9223372036854775808", "error", None),
    ],
)
def test_every_kind_of_answer(expr: Answered, tmp_path: Path, text: str, kind: str, value: object) -> None:
    document = {
        "attrs": {"p": ["SMTP:a@x", "smtp:b@x"], "guid": {"base64": "AQID"}, "n": 5, "nothing": None, "empty": []},
        "params": {"Domain.FQDN": "contoso.com"},
        "imported": {"p": ["SMTP:old@x"]},
    }
    (tmp_path / "f.json").write_text(json.dumps(document))
    code, out, _ = expr(text, "--attrs-json", tmp_path / "f.json", "--json")
    found = json.loads(out)
    assert (found["kind"], found["value"]) == (kind, value)
    assert code == (1 if kind == "error" else 0)


def test_a_mistake_shows_its_line_and_a_caret(expr: Answered) -> None:
    code, out, _ = expr('IIF([a]="x",\n  Lefft("b"),NULL)', "--set", "a=x")
    assert (code, out) == (1, 'unknown function Lefft; did you mean Left?\n  Lefft("b"),NULL)\n  ^\n')


def test_the_seed_and_the_time_are_given(expr: Answered) -> None:
    assert expr("Guid()", "--seed", "7") == expr("Guid()", "--seed", "7")
    assert expr("Now()", "--now", "2026-01-01T00:00:00Z")[1] == "2026-01-01T00:00:00Z\n"
    assert "--now takes a time such as" in expr("Now()", "--now", "yesterday")[2]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "f.json:1:2: expected a name in double quotes, found the end of the file."),
        ('{"attrs": {"x": 1}\n "params": {}}', "f.json:2:2: expected a comma or }"),
        ('{"atrs": {}}', "f.json:1:10: there is no part atrs; did you mean attrs?"),
        ('{"attrs": [1]}', "f.json:1:11: attrs holds values by their names, not a list"),
        ('{"params": {"a": 5}}', "f.json:1:18: the parameter a is a text, not the number 5"),
        ("[1]", "f.json holds an object such as"),
        ('{"attrs": {"x": {"base64": "!!"}}}', "f.json: the value of x is no Base64"),
        ('{"attrs": {"x": 1.5}}', "f.json: the value of x must be text, a whole number"),
        ('{"attrs": {"x": 9223372036854775808}}', "f.json: the value of x does not fit into 64 bits"),
        ('{"attrs": {"x": "\\ud800"}}', "half a character of two"),
        ("[" * 5000, "nested more than 100 deep"),
    ],
)
def test_what_a_file_of_attributes_cannot_say(expr: Answered, tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "f.json").write_text(text)
    code, out, err = expr("[x]", "--attrs-json", tmp_path / "f.json")
    assert (code, out) == (2, "")
    assert complaint in err


@pytest.mark.parametrize("arguments", [("--set", "a"), ("--set", "=b"), ("--attrs-json", "nowhere.json")])
def test_wrong_options(expr: Answered, arguments: tuple[str, ...]) -> None:
    assert expr("[a]", *arguments)[0] == 2
