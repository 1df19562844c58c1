"""BER: what LDAP allows and what it does not."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory import ber


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 256, -1, -128, -129, 2**31, -(2**31), 2**63 - 1])
def test_integers_come_back(value: int) -> None:
    octets = ber.write_integer(value)
    assert ber.read(octets).integer == value
    assert len(octets) == 2 + max(1, (value.bit_length() + 8) // 8 if value >= 0 else ((~value).bit_length() + 8) // 8)


@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 70000])
def test_lengths_come_back(length: int) -> None:
    element = ber.read(ber.write(ber.OCTET_STRING, bytes(length)))
    assert len(element.octets) == length


def test_the_long_form_of_active_directory_is_read() -> None:
    assert ber.read(bytes.fromhex("3084000000030101ff")).children()[0].boolean is True


@pytest.mark.parametrize(
    "octets", ["", "30", "3005010100", "3080", "308500000000010101", "1f8101", "3082ff", "0200"], ids=str
)
def test_broken_octets_are_refused(octets: str) -> None:
    with pytest.raises(ber.BerError):
        ber.read(bytes.fromhex(octets)).integer  # noqa: B018


def test_a_child_may_not_outgrow_its_parent() -> None:
    with pytest.raises(ber.BerError):
        ber.read(bytes.fromhex("3003040541414141")).children()
