"""world.sql: instances, their own facts, databases with or without properties; mistakes are named."""

from __future__ import annotations

import pytest

from harness.pytest_plugin import make_world


def test_what_is_said_of_instances_and_databases() -> None:
    world = make_world(
        sql={
            "SQL1": {"instance": {"rights": "direct", "port": 1435}, "ADSync": "empty"},
            "SQL2": {"ADSync": {"state": "data", "collation": "Latin1_General_CS_AS", "compatibility_level": 130}},
            "SQL3": {},
        }
    )
    assert world.sql_instances == {"SQL1": {"rights": "direct", "port": 1435}, "SQL2": {}, "SQL3": {}}
    first, second = world.databases
    assert (first.instance, first.name, first.state, first.properties) == ("SQL1", "ADSync", "empty", {})
    assert second.properties == {"collation": "Latin1_General_CS_AS", "compatibility_level": "130"}


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ({"SQL1": {"ADSync": "full"}}, "is none of data, empty"),
        ({"SQL1": {"ADSync": {"collation": "x"}}}, "needs the key state"),
        ({"SQL1": {"instance": {"right": "sa"}}}, "did you mean rights"),
        ({"SQL1": {"instance": {"rights": "owner"}}}, "is none of sa, direct, nested"),
        ({"SQL1": {"ADSync": {"state": "empty", "containment": "SOME"}}}, "is none of NONE, PARTIAL"),
    ],
)
def test_mistakes(sql, complaint) -> None:
    with pytest.raises(ValueError, match=complaint):
        make_world(sql=sql)
