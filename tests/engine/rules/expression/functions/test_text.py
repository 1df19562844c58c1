"""Text functions, row by row."""

from typing import Any

TABLES = ("text",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)


def test_characters_are_code_points(check: Any) -> None:
    check({"expr": "Len([x])", "attrs": {"x": "a😀b"}, "value": 3})
    check({"expr": "Left([x],2)", "attrs": {"x": "a😀b"}, "value": "a😀"})
