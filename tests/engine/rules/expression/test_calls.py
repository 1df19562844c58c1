"""Multi-values, NULL and types of calls, row by row."""

from typing import Any

TABLES = ("calls",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
