from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.rules.json_document import DEPTH_MAX, read_json, written_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_reads_back_the_same(value):
    assert read_json(written_json(value), "f").plain() == value
    assert read_json(json.dumps(value), "f").plain() == value


def test_every_value_knows_its_place():
    root = read_json('{\n  "a": [1, {"b": "x"}],\r\n\t"c": true\n}', "f")
    assert (root.line, root.column) == (1, 1)
    first, second = root.value["a"].value
    assert (first.line, first.column, first.value) == (2, 9, 1)
    assert (second.value["b"].line, second.value["b"].column) == (2, 18)
    assert (root.value["c"].line, root.value["c"].column) == (3, 7)


def test_a_text_keeps_its_spelling():
    value = read_json(r'["a\u0022\n&\u0026"]', "f").value[0]
    assert (value.value, value.raw) == ('a"\n&&', r"a\u0022\n&\u0026")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_every_encoding_windows_writes(encoding):
    assert read_json('{"ä": "ö"}'.encode(encoding), "f").plain() == {"ä": "ö"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "f:1:1: expected a value, found the end of the file."),
        ('{"a": 1,}', "f:1:9: expected a name in double quotes, found '}'."),
        ('{"a": 1\n "b": 2}', "f:2:2: expected a comma or }, found '\"'."),
        ("[1, 2", "f:1:6: expected a comma or ], found the end of the file."),
        ('{"a" 1}', "f:1:6: expected a colon after 'a', found '1'."),
        ("{a: 1}", "f:1:2: expected a name in double quotes, found 'a'."),
        ('{"a": True}', "f:1:7: True is written true in JSON."),
        ('{"a": nope}', "f:1:7: expected a value, found 'n'."),
        ('{"a": "x', "f:1:7: unterminated string."),
        ('{"a": "x\ny"}', "f:1:9: invalid control character."),
        ('{"a": "\\q"}', "f:1:8: invalid \\escape."),
        ('{"a": 1, "a": 2}', "f:1:10: the name 'a' stands twice in this object."),
        ("[1] 2", "f:1:5: expected the end of the file, found '2'."),
        ('["\\ud800x"]', "f:1:2: half a character of two: \\uD800 to \\uDFFF stand in pairs."),
        ("[01]", "f:1:3: expected a comma or ], found '1'."),
        ("[" * (DEPTH_MAX + 2), f"f:1:{DEPTH_MAX + 2}: nested more than {DEPTH_MAX} deep."),
    ],
)
def test_faults_name_line_and_column(text, complaint):
    with pytest.raises(ConfigurationError) as raised:
        read_json(text, "f")
    assert raised.value.message == complaint


def test_bytes_of_no_encoding():
    with pytest.raises(ConfigurationError, match="f:2:1: this is no UTF-8 text"):
        read_json(b'{"a":\n"\xff\xfe\xfd"}', "f")
