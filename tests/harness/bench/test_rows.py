"""Which rows there are, and choosing some."""

from __future__ import annotations

import pytest

from harness.bench.rows import ROWS, UnknownRowError, chosen


def test_numbers_are_unique_and_in_order() -> None:
    numbers = [int(row.number) for row in ROWS]
    assert numbers == sorted(set(numbers))


def test_all_without_a_choice() -> None:
    assert chosen(None) == ROWS


def test_a_choice_keeps_the_order_of_the_table() -> None:
    assert [row.number for row in chosen("10, 4")] == ["4", "10"]


def test_an_unknown_row_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownRowError, match=r"99.*there are 4, 7, 8, 9, 10"):
        chosen("4,99")
