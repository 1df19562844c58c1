"""Exact lines of tables and lists."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.cmdlets.powershell.formatting import Layout, by_names, cell, render
from engine.cmdlets.powershell.values import Keyed, Record
from engine.scheduler import PolicyType


def records(*rows: dict[str, object], kind: str = "") -> list[Record]:
    return [Record(kind, row) for row in rows]


def test_up_to_four_properties_are_a_table() -> None:
    assert render(records({"Name": "a", "Count": 10}, {"Name": "longer", "Count": 5})) == [
        "",
        "Name   Count",
        "----   -----",
        "a         10",
        "longer     5",
        "",
    ]


def test_more_are_a_list_with_names_lined_up_and_nothing_blank() -> None:
    row = {"A": True, "LongName": None, "C": datetime(2026, 11, 21, 13, tzinfo=UTC), "D": [], "E": "x"}
    assert render(records(row, row)) == [
        "",
        "A        : True",
        "LongName : ",
        "C        : 11/21/2026 1:00:00 PM",
        "D        : {}",
        "E        : x",
        "",
        "A        : True",
        "LongName : ",
        "C        : 11/21/2026 1:00:00 PM",
        "D        : {}",
        "E        : x",
        "",
    ]


def test_words_of_a_closed_set_stand_to_the_right() -> None:
    assert render(records({"Result": PolicyType.DELTA})) == ["", "Result", "------", " Delta", ""]


def test_a_console_cuts_the_last_column_that_fits_and_leaves_out_the_rest() -> None:
    rows = records({"A": "x" * 10, "Message": "m" * 40, "C": "gone"})
    assert render(rows, 30) == ["", "A          Message", "-          -------", "xxxxxxxxxx " + "m" * 15 + "...", ""]


def test_a_console_wraps_a_long_value_of_a_list() -> None:
    layout = Layout("list", tuple(records({"Text": "one two three four"})), by_names(("Text",)))
    assert render([layout], 20) == ["", "Text : one two", "       three four", ""]
    assert render([layout]) == ["", "Text : one two three four", ""]


def test_lines_of_a_value_stay_lines_of_a_list() -> None:
    layout = Layout("list", tuple(records({"Text": "one\ntwo"})), by_names(("Text",)))
    assert render([layout]) == ["", "Text : one", "       two", ""]


def test_groups_have_a_head() -> None:
    usual = {"TimeCreated": None, "Id": 1, "LevelDisplayName": "Error", "Message": "m"}
    rows = [Record("EventLogRecord", {**usual, "ProviderName": name}) for name in ("ADSync", "ADSync", "Other")]
    lines = render(rows)
    assert [line for line in lines if "ProviderName" in line] == ["   ProviderName: ADSync", "   ProviderName: Other"]
    assert lines[4:6] == ["----------- -- ---------------- -------", "             1 Error            m"]


def test_texts_and_numbers_stand_alone() -> None:
    assert render(["a", 1, None, True, "x\ny"]) == ["a", "1", "True", "x", "y"]


def test_objects_of_another_type_get_a_table_of_their_own() -> None:
    lines = render([*records({"A": 1}, kind="One"), *records({"B": 2}, kind="Two")])
    assert lines == ["", "A", "-", "1", "", "", "B", "-", "2", ""]


def test_hidden_properties() -> None:
    lines = render(records({"A": 1, "SerializedXml": "<x/>"}, kind="PreviewResult"))
    assert lines == ["", "A : 1", ""]


def test_cells() -> None:
    assert cell(["a", "b", "c", "d"]) == "{a, b, c, d}"
    assert cell(["a", "b", "c", "d", "e"]) == "{a, b, c, d...}"
    assert cell(Keyed({"UserName": Record("P", {"Value": 1})})) == "{UserName}"
    assert cell({"Id": 611}) == "{[Id, 611]}"
    assert cell(b"\x01\x02") == "{1, 2}"
    assert cell(Record("Scope", {"List": []})) == "Scope"


def test_a_hash_table() -> None:
    assert render([{"LogName": "Application", "Id": 611}]) == [
        "", "Name    Value", "----    -----", "LogName Application", "Id      611", "",
    ]  # fmt: skip


def test_nothing() -> None:
    assert render([]) == []
    assert render([Layout("table", ())]) == []
