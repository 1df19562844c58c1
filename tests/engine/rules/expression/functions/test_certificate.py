"""Certificate functions, row by row."""

from typing import Any

TABLES = ("certificate",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
