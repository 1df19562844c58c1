"""Security descriptors: a real one comes back byte for byte, rights land where the canonical order wants them."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory.security_descriptor import (
    ACCESS_DENIED,
    CONTROL_ACCESS,
    INHERITED,
    Ace,
    SecurityDescriptor,
    allow,
    read_descriptor,
    sid_text,
    with_rights,
    write_descriptor,
)

SID = bytes.fromhex("010500000000000515000000c7353a428e6b748455a1aec6e8030000")
EVERYONE = bytes.fromhex("010100000000000100000000")
RIGHT = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"


def test_an_object_ace_octet_by_octet() -> None:
    assert allow(SID, CONTROL_ACCESS, RIGHT).octets().hex() == (
        "050038000001000001000000aaf63111079cd111f79f00c04fc2dcd2" + SID.hex()
    )


def test_an_inherited_right_names_the_class() -> None:
    ace = allow(SID, 0x30, None, "bf967aba-0de6-11d0-a285-00aa003049e2")
    assert ace.octets().hex().startswith("050a38003000000002000000ba7a96bfe60dd011a28500aa003049e2")


def test_written_and_read_again() -> None:
    descriptor = SecurityDescriptor(0x0400, SID, EVERYONE, None, (allow(SID, CONTROL_ACCESS, RIGHT),))
    octets = write_descriptor(descriptor)
    again = read_descriptor(octets)
    assert (again.owner, again.group, again.control) == (SID, EVERYONE, 0x0400)
    assert again.dacl is not None
    assert [(a.object_type, a.mask, a.sid) for a in again.dacl] == [(RIGHT, CONTROL_ACCESS, SID)]
    assert write_descriptor(again) == octets


def test_rights_take_their_place_and_are_not_repeated() -> None:
    denied = Ace(ACCESS_DENIED, 0, 1, EVERYONE)
    inherited = Ace(0, INHERITED, 1, EVERYONE)
    start = SecurityDescriptor(0, SID, SID, None, (denied, inherited))
    added = allow(SID, CONTROL_ACCESS, RIGHT)
    once = with_rights(start, (added,))
    assert once.dacl == (denied, added, inherited)
    assert (
        with_rights(read_descriptor(write_descriptor(once)), (added,)).dacl
        == read_descriptor(write_descriptor(once)).dacl
    )


def test_no_dacl_is_not_an_empty_one() -> None:
    none = SecurityDescriptor(0, SID, SID, None, None)
    empty = SecurityDescriptor(0, SID, SID, None, ())
    assert read_descriptor(write_descriptor(none)).dacl is None
    assert read_descriptor(write_descriptor(empty)).dacl == ()


@pytest.mark.parametrize("octets", ["", "01", "02000480" + "00" * 16, "0100048014000000", "01000480" + "ff" * 16])
def test_broken_descriptors_are_refused(octets: str) -> None:
    with pytest.raises(ValueError, match=r"security descriptor|SID"):
        read_descriptor(bytes.fromhex(octets))


def test_sid_text() -> None:
    assert sid_text(SID) == "S-1-5-21-1111111111-2222222222-3333333333-1000"
    assert sid_text(EVERYONE) == "S-1-1-0"
