"""The hand-made reader of search requests against ldaptor's writer, and against what no client may send."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ldaptor.protocols import pureldap

from emulators.directory.core import requests as r
from emulators.directory.core.requests import Scope, Search
from emulators.directory.front import ber
from emulators.directory.front.ber import Malformed
from emulators.directory.front.controls import NO_CONTROLS
from emulators.directory.front.search_request import FILTER_DEPTH_MAX, Unacceptable, read_search


def filter_of(written: str) -> Any:
    """What ldaptor makes of a filter's text."""
    with warnings.catch_warnings():  # it calls pyparsing by names that are on their way out
        warnings.simplefilter("ignore")
        from ldaptor import ldapfilter

        return ldapfilter.parseFilter(written)


def read(operation: bytes) -> Search:
    _, start, stop = ber.read(operation, 0, len(operation))
    return read_search(operation, start, stop, NO_CONTROLS)


def request(**fields: Any) -> bytes:
    return bytes(pureldap.LDAPSearchRequest(**fields).toWire())


FILTERS = [
    ("(cn=Ana)", r.Equality("cn", b"Ana")),
    ("(cn=*)", r.Present("cn")),
    ("(cn=a*)", r.Substrings("cn", b"a", (), None)),
    ("(cn=*b*c*)", r.Substrings("cn", None, (b"b", b"c"), None)),
    ("(cn=a*b*c)", r.Substrings("cn", b"a", (b"b",), b"c")),
    ("(uSNChanged>=1000)", r.GreaterOrEqual("uSNChanged", b"1000")),
    ("(uSNChanged<=1000)", r.LessOrEqual("uSNChanged", b"1000")),
    ("(cn~=Ana)", r.Approximate("cn", b"Ana")),
    ("(!(cn=a))", r.Not(r.Equality("cn", b"a"))),
    ("(&(cn=a)(sn=b))", r.And((r.Equality("cn", b"a"), r.Equality("sn", b"b")))),
    ("(|(cn=a)(!(sn=*)))", r.Or((r.Equality("cn", b"a"), r.Not(r.Present("sn"))))),
    (
        "(userAccountControl:1.2.840.113556.1.4.803:=2)",
        r.Extensible("1.2.840.113556.1.4.803", "userAccountControl", b"2"),
    ),
]


@pytest.mark.parametrize(("written", "expected"), FILTERS, ids=[written for written, _ in FILTERS])
def test_filters_as_ldaptor_writes_them(written: str, expected: r.Filter) -> None:
    assert read(request(filter=filter_of(written))).filter == expected


@settings(max_examples=60)
@given(
    base=st.text(max_size=40),
    scope=st.sampled_from([0, 1, 2]),
    size=st.integers(0, 0x7FFFFFFF),
    seconds=st.integers(0, 0x7FFFFFFF),
    types_only=st.booleans(),
    attributes=st.lists(st.text(min_size=1, max_size=20), max_size=5),
)
def test_fields_as_ldaptor_writes_them(
    base: str, scope: int, size: int, seconds: int, types_only: bool, attributes: list[str]
) -> None:
    found = read(
        request(
            baseObject=base,
            scope=scope,
            sizeLimit=size,
            timeLimit=seconds,
            typesOnly=types_only,
            attributes=[name.encode() for name in attributes],
        )
    )
    expected = Search(base, Scope(scope), r.Present("objectClass"), tuple(attributes), size, seconds, types_only)
    assert found == expected


HEAD = "0400 0a0102 0a0100 020100 020100 010100"
PRESENT = "8702636e"


def operation(content: str) -> bytes:
    return ber.tlv(0x63, bytes.fromhex(content))


@pytest.mark.parametrize(
    "content",
    [
        "0400 0a0103 0a0100 020100 020100 010100" + PRESENT + "3000",  # scope 3
        "0400 0a0102 0a0104 020100 020100 010100" + PRESENT + "3000",  # dereferencing 4
        "0400 0a0102 0a0100 0201ff 020100 010100" + PRESENT + "3000",  # size limit -1
        "0401ff 0a0102 0a0100 020100 020100 010100" + PRESENT + "3000",  # base not UTF-8
        HEAD + "8701ff" + "3000",  # attribute not UTF-8
        HEAD + "a406 0402636e 3000" + "3000",  # substrings without one
    ],
)
def test_what_the_protocol_forbids_is_unacceptable(content: str) -> None:
    with pytest.raises(Unacceptable):
        read(operation(content))


@pytest.mark.parametrize(
    "content",
    [
        "",
        HEAD,
        HEAD + PRESENT,
        HEAD + PRESENT + "300100",
        HEAD + PRESENT + "3000" + "00",
        HEAD + "aa00" + "3000",
        HEAD + "a300" + "3000",
        HEAD + "a2088702636e8702636e" + "3000",
        HEAD + "a40c 0402636e 3006 820161 800161" + "3000",
        HEAD + "a903 810161" + "3000",
        "0400 0a00 0a0100 020100 020100 010100" + PRESENT + "3000",
        "0400 0a0102 0a0100 020100 020100 0100" + PRESENT + "3000",
    ],
)
def test_damaged_structure_is_malformed(content: str) -> None:
    with pytest.raises(Malformed):
        read(operation(content))


def test_fixed_fields_in_more_octets_than_needed() -> None:
    found = read(operation("0400 0a020002 0a0100 0204000003e8 02020080 010101" + PRESENT + "3000"))
    assert found == Search("", Scope.SUBTREE, r.Present("cn"), (), 1000, 128, True)


@pytest.mark.parametrize("extra", [0, 1])
def test_filters_nest_to_a_limit(extra: int) -> None:
    condition = bytes.fromhex(PRESENT)
    for _ in range(FILTER_DEPTH_MAX + extra):
        condition = ber.tlv(0xA2, condition)
    message = ber.tlv(0x63, bytes.fromhex(HEAD) + condition + b"\x30\x00")
    if extra:
        with pytest.raises(Unacceptable):
            read(message)
    else:
        assert isinstance(read(message).filter, r.Not)
