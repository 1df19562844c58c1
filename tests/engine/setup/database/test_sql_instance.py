"""An existing SQL Server instance: how it is found, what its databases are like, who else is on it."""

from __future__ import annotations

import sqlite3

import pytest

from engine.setup.database.sql_instance import (
    SqlInstance,
    correct_properties,
    database_path,
    other_engines,
    properties_of,
    reached,
    to_correct,
)


@pytest.mark.parametrize(
    ("wanted", "facts", "found"),
    [
        ("SQL1", {}, True),
        ("sql1", {}, True),
        ("SQL1,1433", {}, True),
        ("SQL1, 1433", {}, True),
        ("SQL1,1434", {}, False),
        ("SQL1", {"browsing": False}, False),
        ("SQL1,1433", {"browsing": False}, True),
        ("SQL2", {}, False),
        ("", {}, False),
    ],
)
def test_how_it_is_found(tmp_path, wanted, facts, found) -> None:
    assert (reached({"SQL1": SqlInstance(tmp_path, **facts)}, wanted) is not None) is found


def test_what_is_set_right_and_what_is_not(tmp_path) -> None:
    instance = SqlInstance(tmp_path)
    given = '{"collation": "Latin1_General_CS_AS", "recovery_model": "FULL", "containment": "NONE"}'
    (tmp_path / "ADSync.properties").write_text(given, encoding="utf-8")
    assert to_correct(instance, "ADSync") == {"recovery_model": "SIMPLE"}
    correct_properties(instance, "ADSync")
    assert to_correct(instance, "ADSync") == {}
    assert properties_of(instance, "ADSync")["collation"] == "Latin1_General_CS_AS"


def test_a_database_nobody_spoke_of(tmp_path) -> None:
    assert properties_of(SqlInstance(tmp_path), "ADSync") == {"collation": "Latin1_General_CI_AS"}
    correct_properties(SqlInstance(tmp_path), "ADSync")
    assert list(tmp_path.iterdir()) == []


def test_other_sync_servers_on_the_instance(tmp_path) -> None:
    for name, table in (("ADSync", "connector"), ("ADSync2", "connector"), ("Sales", "orders")):
        connection = sqlite3.connect(database_path(tmp_path, name))
        connection.execute(f"CREATE TABLE {table} (x)")
        connection.close()
    database_path(tmp_path, "Odd").write_bytes(b"no database at all" * 100)
    assert other_engines(SqlInstance(tmp_path), "ADSync") == ("ADSync2",)
