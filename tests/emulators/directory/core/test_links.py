"""Links and back links, and the stamps of link values."""

from typing import Any

from emulators.directory.core import links


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
