"""One naming context on one controller: its objects as a tree, its indexes, and ``commit``, the only writer.

A commit gives the change a USN, stamps what changed, keeps indexes, back links and the names of references true, and
empties the encoded forms of every object it touched. Source: MS-ADTS 3.1.1.1.9; house 4.2 (write path).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from emulators.directory.core import links, metadata, names
from emulators.directory.core.entry import Entry, State
from emulators.directory.core.indexes import INDEXED, ChangeLog, Indexes

if TYPE_CHECKING:
    from emulators.directory.core.draft import Draft
    from emulators.directory.core.forest import Controller, Forest
    from emulators.directory.core.metadata import Moment

_INDEXED = frozenset(INDEXED)


class Partition:
    """The entries of one naming context. ``head`` is its root object."""

    def __init__(self, forest: Forest, controller: Controller, dn: str) -> None:
        self.forest = forest
        self.controller = controller
        self.dn = dn
        self.name = names.key(dn)
        self.entries: dict[bytes, Entry] = {}
        self.indexes = Indexes()
        self.log = ChangeLog()
        self.dead = 0  # how many entries are deleted or recycled
        #: DN-valued attributes without a back link: target GUID -> who names it where
        self.loose: dict[bytes, dict[tuple[bytes, str], None]] = {}
        #: makes the entries of a context nobody has looked into yet
        self.fill: Callable[[Partition], None] | None = None
        self._head: Entry | None = None
        self._below: tuple[Partition, ...] | None = None
        self._confidential = forest.schema.confidential_names

    # ---- reading -----------------------------------------------------------------------------------------------------
    @property
    def head(self) -> Entry:
        if self._head is None:
            raise LookupError(self.dn)
        return self._head

    def find(self, name: names.Name) -> Entry | None:
        """The object of a name, None when there is none (or the name lies elsewhere)."""
        depth = len(name) - len(self.name)
        if depth < 0 or name[depth:] != self.name:
            return None
        node = self._head
        while depth and node is not None:
            depth -= 1
            node = node.children.get(name[depth]) if node.children is not None else None
        if node is None and self.fill is not None:
            self.materialise()
            return self.find(name)
        return node

    @property
    def subordinates(self) -> tuple[Partition, ...]:
        """The naming contexts directly below this one that the controller holds."""
        if self._below is None:
            inside = [p for p in self.controller.partitions if p is not self and names.is_below(p.name, self.name)]
            self._below = tuple(
                p for p in inside if not any(o is not p and names.is_below(p.name, o.name) for o in inside)
            )
        return self._below

    def materialise(self) -> None:
        """Make the objects of a context that is built when first looked into."""
        fill, self.fill = self.fill, None
        if fill is not None:
            fill(self)

    def changes_after(self, usn: int) -> Iterator[tuple[int, Entry]]:
        """Objects with a greater uSNChanged, oldest change first: costs what changed, not what there is."""
        return self.log.after(usn)

    def well_known(self, guid: str) -> Entry | None:
        """The container behind a well-known GUID (32 hex digits)."""
        for attribute in ("wellknownobjects", "otherwellknownobjects"):
            for value in self.head.attributes.get(attribute, ()):
                _kind, _count, found, dn = value.decode().split(":", 3)
                if found.upper() == guid.upper():
                    return self.find(names.key(dn))
        return None

    # ---- writing -----------------------------------------------------------------------------------------------------
    def next_moment(self) -> Moment:
        return metadata.moment(self.forest.clock.now(), self.controller.invocation, self.controller.next_usn())

    def commit(self, draft: Draft) -> Entry:
        """Make a draft true; the stored object is returned, unchanged when the draft changed nothing."""
        return self._create(draft) if draft.entry is None else self._update(draft, draft.entry)

    def insert(self, entry: Entry, parent: Entry | None) -> None:
        """Put a finished object in its place in the tree and the indexes."""
        if parent is None:
            self._head = entry
        else:
            entry.parent = parent
            if parent.children is None:
                parent.children = {}
            parent.children[entry.rdn_key] = entry
        self.entries[entry.guid] = entry
        self.indexes.insert(entry, entry.attributes)
        entry.guarded = not self._confidential.isdisjoint(entry.attributes)
        self.log.append(entry.usn, entry)
        if entry.state:
            self.dead += 1

    def remove(self, entry: Entry) -> None:
        """Take an object out for good (purge, roll-back of a load)."""
        self.indexes.drop(entry)
        links.forget(self, entry)
        del self.entries[entry.guid]
        if entry.parent is not None and entry.parent.children is not None:
            entry.parent.children.pop(entry.rdn_key, None)
        if entry.state:
            self.dead -= 1
        entry.usn = -1  # its records in the change log are stale

    def _create(self, draft: Draft) -> Entry:
        at = self.next_moment()
        attributes = draft.attributes
        when, usn = (at.generalized,), (str(at.usn).encode(),)
        attributes.setdefault("whencreated", when)
        attributes["whenchanged"] = when
        attributes["usncreated"] = attributes["usnchanged"] = usn
        entry = Entry(draft.dn, draft.rdn_key, draft.guid, attributes, draft.sd)
        entry.secrets = draft.secrets or None
        entry.born = at.first
        entry.usn = at.usn
        entry.state = draft.state
        sid = attributes.get("objectsid")
        entry.sid = sid[0] if sid else None
        self.insert(entry, draft.parent)
        links.apply(self, entry, draft.links, at)
        links.note_references(self, entry)
        self._tell(entry)
        return entry

    def _update(self, draft: Draft, entry: Entry) -> Entry:
        before, after = entry.attributes, draft.attributes
        linked = {change.attribute for change in draft.links}
        changed = {name for name in draft.touched if name not in linked and before.get(name) != after.get(name)}
        secret = {name for name in draft.touched if draft.secrets.get(name) != (entry.secrets or {}).get(name)}
        moved = draft.dn != entry.dn or draft.parent is not entry.parent
        guarded = draft.sd is not entry.sd
        if not (changed or secret or linked or moved or guarded or draft.state != entry.state):
            return entry
        stamped = metadata.replicated_names(self.forest.schema, changed)
        stamped += sorted(secret)
        if guarded:
            stamped.append("ntsecuritydescriptor")
        if moved and "name" not in stamped:
            stamped.append("name")
        if not (stamped or linked or draft.state != entry.state):
            self._write(entry, draft, changed)
            entry.wire.clear()
            return entry
        at = self.next_moment()
        metadata.stamp_attributes(entry, stamped, at)
        self._write(entry, draft, changed)
        if moved:
            links.rename(self, entry, draft.dn, draft.rdn_key, draft.parent)
        links.apply(self, entry, draft.links, at)
        links.note_references(self, entry, changed)
        entry.usn = at.usn
        entry.attributes["usnchanged"] = (str(at.usn).encode(),)
        entry.attributes["whenchanged"] = (at.generalized,)
        self.log.append(at.usn, entry)
        self.log.sweep(len(self.entries))
        if guarded:
            self._propagate(entry)
        self._tell(entry)
        return entry

    def _write(self, entry: Entry, draft: Draft, changed: set[str]) -> None:
        """Move values from the draft to the object; linked attributes follow in links.apply."""
        attributes = entry.attributes
        for name in sorted(changed):
            old, new = attributes.get(name, ()), draft.attributes.get(name, ())
            if name in _INDEXED:
                self.indexes.replace(entry, name, old, new)
            if new:
                attributes[name] = new
            else:
                del attributes[name]
        if not self._confidential.isdisjoint(changed):
            entry.guarded = not self._confidential.isdisjoint(attributes)
        if (draft.state == State.LIVE) != (entry.state == State.LIVE):
            self.dead += 1 if draft.state else -1
        entry.state = draft.state
        entry.sd = draft.sd
        entry.secrets = draft.secrets or None
        entry.dormant = draft.dormant
        sid = attributes.get("objectsid")
        entry.sid = sid[0] if sid else None

    def inherit_anew(self, entry: Entry) -> None:
        """After a move: the inherited part of the access list comes from the new parent."""
        kind = self.forest.schema.object_class(entry.attributes["objectclass"][-1].decode())
        if entry.parent is None or kind is None:
            return
        fresh = self.forest.descriptors.child(entry.sd, entry.parent.sd, kind.guid)
        if fresh is not entry.sd:
            entry.sd = fresh
            entry.wire.clear()
            self._propagate(entry)

    def _propagate(self, entry: Entry) -> None:
        """Hand an object's new access list down; what objects hold of their own stays."""
        descriptors = self.forest.descriptors
        schema = self.forest.schema
        waiting = [entry]
        while waiting:
            parent = waiting.pop()
            for child in (parent.children or {}).values():
                kind = schema.object_class(child.attributes["objectclass"][-1].decode())
                fresh = descriptors.child(child.sd, parent.sd, kind.guid if kind is not None else b"")
                if fresh is not child.sd:
                    child.sd = fresh
                    child.wire.clear()
                    waiting.append(child)

    def _tell(self, entry: Entry) -> None:
        entry.wire.clear()
        for observer in self.forest.observers:
            observer(entry)
