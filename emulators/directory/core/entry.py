"""One object of the directory: its values, its identity, and who wrote which attribute when.

An entry is changed by ``Partition.commit`` alone. Values are tuples of octets under lower-case attribute names, so that
entries may share them; what must never be sent with ``*`` (the security descriptor, secrets) lives in slots of its own.
Source: MS-ADTS 3.1.1.1.9 and 3.1.1.4; facts "directory" section 6.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.directory.core.security_descriptor import SecurityDescriptor

Values = tuple[bytes, ...]
Attributes = dict[str, Values]


class State(IntEnum):
    """Where an object stands in the life cycle; lifecycle.py has the transitions."""

    LIVE = 0
    DELETED = 1  # a tombstone without the recycle bin, a deleted-object with it
    RECYCLED = 2


class Stamp(NamedTuple):
    """Replication metadata of one attribute (times in seconds since 1601)."""

    version: int
    time: int
    invocation: bytes  # of the controller that made the change
    usn: int  # that controller's USN of the change
    local_usn: int  # this controller's USN of the change


class LinkStamp(NamedTuple):
    """Replication metadata of one value of a linked attribute."""

    version: int
    created: int
    time: int
    invocation: bytes
    usn: int
    local_usn: int
    present: bool


class Dormant(NamedTuple):
    """Links of a deleted-object, kept for its return."""

    forward: dict[str, tuple[bytes, ...]]  # attribute -> target GUIDs
    backward: tuple[tuple[bytes, str], ...]  # (source GUID, attribute) of those that named it


class Entry:
    """A stored object. ``wire`` belongs to the front: encoded forms it may keep until the next commit empties it.

    attributes: lower-case name -> values, everything a search with ``*`` may return (back links included).
    sd: the security descriptor; secrets: password material; both are never part of ``attributes``.
    born: the stamp all attributes share from the object's creation; stamps: those written since (removed ones too).
    """

    __slots__ = (
        "attributes",
        "born",
        "children",
        "dn",
        "dormant",
        "guarded",
        "guid",
        "link_stamps",
        "parent",
        "rdn_key",
        "sd",
        "secrets",
        "sid",
        "stamps",
        "state",
        "usn",
        "wire",
    )

    def __init__(self, dn: str, rdn_key: str, guid: bytes, attributes: Attributes, sd: SecurityDescriptor) -> None:
        self.dn = dn
        self.rdn_key = rdn_key
        self.guid = guid
        self.attributes = attributes
        self.sd = sd
        self.sid: bytes | None = None
        self.secrets: Attributes | None = None
        self.parent: Entry | None = None
        self.children: dict[str, Entry] | None = None
        self.born: Stamp = UNBORN
        self.stamps: dict[str, Stamp] | None = None
        self.link_stamps: dict[str, dict[bytes, LinkStamp]] | None = None
        self.dormant: Dormant | None = None
        self.state: State = State.LIVE
        self.guarded = False  # has a confidential attribute: reading needs a look at each name
        self.usn = 0
        self.wire: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"<Entry {self.dn!r} usn={self.usn}>"

    def first(self, name: str) -> bytes | None:
        """The first value of an attribute (lower-case name), or None."""
        values = self.attributes.get(name)
        return values[0] if values else None

    def text(self, name: str) -> str:
        """The first value as text, empty when absent."""
        values = self.attributes.get(name)
        return values[0].decode("utf-8", "replace") if values else ""

    def number(self, name: str, default: int = 0) -> int:
        """The first value as a number; the default when absent or, in a loaded domain, not a number."""
        values = self.attributes.get(name)
        try:
            return int(values[0]) if values else default
        except ValueError:
            return default

    def has_class(self, name: bytes) -> bool:
        """Whether the object is of that class or below it (schema spelling)."""
        return name in self.attributes["objectclass"]

    def stamp_of(self, name: str) -> Stamp | None:
        """Metadata of an attribute: its own stamp, else that of the creation if it is set since then."""
        if self.stamps is not None:
            stamp = self.stamps.get(name)
            if stamp is not None:
                return stamp
        return self.born if name in self.attributes or name in (self.secrets or ()) else None

    def below(self) -> Iterator[Entry]:
        """This entry and all below it, parents first."""
        stack = [self]
        while stack:
            entry = stack.pop()
            yield entry
            if entry.children:
                stack.extend(reversed(entry.children.values()))


UNBORN = Stamp(0, 0, bytes(16), 0, 0)
