"""A change to one object on its way through the write steps, before Partition.commit makes it true.

Nothing of the stored object is touched until then: a refused step leaves no trace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.directory.core.entry import Attributes, Entry, State, Values

if TYPE_CHECKING:
    from emulators.directory.core.entry import Dormant
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.security_descriptor import SecurityDescriptor


@dataclass(frozen=True, slots=True)
class LinkChange:
    """One value of a linked attribute that comes or goes."""

    attribute: str
    target: Entry
    present: bool


@dataclass(slots=True)
class Draft:
    """The object as it is to be. ``entry`` is None for a new one."""

    partition: Partition
    entry: Entry | None
    dn: str
    parent: Entry | None
    rdn_key: str
    attributes: Attributes
    sd: SecurityDescriptor
    secrets: Attributes = field(default_factory=dict)
    guid: bytes = b""
    state: State = State.LIVE
    touched: set[str] = field(default_factory=set)
    links: list[LinkChange] = field(default_factory=list)
    dormant: Dormant | None = None

    @classmethod
    def of(cls, partition: Partition, entry: Entry) -> Draft:
        """A draft that so far changes nothing."""
        return cls(
            partition,
            entry,
            entry.dn,
            entry.parent,
            entry.rdn_key,
            dict(entry.attributes),
            entry.sd,
            dict(entry.secrets) if entry.secrets else {},
            entry.guid,
            entry.state,
            dormant=entry.dormant,
        )

    def set(self, name: str, *values: bytes) -> None:
        """Replace an attribute's values; no values remove it."""
        self.put(name, values)

    def put(self, name: str, values: Values) -> None:
        self.touched.add(name)
        if values:
            self.attributes[name] = values
        else:
            self.attributes.pop(name, None)

    def first(self, name: str) -> bytes | None:
        values = self.attributes.get(name)
        return values[0] if values else None

    def number(self, name: str, default: int = 0) -> int:
        values = self.attributes.get(name)
        return int(values[0]) if values else default

    @property
    def classes(self) -> Values:
        return self.attributes.get("objectclass", ())

    @property
    def structural(self) -> str:
        """The most special class: AD keeps it last."""
        return self.attributes["objectclass"][-1].decode()

    def is_a(self, name: bytes) -> bool:
        return name in self.attributes.get("objectclass", ())

    @property
    def is_account(self) -> bool:
        return self.is_a(b"user")
