"""Search: scopes, bases, limits, references, visibility, sorting."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.results import Reference, ResultCode
from emulators.directory.core.session import open_session


def test_needs_a_bind(forest: Any, kit: Any) -> None:
    hand = kit.hand(forest, open_session(forest))
    answer = hand.search(code=ResultCode.OPERATIONS_ERROR)
    assert answer.done.text.startswith("000004DC: LdapErr")


def test_scopes(admin: Any, kit: Any) -> None:
    ana = admin.user("Ana")
    assert admin.names(base=kit.staff, scope=r.Scope.BASE) == {kit.staff}
    assert admin.names(base=kit.staff, scope=r.Scope.ONE_LEVEL) == {ana}
    assert admin.names(base=kit.staff) == {kit.staff, ana}


def test_subtree_of_the_domain_refers_to_the_configuration(admin: Any, kit: Any) -> None:
    urls = [item.urls for item in admin.search().items if isinstance(item, Reference)]
    assert urls == [(f"ldap://contoso.com/CN=Configuration,{kit.base}",)]
    assert not [i for i in admin.search(domain_scope=True).items if isinstance(i, Reference)]
    assert not [i for i in admin.search(base=kit.staff).items if isinstance(i, Reference)]


@pytest.mark.parametrize("form", ["guid_hex", "guid_text", "sid", "sid_hex"])
def test_special_bases(admin: Any, form: str) -> None:
    from emulators.directory.core.identity import guid_text, sid_text

    dn = admin.user("Ana")
    entry = admin.entry(dn)
    base = {
        "guid_hex": f"<GUID={entry.guid.hex()}>",
        "guid_text": f"<GUID={guid_text(entry.guid)}>",
        "sid": f"<SID={sid_text(entry.sid)}>",
        "sid_hex": f"<SID={entry.sid.hex()}>",
    }[form]
    assert admin.names(base=base, scope=r.Scope.BASE) == {dn}


def test_well_known_guid_base(admin: Any, kit: Any) -> None:
    base = f"<WKGUID=a9d1ca15768811d1aded00c04fd8d5cd,{kit.base}>"
    assert admin.names(base=base, scope=r.Scope.BASE) == {f"CN=Users,{kit.base}"}


def test_missing_base_names_the_nearest_ancestor(admin: Any, kit: Any) -> None:
    answer = admin.search(base=f"CN=x,OU=y,{kit.staff}", code=ResultCode.NO_SUCH_OBJECT)
    assert answer.done.matched_dn == kit.staff
    assert f"best match of:\n\t'{kit.staff}'" in answer.done.text


def test_foreign_base_is_a_referral(admin: Any) -> None:
    answer = admin.search(base="DC=elsewhere,DC=example", code=ResultCode.REFERRAL)
    assert answer.done.referrals == ("ldap://elsewhere.example/DC=elsewhere,DC=example",)
    assert answer.done.text.startswith("0000202B: RefErr: DSID-0310084B")


def test_bad_base(admin: Any) -> None:
    assert admin.search(base="nonsense", code=ResultCode.INVALID_DN_SYNTAX).done.text.startswith("0000208F")


def test_size_limits_keep_what_was_found(make_forest: Any, make_hand: Any) -> None:
    hand = make_hand(make_forest(max_page_size=10))
    answer = hand.search(code=ResultCode.SIZE_LIMIT_EXCEEDED)
    assert len(answer.items) == 10
    assert len(hand.search(size_limit=3, code=ResultCode.SIZE_LIMIT_EXCEEDED).items) == 3


def test_sorting(admin: Any, kit: Any) -> None:
    for name in ("Cy", "ana", "Bob"):
        admin.user(name)
    key = r.SortKey("cn")
    people = r.Equality("objectClass", b"user")
    answer = admin.search(people, base=kit.staff, sort=(key,), sort_critical=True)
    assert answer.done.sort_result == 0
    got = [i.dn for i in answer.items]
    assert [dn[3:6] for dn in got] == ["ana", "Bob", "Cy,"]
    got = [i.dn for i in admin.found(people, base=kit.staff, sort=(r.SortKey("cn", reverse=True),))]
    assert [dn[3:6] for dn in got] == ["Cy,", "Bob", "ana"]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("cn", "sn"), ResultCode.UNWILLING_TO_PERFORM),
        (("noSuchAttribute",), ResultCode.NO_SUCH_ATTRIBUTE),
        (("msDS-ReplValueMetaData",), ResultCode.UNWILLING_TO_PERFORM),
    ],
)
@pytest.mark.parametrize("page_size", [None, 100])
def test_an_order_that_is_not_supported(
    admin: Any, kit: Any, keys: tuple[str, ...], why: ResultCode, page_size: int | None
) -> None:
    """RFC 2891 section 2: critical ends the search, else it goes unsorted; 474 says why (facts "directory" 4)."""
    dns = [admin.user(name) for name in ("Cy", "Ana", "Bob")]
    asked = {"sort": tuple(r.SortKey(key) for key in keys), "page_size": page_size}
    people = r.Equality("objectClass", b"user")
    plain = admin.search(people, base=kit.staff, **asked)
    assert ([item.dn for item in plain.items], plain.done.sort_result) == (dns, why)
    critical = admin.search(
        people, base=kit.staff, code=ResultCode.UNAVAILABLE_CRITICAL_EXTENSION, sort_critical=True, **asked
    )
    assert (critical.items, critical.done.sort_result) == ([], why)
    assert critical.done.text.startswith("0000217A: SvcErr: DSID-03140452, problem 5010 (UNAVAIL_EXTENSION), data 0")


def test_attribute_scoped_query(admin: Any) -> None:
    ana = admin.user("Ana")
    crew = admin.group("Crew", ana)
    assert admin.names(base=crew, scope=r.Scope.BASE, attribute_scoped="member") == {ana}


def test_phantom_root_looks_into_every_context(admin: Any, forest: Any) -> None:
    names = admin.names(r.Equality("objectClass", b"crossRef"), base="", search_options=2)
    assert len(names) == 3
    admin.search(base="", code=ResultCode.NO_SUCH_OBJECT)


def test_what_may_not_be_listed_is_not_there(admin: Any, low: Any, kit: Any) -> None:
    from emulators.directory.core.security_descriptor import from_sddl

    admin.add(f"OU=Vault,{kit.base}", objectClass="organizationalUnit")
    admin.add(f"CN=Gold,OU=Vault,{kit.base}", objectClass="contact")
    assert f"CN=Gold,OU=Vault,{kit.base}" in low.names()
    sid = admin.forest.root.sid
    closed = from_sddl("O:DAG:DAD:P(A;CI;GA;;;DA)", sid, sid).octets
    admin.change(f"OU=Vault,{kit.base}", ("REPLACE", "nTSecurityDescriptor", closed), sd_flags=4)
    assert not {dn for dn in low.names() if "Vault" in dn}
    low.search(base=f"OU=Vault,{kit.base}", scope=r.Scope.BASE)
    low.search(base=f"CN=Gold,OU=Vault,{kit.base}", code=ResultCode.NO_SUCH_OBJECT)
    assert f"CN=Gold,OU=Vault,{kit.base}" in admin.names()


def test_global_catalog_shows_the_partial_set(admin: Any, kit: Any, forest: Any) -> None:
    admin.user("Ana", mail="ana@contoso.com", employeeID="E1")
    session = open_session(forest, global_catalog=True)
    hand = kit.hand(forest, session)
    hand.bind("Administrator@contoso.com", kit.password)
    item = hand.found(r.Equality("sAMAccountName", b"ana"), base="")[0]
    shown = kit.values(item)
    assert "mail" in shown
    assert "employeeid" not in shown
    hand.delete(f"CN=Ana,{kit.staff}", ResultCode.UNWILLING_TO_PERFORM)
