"""Format letters, row by row."""

from typing import Any

TABLES = ("date_format",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
