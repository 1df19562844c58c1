"""Filter texts in BER, byte by byte; and texts that are no filters."""

from __future__ import annotations

import pytest

from harness.lab.ldap_filters import FilterTextError, encode_filter, escape


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("(cn=*)", "8702636e"),
        ("cn=a", "a3070402636e040161"),
        ("(a>=5)", "a506040161040135"),
        ("(a<=5)", "a606040161040135"),
        ("(a~=5)", "a806040161040135"),
        ("(!(cn=*))", "a2048702636e"),
        ("(&(a=*)(b=*))", "a006870161870162"),
        ("(|(a=*)(b=*))", "a106870161870162"),
        ("(a=x*)", "a40804016130038001" + "78"),
        ("(a=x*y*z)", "a40e0401613009800178810179" + "82017a"),
        (r"(a=\2a\00)", "a30704016104022a00"),
        ("(a:1.2:=5)", "a90e8103312e32820161830135840100"),
    ],
)
def test_encoded(text: str, octets: str) -> None:
    assert encode_filter(text).hex() == octets


@pytest.mark.parametrize("text", ["", "(a=b", "(&(a=b)", "(a)", "(a=b))", r"(a=\zz)", "(!(a=b)(c=d))"])
def test_refused(text: str) -> None:
    with pytest.raises(FilterTextError):
        encode_filter(text)


def test_values_are_escaped() -> None:
    assert escape("a*(b)\\") == r"a\2a\28b\29\5c"
    assert escape(b"\x00\xff") == r"\00\ff"
