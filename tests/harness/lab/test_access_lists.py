"""A denial put first in an access list, read back by the directory's own reader."""

from __future__ import annotations

import pytest

from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.identity import guid, sid
from harness.lab.access_lists import READ_PROPERTY, allowed, denied

DOMAIN = sid("S-1-5-21-1-2-3")
ATTRIBUTE = guid("3e0abfd0-126a-11d0-a060-00aa006c33ed")
ACCOUNT = sid("S-1-5-21-1-2-3-1107")


def test_a_denial_comes_first_and_the_rest_stays():
    before = sd.from_sddl("O:DAG:DAD:(A;;RP;;;AU)(A;;RPWP;;;SY)", DOMAIN, DOMAIN)
    after = sd.parse(denied(before.part(4), ATTRIBUTE, ACCOUNT, READ_PROPERTY))
    assert after.dacl is not None
    first, *rest = after.dacl
    assert (first.kind, first.mask, first.object_type, first.sid) == (sd.DENY_OBJECT, 0x10, ATTRIBUTE, ACCOUNT)
    assert tuple(rest) == before.dacl


def test_a_descriptor_without_a_list_is_refused():
    bare = sd.from_sddl("O:DAG:DA", DOMAIN, DOMAIN)
    with pytest.raises(ValueError, match="no access list"):
        denied(bare.part(1), ATTRIBUTE, ACCOUNT, READ_PROPERTY)


def test_what_a_list_gives_an_account_by_name():
    who = "S-1-5-21-1-2-3-1107"
    user, other = "bf967aba-0de6-11d0-a285-00aa003049e2", "00000000-0000-0000-0000-000000000001"
    listed = sd.from_sddl(
        f"O:DAG:DAD:(A;;RP;;;AU)(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;{who})"
        f"(OA;CIIO;RPWP;;{user};{who})(OA;CIIO;CR;00299570-246d-11d0-a768-00aa006e0529;{user};{who})"
        f"(OA;CI;WP;{other};;{who})(A;;SD;;;{who})(OD;;RP;{other};;{who})",
        DOMAIN,
        DOMAIN,
    )
    assert allowed(listed.part(4), ACCOUNT) == [
        {"right": "Replicating Directory Changes", "on": "this object only"},
        {"right": "Read/write all properties", "on": "descendant user objects"},
        {"right": "Reset password", "on": "descendant user objects"},
        {"right": f"Write {other}", "on": "this object and descendant all objects"},
        {"right": "0x10000", "on": "this object only"},
    ]


def test_a_right_is_taken_away_and_nothing_else() -> None:
    from engine.connectors.active_directory.partitions import express_rights
    from engine.connectors.active_directory.security_descriptor import (
        read_descriptor,
        with_rights,
        write_descriptor,
    )
    from harness.lab.access_lists import without

    account = bytes.fromhex("010500000000000515000000010000000200000003000000e8030000")
    other = account[:-4] + b"\xe9\x03\0\0"
    base = with_rights(read_descriptor(_empty()), (*express_rights(account), *express_rights(other)))
    octets = write_descriptor(base)
    before, others = allowed(octets, account), allowed(octets, other)
    taken = without(octets, account, "replicating directory changes all")
    after = [one for one in before if one["right"] != "Replicating Directory Changes All"]
    assert allowed(taken, account) == after != before
    assert allowed(taken, other) == others
    with pytest.raises(ValueError, match="has no"):
        without(taken, account, "Replicating Directory Changes All")
    with pytest.raises(LookupError, match="no right"):
        without(taken, account, "Fly")


def _empty() -> bytes:
    """A descriptor with an empty access list."""
    return bytes.fromhex("01000480000000000000000000000000140000000400080000000000")
