"""The access check."""

from emulators.directory.core import access
from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.identity import sid
from emulators.directory.core.schema import AttributeType, load_schema

DOMAIN = sid("S-1-5-21-1-2-3")
ME = sid("S-1-5-21-1-2-3-1104")
TITLE, MAIL, SECRET = "bf967a55-0de6-11d0-a285-00aa003049e2", "e48d0154-bcf8-11d1-8702-00c04fb96050", "unixUserPassword"


def check(text: str, mask: int, *types: bytes, own: bool = False, sids: tuple[bytes, ...] = (ME,)) -> bool:
    token = access.Token(ME, sids)
    return token.has(sd.from_sddl(text, DOMAIN, DOMAIN), mask, types, own)


def attribute(name: str) -> AttributeType:
    found = load_schema(False).attribute(name)
    assert found is not None
    return found


def test_order_decides() -> None:
    me = "S-1-5-21-1-2-3-1104"
    assert check(f"D:(A;;RP;;;{me})(D;;RP;;;{me})", access.READ_PROPERTY)
    assert not check(f"D:(D;;RP;;;{me})(A;;RP;;;{me})", access.READ_PROPERTY)
    assert not check(f"D:(A;;RP;;;{me})", access.READ_PROPERTY | access.WRITE_PROPERTY)
    assert check(f"D:(A;;RP;;;{me})(A;;WP;;;{me})", access.READ_PROPERTY | access.WRITE_PROPERTY)
    assert not check("D:(A;;RP;;;WD)", access.READ_PROPERTY)
    assert not check(f"D:(A;CIIO;RP;;;{me})", access.READ_PROPERTY)
    assert check("O:BA", access.READ_PROPERTY)  # no DACL at all
    assert not check("O:BAD:", access.READ_PROPERTY)


def test_object_types_and_property_sets() -> None:
    me = "S-1-5-21-1-2-3-1104"
    title, mail = attribute("title"), attribute("mail")
    only_title = f"D:(OA;;WP;{TITLE};;{me})"
    public = f"D:(OA;;WP;{MAIL};;{me})"
    assert check(only_title, access.WRITE_PROPERTY, title.guid)
    assert not check(only_title, access.WRITE_PROPERTY, mail.guid)
    assert not check(only_title, access.WRITE_PROPERTY)
    assert check(public, access.WRITE_PROPERTY, mail.guid, mail.property_set)


def test_self_and_owner() -> None:
    assert check("D:(A;;WP;;;PS)", access.WRITE_PROPERTY, own=True)
    assert not check("D:(A;;WP;;;PS)", access.WRITE_PROPERTY)
    mine = "O:S-1-5-21-1-2-3-1104D:"
    assert check(mine, access.WRITE_DAC)
    assert not check(mine, access.WRITE_PROPERTY)
    assert not check("O:S-1-5-21-1-2-3-1104D:(A;;RC;;;OW)", access.WRITE_DAC)


def test_readable_knows_all_or_name_by_name() -> None:
    me = "S-1-5-21-1-2-3-1104"
    token = access.Token(ME, (ME,))
    everything = token.readable(sd.from_sddl(f"D:(A;;RPLC;;;{me})", DOMAIN, DOMAIN))
    assert everything.all
    assert everything.list
    assert everything.property(attribute("title"))
    assert not everything.property(attribute(SECRET))  # confidential: needs control access
    some = token.readable(sd.from_sddl(f"D:(OA;;RP;{TITLE};;{me})", DOMAIN, DOMAIN))
    assert not some.all
    assert some.property(attribute("title"))
    assert not some.property(attribute("mail"))
    but = token.readable(sd.from_sddl(f"D:(OD;;RP;{TITLE};;{me})(A;;RP;;;{me})", DOMAIN, DOMAIN))
    assert not but.all
    assert not but.property(attribute("title"))
    assert but.property(attribute("mail"))


def test_a_decision_is_made_once(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    token = access.Token(ME, (ME,))
    descriptor = sd.from_sddl("D:(A;;RP;;;WD)", DOMAIN, DOMAIN)
    token.readable(descriptor)
    monkeypatch.setattr(access, "_check", None)
    assert not token.readable(descriptor).all
