"""Security descriptors: octets, SDDL, inheritance."""

import pytest

from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.built_in import ADMIN_HOLDER_SDDL, DELETED_SDDL, DOMAIN_SDDL
from emulators.directory.core.identity import guid, sid
from emulators.directory.core.schema import load_schema

DOMAIN = sid("S-1-5-21-1-2-3")
USER = guid("bf967aba-0de6-11d0-a285-00aa003049e2")
GROUP = guid("bf967a9c-0de6-11d0-a285-00aa003049e2")


def made(text: str) -> sd.SecurityDescriptor:
    return sd.from_sddl(text, DOMAIN, DOMAIN)


@pytest.mark.parametrize("text", [DOMAIN_SDDL, ADMIN_HOLDER_SDDL, DELETED_SDDL, "O:BAG:BAD:", "D:P"])
def test_octets_round_trip(text: str) -> None:
    descriptor = made(text)
    again = sd.parse(descriptor.octets)
    assert again.octets == descriptor.octets
    assert (again.owner, again.dacl) == (descriptor.owner, descriptor.dacl)


def test_a_known_descriptor_in_octets() -> None:
    # owner BA, no group, DACL: allow Everyone read property
    octets = made("O:BAD:(A;;RP;;;WD)").octets
    assert octets.hex() == (
        "01000480" + "30000000" + "00000000" + "00000000" + "14000000"
        "02001c0001000000" + "00001400" + "10000000" + "010100000000000100000000"
        "01020000000000052000000020020000"
    )  # fmt: skip


def test_every_class_default_can_be_read() -> None:
    schema = load_schema(False)
    for name in schema.class_names():
        kind = schema.object_class(name)
        assert kind is not None
        sd.from_sddl(kind.default_sddl or "D:", DOMAIN, DOMAIN)


@pytest.mark.parametrize(
    "octets", [b"", b"\1" * 20, bytes(20), made("O:BAD:(A;;RP;;;WD)").octets[:-1], b"\1\0\4\x80" + b"\xff" * 16]
)
def test_hostile_octets(octets: bytes) -> None:
    with pytest.raises(sd.BadDescriptor):
        sd.parse(octets)


@pytest.mark.parametrize(
    "text", ["D:(A;;XX;;;WD)", "D:(A;;RP;;;NOBODY)", "D:(Q;;RP;;;WD)", "D:(A;;RP;;WD)", "D:(OA;;RP;x;;WD)"]
)
def test_bad_sddl(text: str) -> None:
    with pytest.raises(sd.BadDescriptor):
        made(text)


def test_inheritance() -> None:
    parent = made(
        f"O:BAD:(A;CI;RP;;;AU)(A;;WP;;;AU)(A;CINP;LC;;;AU)(OA;CIIO;CR;;{'bf967aba-0de6-11d0-a285-00aa003049e2'};WD)(A;CIIO;GA;;;CO)"
    )
    child = sd.for_child(made("O:DAD:(A;;CC;;;SY)"), parent, USER)
    assert child.dacl is not None
    shown = [(ace.mask, ace.flags, ace.sid == sid("S-1-1-0")) for ace in child.dacl]
    assert shown[0] == (0x1, 0, False)  # its own comes first
    assert (0x10, sd.INHERITED | sd.CONTAINER_INHERIT, False) in shown
    assert (0x4, sd.INHERITED, False) in shown
    assert (0x100, sd.INHERITED | sd.CONTAINER_INHERIT, True) in shown
    assert all(mask != 0x20 for mask, _flags, _who in shown)
    owner = [ace for ace in child.dacl if ace.sid == child.owner]
    assert [ace.flags for ace in owner] == [sd.INHERITED]
    group = sd.for_child(made("O:DAD:"), parent, GROUP)
    assert group.dacl is not None
    control = next(ace for ace in group.dacl if ace.mask == 0x100)
    assert control.flags & sd.INHERIT_ONLY


def test_a_protected_descriptor_inherits_nothing() -> None:
    child = sd.for_child(made("O:DAD:P(A;;CC;;;SY)"), made("D:(A;CI;RP;;;AU)"), USER)
    assert child.dacl is not None
    assert len(child.dacl) == 1


def test_denies_come_before_allows_and_own_before_inherited() -> None:
    acl = made("D:(A;ID;RP;;;AU)(A;;RP;;;AU)(D;;RP;;;AU)").dacl
    assert acl is not None
    assert [(ace.kind, ace.flags) for ace in sd.canonical(acl)] == [(1, 0), (0, 0), (0, 0x10)]


def test_parts_are_replaced_one_by_one() -> None:
    old, new = made("O:BAG:BAD:(A;;RP;;;AU)"), made("O:SYD:P(A;;WP;;;WD)")
    mixed = old.with_parts(new, sd.DACL_PART)
    assert mixed.owner == old.owner
    assert mixed.dacl == new.dacl
    assert mixed.protected
