"""Modify: operations, permissive modify, system attributes, groups, accounts, descriptors."""

from typing import Any

import pytest

from emulators.directory.core.results import ResultCode

CODE = ResultCode


@pytest.fixture
def ana(admin: Any) -> str:
    return admin.user("Ana", title="Lead", otherTelephone=["1", "2"])


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        (("ADD", "title", "x"), CODE.ATTRIBUTE_OR_VALUE_EXISTS, "00002083"),
        (("ADD", "otherTelephone", "1"), CODE.ATTRIBUTE_OR_VALUE_EXISTS, "00002083"),
        (("DELETE", "otherTelephone", "9"), CODE.NO_SUCH_ATTRIBUTE, "00002085"),
        (("DELETE", "mail", None), CODE.NO_SUCH_ATTRIBUTE, "00002085"),
        (("REPLACE", "nope", "x"), CODE.NO_SUCH_ATTRIBUTE, "00000057: LdapErr"),
        (("REPLACE", "member", "CN=Users,DC=contoso,DC=com"), CODE.OBJECT_CLASS_VIOLATION, "0000207D: UpdErr"),
        (("REPLACE", "title", "x" * 129), CODE.CONSTRAINT_VIOLATION, "00002082"),
        (("REPLACE", "cn", "x"), CODE.NOT_ALLOWED_ON_RDN, "000020B1"),
        (("REPLACE", "name", "x"), CODE.NOT_ALLOWED_ON_RDN, "000020B1"),
        (("REPLACE", "objectGUID", "x" * 16), CODE.CONSTRAINT_VIOLATION, "0000209A"),
        (("REPLACE", "whenCreated", "20250101000000.0Z"), CODE.CONSTRAINT_VIOLATION, "0000209A"),
        (("ADD", "memberOf", "CN=Users,DC=contoso,DC=com"), CODE.CONSTRAINT_VIOLATION, "0000209A"),
        (("REPLACE", "objectClass", "group"), CODE.OBJECT_CLASS_VIOLATION, "00002070"),
        (("REPLACE", "pwdLastSet", "5"), CODE.CONSTRAINT_VIOLATION, "AtrErr"),
        (("REPLACE", "sAMAccountName", None), CODE.OBJECT_CLASS_VIOLATION, "0000207C"),
        (("REPLACE", "sAMAccountName", "administrator"), CODE.ENTRY_ALREADY_EXISTS, "00000524"),
        (("REPLACE", "userAccountControl", "512"), CODE.UNWILLING_TO_PERFORM, "0000052D"),
        (("REPLACE", "manager", "CN=Nobody,DC=contoso,DC=com"), CODE.CONSTRAINT_VIOLATION, "Att 150a"),
    ],
)
def test_refusals_change_nothing(
    admin: Any, ana: str, change: tuple[str, str, Any], code: ResultCode, text: str
) -> None:
    before = dict(admin.entry(ana).attributes)
    answer = admin.change(ana, ("REPLACE", "department", "Sales"), change, code=code)
    if not text.startswith("Att"):
        assert text in answer.text
    assert dict(admin.entry(ana).attributes) == before


def test_operations_in_one_request(admin: Any, ana: str) -> None:
    admin.change(
        ana,
        ("DELETE", "otherTelephone", "1"),
        ("ADD", "otherTelephone", ["3", "4"]),
        ("REPLACE", "title", None),
        ("ADD", "mail", "ana@contoso.com"),
    )
    shown = admin.read(ana)
    assert shown["othertelephone"] == (b"2", b"3", b"4")
    assert "title" not in shown
    assert shown["mail"] == (b"ana@contoso.com",)


def test_replace_of_nothing_by_nothing_succeeds_without_a_trace(admin: Any, ana: str) -> None:
    before = admin.entry(ana).usn
    admin.change(ana, ("REPLACE", "mail", None), ("REPLACE", "title", "Lead"))
    assert admin.entry(ana).usn == before


def test_permissive_modify(admin: Any, ana: str) -> None:
    admin.change(
        ana,
        ("ADD", "otherTelephone", "1"),
        ("DELETE", "otherTelephone", "9"),
        ("DELETE", "mail", None),
        permissive_modify=True,
    )
    assert admin.read(ana)["othertelephone"] == (b"1", b"2")


def test_the_stored_object_keeps_the_schemas_spelling_and_the_changed_time(admin: Any, ana: str, clock: Any) -> None:
    clock.advance(hours=1)
    admin.change(ana, ("REPLACE", "TITLE", "Chief"))
    shown = admin.read(ana, "TiTlE", "whenChanged", "whenCreated")
    assert shown["title"] == (b"Chief",)
    assert shown["whenchanged"] == (b"20250602090000.0Z",)
    assert shown["whencreated"] == (b"20250602080000.0Z",)


# ---- groups
def test_members(admin: Any, ana: str) -> None:
    bob = admin.user("Bob")
    crew = admin.group("Crew", ana)
    assert admin.change(crew, ("ADD", "member", ana), code=CODE.ENTRY_ALREADY_EXISTS).text.startswith("00000562")
    assert admin.change(crew, ("DELETE", "member", bob), code=CODE.UNWILLING_TO_PERFORM).text.startswith("00000561")
    answer = admin.change(crew, ("ADD", "member", "CN=No,DC=contoso,DC=com"), code=CODE.CONSTRAINT_VIOLATION)
    assert answer.text.startswith("000020B5: AtrErr: DSID-03152392")
    admin.change(crew, ("ADD", "member", bob), ("DELETE", "member", ana))
    assert admin.read(crew, "member") == {"member": (bob.encode(),)}
    assert "memberof" not in admin.read(ana)
    admin.change(crew, ("REPLACE", "member", [ana, bob]))
    assert set(admin.read(crew, "member")["member"]) == {ana.encode(), bob.encode()}
    admin.change(crew, ("DELETE", "member", None))
    assert admin.read(crew, "member") == {}
    admin.change(crew, ("ADD", "member", ana), ("ADD", "member", ana), permissive_modify=True)
    assert admin.read(ana, "memberOf") == {"memberof": (crew.encode(),)}


def test_a_member_by_guid_or_sid(admin: Any, ana: str) -> None:
    from emulators.directory.core.identity import sid_text

    entry = admin.entry(ana)
    crew = admin.group("Crew")
    admin.change(crew, ("ADD", "member", f"<GUID={entry.guid.hex()}>"))
    admin.change(crew, ("DELETE", "member", f"<SID={sid_text(entry.sid)}>"))
    assert admin.read(crew, "member") == {}


def test_a_foreign_sid_becomes_a_stand_in(admin: Any, kit: Any) -> None:
    crew = admin.group("Crew", kind="-2147483644")
    admin.change(crew, ("ADD", "member", "<SID=S-1-5-21-1-2-3-1104>"))
    stand_in = f"CN=S-1-5-21-1-2-3-1104,CN=ForeignSecurityPrincipals,{kit.base}"
    assert admin.read(crew, "member") == {"member": (stand_in.encode(),)}
    assert admin.read(stand_in, "objectClass") == {"objectclass": (b"top", b"foreignSecurityPrincipal")}


@pytest.mark.parametrize(
    ("outer", "inner", "code"),
    [
        ("-2147483646", "-2147483646", CODE.SUCCESS),
        ("-2147483646", "-2147483640", CODE.UNWILLING_TO_PERFORM),
        ("-2147483646", "-2147483644", CODE.UNWILLING_TO_PERFORM),
        ("-2147483640", "-2147483646", CODE.SUCCESS),
        ("-2147483640", "-2147483644", CODE.UNWILLING_TO_PERFORM),
        ("-2147483644", "-2147483640", CODE.SUCCESS),
    ],
)
def test_group_nesting(admin: Any, outer: str, inner: str, code: ResultCode) -> None:
    inside = admin.group("In", kind=inner)
    outside = admin.group("Out", kind=outer)
    admin.change(outside, ("ADD", "member", inside), code=code)


def test_group_scope_changes_by_way_of_universal(admin: Any) -> None:
    dn = admin.group("Crew")
    answer = admin.change(dn, ("REPLACE", "groupType", "-2147483644"), code=CODE.UNWILLING_TO_PERFORM)
    assert answer.text.startswith("00002141")
    admin.change(dn, ("REPLACE", "groupType", "-2147483640"))
    admin.change(dn, ("REPLACE", "groupType", "-2147483644"))
    assert admin.read(dn, "sAMAccountType") == {"samaccounttype": (b"536870912",)}


# ---- accounts
def test_computed_bits_are_not_stored(admin: Any, ana: str) -> None:
    admin.change(ana, ("REPLACE", "userAccountControl", str(0x800000 | 0x10 | 514)))
    assert admin.read(ana, "userAccountControl") == {"useraccountcontrol": (b"514",)}


def test_pwd_last_set_takes_zero_and_minus_one(admin: Any, ana: str, kit: Any) -> None:
    admin.change(ana, ("REPLACE", "unicodePwd", kit.quoted(kit.password)))
    stamp = admin.read(ana, "pwdLastSet")["pwdlastset"]
    admin.change(ana, ("REPLACE", "pwdLastSet", "0"))
    assert admin.read(ana, "pwdLastSet")["pwdlastset"] == (b"0",)
    admin.change(ana, ("REPLACE", "pwdLastSet", "-1"))
    assert admin.read(ana, "pwdLastSet")["pwdlastset"] == stamp


# ---- rights
def test_writing_needs_the_attributes_right(admin: Any, low: Any, ana: str, kit: Any) -> None:
    from emulators.directory.core.identity import sid_text
    from emulators.directory.core.security_descriptor import from_sddl

    answer = low.change(ana, ("REPLACE", "title", "x"), code=CODE.INSUFFICIENT_ACCESS_RIGHTS)
    assert answer.text.startswith("00002098: SecErr")
    entry = admin.entry(kit.staff)
    mine = sid_text(low.session.account.sid)
    grant = f"D:(OA;CIIO;WP;bf967a55-0de6-11d0-a285-00aa003049e2;bf967aba-0de6-11d0-a285-00aa003049e2;{mine})"
    root = admin.forest.root.sid
    opened = entry.sd.with_parts(entry.sd, 0)
    extra = from_sddl(grant, root, root).dacl
    assert extra is not None
    assert opened.dacl is not None
    from emulators.directory.core.security_descriptor import SecurityDescriptor

    wanted = SecurityDescriptor(opened.owner, opened.group, (*extra, *opened.dacl), None, opened.control)
    admin.change(kit.staff, ("REPLACE", "nTSecurityDescriptor", wanted.octets), sd_flags=4)
    low.change(ana, ("REPLACE", "title", "x"))
    low.change(ana, ("REPLACE", "department", "x"), code=CODE.INSUFFICIENT_ACCESS_RIGHTS)
    low.change(
        ana, ("REPLACE", "nTSecurityDescriptor", wanted.octets), sd_flags=4, code=CODE.INSUFFICIENT_ACCESS_RIGHTS
    )


def test_deleted_objects_are_not_modified(admin: Any, ana: str) -> None:
    guid = admin.entry(ana).guid.hex()
    admin.delete(ana)
    admin.change(f"<GUID={guid}>", ("REPLACE", "title", "x"), code=CODE.NO_SUCH_OBJECT)
    admin.change(f"<GUID={guid}>", ("REPLACE", "title", "x"), code=CODE.UNWILLING_TO_PERFORM, show_deleted=True)


def test_the_schemas_version_can_be_raised(admin: Any, low: Any, kit: Any) -> None:
    head = f"CN=Schema,CN=Configuration,{kit.base}"
    low.change(head, ("REPLACE", "objectVersion", "91"), code=CODE.INSUFFICIENT_ACCESS_RIGHTS)
    admin.change(head, ("REPLACE", "objectVersion", "91"))
    assert admin.read(head, "objectVersion") == {"objectversion": (b"91",)}
    admin.change(head, ("REPLACE", "description", "x"), code=CODE.UNWILLING_TO_PERFORM)
