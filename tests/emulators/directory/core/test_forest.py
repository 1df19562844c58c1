"""Several domains in one forest: who holds what, who may do what where, and names that cross the border."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.results import Reference, ResultCode
from emulators.directory.core.topology import FurtherDomain, new_forest
from emulators.directory.store import snapshot

CODE = ResultCode
ROOT, EMEA, TREE = "DC=contoso,DC=com", "DC=emea,DC=contoso,DC=com", "DC=fabrikam,DC=com"
CONFIGURATION = f"CN=Configuration,{ROOT}"
UNIVERSAL, LOCAL, GLOBAL = "-2147483640", "-2147483644", "-2147483646"
BASE, ONE = r.Scope.BASE, r.Scope.ONE_LEVEL


def person(hand: Any, name: str, **attributes: Any) -> str:
    dn = f"CN={name},OU=Staff,{hand.session.domain.dn}"
    hand.add(dn, **{"objectClass": "user", "sAMAccountName": name.lower(), **attributes})
    return dn


def group(hand: Any, name: str, kind: str, *members: str) -> str:
    dn = f"CN={name},OU=Staff,{hand.session.domain.dn}"
    given = {"member": members} if members else {}
    hand.add(dn, objectClass="group", sAMAccountName=name, groupType=kind, **given)
    return dn


# ---- naming contexts -------------------------------------------------------------------------------------------------
def test_each_controller_holds_its_domain_and_the_forest(domains: Any) -> None:
    dse = domains.emea.read("", "namingContexts", "defaultNamingContext", "rootDomainNamingContext", "dnsHostName")
    assert dse["namingContexts"] == (EMEA.encode(), CONFIGURATION.encode(), f"CN=Schema,{CONFIGURATION}".encode())
    assert dse["defaultNamingContext"] == (EMEA.encode(),)
    assert dse["rootDomainNamingContext"] == (ROOT.encode(),)
    assert dse["dnsHostName"] == (b"DC2.emea.contoso.com",)


def test_the_partitions_container_lists_every_domain(domains: Any) -> None:
    flags = r.Extensible("1.2.840.113556.1.4.803", "systemFlags", b"2")
    listed = domains.tree.found(flags, ("nCName", "nETBIOSName"), base=f"CN=Partitions,{CONFIGURATION}", scope=ONE)
    assert [found.entry.text("ncname") for found in listed] == [ROOT, EMEA, TREE]
    cross = domains.root.read(f"CN=EMEA,CN=Partitions,{CONFIGURATION}")
    assert cross["trustparent"] == (f"CN=CONTOSO,CN=Partitions,{CONFIGURATION}".encode(),)
    assert cross["dnsroot"] == (b"emea.contoso.com",)
    assert "roottrust" in domains.root.read(f"CN=FABRIKAM,CN=Partitions,{CONFIGURATION}")


def test_a_child_domain_has_its_own_accounts_and_not_the_forests_groups(domains: Any) -> None:
    names = domains.emea.names(base=EMEA)
    assert f"CN=Domain Admins,CN=Users,{EMEA}" in names
    assert f"CN=DC2,OU=Domain Controllers,{EMEA}" in names
    assert f"CN=Enterprise Admins,CN=Users,{EMEA}" not in names
    members = domains.emea.read(f"CN=Administrators,CN=Builtin,{EMEA}", "member")["member"]
    assert f"CN=Enterprise Admins,CN=Users,{ROOT}".encode() in members
    sids = {domain.sid for domain in domains.emea.forest.domains}
    assert len(sids) == 3


def test_trusts_hold_the_forest_together(domains: Any) -> None:
    trust = domains.root.read(f"CN=emea.contoso.com,CN=System,{ROOT}")
    assert trust["securityidentifier"] == (domains.root.forest.domains[1].sid,)
    assert (trust["trustdirection"], trust["trustattributes"]) == ((b"3",), (b"32",))
    assert domains.emea.read(f"CN=contoso.com,CN=System,{EMEA}")["flatname"] == (b"CONTOSO",)
    account = domains.root.read(f"CN=EMEA$,CN=Users,{ROOT}")
    assert account["useraccountcontrol"] == (b"2080",)
    assert account["iscriticalsystemobject"] == (b"TRUE",)


def test_the_configuration_is_one_for_all(domains: Any) -> None:
    dn = f"CN=Services,{CONFIGURATION}"
    domains.emea.change(dn, ("REPLACE", "description", "written at a child"))
    assert domains.root.read(dn, "description") == {"description": (b"written at a child",)}
    usn = int(domains.root.read(dn, "uSNChanged")["usnchanged"][0])
    assert usn <= int(domains.root.read("", "highestCommittedUSN")["highestCommittedUSN"][0])


# ---- referrals -------------------------------------------------------------------------------------------------------
def test_a_subtree_search_of_a_domain_refers_to_its_children(domains: Any) -> None:
    answer = domains.root.search(r.Equality("cn", b"Guest"))
    assert [item.urls[0] for item in answer.items if isinstance(item, Reference)] == [
        f"ldap://contoso.com/{CONFIGURATION}", f"ldap://emea.contoso.com/{EMEA}",
    ]  # fmt: skip
    assert domains.root.names(r.Equality("cn", b"Guest")) == {f"CN=Guest,CN=Users,{ROOT}"}
    quiet = domains.root.search(r.Equality("cn", b"Guest"), domain_scope=True)
    assert not [item for item in quiet.items if isinstance(item, Reference)]
    below = domains.root.search(base=f"CN=Users,{ROOT}")
    assert not [item for item in below.items if isinstance(item, Reference)]


@pytest.mark.parametrize(
    ("place", "base", "host"),
    [
        ("root", EMEA, "emea.contoso.com"),
        ("root", f"CN=Users,{EMEA}", "emea.contoso.com"),
        ("root", f"CN=Nobody,CN=Users,{EMEA}", "emea.contoso.com"),
        ("emea", ROOT, "contoso.com"),
        ("emea", f"CN=Users,{TREE}", "fabrikam.com"),
    ],
)
def test_what_a_controller_does_not_hold_earns_a_referral(domains: Any, place: str, base: str, host: str) -> None:
    hand = getattr(domains, place)
    answer = hand.search(base=base, scope=BASE, code=CODE.REFERRAL)
    assert answer.done.referrals[0].lower() == f"ldap://{host}/{base}".lower()
    assert answer.done.text.startswith("0000202B: RefErr:")
    hand.change(base, ("REPLACE", "description", "x"), code=CODE.REFERRAL)
    hand.delete(base, CODE.REFERRAL)
    hand.add(f"CN=New,{base}", CODE.REFERRAL, objectClass="container")


def test_a_guid_of_another_domain_is_no_object_here(domains: Any) -> None:
    guid = domains.emea.read(EMEA)["objectguid"][0].hex()
    domains.root.search(base=f"<GUID={guid}>", scope=BASE, code=CODE.NO_SUCH_OBJECT)


def test_delta_reading_is_by_naming_context(domains: Any) -> None:
    _, cookie = domains.emea.sync(base=EMEA)
    person(domains.root, "Ana")
    dn = person(domains.emea, "Bob")
    found, _ = domains.emea.sync(cookie, base=EMEA)
    assert [item.dn for item in found] == [dn]
    control = r.DirSyncControl(0, 0, b"")
    domains.emea.search(base=ROOT, code=CODE.REFERRAL, dirsync=control)


# ---- the global catalog ----------------------------------------------------------------------------------------------
@pytest.fixture
def catalog(domains: Any) -> Any:
    return domains.hand(1, "CONTOSO\\Administrator", global_catalog=True)


def test_the_catalog_spans_all_domains_and_holds_the_partial_set(domains: Any, catalog: Any) -> None:
    person(domains.root, "Ana", mail="ana@contoso.com", title="Lead")
    person(domains.tree, "Bob", mail="bob@contoso.com", title="Lead")
    found = catalog.found(r.Present("mail"), ("mail", "title"), base="")
    assert [(item.dn.partition(",")[0], item.names) for item in found] == [("CN=Ana", ("mail",)), ("CN=Bob", ("mail",))]
    assert not catalog.found(r.Equality("title", b"Lead"), base="")
    assert catalog.read(f"CN=Bob,OU=Staff,{TREE}", "mail") == {"mail": (b"bob@contoso.com",)}
    below = catalog.names(r.Equality("cn", b"Guest"), base=ROOT)
    assert below == {f"CN=Guest,CN=Users,{ROOT}", f"CN=Guest,CN=Users,{EMEA}"}


def test_the_catalog_has_members_of_universal_groups_and_of_its_own_domain(domains: Any, catalog: Any) -> None:
    ana, bob = person(domains.root, "Ana"), person(domains.emea, "Bob")
    everywhere = group(domains.root, "Everywhere", UNIVERSAL, ana)
    there = group(domains.root, "There", GLOBAL, ana)
    here = group(domains.emea, "Here", GLOBAL, bob)
    assert catalog.read(everywhere, "member") == {"member": (ana.encode(),)}
    assert catalog.read(there, "member") == {}
    assert catalog.read(here, "member") == {"member": (bob.encode(),)}
    assert catalog.names(r.Equality("member", ana.encode()), base="") == {everywhere}


# ---- rights ----------------------------------------------------------------------------------------------------------
def test_enterprise_admins_rule_everywhere_and_domain_admins_at_home(domains: Any, kit: Any) -> None:
    own = domains.hand(1, "EMEA\\Administrator")
    own.add(f"OU=Own,{EMEA}", objectClass="organizationalUnit")
    guest_there = domains.hand(0, "EMEA\\Administrator")
    guest_there.add(f"OU=No,{ROOT}", CODE.INSUFFICIENT_ACCESS_RIGHTS, objectClass="organizationalUnit")
    guest_there.add(f"CN=No,CN=Sites,{CONFIGURATION}", CODE.INSUFFICIENT_ACCESS_RIGHTS, objectClass="site")
    person(domains.root, "Dora", unicodePwd=kit.quoted(kit.password), userAccountControl="512")
    dora = f"CN=Dora,{kit.staff}"
    domains.root.change(f"CN=Domain Admins,CN=Users,{ROOT}", ("ADD", "member", dora))
    domains.hand(0, "CONTOSO\\dora").add(f"OU=Yes,{ROOT}", objectClass="organizationalUnit")
    domains.hand(1, "CONTOSO\\dora").add(
        f"OU=No,{EMEA}", CODE.INSUFFICIENT_ACCESS_RIGHTS, objectClass="organizationalUnit"
    )


def test_local_groups_count_at_their_own_controllers(domains: Any, kit: Any) -> None:
    ana = person(domains.root, "Ana", unicodePwd=kit.quoted(kit.password), userAccountControl="512")
    circle = group(domains.root, "Circle", UNIVERSAL, ana)
    door = group(domains.emea, "Door", LOCAL, circle)
    sid = domains.emea.read(door)["objectsid"][0]
    assert sid in domains.hand(1, "CONTOSO\\ana").session.token.sids
    assert sid not in domains.hand(0, "CONTOSO\\ana").session.token.sids


@pytest.mark.parametrize(
    "name", ["CONTOSO\\Administrator", "administrator@contoso.com", f"CN=Administrator,CN=Users,{ROOT}"]
)
def test_accounts_of_the_forest_bind_at_every_controller(domains: Any, name: str) -> None:
    hand = domains.hand(1, name)
    assert hand.send(r.WhoAmI()).value == b"u:CONTOSO\\Administrator"
    assert hand.read(f"CN=Guest,CN=Users,{EMEA}", "msDS-PrincipalName") == {"msDS-PrincipalName": (b"EMEA\\Guest",)}


def test_a_wrong_password_counts_at_home(domains: Any) -> None:
    domains.hand(1, "EMEA\\Administrator").bind("CONTOSO\\Administrator", "wrong", CODE.INVALID_CREDENTIALS)
    count = domains.root.read(f"CN=Administrator,CN=Users,{ROOT}", "badPwdCount")
    assert count == {"badpwdcount": (b"1",)}


def test_logon_names_are_unique_in_a_domain_and_principal_names_in_the_forest(domains: Any) -> None:
    person(domains.root, "Ana", userPrincipalName="ana@contoso.com")
    person(domains.emea, "Ana", userPrincipalName="ana@emea.contoso.com")
    dn = f"CN=Other,OU=Staff,{EMEA}"
    domains.emea.add(
        dn, CODE.CONSTRAINT_VIOLATION, objectClass="user", sAMAccountName="other", userPrincipalName="ANA@contoso.com"
    )


# ---- members from elsewhere ------------------------------------------------------------------------------------------
def test_members_of_another_domain_stand_by_their_own_name(domains: Any) -> None:
    bob = person(domains.emea, "Bob")
    everywhere = group(domains.root, "Everywhere", UNIVERSAL, bob)
    local = group(domains.root, "Local", LOCAL, bob)
    assert domains.root.read(local, "member") == {"member": (bob.encode(),)}
    assert domains.emea.read(bob, "memberOf") == {"memberof": (everywhere.encode(),)}
    assert domains.root.names(r.Equality("member", bob.encode())) == {everywhere, local}
    domains.emea.rename(bob, "CN=Robert")
    robert = f"CN=Robert,OU=Staff,{EMEA}"
    for dn in (everywhere, local):
        assert domains.root.read(dn, "member") == {"member": (robert.encode(),)}
    domains.root.change(local, ("DELETE", "member", robert))
    assert domains.root.names(r.Equality("member", robert.encode())) == {everywhere}


def test_a_member_of_another_domain_that_goes_and_comes_back(domains: Any) -> None:
    bob = person(domains.emea, "Bob")
    everywhere, local = (
        group(domains.root, "Everywhere", UNIVERSAL, bob), group(domains.root, "Local", LOCAL, bob),
    )  # fmt: skip
    dead = domains.emea.entry(bob)
    domains.emea.delete(bob)
    for dn in (everywhere, local):
        assert domains.root.read(dn, "member") == {}
    domains.emea.change(
        dead.dn, ("DELETE", "isDeleted", None), ("REPLACE", "distinguishedName", bob), show_deleted=True
    )
    for dn in (everywhere, local):
        assert domains.root.read(dn, "member") == {"member": (bob.encode(),)}


def test_a_sid_of_the_forest_is_the_account_itself(domains: Any) -> None:
    from emulators.directory.core.identity import sid_text

    bob = person(domains.emea, "Bob")
    local = group(domains.root, "Local", LOCAL)
    text = sid_text(domains.emea.read(bob)["objectsid"][0])
    domains.root.change(local, ("ADD", "member", f"<SID={text}>"))
    assert domains.root.read(local, "member") == {"member": (bob.encode(),)}


@pytest.mark.parametrize(
    ("outer", "inner", "error"),
    [
        (GLOBAL, None, "00002147"),
        (GLOBAL, GLOBAL, "00002147"),
        (LOCAL, LOCAL, "00002148"),
        (UNIVERSAL, LOCAL, "00002146"),
    ],
)
def test_groups_that_may_not_hold_what_is_elsewhere(domains: Any, outer: str, inner: str | None, error: str) -> None:
    there = person(domains.emea, "Bob") if inner is None else group(domains.emea, "Inner", inner)
    here = group(domains.root, "Outer", outer)
    answer = domains.root.change(here, ("ADD", "member", there), code=CODE.UNWILLING_TO_PERFORM)
    assert answer.text.startswith(error)


def test_protection_stays_in_the_domain(domains: Any) -> None:
    from emulators.directory.core import admin_holder

    bob = person(domains.emea, "Bob")
    domains.root.change(f"CN=Administrators,CN=Builtin,{ROOT}", ("ADD", "member", bob))
    admin_holder.protect(domains.root.forest)
    assert "admincount" not in domains.emea.read(bob)
    dora = person(domains.emea, "Dora")
    domains.emea.change(f"CN=Domain Admins,CN=Users,{EMEA}", ("ADD", "member", dora))
    admin_holder.protect(domains.root.forest)
    assert domains.emea.read(dora)["admincount"] == (b"1",)


# ---- the whole -------------------------------------------------------------------------------------------------------
def test_a_snapshot_holds_the_whole_forest(domains: Any) -> None:
    bob = person(domains.emea, "Bob")
    group(domains.root, "Local", LOCAL, bob)
    state = snapshot.freeze(domains.root.forest, ["emea.contoso.com"])
    domains.emea.delete(bob)
    assert snapshot.thaw(domains.root.forest, state) == ("emea.contoso.com",)
    assert snapshot.freeze(domains.root.forest, ["emea.contoso.com"]) == state
    first, second, third = (controller.partitions for controller in domains.root.forest.controllers)
    assert first[1:] == second[1:] == third[1:]
    assert first[0] is not second[0]
    hand = domains.hand(0, "CONTOSO\\Administrator")
    assert hand.names(r.Equality("member", bob.encode())) == {f"CN=Local,OU=Staff,{ROOT}"}


def test_the_same_seed_gives_the_same_forest(clock: Any) -> None:
    further = [FurtherDomain("emea.contoso.com", "EMEA", "DC2")]
    made = [
        snapshot.freeze(
            new_forest("contoso.com", clock=clock, seed=3, admin_password="Harbour.Light-7", further=further)
        )
        for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("further", "why"),
    [
        (FurtherDomain("contoso.com", "OTHER", "DC2"), "domain contoso.com"),
        (FurtherDomain("emea.contoso.com", "CONTOSO", "DC2"), "NetBIOS name CONTOSO"),
        (FurtherDomain("emea.contoso.com", "EMEA", "dc1"), "domain controller DC1"),
    ],
)
def test_names_are_given_once(clock: Any, further: FurtherDomain, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        new_forest("contoso.com", clock=clock, seed=3, admin_password="Harbour.Light-7", further=[further])


def test_a_domain_from_a_file_is_for_a_forest_of_one_domain(domains: Any) -> None:
    from emulators.directory.core.topology import replace_domain

    with pytest.raises(ValueError, match="not emulated yet: a domain from a file in a forest of several"):
        replace_domain(domains.root.forest, {}, (), "Harbour.Light-7")
