"""The little BER the administrator's client speaks."""

from __future__ import annotations

import pytest

from harness.lab.ber import BrokenBerError, header, integer, number, octets, parts, sequence, tlv


@pytest.mark.parametrize(("value", "text"), [(0, "020100"), (127, "02017f"), (128, "02020080"), (-1, "0201ff")])
def test_integers(value: int, text: str) -> None:
    assert integer(value).hex() == text
    assert number(bytes.fromhex(text)[2:]) == value


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 70000])
def test_lengths(size: int) -> None:
    whole = octets(b"x" * size)
    assert header(whole) == (4, len(whole) - size, len(whole))
    assert list(parts(whole)) == [(4, b"x" * size)]


def test_headers_that_are_not_all_there() -> None:
    assert header(b"\x30") is None
    assert header(b"\x30\x82\x01") is None


@pytest.mark.parametrize("broken", [b"\x04\x05ab", b"\x30\x80", b"\x04\x85\x01\x01\x01\x01\x01"])
def test_broken(broken: bytes) -> None:
    with pytest.raises(BrokenBerError):
        list(parts(broken))


def test_sequences_nest() -> None:
    assert list(parts(sequence(octets("a"), tlv(0x80, b"b")))) == [(0x30, b"\x04\x01a\x80\x01b")]
