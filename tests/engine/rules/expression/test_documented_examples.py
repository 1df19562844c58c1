"""Every documented example stands in a table with what it gives, and every function of the language in a row."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.rules.expression import FUNCTIONS

CASES = Path(__file__).parents[3] / "cases" / "expressions"
TABLES = ("documented",)


def examples() -> list[tuple[str, str]]:
    lines = (CASES / "documented_examples.txt").read_text(encoding="utf-8").splitlines()
    return [(name, text) for name, _, text in (line.partition("\t") for line in lines) if text]


@pytest.fixture(scope="module")
def tried() -> set[str]:
    rows = [row for table in CASES.glob("*.yaml") for row in yaml.safe_load(table.read_text(encoding="utf-8"))]
    return {plain(row["expr"]) for row in rows if "expr" in row}


def plain(text: str) -> str:
    return "".join(text.split())


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)


def test_there_are_61_examples_of_89_functions() -> None:
    assert len(examples()) == 61
    assert len(FUNCTIONS) == 89


@pytest.mark.parametrize(("name", "text"), examples())
def test_every_documented_example_is_a_row(tried: set[str], name: str, text: str) -> None:
    assert plain(text) in tried, name


def test_every_function_is_in_a_row(tried: set[str]) -> None:
    called = {name for text in tried for name in re.findall(r"([A-Za-z]\w*)\(", text)}
    assert {function.name for function in FUNCTIONS} - called == set()
