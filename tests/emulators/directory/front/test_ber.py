"""Definite lengths in the fewest octets; strict reading within a container."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldaptor.protocols import pureber

from emulators.directory.front import ber
from emulators.directory.front.ber import Malformed


@pytest.mark.parametrize(
    ("n", "encoded"),
    [(0, "00"), (127, "7f"), (128, "8180"), (255, "81ff"), (256, "820100"), (65535, "82ffff"), (65536, "83010000")],
)
def test_lengths(n: int, encoded: str) -> None:
    assert ber.length(n).hex() == encoded


@pytest.mark.parametrize(
    ("value", "encoded"),
    [(0, "020100"), (127, "02017f"), (128, "02020080"), (-128, "020180"), (-129, "0202ff7f"), (-1, "0201ff")],
)
def test_integers_in_the_fewest_octets(value: int, encoded: str) -> None:
    assert ber.integer(value).hex() == encoded


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_come_back(value: int) -> None:
    encoded = ber.integer(value)
    assert ber.read_integer(encoded, 2, len(encoded)) == value


@given(st.integers(0, 2**31))
def test_integers_as_ldaptor_writes_them(value: int) -> None:
    assert ber.integer(value) == bytes(pureber.BERInteger(value).toWire())


@pytest.mark.parametrize(
    "data", ["", "04", "0401", "0480", "04850000000001", "0484ffffffff61", "048201", "04820003 6161"]
)
def test_what_does_not_fit_is_malformed(data: str) -> None:
    octets = bytes.fromhex(data)
    with pytest.raises(Malformed):
        ber.read(octets, 0, len(octets))


def test_a_value_may_not_reach_past_its_container() -> None:
    with pytest.raises(Malformed):
        ber.read(b"\x04\x03abc", 0, 4)


@pytest.mark.parametrize("content", ["", "010101010101010101"])
def test_integers_have_one_to_eight_octets(content: str) -> None:
    octets = bytes.fromhex(content)
    with pytest.raises(Malformed):
        ber.read_integer(octets, 0, len(octets))
