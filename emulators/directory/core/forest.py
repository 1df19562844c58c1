"""The state of one forest: its domains, its controllers, the naming contexts each holds, and what they all share.

Everything time or chance decides is handed in: a clock and a seeded random.
Source: MS-ADTS 3.1.1.1; facts "directory" section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Protocol

from emulators.directory.core import names
from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.times import EPOCH

if TYPE_CHECKING:
    from emulators.directory.core.access import Token
    from emulators.directory.core.entry import Entry, Values
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.schema import ObjectClass, Schema


class Clock(Protocol):
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Options:
    """What a world may set about its forest; each default is Active Directory's."""

    exchange: bool = False
    recycle_bin: bool = True
    functional_level: int = 7
    upn_suffixes: tuple[str, ...] = ()
    max_page_size: int = 1000
    max_value_range: int = 1500
    max_result_sets: int = 10
    tombstone_lifetime_days: int = 180
    delta_requires_replication_right: bool = False
    first_pass_tombstones: bool = False  # DirSync: tombstones in a first pass without the show-deleted control
    sync_bytes_min: int = 0  # DirSync: smaller byte limits are read as this
    password_expiry: bool = False  # whether maxPwdAge makes binds fail with 532


@dataclass(slots=True)
class Domain:
    """A domain: its names and identity. ``next_rid`` is the RID master's counter."""

    dns: str
    netbios: str
    dn: str
    sid: bytes
    next_rid: int = 1103

    def new_sid(self) -> bytes:
        from emulators.directory.core.identity import with_rid

        rid = self.next_rid
        self.next_rid = rid + 1
        return with_rid(self.sid, rid)

    def parent_in(self, domains: Sequence[Domain]) -> Domain | None:
        """The domain of the forest this one is a child of; None for the root of a tree."""
        above = self.dns.partition(".")[2]
        return next((domain for domain in domains if domain.dns == above), None)


@dataclass(slots=True)
class ChangeNumbers:
    """The last USN given. The controllers of a forest draw from one: a change that reaches a controller by replication
    takes a number there as well, so none ever stands behind an object it shows."""

    last: int = 4096


@dataclass(slots=True)
class Controller:
    """A domain controller: its invocation, the naming contexts it holds, and those of the other domains it knows of.

    ``partitions`` can be written to: its domain, the configuration and the schema; the last two are one and the same
    for all controllers of a forest. ``others`` are the forest's other domains: names in them are understood, they
    answer on the global catalog's port, and elsewhere earn a referral.
    """

    name: str
    domain: Domain
    site: str
    invocation: bytes
    numbers: ChangeNumbers = field(default_factory=ChangeNumbers)
    partitions: list[Partition] = field(default_factory=list)
    others: list[Partition] = field(default_factory=list)

    @property
    def dns(self) -> str:
        return f"{self.name}.{self.domain.dns}"

    @property
    def usn(self) -> int:
        return self.numbers.last

    @usn.setter
    def usn(self, value: int) -> None:
        self.numbers.last = value

    def next_usn(self) -> int:
        numbers = self.numbers
        numbers.last = usn = numbers.last + 1
        return usn

    @property
    def catalog(self) -> list[Partition]:
        """Every naming context of the forest, those held here first."""
        return [*self.partitions, *self.others] if self.others else self.partitions

    def partition_of(self, name: names.Name) -> Partition | None:
        """The naming context of the forest a name lies in: the deepest head above it."""
        best: Partition | None = None
        for partition in self.catalog:
            if names.is_below(name, partition.name) and (best is None or len(partition.name) > len(best.name)):
                best = partition
        return best

    def find(self, name: names.Name) -> Entry | None:
        partition = self.partition_of(name)
        return partition.find(name) if partition is not None else None

    def find_guid(self, guid: bytes) -> Entry | None:
        """The object of a GUID; of one that moved to another domain not what it left behind."""
        left: Entry | None = None
        for partition in self.catalog:
            entry = partition.entries.get(guid)
            if entry is not None:
                if not entry.state or not self.others:
                    return entry
                left = left or entry
        return left

    def partition_holding(self, entry: Entry) -> Partition:
        for partition in self.catalog:
            if partition.entries.get(entry.guid) is entry:
                return partition
        raise LookupError(entry.dn)

    @property
    def domain_partition(self) -> Partition:
        return self.partitions[0]

    @property
    def domain_partitions(self) -> list[Partition]:
        """The domains of the forest, this controller's first."""
        return [self.partitions[0], *self.others]

    def home_of(self, entry: Entry) -> Partition:
        """The domain an account is of."""
        return self.partition_holding(entry) if self.others else self.partitions[0]


class Descriptors:
    """Interns security descriptors and remembers what was inherited, so that equal objects share one."""

    def __init__(self) -> None:
        self.by_octets: dict[bytes, sd.SecurityDescriptor] = {}
        self._children: dict[tuple[sd.SecurityDescriptor, sd.SecurityDescriptor, bytes], sd.SecurityDescriptor] = {}
        self._defaults: dict[tuple[bytes, bytes, bytes], sd.SecurityDescriptor] = {}

    def intern(self, descriptor: sd.SecurityDescriptor) -> sd.SecurityDescriptor:
        return self.by_octets.setdefault(descriptor.octets, descriptor)

    def read(self, octets: bytes) -> sd.SecurityDescriptor:
        """The descriptor of given octets; raises BadDescriptor."""
        found = self.by_octets.get(octets)
        return found if found is not None else self.intern(sd.parse(octets))

    def child(self, own: sd.SecurityDescriptor, parent: sd.SecurityDescriptor, kind: bytes) -> sd.SecurityDescriptor:
        key = (own, parent, kind)
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = self.intern(sd.for_child(own, parent, kind))
        return found

    def class_default(self, kind: ObjectClass, owner: bytes, domain: Domain, root: Domain) -> sd.SecurityDescriptor:
        """The descriptor a class gives its instances before inheritance."""
        key = (kind.guid, owner, domain.sid)
        found = self._defaults.get(key)
        if found is None:
            default = sd.from_sddl(kind.default_sddl or "D:", domain.sid, root.sid)
            from emulators.directory.core.identity import with_rid

            made = sd.SecurityDescriptor(owner, with_rid(domain.sid, 512), sd.canonical(default.dacl or ()), None)
            found = self._defaults[key] = self.intern(made)
        return found


@dataclass
class Forest:
    """One forest. The first domain is the root."""

    schema: Schema
    clock: Clock
    random: Random  # identities made while the forest lives
    domains: list[Domain]
    controllers: list[Controller]
    options: Options = field(default_factory=Options)
    descriptors: Descriptors = field(default_factory=Descriptors)
    tokens: dict[frozenset[bytes], Token] = field(default_factory=dict)
    shared_values: dict[Values, Values] = field(default_factory=dict)
    #: AdminSDHolder: when it runs next, and the USN its last run left
    protection_due: datetime = EPOCH
    protection_usn: int = 0
    #: called with each entry a commit changed (change notifications)
    observers: list[Callable[[Entry], None]] = field(default_factory=list)

    @property
    def root(self) -> Domain:
        return self.domains[0]

    @property
    def partitions(self) -> list[Partition]:
        """Every naming context of the forest once, those of the root domain's controller first."""
        return self.controllers[0].catalog

    def acquaint(self) -> None:
        """Tell each controller of the other domains, once all hold their naming contexts."""
        for controller in self.controllers:
            controller.others = [other.domain_partition for other in self.controllers if other is not controller]

    @property
    def configuration_dn(self) -> str:
        return f"CN=Configuration,{self.root.dn}"

    @property
    def schema_dn(self) -> str:
        return f"CN=Schema,{self.configuration_dn}"

    def share(self, values: Values) -> Values:
        """One tuple for values that many objects have alike."""
        table = self.shared_values
        found = table.get(values)
        if found is not None:
            return found
        if len(table) < 20000:
            table[values] = values
        return values
