"""Choice, naming, refusal and tests of presence, row by row."""

from typing import Any

TABLES = ("logic",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)
