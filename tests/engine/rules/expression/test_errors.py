"""Messages with a place: line, column and caret; both kinds survive a process boundary."""

import pickle

import pytest

from engine.rules.expression import ErrorRaised, ExpressionError
from engine.rules.expression.errors import locate


@pytest.mark.parametrize(
    ("text", "position", "place"),
    [
        ("", 0, (1, 1)),
        ("abc", 0, (1, 1)),
        ("abc", 3, (1, 4)),
        ("abc", 99, (1, 4)),
        ("a\nbc", 2, (2, 1)),
        ("a\r\nbc", 4, (2, 2)),
        ("a\n", 2, (2, 1)),
        ("a\n\nb", 2, (2, 1)),
    ],
)
def test_locate(text, position, place):
    assert locate(text, position) == place


def test_explain_puts_the_caret_under_the_place():
    assert ExpressionError.at("no", "a\n\tbcd", 4).explain() == "no\n\tbcd\n\t ^"
    assert str(ExpressionError.at("no", "abc", 1)) == "no (line 1, column 2) in abc"


def test_a_long_text_is_shown_around_the_place_only():
    shown = str(ExpressionError.at("no", "x" * 500 + "HERE" + "y" * 500, 500))
    assert "HERE" in shown
    assert len(shown) < 220
    assert str(ExpressionError.at("no", "a\n  bc", 4)) == "no (line 2, column 3) in bc"
    assert str(ExpressionError("no")) == "no (line 1, column 1)"


def test_errors_can_be_pickled():
    for kind in (ExpressionError, ErrorRaised):
        again = pickle.loads(pickle.dumps(kind("message", "text", 2, 3)))
        assert type(again) is kind
        assert (again.message, again.text, again.line, again.column) == ("message", "text", 2, 3)
