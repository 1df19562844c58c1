"""Rows of tests/cases/expressions: a module names its TABLES, a test that takes ``row`` runs once per row.

A row: expr, optional attrs, params, imported, references, multivalued, names; then one of value (with optional type),
outcome (null, authoritative-null, ignore) or error (a part of the message, with optional column).
"""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.rules.expression.evaluation import evaluate_text

CASES = Path(__file__).parents[3] / "cases" / "expressions"
NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
KEYS = {
    "expr", "attrs", "params", "imported", "references", "multivalued", "names",
    "value", "type", "outcome", "error", "column", "why", "shared",
}  # fmt: skip


def rows_of(table: str) -> list[tuple[str, dict[str, Any]]]:
    text = (CASES / f"{table}.yaml").read_text(encoding="utf-8")
    lines = [node.start_mark.line + 1 for node in yaml.compose(text, yaml.SafeLoader).value]
    rows = []
    for line, row in zip(lines, yaml.safe_load(text), strict=True):
        assert set(row) <= KEYS, f"{table}.yaml:{line}: {set(row) - KEYS}"
        if "expr" in row:
            assert len({"value", "outcome", "error"} & set(row)) == 1, f"{table}.yaml:{line}: one expectation"
            rows.append((f"{table}:{line}", row))
    return rows


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "row" in metafunc.fixturenames:
        rows = [each for table in metafunc.module.TABLES for each in rows_of(table)]
        metafunc.parametrize("row", [row for _, row in rows], ids=[name for name, _ in rows])


@pytest.fixture
def check():
    """Evaluate a row and compare."""

    def compare(row: dict[str, Any]) -> None:
        multivalued = row.get("multivalued")
        names = row.get("names")
        found = evaluate_text(
            row["expr"],
            row.get("attrs", {}),
            row.get("params", {}),
            row.get("imported", {}),
            NOW,
            random.Random("7/expression"),
            reference_attributes=frozenset(row.get("references", ())),
            multivalued=None if multivalued is None else frozenset(multivalued),
            distinguished_name=names.get if names else None,
        )
        if "error" in row:
            assert found["kind"] == "error", found
            assert row["error"] in found["message"]
            assert "column" not in row or (found["line"], found["column"]) == (1, row["column"])
        elif "outcome" in row:
            assert found["kind"] == row["outcome"], found
        else:
            assert found["kind"] == "value", found
            assert found["value"] == row["value"]
            assert type(found["value"]) is type(row["value"])
            assert "type" not in row or found["type"] == row["type"]

    return compare
