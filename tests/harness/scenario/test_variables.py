"""Which names a text uses, what they become, and what belongs to cmdlets."""

from __future__ import annotations

from typing import Any

import pytest

from harness.scenario.variables import UnknownVariableError, is_variable, names_in, resolve, uses_variables

HELD = {
    "before": [{"id": "1", "upn": "ana@contoso.com"}, {"id": "2", "upn": "ben@contoso.com"}],
    "ana": {"id": "1", "name": "Ana", "nested": {"deep": 7}},
    "count": 5,
    "one": [{"id": "9"}],
    "nothing": None,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$count", 5),
        ("${count}", 5),
        ("$before", HELD["before"]),
        ("${ana.id}", "1"),
        ("${ana.nested.deep}", 7),
        ("${before[1].upn}", "ben@contoso.com"),
        ("${one.id}", "9"),
        ("there are $count of them", "there are 5 of them"),
        ("${ana.name}@contoso.com", "Ana@contoso.com"),
        ("$$count", "$count"),
        ("no variable", "no variable"),
        ("-SyncCycleEnabled $false", "-SyncCycleEnabled $false"),
        ("a$nothing", "a"),
        ("costs 5$", "costs 5$"),
        ({"$count": ["$count", {"x": "${ana.id}"}]}, {"5": [5, {"x": "1"}]}),
        (7, 7),
    ],
)
def test_resolve(text: Any, value: Any) -> None:
    assert resolve(text, HELD) == value


@pytest.mark.parametrize("text", ["$befor", "${ana.mail}", "${before[7].id}", "${nobody.id}", "see $before here"])
def test_what_holds_nothing_is_refused(text: str) -> None:
    with pytest.raises(UnknownVariableError):
        resolve(text, HELD)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$a and ${b.c} and $$d", [("a", 0), ("b", 7)]),
        ("$true $null $false $_", []),
        ("${list[0].x}", [("list", 0)]),
    ],
)
def test_names_in(text: str, names: list[tuple[str, int]]) -> None:
    assert list(names_in(text)) == names


def test_only_a_lone_variable_keeps_its_type() -> None:
    assert is_variable("$count")
    assert not is_variable("$count ")
    assert not is_variable("$false")
    assert uses_variables("x$count")
    assert not uses_variables(5)
