"""Filters as the journal shows them."""

from __future__ import annotations

import pytest

from emulators.directory.core.requests import And, Equality, Extensible, Not, Or, Present, Substrings
from emulators.directory.front.filter_text import filter_text


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (Present("mS-DS-ConsistencyGuid"), "(mS-DS-ConsistencyGuid=*)"),
        (Equality("cn", b"Ana (x)*"), "(cn=Ana \\28x\\29\\2a)"),
        (Equality("objectGUID", b"\x00\xff"), "(objectGUID=\\00\\ff)"),
        (And((Present("a"), Or((Equality("b", b"1"), Not(Present("c")))))), "(&(a=*)(|(b=1)(!(c=*))))"),
        (Substrings("mail", b"a", (b"b",), None), "(mail=a*b*)"),
        (Extensible("1.2.840.113556.1.4.803", "userAccountControl", b"2"),
         "(userAccountControl:1.2.840.113556.1.4.803:=2)"),
    ],
)  # fmt: skip
def test_the_text_form(wanted, text):
    assert filter_text(wanted) == text


def test_a_secret_is_not_shown():
    assert filter_text(Equality("unicodePwd", b"hash"), frozenset({"unicodepwd"})) == "(unicodePwd=...)"
