"""Populate: many objects below the protocol."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.populate import PopulateError, populate


def user(name: str, **more: list[bytes]) -> tuple[str, dict[str, list[bytes]]]:
    return f"CN={name},CN=Users,DC=contoso,DC=com", {
        "objectClass": [b"user"],
        "sAMAccountName": [name.encode()],
        **more,
    }


def test_the_result_is_that_of_an_add(admin: Any, kit: Any) -> None:
    added = admin.read(admin.user("Ana", mail="ana@contoso.com"))
    populate(
        admin.forest,
        [(f"CN=Bob,{kit.staff}", {"objectClass": [b"user"], "sAMAccountName": [b"bob"], "mail": [b"bob@contoso.com"]})],
    )
    bob = admin.read(f"CN=Bob,{kit.staff}")
    assert set(bob) == set(added)
    same = {
        "objectclass",
        "objectcategory",
        "instancetype",
        "useraccountcontrol",
        "samaccounttype",
        "primarygroupid",
        "accountexpires",
    }
    assert {n: bob[n] for n in same} == {n: added[n] for n in same}
    assert admin.entry(f"CN=Bob,{kit.staff}").sd is admin.entry(f"CN=Ana,{kit.staff}").sd


def test_given_identity_is_kept(admin: Any) -> None:
    guid = bytes(range(16))
    sid = admin.forest.root.sid[:1] + b"\5" + admin.forest.root.sid[2:] + (5000).to_bytes(4, "little")
    populate(admin.forest, [user("Ana", objectGUID=[guid], objectSid=[sid], whenCreated=[b"20200101000000.0Z"])])
    entry = admin.found(r.Equality("objectGUID", guid))[0].entry
    assert entry.sid == sid
    assert entry.attributes["whencreated"] == (b"20200101000000.0Z",)


def test_references_may_point_forward(admin: Any) -> None:
    base = "CN=Users,DC=contoso,DC=com"
    group = (
        f"CN=Crew,{base}",
        {"objectClass": [b"group"], "sAMAccountName": [b"crew"], "member": [f"CN=Ana,{base}".encode()]},
    )
    populate(admin.forest, [group, user("Ana", manager=[f"CN=Bob,{base}".encode()]), user("Bob")])
    assert admin.read(f"CN=Ana,{base}", "memberOf") == {"memberof": (f"CN=Crew,{base}".encode(),)}
    assert admin.read(f"CN=Bob,{base}", "directReports") == {"directreports": (f"CN=Ana,{base}".encode(),)}


def test_a_password_signs_in(admin: Any, kit: Any) -> None:
    populate(admin.forest, [user("Ana", userAccountControl=[b"66048"], unicodePwd=[kit.quoted("Sun.Flower9")])])
    admin.bind("CONTOSO\\Ana", "Sun.Flower9")


@pytest.mark.parametrize(("given", "must_change"), [({}, False), ({"pwdLastSet": [b"0"]}, True)])
def test_a_password_is_set_now_unless_it_must_change(
    admin: Any, kit: Any, given: dict[str, list[bytes]], must_change: bool
) -> None:
    ana = user("Ana", unicodePwd=[kit.quoted("Sun.Flower9")], **given)
    populate(admin.forest, [ana])
    moment = admin.read(ana[0], "pwdLastSet")["pwdlastset"][0]
    assert (moment == b"0") is must_change


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("CN=x,OU=no,DC=contoso,DC=com", {"objectClass": [b"user"]}), "its parent is not there"),
        (("CN=Guest,CN=Users,DC=contoso,DC=com", {"objectClass": [b"user"]}), "is already there"),
        (("CN=x,DC=elsewhere", {"objectClass": [b"user"]}), "outside the forest"),
        (("x", {"objectClass": [b"user"]}), "not a distinguished name"),
        (user("x", nope=[b"1"]), "nope is not in the schema"),
        (user("x", mail=[b"1", b"2"]), "mail holds one value only"),
        (("CN=x,CN=Users,DC=contoso,DC=com", {}), "has no objectClass"),
        (("CN=x,CN=Users,DC=contoso,DC=com", {"objectClass": [b"nope"]}), "objectClass nope is not in the schema"),
        (user("x", manager=[b"CN=no,DC=contoso,DC=com"]), "which is not there"),
        (user("x", unicodePwd=[b"plain"]), "unicodePwd"),
        (user("x", nTSecurityDescriptor=[b"x"]), "nTSecurityDescriptor"),
    ],
)
def test_mistakes_name_the_object(admin: Any, row: Any, reason: str) -> None:
    with pytest.raises(PopulateError, match=reason) as caught:
        populate(admin.forest, [user("First"), row])
    assert caught.value.index == 1
    assert caught.value.dn == row[0]


def test_names_with_special_characters(admin: Any) -> None:
    dn = "CN=Lopez\\, Ana,CN=Users,DC=contoso,DC=com"
    populate(admin.forest, [(dn, {"objectClass": [b"user"]})])
    assert admin.read('CN="Lopez, Ana",CN=Users,DC=contoso,DC=com', "cn") == {"cn": (b"Lopez, Ana",)}
