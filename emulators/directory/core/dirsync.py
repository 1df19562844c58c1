"""DirSync: everything at first, then only what changed, object by object and attribute by attribute.

A pass reads the partition's change log from the cookie on, so a delta costs its changes and not the directory.
Source: MS-ADTS 3.1.1.3.4.1.3; facts "directory" section 4; decisions D14.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulators.directory.core import access, filters, names, refusals, selection, times
from emulators.directory.core.dirsync_cookie import Cookie, unpack
from emulators.directory.core.requests import Scope
from emulators.directory.core.results import DirectoryError, Found, Result, ResultCode, SearchAnswer

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.requests import Search
    from emulators.directory.core.session import Session

OBJECT_SECURITY, ANCESTORS_FIRST, PUBLIC_DATA, INCREMENTAL = 0x1, 0x800, 0x2000, 0x80000000
#: an answer ends here with more to come, as it does in the real product after MaxDirSyncDuration
ENTRIES_MAX = 5000

_ALWAYS = ("objectguid", "instancetype")
#: asking for nothing but these reports nothing
_NOT_ENOUGH = frozenset({"objectguid", "parentguid", "instancetype", "cn"})


def search(forest: Forest, session: Session, request: Search) -> SearchAnswer:
    control = request.controls.dirsync
    assert control is not None
    flags = control.flags & 0xFFFFFFFF
    secured = bool(flags & OBJECT_SECURITY)
    partition = _partition(session, request, secured)
    secured = not _may_replicate(forest, session, partition) or secured
    invocation = session.controller.invocation
    position = floor = 0
    begun = session.controller.usn  # a first pass is from nothing to here; later passes have no such mark
    if control.cookie:
        cookie = unpack(control.cookie)
        position, floor = cookie.on(invocation)
        begun = cookie.begun if cookie.invocation == invocation else 0
    wanted = _Wanted(forest, session, request, partition, flags, secured, floor)
    reached = session.controller.usn
    limit = max(control.bytes_max, forest.options.sync_bytes_min) if control.bytes_max > 0 else 1 << 31
    counting = limit < 1 << 28
    items: list[Found] = []
    size = 0
    more = False
    start = position
    for usn, found in _stream(forest, session, request, partition, wanted, start, begun):
        # an answer gets on by one object at least, however small the client's limit
        if found is not None and position > start and (size >= limit or len(items) >= ENTRIES_MAX):
            more = True
            break
        position = max(position, usn)
        if found is None:
            continue
        items.append(found)
        if counting:
            size += _size(found)
    if more:
        following = Cookie(position, floor, invocation, {}, begun)
    else:
        following = Cookie(reached, reached, invocation, {invocation: reached})
    octets = following.pack(times.to_ticks(forest.clock.now()))
    return SearchAnswer(list(items), Result(dirsync_more=more, dirsync_cookie=octets))


def _partition(session: Session, request: Search, secured: bool) -> Partition:
    """The naming context asked about; DirSync works on whole ones only."""
    if session.global_catalog:
        raise refusals.unwilling("DirSync on the global catalog", 0x2077)
    name = refusals.parse_name(request.base)
    for partition in session.controller.partitions:
        if partition.name == name:
            if request.scope != Scope.SUBTREE:
                raise refusals.bad_control(ResultCode.UNWILLING_TO_PERFORM)
            if partition.fill is not None:
                partition.materialise()
            return partition
    within = session.controller.partition_of(name)
    if within is None or not session.holds(within) or within.find(name) is None:
        raise refusals.missing(session, name)
    if secured:
        raise refusals.bad_control(ResultCode.UNWILLING_TO_PERFORM)
    raise DirectoryError(ResultCode.INSUFFICIENT_ACCESS_RIGHTS, refusals.replication_denied().text)


def _may_replicate(forest: Forest, session: Session, partition: Partition) -> bool:
    """Get-Changes on the head; without it the caller reads as anyone does, or is refused where the world says so.

    Where the right is required, asking with OBJECT_SECURITY is no way round it.
    """
    if access.has_control_right(session.token, partition.head, access.GET_CHANGES):
        return True
    if forest.options.delta_requires_replication_right:
        raise refusals.replication_denied()
    return False


def _stream(
    forest: Forest,
    session: Session,
    request: Search,
    partition: Partition,
    wanted: _Wanted,
    position: int,
    begun: int,
) -> Iterator[tuple[int, Found | None]]:
    """What is to be sent, with the USN up to which everything has then been looked at.

    begun: in a first pass the USN it began at: who was deleted before then is not told of. Elsewhere 0.
    """
    test = filters.compile_filter(forest, session.controller, request.filter)
    if test is False:
        return
    controls = request.controls
    if controls.show_deleted or controls.show_recycled or forest.options.first_pass_tombstones:
        begun = 0
    ancestors_first = bool(wanted.flags & ANCESTORS_FIRST)
    sent: set[bytes] = set()
    for head in _heads_below(partition):
        if head.usn > position and _passes(test, head):
            found = wanted.of(head, partition.head.guid)
            if found is not None:
                yield position, found
    for usn, entry in partition.changes_after(position):
        if entry.state and _died(entry) <= begun:
            continue
        if test is not True and not test(entry.attributes):
            continue
        if entry.guid in sent:
            continue
        if ancestors_first:
            yield from _ancestors(entry, position, sent, wanted, test)
        found = wanted.of(entry)
        if ancestors_first and found is not None:
            sent.add(entry.guid)
        yield usn, found


def _died(entry: Entry) -> int:
    stamp = entry.stamp_of("isdeleted")
    return stamp.local_usn if stamp is not None else 0


def _passes(test: filters.Test | bool, entry: Entry) -> bool:
    return test if isinstance(test, bool) else test(entry.attributes)


def _ancestors(
    entry: Entry, position: int, sent: set[bytes], wanted: _Wanted, test: filters.Test | bool
) -> Iterator[tuple[int, Found | None]]:
    """Parents that changed later than their child, before the child."""
    line: list[Entry] = []
    node = entry.parent
    while node is not None and node.guid not in sent:
        if node.usn > entry.usn:
            line.append(node)
        node = node.parent
    for ancestor in reversed(line):
        if _passes(test, ancestor):
            found = wanted.of(ancestor)
            if found is not None:
                sent.add(ancestor.guid)
                yield position, found


def _heads_below(partition: Partition) -> list[Entry]:
    """The heads, not the contents, of the naming contexts directly below."""
    return [other.head for other in partition.subordinates]


class _Names(dict[str, bool]):
    """Remembers per attribute name whether it is part of the answer."""

    def __init__(self, forest: Forest, explicit: frozenset[str] | None, confidential: bool) -> None:
        super().__init__()
        self.schema = forest.schema
        self.explicit = explicit
        self.confidential = confidential

    def __missing__(self, name: str) -> bool:
        attribute = self.schema.attribute(name)
        wanted = (
            attribute is not None
            and attribute.replicated
            and not attribute.is_linked
            and name not in access.SECRET
            and (self.explicit is None or name in self.explicit)
            and (self.confidential or not attribute.confidential)
        )
        self[name] = wanted
        return wanted


class _Wanted:
    """One DirSync request's attribute list, turned into answers."""

    def __init__(
        self,
        forest: Forest,
        session: Session,
        request: Search,
        partition: Partition,
        flags: int,
        secured: bool,
        floor: int,
    ) -> None:
        self.forest = forest
        self.session = session
        self.flags = flags
        self.secured = secured
        self.floor = floor
        asked = [name.split(";", 1)[0].lower() for name in request.attributes]
        self.all = not asked or "*" in asked
        explicit = None if self.all else frozenset(asked)
        self.explicit = explicit
        self.nothing = explicit is not None and explicit <= _NOT_ENOUGH
        head, token = partition.head, session.token
        confidential = access.has_control_right(token, head, access.GET_CHANGES_FILTERED) or access.has_control_right(
            token, head, access.GET_CHANGES_ALL
        )
        self.names = _Names(forest, explicit, confidential)
        self.security = self.all or (explicit is not None and "ntsecuritydescriptor" in explicit)
        self.parent = self.all or (explicit is not None and ("name" in explicit or "parentguid" in explicit))
        self.incremental = bool(flags & INCREMENTAL)
        self.extended = request.controls.extended_dn
        self.sd_flags = request.controls.sd_flags
        self.shared: dict[tuple[str, ...], tuple[str, ...]] = {}

    def of(self, entry: Entry, parent_guid: bytes | None = None) -> Found | None:
        """What an object has to tell since the floor; None when nothing."""
        if self.nothing:
            return None
        if self.secured and not access.is_visible(self.session.token, entry):
            return self._hidden(entry)
        floor = self.floor
        created = entry.born.local_usn > floor
        wants = self.names
        attributes = entry.attributes
        extra: list[tuple[str, Values]] = []
        moved = created
        guarded = created
        stamps = entry.stamps
        if created:
            listed = [name for name in attributes if wants[name]]
        else:
            listed = []
            for name, stamp in (stamps or {}).items():
                if stamp.local_usn <= floor:
                    continue
                if name == "name":
                    moved = True
                elif name == "ntsecuritydescriptor":
                    guarded = True
                if not wants[name]:
                    continue
                if name in attributes:
                    listed.append(name)
                elif not entry.state:
                    extra.append((self.forest.schema.spelling(name), ()))
        if self.secured:
            readable = access.readable(self.session.token, entry)
            listed = [name for name in listed if self._may_read(name, readable)]
            extra = [pair for pair in extra if self._may_read(pair[0], readable)]
        if entry.link_stamps is not None:
            self._links(entry, created, extra)
        if guarded and self.security:
            self._security(entry, extra)
        if not self._worth(entry, listed, extra):
            return None
        return self._found(entry, listed, extra, moved, parent_guid)

    def _worth(self, entry: Entry, listed: list[str], extra: list[tuple[str, Values]]) -> bool:
        """Whether anything that was asked for changed; a deletion always counts."""
        if extra or (self.all and listed):
            return True
        if entry.state:
            stamp = entry.stamp_of("isdeleted")
            if stamp is not None and stamp.local_usn > self.floor:
                return True
        return any(name not in _NOT_ENOUGH for name in listed)

    def _found(
        self, entry: Entry, listed: list[str], extra: list[tuple[str, Values]], moved: bool, parent_guid: bytes | None
    ) -> Found:
        attributes = entry.attributes
        for name in _ALWAYS:
            if name not in listed and name in attributes:
                listed.append(name)
        if entry.state and "isdeleted" not in listed:
            listed.append("isdeleted")
        if moved and self.parent:
            above = parent_guid or (entry.parent.guid if entry.parent is not None else None)
            if above is not None:
                extra.append(("parentGUID", (above,)))
        dn = entry.dn
        if self.extended is not None:
            dn = selection.extended_name(entry, self.extended)
            listed = self._extend(entry, listed, extra)
        names_sent = tuple(listed)
        return Found(entry, dn, self.shared.setdefault(names_sent, names_sent), tuple(extra))

    def _may_read(self, name: str, readable: access.Readable) -> bool:
        attribute = self.forest.schema.attribute(name)
        return attribute is not None and readable.property(attribute)

    def _hidden(self, entry: Entry) -> Found | None:
        """A deletion the caller may not see: only that it happened, and to which GUID."""
        stamp = entry.stamp_of("isdeleted") if entry.state else None
        if stamp is None or stamp.local_usn <= self.floor:
            return None
        return Found(entry, "", ("objectguid", "isdeleted"))

    def _security(self, entry: Entry, extra: list[tuple[str, Values]]) -> None:
        if not self.secured and self.sd_flags is None:
            extra.append(("nTSecurityDescriptor", (entry.sd.octets,)))
            return
        parts = self.sd_flags or 7
        if self.secured and not access.readable(self.session.token, entry).secure:
            return
        extra.append(("nTSecurityDescriptor", (entry.sd.part(parts),)))

    # ---- linked values -----------------------------------------------------------------------------------------------
    def _links(self, entry: Entry, created: bool, extra: list[tuple[str, Values]]) -> None:
        schema = self.forest.schema
        for name, stamps in (entry.link_stamps or {}).items():
            if self.explicit is not None and name not in self.explicit:
                continue
            attribute = schema.attribute(name)
            if attribute is None or not attribute.replicated:
                continue
            if self.secured and not access.readable(self.session.token, entry).property(attribute):
                continue
            if created:
                values = entry.attributes.get(name, ())
                if values:
                    label = f"{attribute.name};range=1-1" if self.incremental else attribute.name
                    extra.append((label, self._dns(values)))
                continue
            changed = [(guid, stamp) for guid, stamp in stamps.items() if stamp.local_usn > self.floor]
            if not changed:
                continue
            if not self.incremental:
                extra.append((attribute.name, self._dns(entry.attributes.get(name, ()))))
                continue
            for present, label in ((True, "1-1"), (False, "0-0")):
                values = self._named(guid for guid, stamp in changed if stamp.present is present)
                if values:
                    extra.append((f"{attribute.name};range={label}", self._dns(values)))

    def _named(self, guids: Iterator[bytes]) -> Values:
        find = self.session.controller.find_guid
        return tuple(target.attributes["distinguishedname"][0] for guid in guids if (target := find(guid)) is not None)

    # ---- extended names ----------------------------------------------------------------------------------------------
    def _dns(self, values: Values) -> Values:
        if self.extended is None:
            return values
        return tuple(self._extended(value) for value in values)

    def _extended(self, value: bytes) -> bytes:
        try:
            target = self.session.controller.find(names.key(value.decode()))
        except ValueError:
            return value
        return selection.extended_name(target, self.extended or 0).encode() if target is not None else value

    def _extend(self, entry: Entry, listed: list[str], extra: list[tuple[str, Values]]) -> list[str]:
        schema = self.forest.schema
        kept: list[str] = []
        for name in listed:
            attribute = schema.attribute(name)
            if attribute is not None and attribute.attribute_syntax == "2.5.5.1":
                extra.append((attribute.name, self._dns(entry.attributes[name])))
            else:
                kept.append(name)
        return kept


def _size(found: Found) -> int:
    """About how many octets an answer's entry takes."""
    attributes = found.entry.attributes
    size = 60 + len(found.dn)
    for name in found.names or attributes:
        size += len(name) + 6
        for value in attributes[name]:
            size += len(value) + 4
    for label, values in found.extra:
        size += len(label) + 6 + sum(len(value) + 4 for value in values)
    return size
