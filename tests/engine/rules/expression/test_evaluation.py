"""The answer of `anchorage expr --json`: kinds, types, binary, errors."""

import json
import random
from datetime import UTC, datetime

import pytest

from engine.rules.expression.evaluation import evaluate_text

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def evaluated(text, attributes=None, **more):
    return evaluate_text(text, attributes or {}, {}, {}, NOW, random.Random(1), **more)


@pytest.mark.parametrize(
    ("text", "attributes", "answer"),
    [
        ("[x]", {"x": "a"}, {"kind": "value", "type": "str", "value": "a"}),
        ("[x]", {"x": 5}, {"kind": "value", "type": "num", "value": 5}),
        ("[x]", {"x": True}, {"kind": "value", "type": "bool", "value": True}),
        ("[x]", {"x": {"base64": "AQI="}}, {"kind": "value", "type": "bin", "value": {"base64": "AQI="}}),
        ("[x]", {"x": b"\x01\x02"}, {"kind": "value", "type": "bin", "value": {"base64": "AQI="}}),
        ("[x]", {"x": ["a"]}, {"kind": "value", "type": "mvstr", "value": ["a"]}),
        ("[x]", {"x": [{"base64": "AQI="}]}, {"kind": "value", "type": "mvbin", "value": [{"base64": "AQI="}]}),
        ("[x]", {"x": ["a", 1]}, {"kind": "value", "type": "mvvar", "value": ["a", 1]}),
        ("Now()", {}, {"kind": "value", "type": "dt", "value": "2026-01-15T10:30:00Z"}),
        ("[x]", {}, {"kind": "null", "type": None, "value": None}),
        ("[x]", {"x": None}, {"kind": "null", "type": None, "value": None}),
        ("[x]", {"x": []}, {"kind": "null", "type": None, "value": None}),
        ("IgnoreThisFlow", {}, {"kind": "ignore", "type": None, "value": None}),
        ("AuthoritativeNull", {}, {"kind": "authoritative-null", "type": None, "value": None}),
    ],
)
def test_answers(text, attributes, answer):
    assert evaluated(text, attributes) == answer


def test_an_unreadable_expression_is_an_answer_with_its_place():
    answer = evaluated('Left("a",\n Trm("b"))')
    assert (answer["kind"], answer["line"], answer["column"], answer["error"]) == ("error", 2, 2, None)
    assert answer["message"] == "unknown function Trm; did you mean Trim?"
    assert answer["explanation"].endswith(' Trm("b"))\n ^')
    json.dumps(answer)


def test_a_raised_error_carries_its_text_and_the_engine_name():
    answer = evaluated('Error("No accountName")')
    assert answer["message"] == "No accountName"
    assert answer["error"] == "sync-rule-error-function-triggered"


def test_error_texts_do_not_show_the_values_of_the_object():
    for text in (
        "CNum([x])",
        "CGuid([x])",
        "[x] + 1",
        "CRef([x])",
        "[x] = 1",
        "IIF([x],1,2)",
        "ConvertFromBase64([x])",
    ):
        answer = evaluated(text, {"x": "Str0ng-Passw0rd!"})
        assert answer["kind"] == "error"
        assert "Str0ng" not in json.dumps(answer)


@pytest.mark.parametrize("value", [1.5, {"a": 1}, {"base64": "?"}, [["a"]]])
def test_values_that_are_none_are_refused(value):
    with pytest.raises(ValueError, match="the value of x"):
        evaluated("[x]", {"x": value})
