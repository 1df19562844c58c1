"""A move from one domain of a forest to another."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.entry import State
from emulators.directory.core.results import ResultCode
from emulators.directory.store import snapshot

CODE = ResultCode
EMEA = "DC=emea,DC=contoso,DC=com"
TO_EMEA = f"OU=Staff,{EMEA}"
UNIVERSAL, LOCAL = "-2147483640", "-2147483644"


def move(hand: Any, dn: str, superior: str, code: ResultCode = CODE.SUCCESS, to: str = "dc2.emea.contoso.com") -> Any:
    request = r.ModifyDN(dn, dn.partition(",")[0], True, superior, r.Controls(cross_domain_target=to))
    return hand.expect(request, code)


@pytest.fixture
def ana(domains: Any, kit: Any) -> str:
    dn: str = domains.root.user(
        "Ana", userPrincipalName="ana@contoso.com", unicodePwd=kit.quoted("Harbour.Light-8"), userAccountControl="512"
    )
    return dn


def test_identity_and_password_go_along_and_the_sid_is_new(domains: Any, ana: str) -> None:
    before = domains.root.read(ana)
    move(domains.root, ana, TO_EMEA)
    after = domains.emea.read(f"CN=Ana,{TO_EMEA}")
    assert after["objectguid"] == before["objectguid"]
    assert after["sidhistory"] == before["objectsid"]
    assert (
        after["objectsid"][0][:-4]
        == domains.emea.forest.domains[1].sid[:1] + b"\x05" + (domains.emea.forest.domains[1].sid[2:])
    )
    assert after["primarygroupid"] == (b"513",)
    assert after["userprincipalname"] == (b"ana@contoso.com",)
    domains.emea.bind("ana@contoso.com", "Harbour.Light-8")


def test_the_old_domain_tells_of_a_deletion_and_the_new_one_of_an_object(domains: Any, ana: str) -> None:
    guid = domains.root.read(ana)["objectguid"][0]
    _, cookie = domains.root.sync()
    _, there = domains.emea.sync(base=EMEA)
    move(domains.root, ana, TO_EMEA)
    gone, cookie = domains.root.sync(cookie)
    told = {found.entry.guid: found for found in gone}[guid]
    assert told.entry.attributes["isdeleted"] == (b"TRUE",)
    assert told.dn.endswith(",CN=Deleted Objects,DC=contoso,DC=com")
    come, _ = domains.emea.sync(there, base=EMEA)
    arrived = {found.entry.guid: found for found in come}[guid]
    assert arrived.dn == f"CN=Ana,{TO_EMEA}"
    assert "samaccountname" in (arrived.names or ())
    assert all(found.entry.guid != guid for found in domains.root.sync(cookie)[0])


def test_what_is_left_has_no_way_back_and_goes_with_its_time(domains: Any, ana: str, clock: Any) -> None:
    from emulators.directory.core import lifecycle

    guid = domains.root.read(ana)["objectguid"][0]
    move(domains.root, ana, TO_EMEA)
    remains = domains.root.forest.controllers[0].domain_partition.entries[guid]
    assert remains.state == State.RECYCLED
    domains.root.change(
        remains.dn,
        ("DELETE", "isDeleted", None),
        ("REPLACE", "distinguishedName", ana),
        code=CODE.UNWILLING_TO_PERFORM,
        show_recycled=True,
    )
    lifecycle.tick(domains.root.forest, clock.advance(days=181))
    assert guid not in domains.root.forest.controllers[0].domain_partition.entries
    assert domains.emea.read(f"CN=Ana,{TO_EMEA}")["objectguid"] == (guid,)


def test_memberships_follow(domains: Any, ana: str, kit: Any) -> None:
    everywhere = domains.root.group("Everywhere", ana, kind=UNIVERSAL)
    local = domains.root.group("Local", ana, kind=LOCAL)
    move(domains.root, ana, TO_EMEA)
    moved = f"CN=Ana,{TO_EMEA}"
    for group in (everywhere, local):
        assert domains.root.read(group, "member") == {"member": (moved.encode(),)}
    assert domains.emea.read(moved, "memberOf") == {"memberof": (everywhere.encode(),)}
    move(domains.emea, moved, kit.staff, to="DC1.contoso.com")
    assert set(domains.root.read(ana, "memberOf")["memberof"]) == {everywhere.encode(), local.encode()}
    assert len(domains.root.read(ana)["sidhistory"]) == 2


def test_a_group_takes_its_members_along_by_name(domains: Any, ana: str) -> None:
    group = domains.root.group("Readers", ana, kind=UNIVERSAL)
    move(domains.root, group, TO_EMEA)
    assert domains.emea.read(f"CN=Readers,{TO_EMEA}", "member") == {"member": (ana.encode(),)}
    assert domains.root.read(ana, "memberOf") == {"memberof": (f"CN=Readers,{TO_EMEA}".encode(),)}


def test_plain_references_follow(domains: Any, ana: str, kit: Any) -> None:
    bob = domains.root.user("Bob", manager=ana, assistant=ana)
    move(domains.root, ana, TO_EMEA)
    moved = f"CN=Ana,{TO_EMEA}".encode()
    assert domains.root.read(bob, "manager", "assistant") == {"manager": (moved,), "assistant": (moved,)}
    domains.emea.rename(moved.decode(), "CN=Anna")
    assert domains.root.read(bob, "assistant") == {"assistant": (f"CN=Anna,{TO_EMEA}".encode(),)}


@pytest.mark.parametrize(
    ("dn", "superior", "to", "code", "text"),
    [
        ("CN=Ana,{staff}", TO_EMEA, "dc9.emea.contoso.com", CODE.UNAVAILABLE, "000020EF"),
        ("CN=Ana,{staff}", TO_EMEA, "dc3.fabrikam.com", CODE.UNWILLING_TO_PERFORM, "0000212C"),
        ("CN=Ana,{staff}", "{staff}", "dc2.emea.contoso.com", CODE.UNWILLING_TO_PERFORM, "00002125"),
        ("CN=Ana,{staff}", "DC=else,DC=com", "dc2.emea.contoso.com", CODE.UNWILLING_TO_PERFORM, "0000212C"),
        ("CN=Ana,{staff}", f"OU=None,{EMEA}", "dc2.emea.contoso.com", CODE.NO_SUCH_OBJECT, "0000208D"),
        ("CN=Guest,CN=Users,{base}", TO_EMEA, "dc2.emea.contoso.com", CODE.UNWILLING_TO_PERFORM, "00002077"),
        ("CN=Users,{base}", TO_EMEA, "dc2.emea.contoso.com", CODE.UNWILLING_TO_PERFORM, "000020CE"),
        ("{staff}", EMEA, "dc2.emea.contoso.com", CODE.NOT_ALLOWED_ON_NON_LEAF, "0000208C"),
    ],
)
def test_refusals(
    domains: Any, ana: str, kit: Any, dn: str, superior: str, to: str, code: ResultCode, text: str
) -> None:
    fill = {"staff": kit.staff, "base": kit.base}
    answer = move(domains.root, dn.format(**fill), superior.format(**fill), code, to)
    assert answer.text.startswith(text)
    assert domains.root.read(ana)


def test_a_member_of_a_global_group_stays(domains: Any, ana: str) -> None:
    domains.root.group("Team", ana)
    assert move(domains.root, ana, TO_EMEA, CODE.UNWILLING_TO_PERFORM).text.startswith("0000212D")


def test_a_logon_name_taken_there_is_refused(domains: Any, ana: str) -> None:
    domains.emea.add(f"CN=Another,{TO_EMEA}", objectClass="user", sAMAccountName="ana")
    move(domains.root, ana, TO_EMEA, CODE.ENTRY_ALREADY_EXISTS)


def test_both_domains_must_allow(domains: Any, ana: str, kit: Any) -> None:
    only_here = domains.hand(0, "EMEA\\Administrator")
    move(only_here, ana, TO_EMEA, CODE.INSUFFICIENT_ACCESS_RIGHTS)
    bob = domains.emea.add(f"CN=Bob,{TO_EMEA}", objectClass="user", sAMAccountName="bob")
    assert bob is not None
    local = domains.hand(1, "EMEA\\Administrator")
    move(local, f"CN=Bob,{TO_EMEA}", kit.staff, CODE.INSUFFICIENT_ACCESS_RIGHTS, "dc1.contoso.com")


def test_without_a_controller_named_only_the_checks_are_made(domains: Any, ana: str) -> None:
    move(domains.root, ana, TO_EMEA, to="")
    assert domains.root.read(ana)["samaccountname"] == (b"ana",)


def test_without_the_control_it_is_no_move(domains: Any, ana: str) -> None:
    domains.root.rename(ana, "CN=Ana", TO_EMEA, CODE.AFFECTS_MULTIPLE_DSAS)


def test_a_snapshot_holds_what_moved(domains: Any, ana: str) -> None:
    move(domains.root, ana, TO_EMEA)
    state = snapshot.freeze(domains.root.forest)
    domains.emea.delete(f"CN=Ana,{TO_EMEA}")
    snapshot.thaw(domains.root.forest, state)
    assert snapshot.freeze(domains.root.forest) == state
    again = domains.hand(1, "CONTOSO\\Administrator")
    assert again.read(f"CN=Ana,{TO_EMEA}")["samaccountname"] == (b"ana",)
