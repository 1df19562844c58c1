"""Equality, validity and measure per syntax."""

import pytest

from emulators.directory.core import syntaxes as s


@pytest.mark.parametrize(
    ("syntax", "left", "right", "same"),
    [
        (s.UNICODE, b"ANA", b"ana", True),
        (s.UNICODE, b"STRASSE", "straße".encode(), True),
        (s.CASE_EXACT, b"ANA", b"ana", False),
        (s.IA5, b"A", b"a", False),
        (s.INTEGER, b"007", b"7", True),
        (s.LARGE_INTEGER, b"-1", b"1", False),
        (s.DN, b"CN=A, DC=b", b"cn=a,dc=B", True),
        (s.DN_BINARY, b"B:2:AB:CN=a,DC=b", b"B:2:ab:cn=A,dc=b", True),
        (s.GENERALIZED_TIME, b"20250101000000.0Z", b"20250101000000Z", True),
        (s.SID, b"S-1-1-0", bytes.fromhex("010100000000000100000000"), True),
        (s.OCTETS, b"A", b"a", False),
    ],
)
def test_equality(syntax: s.Syntax, left: bytes, right: bytes, same: bool) -> None:
    assert (syntax.key(left) == syntax.key(right)) is same


@pytest.mark.parametrize(
    ("syntax", "value", "valid"),
    [
        (s.INTEGER, b"2147483647", True),
        (s.INTEGER, b"2147483648", False),
        (s.INTEGER, b"1x", False),
        (s.LARGE_INTEGER, b"9223372036854775807", True),
        (s.LARGE_INTEGER, b"9223372036854775808", False),
        (s.BOOLEAN, b"TRUE", True),
        (s.BOOLEAN, b"true", False),
        (s.UNICODE, b"", False),
        (s.UNICODE, b"\xff", False),
        (s.DN, b"nothing", False),
        (s.DN_STRING, b"S:3:a:b:DC=com", True),
        (s.GENERALIZED_TIME, b"yesterday", False),
    ],
)
def test_validity(syntax: s.Syntax, value: bytes, valid: bool) -> None:
    assert s.is_valid(syntax, value) is valid


def test_measure_counts_characters_of_text_and_the_value_of_numbers() -> None:
    assert s.measure(s.UNICODE, "äö".encode()) == 2
    assert s.measure(s.INTEGER, b"65535") == 65535
    assert s.measure(s.OCTETS, b"abc") == 3
