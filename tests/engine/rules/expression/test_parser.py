"""Reading expressions: texts, places of errors, positions of nodes, bounds."""

from typing import Any

import pytest

from engine.rules.expression import ExpressionError, nodes
from engine.rules.expression.parser import DEPTH_LIMIT, parse

TABLES = ("parser",)


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)


def test_positions_are_kept():
    tree = parse('IIF([a] = 1,\n  "x", $v)')
    assert isinstance(tree, nodes.Call)
    assert [each.position for each in tree.arguments] == [4, 15, 20]
    condition = tree.arguments[0]
    assert isinstance(condition, nodes.Comparison)
    assert condition.steps == (nodes.Step("=", nodes.Literal(1, 10), 8),)


def test_a_parsed_text_is_remembered():
    assert parse("Trim([remembered])") is parse("Trim([remembered])")


def test_an_error_on_a_later_line_shows_that_line():
    with pytest.raises(ExpressionError) as caught:
        parse('IIF([a],\r\n  "b",\r\n  “c”)')
    assert (caught.value.line, caught.value.column) == (3, 3)
    assert caught.value.explain().splitlines()[1:] == ["  “c”)", "  ^"]


def test_nesting_is_bounded_and_the_bound_can_be_reached():
    assert parse("(" * DEPTH_LIMIT + "1" + ")" * DEPTH_LIMIT) == nodes.Literal(1, DEPTH_LIMIT)
    with pytest.raises(ExpressionError, match="nested deeper"):
        parse("(" * (DEPTH_LIMIT + 1) + "1" + ")" * (DEPTH_LIMIT + 1))


def test_brackets_inside_texts_and_names_do_not_nest():
    assert parse('"' + "(" * 500 + '"') == nodes.Literal("(" * 500, 0)


def test_a_long_chain_is_no_deep_one():
    tree = parse(" & ".join(["[a]"] * 3000))
    assert isinstance(tree, nodes.Sum)
    assert len(tree.steps) == 2999
