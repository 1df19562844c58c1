"""Query texts: owner, view, fields, conditions, names; and what cannot be read."""

from __future__ import annotations

import pytest

from harness.scenario.queries import Condition, QueryError, holds, project, read_query, read_value


def test_subject_alone() -> None:
    query = read_query("contoso.com.users")
    assert query.owner_and_view() == ("contoso.com", "users")
    assert query.fields(named=False) == ()


def test_fields_conditions_and_new_names() -> None:
    query = read_query("tenant.users(id, objectGUID as anchor, department = Sales, title != 'A, B')")
    assert query.fields(named=False) == (("id", "id"), ("objectGUID", "anchor"))
    assert query.conditions == (Condition("department", "Sales"), Condition("title", "A, B", negated=True))


def test_a_view_of_one_object_takes_its_name_first() -> None:
    query = read_query("tenant.user(ana@contoso.com, id)")
    assert query.name() == "ana@contoso.com"
    assert query.fields(named=True) == (("id", "id"),)


def test_a_quoted_dn_stays_whole() -> None:
    query = read_query("contoso.com.user('CN=Ana Lopez,OU=Staff,DC=contoso,DC=com', title)")
    assert query.name() == "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"
    assert query.fields(named=True) == (("title", "title"),)


def test_filters_with_parentheses_are_values() -> None:
    query = read_query("f.objects(cn, filter = '(&(a=b)(c=*))', in = CN=Users)")
    assert query.conditions == (Condition("filter", "(&(a=b)(c=*))"), Condition("in", "CN=Users"))


@pytest.mark.parametrize("text", ["", "   ", "tenant.users(", "tenant.users)", "tenant.users(id", "tenant.users(a,,b)"])
def test_unreadable(text: str) -> None:
    with pytest.raises(QueryError):
        read_query(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("null", None), ("5", 5), ("-3", -3), ("'5'", "5"), ("Sales", "Sales"), ("1.5", "1.5")],
)
def test_values(text: str, value: object) -> None:
    assert read_value(text) == value


@pytest.mark.parametrize(
    ("name", "wanted", "met"),
    [
        ("Title", "engineer", True),
        ("title", "Lead", False),
        ("enabled", True, True),
        ("enabled", False, False),
        ("missing", None, True),
        ("groups", "Readers", True),
        ("groups", "Writers", False),
        ("empty", None, True),
        ("number", 5, True),
    ],
)
def test_holds(name: str, wanted: object, met: bool) -> None:
    found = {"title": "Engineer", "enabled": True, "groups": ["Readers", "Staff"], "empty": [], "number": "5"}
    assert holds(found, Condition(name, wanted)) is met
    assert holds(found, Condition(name, wanted, negated=True)) is not met


def test_project_renames_and_fills() -> None:
    assert project({"ID": 1, "x": 2}, (("id", "key"), ("gone", "gone"))) == {"key": 1, "gone": None}
    assert project({"x": 2}, ()) == {"x": 2}
