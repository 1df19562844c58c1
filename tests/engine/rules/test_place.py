from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.xml_document import escaped
from engine.rules.json_document import read_json
from engine.rules.place import (
    DOUBLE_QUOTED_CHARACTER,
    JSON_CHARACTER,
    SINGLE_QUOTED_CHARACTER,
    XML_CHARACTER,
    RulePlace,
    Spot,
)

TEXT = st.text(st.sampled_from("ab\n\"'&<>\\`€𝄞"), min_size=1, max_size=12)


def character_at(raw, spot, line, column):
    """The raw text from a spot on."""
    lines = raw.split("\n")
    return "\n".join(
        [lines[spot.line - line][spot.column - (column if spot.line == line else 1) :], *lines[spot.line - line + 1 :]]
    )


@given(TEXT, st.data())
def test_every_character_of_an_xml_text_is_found(text, data):
    offset = data.draw(st.integers(0, len(text) - 1))
    raw = escaped(text)
    spot = Spot(3, 5, raw, XML_CHARACTER).within(offset)
    assert character_at(raw, spot, 3, 5) == escaped(text[offset:])


@given(TEXT, st.booleans(), st.data())
def test_every_character_of_a_json_text_is_found(text, ascii_only, data):
    offset = data.draw(st.integers(0, len(text) - 1))
    value = read_json(json.dumps(text, ensure_ascii=ascii_only), "f")
    spot = Spot(1, 2, value.raw, JSON_CHARACTER).within(offset)
    assert value.raw[spot.column - 2 :] == json.dumps(text[offset:], ensure_ascii=ascii_only)[1:-1]


@pytest.mark.parametrize(
    ("raw", "character", "offset", "where"),
    [
        ("it''s [a]", SINGLE_QUOTED_CHARACTER, 3, "7:5"),
        ("it''s [a]", SINGLE_QUOTED_CHARACTER, 5, "7:7"),
        ("a\nb''c", SINGLE_QUOTED_CHARACTER, 4, "8:4"),
        ('a`"b`nc', DOUBLE_QUOTED_CHARACTER, 2, "7:4"),
        ('a""b', DOUBLE_QUOTED_CHARACTER, 2, "7:4"),
    ],
)
def test_the_texts_of_a_script(raw, character, offset, where):
    assert str(Spot(7, 1, raw, character).within(offset)) == where


def test_what_is_not_known_falls_back():
    assert str(Spot(2, 4).within(9)) == "2:4"
    assert str(Spot(2, 4, "ab", XML_CHARACTER).within(9)) == "2:4"
    place = RulePlace("f", {"": Spot(1, 1), "flow 0": Spot(5, 2)})
    assert place.of("expression 0", "flow 0") == "f:5:2"
    assert place.of("flow 9") == "f:1:1"
    assert RulePlace("f").of("flow 0") == "f"
