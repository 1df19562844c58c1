from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.script_syntax import Place, ScriptFault, Statement, Text, quoted, statements


def read(text):
    return list(statements(text))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'it''s'", "it's"),
        ("‘it’’s’", "it’s"),
        ("'`n $x \"'", '`n $x "'),
        ('"a`nb`tc`0`r``"', "a\nb\tc\0\r`"),
        ('"say ""hi"" `"ho`" `q"', 'say "hi" "ho" q'),
        ('"5 $ `$x"', "5 $ $x"),
        ("@'\nit's\n\n'@", "it's\n"),
        ("@'\n'@", ""),
        ('@"\n""`$x\n"@', '""$x'),
        ("'a\r\nb'", "a\nb"),
    ],
)
def test_texts(written, meant):
    assert read(f"x {written}") == [Statement(Place(1, 1), ((Text(Place(1, 1), "x", True), Text(Place(1, 3), meant)),))]


@given(st.text())
def test_a_quoted_text_is_read_as_it_was(text):
    ((_, found),) = read(f"x {quoted(text)}")[0].calls
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a\n b 'c", (2, 4), "this text is not closed: expected another '."),
        ("a @'\nb", (1, 3), "this here-string is not closed: expected '@ on a line."),
        ("a @('x',", (1, 9), "expected a value, found the end."),
        ("a @('x'", (1, 8), "expected ), found the end."),
        ("$x =", (1, 5), "expected a value, found the end."),
        ("$x[0] = 1", (1, 1), "$x[0] cannot be assigned to: expected a plain variable."),
        ("[xml] $x = 1", (1, 1), "[xml] is not read before a variable: expected one of bool, guid, int, string."),
        ("a @('x',@('y'))", (1, 3), "a list inside a list is not read: expected texts or variables in @()."),
    ],
)
def test_faults_say_their_place(text, place, message):
    with pytest.raises(ScriptFault) as raised:
        read(text)
    assert (raised.value.place, raised.value.message) == (Place(*place), message)
