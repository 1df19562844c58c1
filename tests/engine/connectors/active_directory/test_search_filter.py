"""Filters: text in, octets out. The octets are written by hand from RFC 4511."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory.search_filter import encode_filter, escape

CASES = [
    ("(objectClass=*)", "870b 6f626a656374436c617373"),
    ("(cn=Ana)", "a309 0402636e 0403416e61"),
    (r"(cn=A\2aB)", "a309 0402636e 0403412a42"),
    ("(cn=A*na*)", "a40d 0402636e 3007 800141 81026e61"),
    ("(cn=*z)", "a409 0402636e 3003 82017a"),
    ("(!(cn=a))", "a209 a307 0402636e 040161"),
    ("(&(cn=a)(sn=b))", "a012 a307 0402636e 040161 a307 0402736e 040162"),
    ("(|(cn=a))", "a109 a307 0402636e 040161"),
    ("(usn>=5)", "a508 040375736e 040135"),
    ("(usn<=5)", "a608 040375736e 040135"),
    ("(cn~=a)", "a807 0402636e 040161"),
    ("(f:1.2:=3)", "a90b 8103312e32 820166 830133"),
    ("(f:dn:1.2:=3)", "a90e 8103312e32 820166 830133 8401ff"),
    ("(cn=Käthe)", "a30c 0402636e 04064bc3a4746865"),
]


@pytest.mark.parametrize(("text", "octets"), CASES, ids=[c[0] for c in CASES])
def test_encodes(text: str, octets: str) -> None:
    assert encode_filter(text).hex() == octets.replace(" ", "")


@pytest.mark.parametrize("text", ["", "cn=a", "(cn=a", "(cn)", "(=a)", "(&(cn=a)", "(cn=a))", r"(cn=\4)", r"(cn=\zz)"])
def test_refuses_with_a_position(text: str) -> None:
    with pytest.raises(ValueError, match="search filter"):
        encode_filter(text)


def test_refuses_endless_nesting() -> None:
    with pytest.raises(ValueError, match="nested"):
        encode_filter("(!" * 100 + "(cn=a)" + ")" * 100)


def test_any_value_survives_escaping() -> None:
    every = bytes(range(256))
    assert encode_filter(f"(x={escape(every)})").endswith(every)
