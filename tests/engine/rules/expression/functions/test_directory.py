"""Distinguished names, row by row."""

from typing import Any

TABLES = ("directory",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
