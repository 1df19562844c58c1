"""Compiled expressions: what they read, whether they repeat, laziness, the outermost layer."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.rules.expression import Context, ErrorRaised, ExpressionError, compile_expression
from engine.rules.expression.parser import DEPTH_LIMIT

TABLES = ("conformance",)
NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def context(attributes: dict[str, Any] | None = None, seed: int = 1) -> Context:
    return Context(attributes or {}, attributes or {}, {"P": "x"}, NOW, random.Random(seed))


def test_rows(row: dict[str, Any], check: Any) -> None:
    check(row)


def test_names_are_collected():
    found = compile_expression('IIF([a]=[b],ImportedValue("c") & %P.q%,CStr(ValueCount("d")))')
    assert found.attributes == {"a", "b"}
    assert found.imported == {"c", "d"}
    assert found.parameters == {"P.q"}
    assert found.deterministic


@pytest.mark.parametrize("text", ["Guid()", "RandomNum(1,2)", 'FormatDateTime(Now(),"u")', "IIF([a],Guid(),1)"])
def test_expressions_that_do_not_repeat(text):
    assert not compile_expression(text).deterministic


def test_random_functions_follow_the_seed():
    text = 'Guid() & "/" & RandomNum(1,1000000)'
    first, again, other = (compile_expression(text).evaluate(context(seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert str(first)[14] == "4"


def test_a_part_is_evaluated_once_even_when_the_usual_path_is_left():
    evaluate = compile_expression("With($g,Guid() & 1,$g = $g)").evaluate
    assert evaluate(context()) is True
    source = random.Random(1)
    compile_expression("RandomNum(1,9) & [x]").evaluate(Context({}, {}, {}, NOW, source))
    expected = random.Random(1)
    expected.randint(1, 9)
    assert source.getstate() == expected.getstate()


def test_a_date_is_no_result_of_a_flow():
    for text in ("Now()", "Select($i,[x],CDate($i))", "IIF([y]=1,1,Now())", "With($d,Now(),$d)", "vbTextCompare"):
        expression = compile_expression(text)
        with pytest.raises(ExpressionError, match=r"cannot be stored|is no value"):
            expression.evaluate(context({"x": ["2001-01-01"]}))


def test_a_refusal_known_beforehand_waits_for_its_branch():
    assert compile_expression('IIF([x],Left("a","b"),"c")').evaluate(context()) == "c"
    with pytest.raises(ErrorRaised) as caught:
        compile_expression('Error("Stop")').evaluate(context())
    assert caught.value.message == "Stop"


def test_lists_are_never_shared_between_evaluations():
    evaluate = compile_expression('Split("a,b",",")').evaluate
    first = evaluate(context())
    assert isinstance(first, list)
    first.append("c")
    assert evaluate(context()) == ["a", "b"]


def test_an_attribute_named_as_multi_valued_keeps_its_list():
    evaluate = compile_expression("[x]", multivalued=frozenset({"x"})).evaluate
    assert evaluate(context({"x": ["a"]})) == ["a"]


def test_deepest_nesting_can_be_evaluated():
    depth = DEPTH_LIMIT
    assert compile_expression("Trim(" * depth + "[x]" + ")" * depth).evaluate(context({"x": " a "})) == "a"
    nested = "IIF([n]=1,[x]," * depth + '"end"' + ")" * depth
    assert compile_expression(nested).evaluate(context({"x": "a", "n": 2})) == "end"


def test_a_long_chain_can_be_evaluated():
    assert compile_expression(" + ".join(["[n]"] * 3000)).evaluate(context({"n": 1})) == 3000
    assert compile_expression(" || ".join(["[n]=2"] * 3000)).evaluate(context({"n": 1})) is False
