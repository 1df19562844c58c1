"""Add: what an object gets by itself, and what is refused in AD's words."""

from typing import Any

import pytest

from emulators.directory.core.results import ResultCode


def test_what_a_user_gets_by_itself(admin: Any, kit: Any) -> None:
    dn = f"CN=Ana,{kit.staff}"
    admin.add(dn, objectClass="user")
    shown = admin.read(dn)
    assert shown["objectclass"] == (b"top", b"person", b"organizationalPerson", b"user")
    assert shown["objectcategory"] == (b"CN=Person,CN=Schema,CN=Configuration,DC=contoso,DC=com",)
    assert shown["instancetype"] == (b"4",)
    assert shown["name"] == shown["cn"] == (b"Ana",)
    assert shown["whencreated"] == shown["whenchanged"] == (b"20250602080000.0Z",)
    assert shown["usncreated"] == shown["usnchanged"] == (str(admin.forest.controllers[0].usn).encode(),)
    assert shown["useraccountcontrol"] == (b"546",)
    assert shown["samaccounttype"] == (b"805306368",)
    assert shown["primarygroupid"] == (b"513",)
    assert shown["accountexpires"] == (b"9223372036854775807",)
    for zero in (
        "pwdlastset",
        "badpwdcount",
        "badpasswordtime",
        "lastlogon",
        "lastlogoff",
        "logoncount",
        "codepage",
        "countrycode",
    ):
        assert shown[zero] == (b"0",), zero
    account = shown["samaccountname"][0].decode()
    assert account[0] == "$"
    assert account[7] == "-"
    assert len(account) == 20
    assert len(shown["objectguid"][0]) == 16
    assert shown["objectsid"][0][:-4] == b"\x01\x05" + admin.forest.root.sid[2:]


@pytest.mark.parametrize(
    ("kind", "account_type"),
    [
        ("-2147483646", b"268435456"),
        ("2", b"268435457"),
        ("-2147483644", b"536870912"),
        ("4", b"536870913"),
        ("-2147483640", b"268435456"),
        ("2147483650", b"268435456"),
    ],
)
def test_groups(admin: Any, kind: str, account_type: bytes) -> None:
    code = ResultCode.INVALID_ATTRIBUTE_SYNTAX if kind == "2147483650" else ResultCode.SUCCESS
    dn = "CN=G,OU=Staff,DC=contoso,DC=com"
    admin.add(dn, code, objectClass="group", groupType=kind)
    if code == ResultCode.SUCCESS:
        assert admin.read(dn)["samaccounttype"] == (account_type,)


def test_computer(admin: Any, kit: Any) -> None:
    dn = f"CN=PC1,CN=Computers,{kit.base}"
    admin.add(dn, objectClass="computer", sAMAccountName="PC1$", userAccountControl="4096")
    shown = admin.read(dn)
    assert shown["samaccounttype"] == (b"805306369",)
    assert shown["primarygroupid"] == (b"515",)
    assert shown["objectcategory"][0].startswith(b"CN=Computer,")


REFUSED = [
    ({"objectClass": "user", "nope": "x"}, ResultCode.NO_SUCH_ATTRIBUTE, "00000057: LdapErr"),
    ({"objectClass": "nope"}, ResultCode.NO_SUCH_ATTRIBUTE, "00000057: LdapErr"),
    ({"sn": "x"}, ResultCode.OBJECT_CLASS_VIOLATION, "0000207C: UpdErr"),
    ({"objectClass": "top"}, ResultCode.OBJECT_CLASS_VIOLATION, "00002040"),
    ({"objectClass": ["user", "group"]}, ResultCode.OBJECT_CLASS_VIOLATION, "00002040"),
    ({"objectClass": "user", "member": "CN=Users,DC=contoso,DC=com"}, ResultCode.OBJECT_CLASS_VIOLATION, "0000207D"),
    ({"objectClass": "user", "givenName": "x" * 65}, ResultCode.CONSTRAINT_VIOLATION, "Att 2a (givenName):len 65"),
    ({"objectClass": "user", "mail": ["a", "b"]}, ResultCode.CONSTRAINT_VIOLATION, "00002081"),
    ({"objectClass": "user", "countryCode": "x"}, ResultCode.INVALID_ATTRIBUTE_SYNTAX, "AtrErr"),
    ({"objectClass": "user", "objectSid": "x"}, ResultCode.CONSTRAINT_VIOLATION, "0000209A"),
    ({"objectClass": "user", "memberOf": "CN=Users,DC=contoso,DC=com"}, ResultCode.CONSTRAINT_VIOLATION, "0000209A"),
    ({"objectClass": "user", "manager": "CN=Nobody,DC=contoso,DC=com"}, ResultCode.CONSTRAINT_VIOLATION, "000020B5"),
    ({"objectClass": "user", "assistant": "CN=Nobody,DC=contoso,DC=com"}, ResultCode.CONSTRAINT_VIOLATION, "000020B5"),
    ({"objectClass": "user", "userAccountControl": "512"}, ResultCode.UNWILLING_TO_PERFORM, "0000052D: SvcErr"),
    ({"objectClass": "group", "groupType": "6"}, ResultCode.UNWILLING_TO_PERFORM, "00002141"),
    ({"objectClass": "crossRef"}, ResultCode.NAMING_VIOLATION, ""),
    ({"objectClass": "organizationalUnit"}, ResultCode.NAMING_VIOLATION, ""),
    ({"objectClass": "user", "url": ["a@b", "A@B"]}, ResultCode.ATTRIBUTE_OR_VALUE_EXISTS, "00002083"),
]  # fmt: skip


@pytest.mark.parametrize(("attributes", "code", "text"), REFUSED)
def test_refusals(admin: Any, kit: Any, attributes: dict[str, Any], code: ResultCode, text: str) -> None:
    usn = admin.forest.controllers[0].usn
    answer = admin.add(f"CN=X,{kit.staff}", code, **attributes)
    assert text in answer.text
    assert admin.forest.controllers[0].usn == usn
    assert admin.names(base=kit.staff) == {kit.staff}


def test_names_are_unique(admin: Any, kit: Any) -> None:
    admin.user("Ana", userPrincipalName="ana@contoso.com", servicePrincipalName="http/ana")
    taken = admin.user("Ana", ResultCode.ENTRY_ALREADY_EXISTS)
    answer = admin.add(
        f"CN=Ana,{kit.staff}", ResultCode.ENTRY_ALREADY_EXISTS, objectClass="user", sAMAccountName="other"
    )
    assert answer.text.startswith("00002071: UpdErr: DSID-030503CF")
    answer = admin.add(f"CN=B,{kit.staff}", ResultCode.ENTRY_ALREADY_EXISTS, objectClass="user", sAMAccountName="ANA")
    assert answer.text.startswith("00000524")
    answer = admin.user("B", ResultCode.SUCCESS)
    answer = admin.add(
        f"CN=C,{kit.staff}", ResultCode.CONSTRAINT_VIOLATION, objectClass="user", userPrincipalName="ANA@contoso.com"
    )
    assert "000021C8" in answer.text
    assert "Att 90290 (userPrincipalName)" in answer.text
    answer = admin.add(
        f"CN=C,{kit.staff}", ResultCode.CONSTRAINT_VIOLATION, objectClass="user", servicePrincipalName="HTTP/ana"
    )
    assert "000021C7" in answer.text
    assert "Att 90303" in answer.text
    assert taken


def test_a_parent_must_be_there(admin: Any, kit: Any) -> None:
    answer = admin.add(f"CN=X,OU=None,{kit.staff}", ResultCode.NO_SUCH_OBJECT, objectClass="user")
    assert answer.matched_dn == kit.staff


def test_a_caller_without_rights(low: Any, kit: Any) -> None:
    answer = low.add(f"CN=X,{kit.staff}", ResultCode.INSUFFICIENT_ACCESS_RIGHTS, objectClass="user")
    assert answer.text.startswith("00000005: SecErr")


def test_special_characters_in_a_name(admin: Any, kit: Any) -> None:
    admin.add(f"CN=Lopez\\, Ana \\+ Co,{kit.staff}", objectClass="contact")
    shown = admin.read(f'CN="Lopez, Ana + Co",{kit.staff}')
    assert shown["cn"] == (b"Lopez, Ana + Co",)
    assert shown["distinguishedname"] == (f"CN=Lopez\\, Ana \\+ Co,{kit.staff}".encode(),)


def test_same_seed_same_octets(make_forest: Any, make_hand: Any) -> None:
    from emulators.directory.store.snapshot import freeze

    made = []
    for seed in (7, 7, 8):
        hand = make_hand(make_forest(seed=seed))
        hand.user("Ana")
        made.append(freeze(hand.forest))
    assert made[0] == made[1]
    assert made[0] != made[2]
