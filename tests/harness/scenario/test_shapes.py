"""Shapes convert what they checked, and their JSON Schema takes the same values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.scenario.scope import Scope
from harness.scenario.shapes import (
    Anything,
    Boolean,
    Choice,
    Duration,
    Integer,
    Key,
    ListOf,
    MapOf,
    Record,
    Shape,
    Text,
)

RECORD = Record((Key("name", Text(), required=True), Key("size", Integer())), shorthand="name", what="a thing")
GOOD: list[tuple[Shape, Any, Any]] = [
    (Text(), "x", "x"), (Text(), 5, "5"), (Integer(), 5, 5), (Integer(), "$n", "$n"), (Boolean(), True, True),
    (Duration(), "30m", timedelta(minutes=30)), (Choice(("a", "b")), "a", "a"), (Anything(), {"x": 1}, {"x": 1}),
    (ListOf(Integer()), [1, 2], [1, 2]), (ListOf(Integer()), 1, [1]), (MapOf(Integer()), {"a": 1}, {"a": 1}),
    (RECORD, {"name": "x", "size": 2}, {"name": "x", "size": 2}), (RECORD, "x", {"name": "x"}),
]  # fmt: skip
BAD: list[tuple[Shape, Any]] = [
    (Text(), True), (Text(), None), (Text(), [1]), (Integer(), "five"), (Integer(), -1), (Integer(), True),
    (Boolean(), "yes"), (Duration(), "5"), (Choice(("a",)), "b"), (ListOf(Integer()), ["x"]), (MapOf(Integer()), [1]),
    (RECORD, {}), (RECORD, {"name": "x", "sise": 1}), (RECORD, None), (RECORD, ["x"]),
]  # fmt: skip


def complaints(shape: Shape, value: Any) -> list[str]:
    found: list[str] = []
    shape.check(value, (), Scope(lambda path, key, message, hint, offset: found.append(message)))
    return found


@pytest.mark.parametrize(("shape", "value", "converted"), GOOD)
def test_good(shape: Shape, value: Any, converted: Any) -> None:
    assert complaints(shape, value) == []
    Draft202012Validator(shape.schema()).validate(value)
    if value != "$n":
        assert shape.convert(value) == converted


@pytest.mark.parametrize(("shape", "value"), BAD)
def test_bad(shape: Shape, value: Any) -> None:
    assert complaints(shape, value)


@pytest.mark.parametrize("shape", [shape for shape, _, _ in GOOD])
def test_every_shape_says_what_it_is(shape: Shape) -> None:
    assert shape.text()
