"""USNs, versions and times: what a write leaves on the attributes and link values it changed.

Source: MS-ADTS 3.1.1.1.9, MS-DRSR 4.1.10.3.9 and 5.166; facts "directory" section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulators.directory.core import times
from emulators.directory.core.entry import LinkStamp, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from emulators.directory.core.entry import Entry
    from emulators.directory.core.schema import Schema

#: kept by the directory itself for each object: never stamped, never in a change
UNSTAMPED = frozenset({"distinguishedname", "objectguid", "usnchanged", "usncreated", "whenchanged"})


class Moment(NamedTuple):
    """One originating write: when, by whom, and its USN."""

    time: int  # seconds since 1601
    invocation: bytes
    usn: int

    @property
    def first(self) -> Stamp:
        return Stamp(1, self.time, self.invocation, self.usn, self.usn)

    @property
    def generalized(self) -> bytes:
        return times.generalized(self.time)


def moment(now: datetime, invocation: bytes, usn: int) -> Moment:
    return Moment(times.to_seconds(now), invocation, usn)


def stamp_attributes(entry: Entry, changed: Iterable[str], at: Moment) -> None:
    """Raise the version of each changed attribute; a removed one keeps its stamp so that its removal replicates."""
    stamps = entry.stamps
    if stamps is None:
        stamps = entry.stamps = {}
    born = entry.born
    for name in changed:
        old = stamps.get(name)
        if old is None:
            version = born.version + 1 if name in entry.attributes or name in (entry.secrets or ()) else 1
        else:
            version = old.version + 1
        stamps[name] = Stamp(version, at.time, at.invocation, at.usn, at.usn)


def stamp_link(entry: Entry, attribute: str, target: bytes, present: bool, at: Moment) -> None:
    """Note that one value of a linked attribute came or went."""
    if entry.link_stamps is None:
        entry.link_stamps = {}
    stamps = entry.link_stamps.setdefault(attribute, {})
    old = stamps.get(target)
    if old is None:
        stamps[target] = LinkStamp(1, at.time, at.time, at.invocation, at.usn, at.usn, present)
    else:
        stamps[target] = LinkStamp(old.version + 1, old.created, at.time, at.invocation, at.usn, at.usn, present)


def replicated_names(schema: Schema, names: Iterable[str]) -> list[str]:
    """Those attributes whose change is stamped."""
    out: list[str] = []
    for name in names:
        if name in UNSTAMPED:
            continue
        attribute = schema.attribute(name)
        if attribute is not None and attribute.replicated and not attribute.is_linked:
            out.append(name)
    return out


def stamped(entry: Entry, schema: Schema) -> list[tuple[str, Stamp]]:
    """Every attribute with metadata and its stamp, as replPropertyMetaData lists them (by attid)."""
    found: dict[str, Stamp] = {}
    for name in (*entry.attributes, *(entry.secrets or ())):
        attribute = schema.attribute(name)
        if attribute is not None and attribute.replicated and not attribute.is_linked and name not in UNSTAMPED:
            found[name] = entry.born
    found["ntsecuritydescriptor"] = entry.born
    found.update(entry.stamps or {})
    attids = {name: known.attid for name in found if (known := schema.attribute(name)) is not None}
    return sorted(((n, s) for n, s in found.items() if n in attids), key=lambda pair: attids[pair[0]])
