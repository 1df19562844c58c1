"""Simple bind: name forms and the data codes of what stands in the way."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.results import ResultCode
from emulators.directory.core.session import open_session

WRONG = ResultCode.INVALID_CREDENTIALS


@pytest.fixture
def ana(admin: Any, kit: Any) -> Any:
    dn = admin.user(
        "Ana",
        displayName="Ana Lopez",
        userPrincipalName="ana.lopez@corp.example",
        servicePrincipalName="http/ana.contoso.com",
        unicodePwd=kit.quoted(kit.password),
    )
    admin.change(dn, ("REPLACE", "userAccountControl", "512"))
    return admin.entry(dn)


@pytest.fixture
def door(admin: Any, kit: Any) -> Any:
    return kit.hand(admin.forest, open_session(admin.forest, protected=True))


def test_name_forms(ana: Any, door: Any, kit: Any) -> None:
    from emulators.directory.core.identity import guid_text, sid_text

    for name in (
        ana.dn,
        ana.dn.upper(),
        "ana.lopez@corp.example",
        "ANA@contoso.com",
        "ana@CONTOSO",
        "CONTOSO\\ana",
        "contoso.com\\ANA",
        "contoso.com/Staff/Ana",
        f"{{{guid_text(ana.guid)}}}",
        "Ana Lopez",
        "http/ana.contoso.com",
        sid_text(ana.sid),
    ):
        door.bind(name, kit.password)
        assert door.session.account is ana, name


@pytest.mark.parametrize("name", ["ana", "OTHER\\ana", "nobody@contoso.com", "CN=Ana,DC=contoso,DC=com", "S-1-5-21-1"])
def test_other_names_are_nobody(ana: Any, door: Any, kit: Any, name: str) -> None:
    assert "data 52e, v4f7c" in door.bind(name, kit.password, WRONG).text


def test_an_ambiguous_display_name_is_nobody(admin: Any, ana: Any, door: Any, kit: Any) -> None:
    admin.user("Ana2", displayName="Ana Lopez")
    door.bind("Ana Lopez", kit.password, WRONG)


@pytest.mark.parametrize(
    ("attribute", "value", "data"),
    [
        ("userAccountControl", "514", "533"),
        ("accountExpires", "116444736000000000", "701"),
        ("pwdLastSet", "0", "773"),
        ("logonHours", b"\0" * 21, "530"),
    ],
)
def test_states_show_only_with_the_right_password(
    admin: Any, ana: Any, door: Any, kit: Any, attribute: str, value: Any, data: str
) -> None:
    admin.change(ana.dn, ("REPLACE", attribute, value))
    expected = f"80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {data}, v4f7c"
    assert door.bind("CONTOSO\\ana", kit.password, WRONG).text == expected
    assert "data 52e" in door.bind("CONTOSO\\ana", "Wrong.One-1", WRONG).text


def test_lockout(admin: Any, ana: Any, door: Any, kit: Any, clock: Any) -> None:
    admin.change(kit.base, ("REPLACE", "lockoutThreshold", "3"))
    for _ in range(3):
        assert "data 52e" in door.bind("CONTOSO\\ana", "Wrong.One-1", WRONG).text
    assert "data 775" in door.bind("CONTOSO\\ana", kit.password, WRONG).text
    assert "data 775" in door.bind("CONTOSO\\ana", "Wrong.One-1", WRONG).text
    computed = admin.read(ana.dn, "msDS-User-Account-Control-Computed")
    assert computed == {"msDS-User-Account-Control-Computed": (b"16",)}
    clock.advance(minutes=31)
    door.bind("CONTOSO\\ana", kit.password)
    assert ana.attributes["badpwdcount"] == (b"0",)


def test_password_expiry_is_an_option(make_forest: Any, make_hand: Any, kit: Any, clock: Any) -> None:
    for strict, code in ((False, ResultCode.SUCCESS), (True, WRONG)):
        hand = make_hand(make_forest(password_expiry=strict))
        hand.user("Ana", userAccountControl="512", unicodePwd=kit.quoted(kit.password))
        clock.advance(days=60)
        door = kit.hand(hand.forest, open_session(hand.forest))
        door.bind("CONTOSO\\ana", kit.password, code)


def test_without_a_password_nobody_is_bound(ana: Any, door: Any) -> None:
    door.bind(ana.dn, "")
    assert not door.session.bound
    assert door.send(r.WhoAmI()).value == b""
    door.search(code=ResultCode.OPERATIONS_ERROR)


def test_a_failed_bind_ends_the_old_one(ana: Any, door: Any, kit: Any) -> None:
    door.bind(ana.dn, kit.password)
    door.bind(ana.dn, "Wrong.One-1", WRONG)
    assert not door.session.bound


def test_other_mechanisms_are_refused(door: Any) -> None:
    door.expect(r.Bind("", None, "GSSAPI", b"x"), ResultCode.AUTH_METHOD_NOT_SUPPORTED)


def test_tokens_hold_nested_security_groups(admin: Any, ana: Any, door: Any, kit: Any) -> None:
    inner = admin.group("Inner", ana.dn)
    outer = admin.entry(admin.group("Outer", inner))
    letter = admin.entry(admin.group("Letter", ana.dn, kind="2"))
    door.bind(ana.dn, kit.password)
    held = door.session.token.sids
    assert outer.sid in held
    assert letter.sid not in held
    groups = admin.found(attributes=["tokenGroups"], base=ana.dn, scope=r.Scope.BASE)[0].extra[0][1]
    assert outer.sid in groups
    assert ana.sid not in groups


def test_logons_leave_their_mark_without_a_change_to_replicate(
    admin: Any, ana: Any, door: Any, kit: Any, clock: Any
) -> None:
    door.bind(ana.dn, kit.password)
    usn = ana.usn
    clock.advance(hours=1)
    door.bind(ana.dn, kit.password)
    assert ana.attributes["logoncount"] == (b"2",)
    assert ana.attributes["lastlogon"] == (b"133933284000000000",)
    assert ana.usn == usn
