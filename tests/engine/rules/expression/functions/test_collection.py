"""Multi-values as a whole, row by row."""

from typing import Any

TABLES = ("collection",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
