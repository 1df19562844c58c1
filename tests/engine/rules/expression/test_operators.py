"""Operators, row by row."""

from typing import Any

TABLES = ("operators",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
