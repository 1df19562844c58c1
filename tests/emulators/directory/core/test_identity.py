"""GUIDs, SIDs and times in octets and text."""

from random import Random

import pytest

from emulators.directory.core import identity


def test_guid_octets_are_little_endian_in_the_first_parts() -> None:
    octets = identity.guid("766ddcd8-acd0-445e-f3b9-a7f9b6744f2a")
    assert octets.hex() == "d8dc6d76d0ac5e44f3b9a7f9b6744f2a"
    assert identity.guid_text(octets) == "766ddcd8-acd0-445e-f3b9-a7f9b6744f2a"
    assert identity.guid_bytes("{766DDCD8-ACD0-445E-F3B9-A7F9B6744F2A}") == octets
    assert identity.guid_bytes("766ddcd8") is None


@pytest.mark.parametrize("text", ["S-1-5-21-1-2-4294967295-500", "S-1-1-0", "S-1-5-32-544"])
def test_sid_text_round_trip(text: str) -> None:
    octets = identity.sid(text)
    assert identity.is_sid(octets)
    assert identity.sid_text(octets) == text


@pytest.mark.parametrize("text", ["S-1-5-x", "S-2-5-1", "S-1-5-4294967296", "S-1-5" + "-1" * 16, ""])
def test_bad_sids(text: str) -> None:
    assert identity.sid_bytes(text) is None


def test_made_identity_comes_from_the_seed() -> None:
    assert identity.new_guid(Random(1)) == identity.new_guid(Random(1))
    assert identity.guid_text(identity.new_guid(Random(1)))[14] == "4"
    domain = identity.new_domain_sid(Random(1))
    assert identity.sid_text(identity.with_rid(domain, 1103)).endswith("-1103")
    assert identity.rid_of(identity.with_rid(domain, 1103)) == 1103
