"""Text functions, row by row."""

from typing import Any

TABLES = ("text",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
