"""The table of measurements in its three forms."""

from __future__ import annotations

import io
import json

import pytest

from harness.bench.measuring import Calibration, Goal, Line, Peer, Series
from harness.bench.report import COLUMNS, cells, markdown, number, part_lines, plain, write_table

CALIBRATION = Calibration(Series((50.0,)), Series((0.97,)))
MET = Line("4", "first bind", "ms", Series((8.0, 9.0, 10.0)), Peer("slapd", Series((18.0,))), Goal(1.0))
MISSED = Line(
    "7",
    "cycle | whole",
    "s",
    Series((6.0,)),
    Peer("ldap3", Series((2.0,))),
    Goal(1.0),
    {
        "import AD": Series((1.5,)),
        "import AD, CPU of the engine's thread": Series((1.25,)),
        "sync AD": Series((4.0,)),
        "gain": Series((1.9,)),
    },
    {"gain": "x"},
    CALIBRATION,
)
ABSENT = Line("7", "other", "s", Series((6.0,)), Peer("ldap3", None, "it is not installed here"), Goal(1.0))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("value", "text"),
    [(12345.6, "12,346"), (123.4, "123"), (12.34, "12.3"), (1.234, "1.23"), (0.1234, "0.123"), (0.0, "0.000")],
)
def test_three_digits_that_mean_something(value: float, text: str) -> None:
    assert number(value) == text


def test_a_row_of_the_table() -> None:
    assert cells(MET) == (
        "4", "first bind", "9.00 ms (8.00-10.0)", "slapd: 18.0 ms", "0.500x", "<= 1x", "met", "3", "-",
    )  # fmt: skip
    assert cells(MISSED)[-3:] == ("missed by 3.00x", "1", "50 M/s at 97%")


def test_an_absent_peer_is_shown() -> None:
    shown = dict(zip(COLUMNS, cells(ABSENT), strict=True))
    assert shown["peer"] == "ldap3: absent"
    assert shown["ratio"] == "-"
    assert shown["verdict"] == "ldap3 absent: it is not installed here"


def test_details_stand_on_the_line_of_their_part() -> None:
    assert part_lines(MISSED) == [
        "import AD: 1.50 s; CPU of the engine's thread 1.25 s",
        "sync AD: 4.00 s",
        "gain: 1.90 x",
    ]


def test_plain_text_without_a_terminal() -> None:
    out = io.StringIO()
    write_table([MET, MISSED, ABSENT], out)
    head, *rows = out.getvalue().splitlines()
    assert head.split() == list(COLUMNS)
    assert rows[0].index("met") == head.index("verdict")
    assert "\x1b" not in out.getvalue()
    assert "row 7, cycle | whole" in rows


def test_colours_on_a_terminal_unless_unwanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured, bare = Terminal(), Terminal()
    write_table([MET, ABSENT], coloured)
    monkeypatch.setenv("NO_COLOR", "1")
    write_table([MET, ABSENT], bare)
    assert "\x1b[32mmet" in coloured.getvalue()
    assert "\x1b" not in bare.getvalue()


def test_markdown_keeps_its_columns() -> None:
    text = markdown([MET, MISSED], {"cores": 2, "load average": [0.1, 0.2]}, "python -m tox -e bench")
    table = [row for row in text.splitlines() if row.startswith("|")]
    assert len(table) == 4
    assert {row.count("|") for row in table} == {len(COLUMNS) + 1}
    assert "cores 2, load average 0.1/0.2" in text
    assert "- row 7, cycle | whole: import AD" in text


def test_values_survive_json() -> None:
    found = json.loads(json.dumps(plain([MISSED, ABSENT], {"cores": 2})))
    assert found["machine"] == {"cores": 2}
    missed, absent = found["lines"]
    assert (missed["ratio"], missed["verdict"], missed["ours"]["runs"]) == (3.0, "missed by 3.00x", [6.0])
    assert missed["calibration"]["share of a core"]["median"] == 0.97
    assert absent["peer"] == {"name": "ldap3", "absence": "it is not installed here", "series": None}
