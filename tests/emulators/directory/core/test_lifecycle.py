"""Deleting, undeleting, recycling, purging: with the recycle bin and without."""

from typing import Any

import pytest

from emulators.directory.core import lifecycle
from emulators.directory.core.entry import State
from emulators.directory.core.identity import guid_text
from emulators.directory.core.lifecycle import TRANSITIONS, Event
from emulators.directory.core.results import ResultCode

CODE = ResultCode


@pytest.fixture(params=[True, False], ids=["bin", "no-bin"])
def bin_on(request: Any) -> bool:
    return bool(request.param)


@pytest.fixture
def world(make_forest: Any, make_hand: Any, bin_on: bool) -> Any:
    return make_hand(make_forest(recycle_bin=bin_on))


@pytest.fixture
def ana(world: Any) -> Any:
    dn = world.user("Ana", title="Lead", **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})
    world.group("Crew", dn)
    return world.entry(dn)


def bury(world: Any, entry: Any) -> str:
    world.delete(entry.dn)
    return f"<GUID={entry.guid.hex()}>"


def test_a_deleted_object_is_renamed_moved_and_hidden(world: Any, ana: Any, kit: Any) -> None:
    old = ana.dn
    where = bury(world, ana)
    world.search(base=old, code=CODE.NO_SUCH_OBJECT)
    assert ana.dn == f"CN=Ana\\0ADEL:{guid_text(ana.guid)},CN=Deleted Objects,{kit.base}"
    assert where not in world.names()
    assert ana.dn in world.names(show_deleted=True)
    shown = ana.attributes
    assert shown["isdeleted"] == (b"TRUE",)
    assert shown["lastknownparent"] == (kit.staff.encode(),)
    assert shown["msds-lastknownrdn"] == (b"Ana",)
    assert shown["cn"] == shown["name"] == (f"Ana\nDEL:{guid_text(ana.guid)}".encode(),)
    assert not {"objectcategory", "samaccounttype", "memberof"} & set(shown)
    assert world.read(f"CN=Crew,{kit.staff}", "member") == {}


def test_what_is_kept(world: Any, ana: Any, bin_on: bool) -> None:
    bury(world, ana)
    assert ("title" in ana.attributes) is bin_on
    assert ("ms-ds-consistencyguid" in ana.attributes) is bin_on
    assert {"objectsid", "samaccountname", "objectclass", "useraccountcontrol"} <= set(ana.attributes)


def test_the_group_is_not_touched_by_its_members_deletion(world: Any, ana: Any, kit: Any) -> None:
    usn = world.entry(f"CN=Crew,{kit.staff}").usn
    bury(world, ana)
    assert world.entry(f"CN=Crew,{kit.staff}").usn == usn


def undelete(world: Any, where: str, dn: str, code: ResultCode = CODE.SUCCESS) -> Any:
    return world.change(
        where, ("DELETE", "isDeleted", None), ("REPLACE", "distinguishedName", dn), code=code, show_deleted=True
    )


def test_undelete(world: Any, ana: Any, kit: Any, bin_on: bool) -> None:
    guid, sid = ana.guid, ana.sid
    where = bury(world, ana)
    undelete(world, where, f"CN=Ana Back,{kit.staff}")
    back = world.entry(f"CN=Ana Back,{kit.staff}")
    assert (back.guid, back.sid, back.state) == (guid, sid, State.LIVE)
    assert back.attributes["objectcategory"][0].startswith(b"CN=Person,")
    assert back.attributes["samaccounttype"] == (b"805306368",)
    assert not {"isdeleted", "lastknownparent", "msds-lastknownrdn"} & set(back.attributes)
    members = world.read(f"CN=Crew,{kit.staff}", "member")
    assert members == ({"member": (back.dn.encode(),)} if bin_on else {})
    assert ("title" in back.attributes) is bin_on
    if not bin_on:
        assert int(back.attributes["useraccountcontrol"][0]) & 2


def test_undelete_refusals(world: Any, ana: Any, kit: Any) -> None:
    where = bury(world, ana)
    world.user("Bob")
    undelete(world, where, f"CN=Bob,{kit.staff}", CODE.ENTRY_ALREADY_EXISTS)
    undelete(world, where, f"CN=X,OU=None,{kit.base}", CODE.NO_SUCH_OBJECT)
    undelete(world, f"CN=Bob,{kit.staff}", f"CN=Bob2,{kit.staff}", CODE.UNWILLING_TO_PERFORM)


def test_a_logon_name_is_free_again_and_the_old_owner_cannot_come_back_to_it(world: Any, ana: Any, kit: Any) -> None:
    where = bury(world, ana)
    world.user("Ana Anew", sAMAccountName="ana")
    undelete(world, where, f"CN=Ana,{kit.staff}", CODE.ENTRY_ALREADY_EXISTS)
    assert ana.state
    world.change(f"CN=Ana Anew,{kit.staff}", ("REPLACE", "sAMAccountName", "other"))
    undelete(world, where, f"CN=Ana,{kit.staff}")
    assert not ana.state


def test_the_passing_of_time(world: Any, ana: Any, clock: Any, bin_on: bool) -> None:
    bury(world, ana)
    forest = world.forest
    assert lifecycle.next_due(forest) is not None
    assert lifecycle.tick(forest, clock.advance(days=179)) >= 0
    assert ana.state == State.DELETED
    lifecycle.tick(forest, clock.advance(days=1))
    partition = forest.controllers[0].domain_partition
    if bin_on:
        assert ana.state == State.RECYCLED
        assert ana.attributes["isrecycled"] == (b"TRUE",)
        assert "title" not in ana.attributes
        assert ana.dn not in world.names(show_deleted=True)
        assert ana.dn in world.names(show_recycled=True)
        undelete(world, f"<GUID={ana.guid.hex()}>", "CN=x,DC=contoso,DC=com", CODE.NO_SUCH_OBJECT)
        lifecycle.tick(forest, clock.advance(days=180))
    assert ana.guid not in partition.entries
    assert ana.dn not in world.names(show_recycled=True)


def test_lifetimes_come_from_the_directory(world: Any, ana: Any, clock: Any) -> None:
    service = f"CN=Directory Service,CN=Windows NT,CN=Services,{world.forest.configuration_dn}"
    world.change(service, ("REPLACE", "tombstoneLifetime", "3"))
    bury(world, ana)
    lifecycle.tick(world.forest, clock.advance(days=3))
    assert ana.state != State.DELETED or ana.guid not in world.forest.controllers[0].domain_partition.entries


def test_unlisted_transitions_do_not_exist() -> None:
    assert (State.RECYCLED, Event.UNDELETE, True) not in TRANSITIONS
    assert (State.LIVE, Event.EXPIRE, True) not in TRANSITIONS
    assert (State.DELETED, Event.DELETE, False) not in TRANSITIONS


def test_deleting_the_group_frees_its_members(world: Any, ana: Any, kit: Any) -> None:
    crew = world.entry(f"CN=Crew,{kit.staff}")
    where = bury(world, crew)
    assert "memberof" not in ana.attributes
    assert "member" not in crew.attributes
    if world.forest.options.recycle_bin:
        undelete(world, where, f"CN=Crew,{kit.staff}")
        assert ana.attributes["memberof"] == (f"CN=Crew,{kit.staff}".encode(),)
