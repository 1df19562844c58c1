"""Bits and random numbers, row by row."""

from typing import Any

TABLES = ("number",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
