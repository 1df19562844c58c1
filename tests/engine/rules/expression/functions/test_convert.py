"""Conversions and references, row by row."""

from typing import Any

TABLES = ("convert",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
