"""A view's answer is filtered by the query's conditions and cut to its fields."""

from __future__ import annotations

from typing import Any

from harness.checks.registry import Checks, wanted_fields
from harness.scenario.queries import read_query

CHECKS = Checks("tenant")
ROWS = [{"id": 1, "name": "Ana", "team": "Sales"}, {"id": 2, "name": "Ben", "team": "Support"}]


@CHECKS.check("rows", "tenant.rows", many=True)
def rows(lab: Any, place: Any, query: Any) -> Any:
    """Rows."""
    return ROWS


@CHECKS.check("row", "tenant.row(1)", named=True)
def row(lab: Any, place: Any, query: Any) -> Any:
    """One row."""
    return next((one for one in ROWS if str(one["id"]) == query.name()), None)


def find(name: str, text: str) -> Any:
    return CHECKS.by_name[name].find(None, None, read_query(text))


def test_lists_are_filtered_and_cut() -> None:
    assert find("rows", "tenant.rows(name, team = sales)") == [{"name": "Ana"}]
    assert find("rows", "tenant.rows(id as key, team != Sales)") == [{"key": 2}]
    assert find("rows", "tenant.rows") == ROWS


def test_one_object_by_name() -> None:
    assert find("row", "tenant.row(2, name)") == {"name": "Ben"}
    assert find("row", "tenant.row(3)") is None


def test_only_what_a_query_needs_is_read() -> None:
    query = read_query("tenant.users(jobtitle, department = Sales)")
    known = ("id", "jobTitle", "department", "mail")
    assert wanted_fields(query, named=False, all_fields=known, always=("id",)) == ["id", "jobTitle", "department"]
    assert wanted_fields(read_query("tenant.users"), named=False, all_fields=known, always=("id",)) == list(known)
