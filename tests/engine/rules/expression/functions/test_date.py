"""Dates, row by row."""

from typing import Any

TABLES = ("date",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
