"""DirSync: first pass, deltas, links, deletions, rights, cookies."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.dirsync_cookie import Cookie, unpack
from emulators.directory.core.results import ResultCode

CODE = ResultCode
USERS = r.Equality("objectClass", b"user")


@pytest.fixture
def people(admin: Any) -> Any:
    ana = admin.user("Ana", title="Lead", mail="ana@contoso.com")
    admin.user("Bob")
    admin.group("Crew", ana)
    return admin


def one(items: list[Any], kit: Any) -> dict[str, tuple[bytes, ...]]:
    assert len(items) == 1, [item.dn for item in items]
    return kit.values(items[0])


def test_first_pass_gives_every_object_once(people: Any, kit: Any) -> None:
    items, _cookie = people.sync()
    names = [item.dn for item in items]
    assert len(names) == len(set(names))
    assert people.names() - {kit.base} <= set(names)
    assert f"CN=Configuration,{kit.base}" in names


def test_first_pass_gives_replicated_attributes_only(people: Any, kit: Any) -> None:
    items, _cookie = people.sync(filter_=r.Equality("sAMAccountName", b"ana"))
    shown = one(items, kit)
    assert {"title", "mail", "objectguid", "instancetype", "whencreated", "objectsid", "parentGUID"} <= set(shown)
    assert not {"memberof", "badpwdcount", "lastlogon", "usnchanged", "whenchanged", "distinguishedname"} & set(shown)
    assert shown["parentGUID"] == (people.entry(kit.staff).guid,)


def test_an_idle_delta_is_empty(people: Any) -> None:
    _items, cookie = people.sync()
    items, again = people.sync(cookie)
    assert items == []
    assert people.sync(again)[0] == []


def test_a_delta_holds_only_what_changed(people: Any, kit: Any) -> None:
    _items, cookie = people.sync()
    dn = f"CN=Ana,{kit.staff}"
    people.change(dn, ("REPLACE", "title", "Chief"))
    people.change(dn, ("REPLACE", "mail", None))
    shown = one(people.sync(cookie)[0], kit)
    assert set(shown) == {"title", "mail", "objectguid", "instancetype"}
    assert shown["title"] == (b"Chief",)
    assert shown["mail"] == ()


def test_changes_to_other_attributes_do_not_show(people: Any, kit: Any) -> None:
    _items, cookie = people.sync(b"", "mail")
    people.change(f"CN=Ana,{kit.staff}", ("REPLACE", "title", "Chief"))
    assert people.sync(cookie, "mail")[0] == []
    assert len(people.sync(cookie, "mail", "title")[0]) == 1


@pytest.mark.parametrize("names", [("objectGUID",), ("parentGUID",), ("cn",), ("objectGUID", "parentGUID", "cn")])
def test_asking_only_for_identity_gives_nothing(people: Any, names: tuple[str, ...]) -> None:
    assert people.sync(b"", *names)[0] == []


def test_rename_and_move(people: Any, kit: Any) -> None:
    _items, cookie = people.sync()
    people.rename(f"CN=Ana,{kit.staff}", "CN=Ana B", f"CN=Users,{kit.base}")
    shown = one(people.sync(cookie)[0], kit)
    assert set(shown) == {"name", "cn", "objectguid", "instancetype", "parentGUID"}
    assert shown["parentGUID"] == (people.entry(f"CN=Users,{kit.base}").guid,)
    assert people.sync(cookie)[0][0].dn == f"CN=Ana B,CN=Users,{kit.base}"


def test_a_pure_move_shows_name_and_parent(people: Any, kit: Any) -> None:
    _items, cookie = people.sync(b"", "name", "title")
    people.rename(f"CN=Ana,{kit.staff}", "CN=Ana", f"CN=Users,{kit.base}")
    shown = one(people.sync(cookie, "name", "title")[0], kit)
    assert set(shown) == {"name", "objectguid", "instancetype", "parentGUID"}


def test_links_by_value(people: Any, kit: Any) -> None:
    crew, ana, bob = (f"CN={n},{kit.staff}" for n in ("Crew", "Ana", "Bob"))
    items, cookie = people.sync(filter_=r.Equality("objectClass", b"group"))
    first = next(kit.values(i) for i in items if i.dn == crew)
    assert first["member;range=1-1"] == (ana.encode(),)
    people.change(crew, ("ADD", "member", bob), ("DELETE", "member", ana))
    shown = one(people.sync(cookie)[0], kit)
    assert shown["member;range=1-1"] == (bob.encode(),)
    assert shown["member;range=0-0"] == (ana.encode(),)
    assert "member" not in shown


def test_links_whole_without_the_flag(people: Any, kit: Any) -> None:
    crew, ana, bob = (f"CN={n},{kit.staff}" for n in ("Crew", "Ana", "Bob"))
    _items, cookie = people.sync(flags=0)
    people.change(crew, ("ADD", "member", bob))
    assert one(people.sync(cookie, flags=0)[0], kit)["member"] == (ana.encode(), bob.encode())


def test_a_negative_flag_word_is_read_as_unsigned(people: Any, kit: Any) -> None:
    _items, cookie = people.sync(flags=-2147483648)
    people.change(f"CN=Crew,{kit.staff}", ("ADD", "member", f"CN=Bob,{kit.staff}"))
    assert "member;range=1-1" in one(people.sync(cookie, flags=-2147483648)[0], kit)


def test_deletions(people: Any, kit: Any) -> None:
    _items, cookie = people.sync(b"", "title")
    entry = people.entry(f"CN=Ana,{kit.staff}")
    people.delete(entry.dn)
    items, later = people.sync(cookie, "title", filter_=USERS)
    shown = one(items, kit)
    assert shown["isdeleted"] == (b"TRUE",)
    assert shown["objectguid"] == (entry.guid,)
    assert "\\0ADEL:" in items[0].dn
    assert people.sync(later, "title")[0] == []


def test_tombstones_in_a_first_pass_need_the_control_or_the_switch(make_forest: Any, make_hand: Any) -> None:
    for switch in (False, True):
        hand = make_hand(make_forest(first_pass_tombstones=switch))
        hand.delete(hand.user("Ana"))
        seen = [i for i in hand.sync(filter_=USERS)[0] if i.entry.state]
        assert bool(seen) is switch
        assert [i for i in hand.sync(filter_=USERS, show_deleted=True)[0] if i.entry.state]


def test_an_object_that_no_longer_matches_is_not_told(people: Any, kit: Any) -> None:
    leads = r.Equality("title", b"Lead")
    _items, cookie = people.sync(filter_=leads)
    people.change(f"CN=Ana,{kit.staff}", ("REPLACE", "title", "Chief"))
    assert people.sync(cookie, filter_=leads)[0] == []


def test_pages_lose_nothing_even_when_objects_change_between(make_forest: Any, make_hand: Any, kit: Any) -> None:
    hand = make_hand(make_forest())
    for index in range(30):
        hand.user(f"P{index}")
    seen: set[bytes] = set()
    cookie = b""
    rounds = 0
    while True:
        control = r.DirSyncControl(0x80000800, 2000, cookie)
        answer = hand.search(USERS, dirsync=control)
        seen |= {item.entry.guid for item in answer.items}
        cookie = answer.done.dirsync_cookie
        rounds += 1
        if rounds == 2:
            hand.change(f"CN=P29,{kit.staff}", ("REPLACE", "title", "x"))
        if not answer.done.dirsync_more:
            break
    assert rounds > 3
    assert {e.guid for e in (i.entry for i in hand.found(USERS))} <= seen
    assert hand.sync(cookie)[0] == []


def test_a_change_before_the_page_is_told_whole_after_it(admin: Any, kit: Any) -> None:
    """An old attribute change on an object that comes late in a delta of several pages."""
    for index in range(10):
        admin.user(f"P{index}")
    _items, cookie = admin.sync()
    admin.change(f"CN=P0,{kit.staff}", ("REPLACE", "title", "old change"))
    for index in range(1, 10):
        admin.change(f"CN=P{index},{kit.staff}", ("REPLACE", "title", "x"))
    admin.change(f"CN=P0,{kit.staff}", ("REPLACE", "department", "late change"))
    items, _cookie = admin.sync(cookie, bytes_max=200)
    last = kit.values(items[-1])
    assert items[-1].dn == f"CN=P0,{kit.staff}"
    assert {"title", "department"} <= set(last)


def test_ancestors_come_first(admin: Any, kit: Any) -> None:
    dn = admin.user("Ana")
    admin.add(f"OU=Late,{kit.base}", objectClass="organizationalUnit")
    admin.rename(dn, "CN=Ana", f"OU=Late,{kit.base}")
    admin.change(f"OU=Late,{kit.base}", ("REPLACE", "description", "later than its child"))
    names = [item.dn for item in admin.sync()[0]]
    assert names.index(f"OU=Late,{kit.base}") < names.index(f"CN=Ana,OU=Late,{kit.base}")
    assert len(names) == len(set(names))


def test_rights(low: Any, kit: Any) -> None:
    items, _cookie = low.sync()
    assert items  # read as anyone may
    assert not [item for item in items if item.dn.startswith("CN=Deleted Objects")]


@pytest.mark.parametrize(
    ("required", "flags", "code"),
    [
        (False, 0, CODE.SUCCESS),
        (False, 1, CODE.SUCCESS),
        (True, 0, CODE.INSUFFICIENT_ACCESS_RIGHTS),
        (True, 1, CODE.INSUFFICIENT_ACCESS_RIGHTS),
    ],
)
def test_the_right_where_the_world_requires_it(
    make_forest: Any, make_hand: Any, kit: Any, required: bool, flags: int, code: Any
) -> None:
    """decisions D14; facts "install" T-16: with the setting a delta import without the right fails, flag or not."""
    hand = make_hand(make_forest(delta_requires_replication_right=required))
    hand.search(dirsync=r.DirSyncControl(flags, 0, b""))
    hand.user("Lo", userAccountControl="512", unicodePwd=kit.quoted(kit.password))
    hand.bind("CONTOSO\\lo", kit.password)
    answer = hand.search(dirsync=r.DirSyncControl(flags, 0, b""), code=code)
    assert answer.done.text.startswith("00002105: LdapErr" if required else "")


@pytest.mark.parametrize("bytes_max", [1, 1000, 20_000])
def test_every_answer_gets_on_however_small_the_limit(admin: Any, kit: Any, bytes_max: int) -> None:
    dn = admin.user("Ana")
    admin.add(f"OU=Late,{kit.base}", objectClass="organizationalUnit")
    admin.rename(dn, "CN=Ana", f"OU=Late,{kit.base}")
    admin.change(f"OU=Late,{kit.base}", ("REPLACE", "description", "later than its child"))
    whole = {item.dn for item in admin.sync()[0]}
    seen, cookie, more = set(), b"", True
    for _ in range(2 * len(whole)):
        answer = admin.search(dirsync=r.DirSyncControl(0x80000800, bytes_max, cookie))
        seen |= {item.dn for item in answer.items}
        cookie, more = answer.done.dirsync_cookie, answer.done.dirsync_more
        if not more:
            break
    assert not more
    assert seen == whole


def test_what_is_deleted_while_a_first_pass_is_under_way_is_told(admin: Any, kit: Any) -> None:
    """Objects deleted before the pass began stay unmentioned on every page, those deleted after it do not."""
    old, new = admin.entry(admin.user("Old")), admin.entry(admin.user("New"))
    admin.delete(old.dn)
    control = r.DirSyncControl(0x80000800, 3000, b"")
    answer = admin.search(dirsync=control)
    admin.delete(new.dn)
    seen = []
    while answer.done.dirsync_more:
        answer = admin.search(dirsync=r.DirSyncControl(0x80000800, 3000, answer.done.dirsync_cookie))
        seen += [item.entry for item in answer.items]
    assert new in seen
    assert old not in seen


def test_without_the_right_a_deletion_is_only_a_guid(admin: Any, low: Any, kit: Any) -> None:
    dn = admin.user("Ana")
    guid = admin.entry(dn).guid
    _items, cookie = low.sync()
    admin.delete(dn)
    items, _cookie = low.sync(cookie)
    assert [item.dn for item in items] == [""]
    assert kit.values(items[0]) == {"objectguid": (guid,), "isdeleted": (b"TRUE",)}


def test_bases_and_scopes(admin: Any, kit: Any) -> None:
    control = r.DirSyncControl(0, 0, b"")
    admin.search(base=kit.staff, dirsync=control, code=CODE.INSUFFICIENT_ACCESS_RIGHTS)
    secured = r.DirSyncControl(1, 0, b"")
    admin.search(base=kit.staff, dirsync=secured, code=CODE.UNWILLING_TO_PERFORM)
    admin.search(scope=r.Scope.ONE_LEVEL, dirsync=control, code=CODE.UNWILLING_TO_PERFORM)
    assert len(admin.search(base=f"CN=Configuration,{kit.base}", dirsync=control).items) > 20


@pytest.mark.parametrize("cookie", [b"x", b"MSDS", b"\0" * 68, b"MSDS" + b"\xff" * 64])
def test_garbage_cookies_are_refused(admin: Any, cookie: bytes) -> None:
    answer = admin.search(dirsync=r.DirSyncControl(0, 0, cookie), code=CODE.PROTOCOL_ERROR)
    assert answer.done.text.startswith("0000203D: LdapErr")


def test_the_cookies_layout(admin: Any) -> None:
    _items, octets = admin.sync()
    controller = admin.forest.controllers[0]
    assert octets[:8] == b"MSDS\x03\0\0\0"
    assert int.from_bytes(octets[28:36], "little") == int.from_bytes(octets[44:52], "little") == controller.usn
    assert octets[52:68] == controller.invocation
    assert unpack(octets) == Cookie(
        controller.usn, controller.usn, controller.invocation, {controller.invocation: controller.usn}
    )


def test_a_cookie_of_another_invocation_is_judged_by_its_vector(admin: Any, kit: Any) -> None:
    controller = admin.forest.controllers[0]
    everything, _octets = admin.sync()
    reached = controller.usn
    admin.user("Ana")
    elsewhere = Cookie(99, 99, b"\x01" * 16, {controller.invocation: reached}).pack(0)
    assert [item.dn for item in admin.sync(elsewhere)[0]] == [f"CN=Ana,{kit.staff}"]
    unknown = Cookie(99, 99, b"\x01" * 16, {}).pack(0)
    assert len(admin.sync(unknown)[0]) >= len(everything)


def test_secrets_never_come(admin: Any, kit: Any) -> None:
    dn = admin.user("Ana", unicodePwd=kit.quoted(kit.password))
    items, cookie = admin.sync(b"", "unicodePwd", "title", "pwdLastSet")
    assert "unicodepwd" not in next(kit.values(i) for i in items if i.dn == dn)
    admin.change(dn, ("REPLACE", "unicodePwd", kit.quoted("Moon.Light8")))
    assert "unicodepwd" not in {n for i in admin.sync(cookie)[0] for n in kit.values(i)}


def test_extended_names_in_dirsync(people: Any, kit: Any) -> None:
    answer = people.search(r.Equality("sAMAccountName", b"crew"), dirsync=r.DirSyncControl(0, 0, b""), extended_dn=1)
    found = answer.items[0]
    assert found.dn.startswith("<GUID=")
    assert dict(found.extra)["member"][0].startswith(b"<GUID=")


def test_attributes_given_again_come_as_changed(admin: Any, kit: Any) -> None:
    dn = admin.user("Ana", mail="a@contoso.com")
    admin.change(dn, ("REPLACE", "mail", None))
    _items, cookie = admin.sync()
    admin.change(dn, ("REPLACE", "mail", "b@contoso.com"))
    assert one(admin.sync(cookie)[0], kit)["mail"] == (b"b@contoso.com",)
