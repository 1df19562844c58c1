"""The objects of one tenant and the indexes that find them. ``commit`` and its three siblings are the only writers.

Every write stamps the object with the next number of one change sequence, so that whoever asks for changes pays for
the changes alone. Source: facts "tenant" 1 and 16.
"""

from __future__ import annotations

import random
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from emulators.tenant.core.identities import CLASSES, CloudObject, Device, Group, Kind, User
from emulators.tenant.core.moments import graph_time
from emulators.tenant.core.schema_extensions import SchemaExtensions
from emulators.tenant.core.settings import TenantSettings
from emulators.tenant.core.signing_in.relay import Line
from emulators.tenant.core.sync_settings import SyncSettings


class Recorder(Protocol):
    """Who is told what the tenant did; a journal is one."""

    @property
    def wanted(self) -> bool: ...

    def record(self, kind: str, **fields: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of an object that is gone for good: enough for a delta to say so."""

    id: str
    kind: Kind
    anchor: str | None
    was_synced: bool
    changed: int


class ChangeLog:
    """Who changed, in order of the change sequence; entries that a later change overtook are skipped and swept out."""

    __slots__ = ("_entries", "_numbers", "sequence")

    def __init__(self) -> None:
        self.sequence = 0
        self._numbers = array("q")
        self._entries: list[CloudObject | Tombstone] = []

    def append(self, entry: CloudObject | Tombstone) -> None:
        self._numbers.append(self.sequence)
        self._entries.append(entry)

    def since(self, number: int) -> Iterator[CloudObject | Tombstone]:
        """Yield each object once, oldest change first, that changed after ``number``."""
        numbers, entries = self._numbers, self._entries
        for position in range(bisect_right(numbers, number), len(numbers)):
            entry = entries[position]
            if entry.changed == numbers[position]:
                yield entry

    def sweep(self, live: int) -> None:
        """Drop overtaken entries once they outnumber the live ones."""
        if len(self._entries) <= 2 * live + 4096:
            return
        kept = [(n, e) for n, e in zip(self._numbers, self._entries, strict=True) if e.changed == n]
        self._numbers = array("q", [n for n, _ in kept])
        self._entries = [e for _, e in kept]


class Tenant:
    """One Entra ID tenant: its description, its objects, and who holds which role, licence and application."""

    def __init__(
        self,
        *,
        tenant_id: str,
        initial_domain: str,
        display_name: str,
        settings: TenantSettings,
        now: Callable[[], datetime],
        draw: random.Random,
        recorder: Recorder | None = None,
    ) -> None:
        from emulators.tenant.core.applications import Application
        from emulators.tenant.core.cloud_sync.state import CloudSync
        from emulators.tenant.core.domains import Domain
        from emulators.tenant.core.signing_in.conditional_access import AccessFacts

        self.tenant_id = tenant_id
        self.initial_domain = initial_domain
        self.display_name = display_name
        self.settings = settings
        self.now = now
        self.draw = draw
        self.noise = random.Random(draw.getrandbits(64))
        self.promised_ids: list[str] = []
        self.recorder = recorder
        self.sync = SyncSettings()
        self.schema_extensions = SchemaExtensions()
        self.cloud_sync = CloudSync()
        self.domains: dict[str, Domain] = {}
        self.verified: frozenset[str] = frozenset()
        self.applications: dict[str, Application] = {}
        self.consumed_licences: dict[str, int] = {}
        self.role_assignments: dict[str, tuple[str, str]] = {}
        self.roles_of: dict[str, dict[str, None]] = {}
        self.access = AccessFacts()
        self.refresh_tokens: dict[str, tuple[str, str, str, str]] = {}
        self.failed_sign_ins: dict[str, tuple[int, str]] = {}
        self.agent_lines: dict[str, Line] = {}  # open connections, no part of the tenant's state
        self.writeback_line: Line | None = None
        self.lookup_txt: Callable[[str], Sequence[str]] | None = None  # of the world's name service, where it has one
        self.mails: list[dict[str, str]] = []
        self.audit: list[dict[str, Any]] = []
        self.created = graph_time(now())
        self.next_sweep: str | None = None
        self.recalculation_queue: dict[str, tuple[str, str]] = {}
        self._init_indexes()

    def _init_indexes(self) -> None:
        self.objects: dict[str, CloudObject] = {}
        self.recycled: dict[str, CloudObject] = {}
        self.order: dict[Kind, list[CloudObject | None]] = {kind: [] for kind in Kind}
        self.count: dict[Kind, int] = dict.fromkeys(Kind, 0)
        self.by_anchor: dict[str, CloudObject] = {}
        self.recycled_by_anchor: dict[str, CloudObject] = {}
        self.by_upn: dict[str, User] = {}
        self.by_address: dict[str, CloudObject] = {}
        self.by_sid: dict[str, CloudObject] = {}
        self.by_device: dict[str, CloudObject] = {}
        self.member_of: dict[str, dict[str, None]] = {}
        self.reports: dict[str, dict[str, None]] = {}
        self.waiting: dict[str, dict[tuple[str, str], None]] = {}
        self.pending_of: dict[str, dict[str, None]] = {}
        self.reserved: dict[str, CloudObject] = {}
        self.quarantined: dict[str, None] = {}
        self.changes = ChangeLog()
        self.shared: dict[Any, Any] = {}
        self._stamp: tuple[datetime, str] = (self.now(), graph_time(self.now()))

    # -- small services -------------------------------------------------------------------------------------------

    def new_id(self) -> str:
        """Draw a GUID from the world's seed, or take the one that was promised."""
        if self.promised_ids:
            return self.promised_ids.pop(0)
        h = f"{self.draw.getrandbits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"

    def tracking_id(self) -> str:
        """A GUID for a request, an error or a token: drawn apart, so that object ids do not depend on how often
        somebody asks.
        """
        h = f"{self.noise.getrandbits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    def stamp(self) -> str:
        """The present moment as Graph writes it; the text is shared between objects."""
        moment = self.now()
        if moment != self._stamp[0]:
            self._stamp = (moment, graph_time(moment))
        return self._stamp[1]

    @property
    def heard(self) -> bool:
        """Whether anybody reads what ``record`` tells: ask before building an expensive record."""
        return self.recorder is not None and self.recorder.wanted

    def record(self, kind: str, **fields: Any) -> None:
        if self.recorder is not None:
            self.recorder.record(kind, **fields)

    def find(self, object_id: str, kind: Kind | None = None) -> CloudObject | None:
        """Return an active object by id."""
        found = self.objects.get(object_id) or self.objects.get(object_id.lower())
        return found if found is not None and (kind is None or found.kind is kind) else None

    def listed(self, kind: Kind, position: int = 0) -> Iterator[CloudObject]:
        """Yield the active objects of a kind in order of creation, from a position on."""
        line = self.order[kind]
        for index in range(position, len(line)):
            item = line[index]
            if item is not None:
                yield item

    def upn_owner(self, upn: str) -> CloudObject | None:
        """Who has a UPN; in a strict tenant a user in the deleted items still does."""
        return self.by_upn.get(upn) or (self.reserved.get(f"upn:{upn}") if self.reserved else None)

    def address_owner(self, key: str) -> CloudObject | None:
        """Who has an address, given in the form of ``address_key``."""
        return self.by_address.get(key) or (self.reserved.get(key) if self.reserved else None)

    def holds_role(self, object_id: str) -> bool:
        return bool(self.roles_of.get(object_id))

    # -- the writers ----------------------------------------------------------------------------------------------

    def add(self, obj: CloudObject, changes: dict[str, Any]) -> None:
        """Take a new object in. Its created number never changes, so pages stay in place."""
        line = self.order[obj.kind]
        obj.number = len(line)
        line.append(obj)
        self.objects[obj.id] = obj
        self.count[obj.kind] += 1
        self.changes.sequence += 1
        obj.created_changed = self.changes.sequence
        self._write(obj, changes)
        self._log(obj)

    def commit(self, obj: CloudObject, changes: dict[str, Any]) -> None:
        """Write slots of an object, keep the indexes true, stamp it as changed."""
        self._write(obj, changes)
        self.touch(obj)

    def touch(self, obj: CloudObject) -> None:
        self.changes.sequence += 1
        self._log(obj)

    def recycle(self, obj: CloudObject, changes: dict[str, Any]) -> None:
        """Move an active object to the deleted items: its addresses and names are free again, its anchor is
        remembered.
        """
        self._write(obj, changes)
        self._leave_indexes(obj)
        del self.objects[obj.id]
        self.order[obj.kind][obj.number] = None
        self.count[obj.kind] -= 1
        self._keep_recycled(obj)
        self.touch(obj)

    def revive(self, obj: CloudObject, changes: dict[str, Any]) -> None:
        """Bring a deleted item back under its old id. The caller has settled names and addresses in ``changes``."""
        self._drop_recycled(obj)
        self.objects[obj.id] = obj
        self.order[obj.kind][obj.number] = obj
        self.count[obj.kind] += 1
        for name, value in changes.items():
            setattr(obj, name, value)
        self._enter_indexes(obj)
        if obj.errors:
            self.quarantined[obj.id] = None
        self.touch(obj)

    def remove(self, obj: CloudObject) -> None:
        """Forget an object for good; a tombstone stays for those who read changes."""
        if obj.id in self.objects:
            self._leave_indexes(obj)
            del self.objects[obj.id]
            self.order[obj.kind][obj.number] = None
            self.count[obj.kind] -= 1
        else:
            self._drop_recycled(obj)
        self.quarantined.pop(obj.id, None)
        self.recalculation_queue.pop(obj.id, None)
        self.roles_of.pop(obj.id, None)
        self.changes.sequence += 1
        obj.changed = -1
        synced = obj.anchor is not None or obj.dirsync is not None or self._went_back(obj)
        self.changes.append(Tombstone(obj.id, obj.kind, obj.anchor, synced, self.changes.sequence))

    def _went_back(self, obj: CloudObject) -> bool:
        """Whether a client may have written an object of the cloud on premises; it has to hear of the end."""
        known = self.sync.written_back.pop(obj.id, None) is not None
        return known or (isinstance(obj, Device) and self.sync.has("DeviceWriteback"))

    def _keep_recycled(self, obj: CloudObject) -> None:
        self.recycled[obj.id] = obj
        self.quarantined.pop(obj.id, None)
        if obj.anchor is not None:
            self.recycled_by_anchor[obj.anchor] = obj
        if self.settings.strict_soft_deleted_conflicts:
            self.reserved.update((key, obj) for key in _reserved_names(obj))

    def _drop_recycled(self, obj: CloudObject) -> None:
        del self.recycled[obj.id]
        if obj.anchor is not None and self.recycled_by_anchor.get(obj.anchor) is obj:
            del self.recycled_by_anchor[obj.anchor]
        for key in _reserved_names(obj):
            if self.reserved.get(key) is obj:
                del self.reserved[key]

    # -- indexes --------------------------------------------------------------------------------------------------

    def _log(self, obj: CloudObject) -> None:
        obj.changed = self.changes.sequence
        obj.rendered = None
        self.changes.append(obj)
        if not self.changes.sequence & 4095:
            self.changes.sweep(len(self.objects) + len(self.recycled))

    def _write(self, obj: CloudObject, changes: dict[str, Any]) -> None:
        active = obj.id in self.objects
        for name, value in changes.items():
            if active and name in _INDEXED and getattr(obj, name) != value:
                self._leave_one(name, obj)
                setattr(obj, name, value)
                self._enter_one(name, obj)
            else:
                setattr(obj, name, value)
        if "errors" in changes:
            if obj.errors:
                self.quarantined[obj.id] = None
            else:
                self.quarantined.pop(obj.id, None)

    def _index(self, name: str) -> dict[str, Any]:
        if name == "anchor":
            return self.by_anchor
        if name == "upn":
            return cast("dict[str, Any]", self.by_upn)
        return self.by_sid if name == "sid" else self.by_device

    def _leave_one(self, name: str, obj: CloudObject) -> None:
        if name == "proxies":
            for key in map(address_key, obj.proxies):
                if self.by_address.get(key) is obj:
                    del self.by_address[key]
            return
        value = getattr(obj, name)
        if value is not None:
            index = self._index(name)
            key = value.lower() if name == "upn" else value
            if index.get(key) is obj:
                del index[key]

    def _enter_one(self, name: str, obj: CloudObject) -> None:
        if name == "proxies":
            for key in map(address_key, obj.proxies):
                self.by_address[key] = obj
            return
        value = getattr(obj, name)
        if value is not None:
            self._index(name)[value.lower() if name == "upn" else value] = obj

    def _leave_indexes(self, obj: CloudObject) -> None:
        for name in _names_of(obj):
            self._leave_one(name, obj)

    def _enter_indexes(self, obj: CloudObject) -> None:
        for name in _names_of(obj):
            self._enter_one(name, obj)

    def rebuild(self, objects: list[CloudObject], tombstones: list[Tombstone], lengths: dict[Kind, int]) -> None:
        """Take a whole set of stored objects in at once: the way back from a snapshot."""
        sequence = self.changes.sequence
        self._init_indexes()
        self.changes.sequence = sequence
        for kind, length in lengths.items():
            self.order[kind] = [None] * length
        for obj in objects:
            if obj.deleted is None:
                self.objects[obj.id] = obj
                self.order[obj.kind][obj.number] = obj
                self.count[obj.kind] += 1
                self._enter_indexes(obj)
                if obj.errors:
                    self.quarantined[obj.id] = None
            else:
                self._keep_recycled(obj)
            if isinstance(obj, Group):
                for member in obj.members:
                    self.member_of.setdefault(member, {})[obj.id] = None
            manager = getattr(obj, "manager", None)
            if manager is not None:
                self.reports.setdefault(manager, {})[obj.id] = None
        entries: list[CloudObject | Tombstone] = [*objects, *tombstones]
        entries.sort(key=lambda entry: entry.changed)
        for entry in entries:
            self.changes.sequence = entry.changed
            self.changes.append(entry)
        self.changes.sequence = sequence


_INDEXED = frozenset({"anchor", "upn", "sid", "device_id", "proxies"})


def _names_of(obj: CloudObject) -> tuple[str, ...]:
    if isinstance(obj, User):
        return ("anchor", "sid", "proxies", "upn")
    if isinstance(obj, Device):
        return ("anchor", "sid", "proxies", "device_id")
    return ("anchor", "sid", "proxies")


def _reserved_names(obj: CloudObject) -> list[str]:
    names = [address_key(proxy) for proxy in obj.proxies]
    if isinstance(obj, User) and obj.upn is not None:
        names.append(f"upn:{obj.upn.lower()}")
    return names


def address_key(proxy: str) -> str:
    """The form under which an address is unique: lower case, ``smtp:`` left off."""
    lowered = proxy.lower()
    return lowered[5:] if lowered.startswith("smtp:") else lowered


def make(tenant: Tenant, kind: Kind) -> CloudObject:
    """A fresh object of a kind with an id of the seed, not yet taken in."""
    return CLASSES[kind](tenant.new_id(), tenant.stamp())
