"""How values are shown, compared and reached into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.cmdlets.powershell.values import (
    Keyed,
    Record,
    equal,
    item_of,
    listed,
    moment_of,
    number_of,
    order,
    property_of,
    single,
    text_of,
    truth,
    wildcard,
)
from engine.errors import EngineError
from engine.scheduler import PolicyType

NOON = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "True"),
        (False, "False"),
        (7, "7"),
        (0.5, "0.5"),
        (NOON, "11/21/2026 1:00:00 PM"),
        (datetime(2026, 3, 2, tzinfo=UTC), "3/2/2026 12:00:00 AM"),
        (timedelta(minutes=30), "00:30:00"),
        (timedelta(days=7), "7.00:00:00"),
        (-timedelta(hours=1), "-01:00:00"),
        (PolicyType.DELTA, "Delta"),
        (["a", 1], "a 1"),
        (b"\x01\xff", "1 255"),
        (Record("Partition", {"Name": "contoso.com"}), "contoso.com"),
        (Record("RunStepResult", {"StepNumber": 1}), "RunStepResult"),
        (Record("RunStepResult", {"StepNumber": 1, "StepResult": "success"}), "success"),
        (Record("StatusInfo", {"Status": "Failure", "Reason": "no such object"}), "Failure"),
        ({"a": 1}, "System.Collections.Hashtable"),
    ],
)
def test_text(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("AD", "ad", True),
        (1, "1", True),
        ("1", 1, True),
        (True, "False", True),  # any text that is not empty is true
        (PolicyType.DELTA, "delta", True),
        (NOON, "11/21/2026 1:00 PM", True),
        (timedelta(hours=3), "03:00:00", True),
        (1, "x", False),
        (None, "", False),
        (None, None, True),
    ],
)
def test_equal(left: object, right: object, same: bool) -> None:
    assert equal(left, right) is same


@pytest.mark.parametrize(
    ("left", "right", "sign"), [(1, "2", -1), ("b", "A", 1), (None, 0, -1), (NOON, "2026-11-20", 1), ("a", "A", 0)]
)
def test_order(left: object, right: object, sign: int) -> None:
    assert order(left, right) == sign


def test_letters_case_counts_only_when_asked() -> None:
    assert not equal("AD", "ad", case_sensitive=True)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("*AAD", "contoso - aad", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[ab]*", "bx", True),
        ("a.c", "abc", False),
        ("a`*", "a*", True),
        ("a`*", "ab", False),
    ],
)
def test_wildcards(pattern: str, text: str, fits: bool) -> None:
    assert (wildcard(pattern).match(text) is not None) is fits


def test_properties() -> None:
    record = Record("Connector", {"Name": "contoso.com", "Count": 3})
    assert property_of(record, "name") == "contoso.com"
    assert property_of(record, "Count") == 3
    assert property_of(record, "Missing") is None
    assert property_of([record, record], "Name") == ["contoso.com", "contoso.com"]
    assert property_of([record], "Count") == 1  # of the list, as PowerShell has it
    assert property_of(None, "Count") == 0
    assert property_of(timedelta(hours=3), "TotalMinutes") == 180
    assert property_of(NOON, "DayOfWeek") == "Saturday"
    assert property_of("abc", "Length") == 3


def test_indexes_and_collections() -> None:
    keyed = Keyed({"UserName": Record("P", {"Name": "UserName", "Value": "Sync_1"})})
    assert property_of(item_of(keyed, "username"), "Value") == "Sync_1"
    assert item_of(["a", "b"], -1) == "b"
    assert item_of(["a"], 5) is None
    assert listed(keyed) == list(keyed.values())
    assert listed(None) == []
    assert single([]) is None
    assert single([1]) == 1


@pytest.mark.parametrize(
    ("value", "counts"), [(0, False), ("", False), ("x", True), ([0], False), ([0, 0], True), (timedelta(0), True)]
)
def test_truth(value: object, counts: bool) -> None:
    assert truth(value) is counts


@pytest.mark.parametrize(
    "text", ["2026-11-21T13:00:00Z", "11/21/2026 1:00:00 PM", "11/21/2026 13:00", "2026-11-21 13:00"]
)
def test_moments(text: str) -> None:
    assert moment_of(text) == NOON


@pytest.mark.parametrize("read", [moment_of, number_of])
def test_no_value(read) -> None:
    with pytest.raises(EngineError, match="Cannot convert value"):
        read("soon")
