"""A verb's arguments are read off its function: names, types, what is required, what a plain value stands for."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

import pytest

from harness.actions.registry import Actions, ServerName, shape_of
from harness.scenario.scope import Scope

ACTIONS = Actions()
CALLS: list[dict[str, Any]] = []


@ACTIONS.action("do", "do: {server: S}")
def do(
    lab: Any,
    server: ServerName,
    in_: Annotated[str, "where"] = "here",
    how: Literal["fast", "slow"] = "fast",
    span: timedelta = timedelta(minutes=1),
    names: list[str] | None = None,
    many: dict[str, int] | None = None,
    sure: bool = False,
) -> None:
    """Do it."""
    CALLS.append({"in_": in_, "span": span, "names": names, "server": server})


@ACTIONS.action("pair", "pair: {one: a, two: b}")
def pair(lab: Any, one: str, two: str) -> None:
    """Two needed arguments."""


def complaints(verb: str, value: Any) -> list[str]:
    found: list[str] = []
    scope = Scope(lambda path, key, message, hint, offset: found.append(message), {"server": ["S"]})
    ACTIONS.by_name[verb].verb.arguments.check(value, (), scope)
    return found


def test_what_a_function_says() -> None:
    keys = {key.name: key for key in ACTIONS.by_name["do"].verb.arguments.keys}
    assert list(keys) == ["server", "in", "how", "span", "names", "many", "sure"]
    assert [key.required for key in keys.values()] == [True] + [False] * 6
    assert keys["in"].doc == "where"
    assert keys["how"].shape.text() == "fast | slow"


@pytest.mark.parametrize(
    "value",
    ["S", {"server": "S"}, {"server": "S", "in": "x", "how": "slow", "span": "5m", "names": "a", "many": {"a": 1}}],
)
def test_good(value: Any) -> None:
    assert complaints("do", value) == []


@pytest.mark.parametrize(
    "value",
    [None, "T", {"server": "S", "in_": "x"}, {"server": "S", "how": "warp"}, {"server": "S", "many": {"a": "b"}}],
)
def test_bad(value: Any) -> None:
    assert complaints("do", value)


def test_a_plain_value_stands_for_the_only_needed_argument() -> None:
    assert complaints("pair", "a")


def test_calls_get_converted_values() -> None:
    CALLS.clear()
    ACTIONS.by_name["do"].call(None, {"server": "S", "in": "there", "span": "2h", "names": "one"})
    assert [{"in_": "there", "span": timedelta(hours=2), "names": ["one"], "server": "S"}] == CALLS


def test_a_type_without_a_shape_is_a_mistake_of_the_author() -> None:
    with pytest.raises(TypeError):
        shape_of(complex)
