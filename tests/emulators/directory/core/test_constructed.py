"""Computed attributes."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.constructed import canonical_name


@pytest.mark.parametrize(
    ("dn", "name"),
    [
        ("CN=Ana Lopez,OU=Staff,DC=contoso,DC=com", "contoso.com/Staff/Ana Lopez"),
        ("CN=a/b,DC=contoso,DC=com", "contoso.com/a\\/b"),
        ("DC=contoso,DC=com", "contoso.com/"),
        ("CN=Lopez\\, Ana,DC=contoso,DC=com", "contoso.com/Lopez, Ana"),
    ],
)
def test_canonical_name(dn: str, name: str) -> None:
    assert canonical_name(dn) == name


def test_on_request_only(admin: Any, kit: Any) -> None:
    dn = admin.user("Ana")
    crew = admin.group("Crew", dn)
    entry = admin.entry(dn)
    shown = admin.read(
        dn, "parentGUID", "modifyTimeStamp", "structuralObjectClass", "msDS-PrincipalName", "subSchemaSubEntry"
    )
    assert shown["parentGUID"] == (admin.entry(kit.staff).guid,)
    assert shown["modifyTimeStamp"] == entry.attributes["whenchanged"]
    assert shown["msDS-PrincipalName"] == (b"CONTOSO\\ana",)
    assert shown["subSchemaSubEntry"] == (f"CN=Aggregate,{admin.forest.schema_dn}".encode(),)
    token = admin.read(crew, "primaryGroupToken")["primaryGroupToken"]
    assert int(token[0]) == int.from_bytes(admin.entry(crew).sid[-4:], "little")
    assert admin.read(kit.staff, "msDS-Approx-Immed-Subordinates") == {"msDS-Approx-Immed-Subordinates": (b"2",)}


def test_what_the_caller_may_write(admin: Any, low: Any) -> None:
    dn = admin.user("Ana")
    assert b"title" in admin.read(dn, "allowedAttributesEffective")["allowedAttributesEffective"]
    assert b"title" not in low.read(dn, "allowedAttributesEffective").get("allowedAttributesEffective", ())
    assert b"title" in low.read(dn, "allowedAttributes")["allowedAttributes"]
    assert admin.read(dn, "sDRightsEffective") == {"sDRightsEffective": (b"15",)}
    assert low.read(dn, "sDRightsEffective") == {"sDRightsEffective": (b"0",)}


def test_children_a_caller_may_create(admin: Any, low: Any, kit: Any) -> None:
    assert b"user" in admin.read(kit.staff, "allowedChildClassesEffective")["allowedChildClassesEffective"]
    assert low.read(kit.staff, "allowedChildClassesEffective") == {}


def test_token_groups_need_base_scope(admin: Any) -> None:
    dn = admin.user("Ana")
    found = admin.found(r.Equality("sAMAccountName", b"ana"), ["tokenGroups"])
    assert found[0].extra == ()
    assert "tokenGroups" in admin.read(dn, "tokenGroups")


def test_the_aggregate(admin: Any) -> None:
    base = f"CN=Aggregate,{admin.forest.schema_dn}"
    shown = admin.read(base, "attributeTypes", "objectClasses", "dITContentRules")
    line = next(v.decode() for v in shown["attributeTypes"] if b"'mS-DS-ConsistencyGuid'" in v)
    assert (
        line == "( 1.2.840.113556.1.4.1360 NAME 'mS-DS-ConsistencyGuid' "
        "SYNTAX '1.3.6.1.4.1.1466.115.121.1.40' SINGLE-VALUE )"
    )
    contact = next(v.decode() for v in shown["objectClasses"] if b"'contact'" in v)
    assert contact.startswith(
        "( 1.2.840.113556.1.5.15 NAME 'contact' SUP organizationalPerson STRUCTURAL MUST (cn ) MAY ("
    )
    assert "attributeTypes" not in admin.read(base)
    found = admin.found(r.Equality("objectClass", b"subSchema"), base=base, scope=r.Scope.BASE)
    assert "attributeTypes" in dict(found[0].extra)


def test_password_expiry_attributes(admin: Any, kit: Any) -> None:
    dn = admin.user("Ana", unicodePwd=kit.quoted(kit.password))
    name = "msDS-UserPasswordExpiryTimeComputed"
    assert admin.read(dn, name) == {name: (str(133933248000000000 + 36288000000000).encode(),)}
    admin.change(dn, ("REPLACE", "userAccountControl", str(0x10000 | 514)))
    assert admin.read(dn, name) == {name: (b"9223372036854775807",)}
