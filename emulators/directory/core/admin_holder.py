"""AdminSDHolder: every hour, members of the protected groups get its access list, inheritance off, and adminCount 1.

adminCount stays when a membership ends, and so does the access list: the trap behind many a failed write-back.
Source: MS-ADTS 3.1.1.6.1; facts "directory" section 11.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emulators.directory.core import identity, links, names
from emulators.directory.core.draft import Draft

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.partition import Partition

INTERVAL = timedelta(minutes=60)
_BUILTIN_RIDS = (544, 548, 549, 550, 551, 552)
_DOMAIN_RIDS = (500, 502, 512, 516, 518, 519, 521, 526, 527)


def next_due(forest: Forest) -> datetime | None:
    """When the next run is needed; None while nothing has changed since the last."""
    if forest.protection_usn == forest.controllers[0].usn:
        return None
    return forest.protection_due


def tick(forest: Forest, now: datetime) -> int:
    """Run when the hour is up; returns how many objects were changed."""
    if now < forest.protection_due:
        return 0
    changed = protect(forest)
    forest.protection_due = now + INTERVAL
    forest.protection_usn = forest.controllers[0].usn
    return changed


def protect(forest: Forest) -> int:
    """Give each protected object the holder's access list where it has another."""
    changed = 0
    for controller in forest.controllers:
        partition = controller.domain_partition
        holder = partition.find(names.key(f"CN=AdminSDHolder,CN=System,{partition.dn}"))
        if holder is None:
            continue
        for entry in protected(partition):
            if partition.entries.get(entry.guid) is not entry:
                continue  # of another domain, whose own holder protects it
            if entry.sd is holder.sd and entry.attributes.get("admincount") == (b"1",):
                continue
            draft = Draft.of(partition, entry)
            draft.sd = holder.sd
            draft.set("admincount", b"1")
            partition.commit(draft)
            changed += 1
    return changed


def protected(partition: Partition) -> list[Entry]:
    """The protected groups and accounts and, through all nesting, their members."""
    domain = partition.controller.domain.sid
    builtin = identity.sid("S-1-5-32")
    sids = [identity.with_rid(builtin, rid) for rid in _BUILTIN_RIDS]
    sids += [identity.with_rid(domain, rid) for rid in _DOMAIN_RIDS]
    waiting = [entry for sid in sids for entry in partition.indexes.find("objectsid", sid)]
    found: dict[bytes, Entry] = {}
    while waiting:
        entry = waiting.pop(0)
        if entry.guid in found or entry.state or entry.has_class(b"foreignSecurityPrincipal"):
            continue
        found[entry.guid] = entry
        if entry.has_class(b"group"):
            waiting += links.targets(partition, entry, "member")
    return list(found.values())
