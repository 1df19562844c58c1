"""The change log and commit."""

from typing import Any


def test_changes_cost_what_changed(admin: Any) -> None:
    partition = admin.forest.controllers[0].domain_partition
    dn = admin.user("Ana")
    usn = admin.forest.controllers[0].usn
    assert list(partition.changes_after(usn)) == []
    for index in range(5):
        admin.change(dn, ("REPLACE", "title", str(index)))
    changed = list(partition.changes_after(usn))
    assert [entry.dn for _usn, entry in changed] == [dn]


def test_stale_log_records_are_swept(admin: Any) -> None:
    partition = admin.forest.controllers[0].domain_partition
    dn = admin.user("Ana")
    for index in range(1500):
        admin.change(dn, ("REPLACE", "title", str(index)))
    assert len(partition.log._usns) <= 2 * len(partition.entries) + 1000
    usns = [usn for usn, _entry in partition.changes_after(0)]
    assert usns == sorted(usns)
    assert len(usns) == len(partition.entries)


def test_observers_hear_of_every_commit(admin: Any) -> None:
    heard: list[str] = []
    admin.forest.observers.append(lambda entry: heard.append(entry.dn))
    dn = admin.user("Ana")
    admin.change(dn, ("REPLACE", "title", "x"))
    assert heard == [dn, dn]


def test_descriptors_reach_everything_below(admin: Any, kit: Any) -> None:
    from emulators.directory.core.security_descriptor import SecurityDescriptor, from_sddl

    ana = admin.entry(admin.user("Ana"))
    usn = ana.usn
    root = admin.forest.root.sid
    head = admin.entry(kit.base)
    grant = from_sddl("D:(A;CI;RP;;;S-1-5-21-9-9-9-9)", root, root).dacl
    new = SecurityDescriptor(head.sd.owner, head.sd.group, (*grant, *head.sd.dacl), None, head.sd.control)
    admin.change(kit.base, ("REPLACE", "nTSecurityDescriptor", new.octets), sd_flags=4)
    assert any(ace.sid == grant[0].sid for ace in ana.sd.dacl)
    assert ana.usn == usn
