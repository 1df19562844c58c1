"""Links and back links, and the stamps of link values."""

from typing import Any

import pytest

from emulators.directory.core import links
from emulators.directory.core.populate import populate


def test_both_ends_agree_after_many_changes(admin: Any, kit: Any) -> None:
    people = [admin.user(f"P{i}") for i in range(6)]
    groups = [admin.group(f"G{i}", *people[i : i + 3]) for i in range(3)]
    admin.change(groups[0], ("REPLACE", "member", people[4:]))
    admin.delete(people[2])
    admin.rename(people[3], "CN=P three")
    admin.delete(groups[1])
    partition = admin.forest.controllers[0].domain_partition
    for entry in partition.entries.values():
        own = entry.attributes["distinguishedname"][0]
        for target in links.targets(partition, entry, "member"):
            assert own in target.attributes["memberof"], (entry, target)
        for source in links.targets(partition, entry, "memberof"):
            assert own in source.attributes["member"], (entry, source)
        for name in ("member", "memberof"):
            values = entry.attributes.get(name, ())
            assert len(values) == len(set(values)) == len(links.targets(partition, entry, name))


def test_value_stamps(admin: Any, clock: Any) -> None:
    ana = admin.user("Ana")
    crew = admin.group("Crew", ana)
    guid = admin.entry(ana).guid
    stamp = admin.entry(crew).link_stamps["member"][guid]
    assert (stamp.version, stamp.present, stamp.created) == (1, True, stamp.time)
    clock.advance(minutes=5)
    admin.change(crew, ("DELETE", "member", ana))
    later = admin.entry(crew).link_stamps["member"][guid]
    assert (later.version, later.present) == (2, False)
    assert later.time - later.created == 300
    assert later.local_usn > stamp.local_usn


def test_a_change_of_members_does_not_touch_the_member(admin: Any) -> None:
    ana = admin.user("Ana")
    usn = admin.entry(ana).usn
    admin.group("Crew", ana)
    assert admin.entry(ana).usn == usn


def test_wire_forms_are_emptied_on_both_ends(admin: Any) -> None:
    ana = admin.user("Ana")
    crew = admin.group("Crew")
    for dn in (ana, crew):
        admin.entry(dn).wire["x"] = b"encoded"
    admin.change(crew, ("ADD", "member", ana))
    assert admin.entry(ana).wire == admin.entry(crew).wire == {}


def test_dn_with_data_follows_renames(admin: Any, kit: Any) -> None:
    ana = admin.user("Ana")
    admin.change(ana, ("ADD", "msDS-KeyCredentialLink", f"B:4:ABCD:{ana}"))
    admin.rename(ana, "CN=Ana B")
    shown = admin.read(f"CN=Ana B,{kit.staff}", "msDS-KeyCredentialLink")
    assert shown == {"msds-keycredentiallink": (f"B:4:ABCD:CN=Ana B,{kit.staff}".encode(),)}


@pytest.mark.parametrize("recycle_bin", [True, False])
@pytest.mark.parametrize("back_first", [True, False])
@pytest.mark.parametrize(
    ("kind", "forward", "back"), [("user", "manager", "directreports"), ("group", "member", "memberof")]
)
def test_an_object_that_names_itself_can_be_deleted(
    make_forest: Any,
    make_hand: Any,
    kit: Any,
    kind: str,
    forward: str,
    back: str,
    back_first: bool,
    recycle_bin: bool,
) -> None:
    """Whichever end is taken away first, the other goes with it (MS-ADTS 3.1.1.5.5); with the bin both come back."""
    hand = make_hand(make_forest(recycle_bin=recycle_bin))
    dn, other = f"CN=Solo,{kit.staff}", hand.user("Other")
    named = [dn.encode()] if kind == "user" else [other.encode(), dn.encode()]
    # from a file: asked for by modify, a group is not taken into itself
    populate(hand.forest, [(dn, {"objectClass": [kind.encode()], "sAMAccountName": [b"solo"], forward: named})])
    entry = hand.entry(dn)
    for name in (forward, back) if back_first else (back, forward):
        entry.attributes[name] = entry.attributes.pop(name)  # the order in which they were written
    before = set(entry.attributes[forward])
    assert entry.attributes[back] == (dn.encode(),)
    hand.delete(dn)
    assert not {forward, back} & entry.attributes.keys()
    changes = (("DELETE", "isDeleted", None), ("REPLACE", "distinguishedName", dn))
    hand.change(entry.dn, *changes, show_deleted=True)
    if recycle_bin:
        assert (set(entry.attributes[forward]), entry.attributes[back]) == (before, (dn.encode(),))
    else:
        assert not {forward, back} & entry.attributes.keys()


def test_a_manager_of_oneself_can_be_deleted(admin: Any) -> None:
    ana = admin.user("Ana")
    admin.change(ana, ("ADD", "manager", ana))
    entry = admin.entry(ana)
    admin.delete(ana)
    assert not {"manager", "directreports"} & entry.attributes.keys()
