"""A denial put first in an access list, read back by the directory's own reader."""

from __future__ import annotations

import pytest

from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.identity import guid, sid
from harness.lab.access_lists import READ_PROPERTY, denied

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
