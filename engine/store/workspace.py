"""The unit of work of a synchronization batch on SQLite: objects loaded once, changed in memory, written in one go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import cast

from engine.model.change import Operation
from engine.model.cs_object import CSObject, Kind
from engine.model.mv_object import MVObject
from engine.model.values import Scalar, as_list
from engine.store.database import Database
from engine.store.objects import (
    CS_COLUMNS,
    HOLDS_KIND,
    PatternNumbers,
    chunks,
    dn_key,
    join_key,
    keys_of,
    marks,
    next_number,
    read_cs,
    read_mv,
    write_cs,
    write_cs_state,
    write_mv,
)
from engine.store.space_index import SpaceIndex, findable

_CS_SLOTS = tuple(slot for slot in CSObject.__slots__ if slot != "keys")
_MV_SLOTS = tuple(MVObject.__slots__)
_cs_state = attrgetter(*_CS_SLOTS)
_mv_state = attrgetter(*_MV_SLOTS)


class StoredWorkspace:
    """Implements sync.workspace.Workspace. ``flush`` writes the batch; the caller holds the transaction."""

    def __init__(
        self,
        database: Database,
        *,
        join_attributes: Iterable[str],
        entra_connectors: frozenset[int],
    ) -> None:
        self.connection = database.connection
        self.join_attributes = tuple(sorted(join_attributes))
        self.entra_connectors = entra_connectors
        one = self.connection.execute
        self._next_cs = next_number(self.connection, "cs")
        self._next_mv = next_number(self.connection, "mv")
        self._joins_stored = one("SELECT 1 FROM join_value LIMIT 1").fetchone() is not None
        self._spaces_stored = {
            ordinal
            for (ordinal,) in one("SELECT ordinal FROM connector").fetchall()
            if any(one(HOLDS_KIND, (ordinal * 4 + kind,)).fetchone() is not None for kind in Kind)
        }
        self._fresh_joins: dict[int, int | set[int]] = {}  # by key: the one object that holds it, or several
        self._fresh_dns: dict[int, int] = {}
        self.links_stored = one("SELECT 1 FROM cs WHERE mv != 0 LIMIT 1").fetchone() is not None
        self._metaverse_of: dict[int, int] = {}  # links made in this step, object -> metaverse object
        self._linked_in: dict[tuple[int, int], int] = {}  # and (metaverse object, connector) -> object
        self._patterns = PatternNumbers(self.connection)
        self._space = SpaceIndex(self.connection)
        self._clear()

    def _clear(self) -> None:
        self._cs: dict[int, CSObject] = {}
        self._mv: dict[int, MVObject] = {}
        self._linked: dict[int, list[int]] = {}
        self._new_cs: dict[int, CSObject] = {}
        self._new_mv: dict[int, MVObject] = {}
        self._dirty_cs: dict[int, CSObject] = {}
        self._dirty_mv: dict[int, MVObject] = {}
        self._gone_cs: dict[int, CSObject] = {}
        self._gone_mv: dict[int, MVObject] = {}
        self._whole: set[int] = set()
        self._absent_dns: set[int] = set()
        self._join_before: dict[int, frozenset[int]] = {}
        self._join_after: dict[int, frozenset[int]] = {}
        self._trail: list[tuple[object, tuple[object, ...]]] = []
        self._trail_seen: set[int] = set()
        self._structure: list[tuple[str, object]] = []

    # ---- loading -----------------------------------------------------------------------------------------------------
    def load_batch(self, numbers: Sequence[int]) -> list[CSObject]:
        """Load source objects with their metaverse objects and everything linked to those, few queries in all."""
        for part in chunks(numbers):
            self._load_cs(f"number IN ({marks(len(part))})", part)
        self.load_metaverse(sorted({o.mv for n in numbers if (o := self._cs.get(n)) is not None and o.mv}))
        return [self._cs[n] for n in numbers if n in self._cs]

    def _load_cs(self, condition: str, values: Sequence[object]) -> list[CSObject]:
        found = []
        rows = self.connection.execute(f"SELECT {CS_COLUMNS} FROM cs WHERE {condition} ORDER BY number", values)  # noqa: S608
        for row in rows.fetchall():
            number = row[0]
            held = self._cs.get(number)
            if held is None and number not in self._gone_cs:
                held = self._cs[number] = read_cs(row)
            if held is not None:
                found.append(held)
        return found

    def cs(self, number: int) -> CSObject | None:
        held = self._cs.get(number)
        if held is None and number not in self._gone_cs:
            self._load_cs("number = ?", (number,))
            held = self._cs.get(number)
        return held

    def mv(self, number: int) -> MVObject:
        held = self._mv.get(number)
        if held is None:
            row = self.connection.execute("SELECT * FROM metaverse WHERE number = ?", (number,)).fetchone()
            if row is None:
                raise LookupError(f"there is no metaverse object {number}")
            held = self._mv[number] = read_mv(row)
        return held

    def linked(self, mv: int) -> list[CSObject]:
        numbers = self._linked.get(mv)
        if numbers is None:
            numbers = self._linked[mv] = [o.number for o in self._load_cs("mv != 0 AND mv = ?", (mv,)) if o.mv == mv]
            # objects changed in this batch may have been linked after they were loaded
            for o in self._dirty_cs.values():
                if o.mv == mv and o.number not in numbers:
                    numbers.append(o.number)
        objects = [self._cs[n] for n in numbers]
        if len(objects) > 1:
            objects.sort(key=lambda o: (o.connector, o.number))
        return objects

    # ---- look-ups ----------------------------------------------------------------------------------------------------
    def find_mv(self, object_type: str | None, attribute: str, value: Scalar, case_sensitive: bool) -> list[int]:
        key = join_key(attribute, value)
        fresh = self._fresh_joins.get(key)
        numbers = set() if fresh is None else fresh if isinstance(fresh, set) else {fresh}
        if self._joins_stored:
            stored = self.connection.execute("SELECT mv FROM join_value WHERE hash = ?", (key,))
            numbers = numbers.union(row[0] for row in stored)
        if not numbers:
            return []
        found = []
        for number in sorted(numbers):
            if number in self._gone_mv:
                continue
            try:
                candidate = self.mv(number)
            except LookupError:
                continue
            if object_type is not None and candidate.object_type != object_type:
                continue
            if any(_equal(held, value, case_sensitive) for held in as_list(candidate.values.get(attribute))):
                found.append(number)
        return found

    def find_cs(
        self, connector: int, object_type: str, attribute: str, value: Scalar, case_sensitive: bool
    ) -> list[CSObject]:
        if connector in self.entra_connectors and attribute == "sourceAnchor" and isinstance(value, str):
            # the DN of an Entra object spells its source anchor (facts "engine" 1.1)
            dn = "CN={" + value.encode("utf-8").hex().upper() + "}"
            held = self.find_cs_by_dn(connector, dn)
            return [held] if held is not None and held.object_type == object_type else []
        found = []
        for number in self._space.find(connector, object_type, attribute, value, self._new_cs.values()):
            held = self.cs(number)
            if held is None or held.connector != connector or held.object_type != object_type:
                continue
            if any(_equal(one, value, case_sensitive) for one in as_list(findable(held).get(attribute))):
                found.append(held)
        return found

    def find_cs_by_dn(self, connector: int, dn: str) -> CSObject | None:
        key = dn_key(connector, dn)
        fresh = self._fresh_dns.get(key)
        if fresh is not None:
            held = self.cs(fresh)
            if held is not None and held.connector == connector and keys_of(held)[0] == key:
                return held
        if connector in self._spaces_stored and key not in self._absent_dns:
            for held in self._load_cs("dn_hash = ?", (key,)):
                if held.connector == connector and keys_of(held)[0] == key:
                    return held
            self._absent_dns.add(key)
        return None

    def counterparts(self, connector: int, numbers: Sequence[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        asked = []
        for number in numbers:
            target = self._linked_in.get((self._metaverse_of.get(number, 0), connector))
            if target is not None:
                found[number] = target
            else:
                asked.append(number)
        if asked and self.links_stored:
            found.update(self._stored_counterparts(connector, asked))
        return found

    def _stored_counterparts(self, connector: int, numbers: Sequence[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        for part in chunks(numbers):
            rows = self.connection.execute(
                f"SELECT s.number, t.number FROM cs s JOIN cs t ON t.mv != 0 AND t.mv = s.mv AND t.connector = ? "  # noqa: S608
                f"WHERE s.mv != 0 AND s.number IN ({marks(len(part))})",
                (connector, *part),
            )
            found.update(rows.fetchall())
        changed = self._dirty_cs
        if not changed:
            return found
        # what this batch has changed and not yet written speaks last
        for number in numbers:
            source = changed.get(number)
            target = self._cs.get(found[number]) if number in found else None
            if source is not None and (target is None or target.mv != source.mv or not source.mv):
                found.pop(number, None)
            elif target is not None and target.number in changed and source is None:
                held = self.cs(number)
                if held is None or held.mv != target.mv:
                    found.pop(number, None)
        return found

    def load_metaverse(self, numbers: Sequence[int]) -> None:
        """Load metaverse objects and everything linked to them."""
        for part in chunks([n for n in numbers if n not in self._mv]):
            rows = self.connection.execute(f"SELECT * FROM metaverse WHERE number IN ({marks(len(part))})", part)  # noqa: S608
            for row in rows.fetchall():
                mv = read_mv(row)
                self._mv[mv.number] = mv
                self._linked[mv.number] = []
            for o in self._load_cs(f"mv != 0 AND mv IN ({marks(len(part))})", part):
                if o.mv in self._linked:
                    self._linked[o.mv].append(o.number)

    def referrers_of(self, numbers: Sequence[int]) -> set[int]:
        """Metaverse objects to look at again because the link of these objects, or of their siblings, changed."""
        found: set[int] = set()
        for part in chunks(numbers):
            holes = marks(len(part))
            rows = self.connection.execute(
                f"WITH moved AS (SELECT number FROM cs WHERE number IN ({holes}) UNION "  # noqa: S608
                f"SELECT b.number FROM cs a JOIN cs b ON b.mv != 0 AND b.mv = a.mv "
                f"WHERE a.mv != 0 AND a.number IN ({holes})) "
                f"SELECT DISTINCT cs.mv FROM moved JOIN reference ON reference.target = moved.number "
                f"JOIN cs ON cs.number = reference.source WHERE cs.mv != 0",
                (*part, *part),
            )
            found.update(r[0] for r in rows)
        return found

    # ---- changes -----------------------------------------------------------------------------------------------------
    def create_mv(self, object_type: str) -> MVObject:
        mv = MVObject(self._next_mv, object_type)
        self._next_mv += 1
        self._mv[mv.number] = self._new_mv[mv.number] = mv
        self._linked[mv.number] = []
        self._structure.append(("create_mv", mv))
        return mv

    def create_cs(self, connector: int, object_type: str, dn: str) -> CSObject:
        cs = CSObject(self._next_cs, connector, object_type, dn)
        self._next_cs += 1
        self._cs[cs.number] = self._new_cs[cs.number] = cs
        self._fresh_dns[keys_of(cs)[0]] = cs.number
        self._structure.append(("create_cs", cs))
        return cs

    def rename(self, cs: CSObject, dn: str) -> None:
        self.touch(cs)
        cs.dn = dn
        self._whole.add(cs.number)
        self._fresh_dns[keys_of(cs)[0]] = cs.number

    def link(self, cs: CSObject, mv: int) -> None:
        self.touch(cs)
        if cs.mv:
            members = self._linked.get(cs.mv)
            if members is not None and cs.number in members:
                members.remove(cs.number)
        self._structure.append(("link", (cs, cs.mv, mv)))
        if mv:
            self.linked(mv)
            self._linked[mv].append(cs.number)
            self._metaverse_of[cs.number] = mv
            self._linked_in[mv, cs.connector] = cs.number
        elif self._metaverse_of.pop(cs.number, 0):
            self._linked_in.pop((cs.mv, cs.connector), None)
        cs.mv = mv

    def remove_cs(self, cs: CSObject) -> None:
        self.touch(cs)
        referred = self.connection.execute("SELECT 1 FROM reference WHERE target = ? LIMIT 1", (cs.number,)).fetchone()
        if referred:
            cs.kind = Kind.PLACEHOLDER
            cs.object_type = ""
            cs.anchor = None
            cs.base = {}
            cs.pending = cs.unapplied = cs.unconfirmed = None
            cs.pending_import = cs.pending_export = cs.unconfirmed_operation = Operation.NONE
            cs.owned = False
            self._new_cs[cs.number] = cs  # the whole row is written
            return
        self._gone_cs[cs.number] = cs
        self._cs.pop(cs.number, None)
        self._structure.append(("remove_cs", cs))

    def remove_mv(self, mv: MVObject) -> None:
        self.touch(mv)
        self._gone_mv[mv.number] = mv
        self._structure.append(("remove_mv", mv))

    def touch(self, item: CSObject | MVObject) -> None:
        if id(item) in self._trail_seen:
            return
        self._trail_seen.add(id(item))
        if isinstance(item, CSObject):
            self._dirty_cs[item.number] = item
            self._trail.append((item, _cs_state(item)))
        else:
            self._dirty_mv[item.number] = item
            if item.number not in self._join_before and item.number not in self._new_mv:
                self._join_before[item.number] = self._join_keys(item)
            self._trail.append((item, _mv_state(item)))

    def joinable(self, mv: MVObject) -> None:
        """Make the object's join values findable for the objects that follow in this step."""
        keys = self._join_after[mv.number] = self._join_keys(mv)
        number, fresh = mv.number, self._fresh_joins
        for key in keys:
            held = fresh.setdefault(key, number)
            if isinstance(held, set):
                held.add(number)
            elif held != number:
                fresh[key] = {held, number}

    def _join_keys(self, mv: MVObject) -> frozenset[int]:
        values = mv.values
        keys = []
        for attribute in self.join_attributes:
            held = values.get(attribute)
            if held is not None:
                keys += [join_key(attribute, value) for value in as_list(held)]
        return frozenset(keys)

    # ---- one object's transaction ------------------------------------------------------------------------------------
    def begin(self) -> None:
        self._trail = []
        self._trail_seen = set()
        self._structure = []

    def keep(self) -> None:
        for item, _ in self._trail:
            if isinstance(item, MVObject) and item.number not in self._gone_mv:
                self.joinable(item)
        if self._space.asked:
            for what, subject in self._structure:
                if what == "create_cs":
                    self._space.add(cast(CSObject, subject))
        self.begin()

    def undo(self) -> None:
        for item, state in reversed(self._trail):
            slots: tuple[str, ...] = _CS_SLOTS if isinstance(item, CSObject) else _MV_SLOTS
            for slot, value in zip(slots, state, strict=True):
                setattr(item, slot, value)
        for what, subject in reversed(self._structure):
            if what == "create_mv":
                assert isinstance(subject, MVObject)
                self._linked.pop(subject.number, None)
                for kept in (self._mv, self._new_mv, self._dirty_mv):
                    kept.pop(subject.number, None)
            elif what == "create_cs":
                assert isinstance(subject, CSObject)
                self._fresh_dns.pop(keys_of(subject)[0], None)
                for table in (self._cs, self._new_cs, self._dirty_cs):
                    table.pop(subject.number, None)
            elif what == "link":
                cs, before, after = cast(tuple[CSObject, int, int], subject)
                self._metaverse_of.pop(cs.number, None)
                self._linked_in.pop((after, cs.connector), None)
                if after and after in self._linked and cs.number in self._linked[after]:
                    self._linked[after].remove(cs.number)
                if before and before in self._linked and cs.number not in self._linked[before]:
                    self._linked[before].append(cs.number)
            elif what == "remove_cs":
                assert isinstance(subject, CSObject)
                self._gone_cs.pop(subject.number, None)
                self._cs[subject.number] = subject
            elif what == "remove_mv":
                assert isinstance(subject, MVObject)
                self._gone_mv.pop(subject.number, None)
        self.begin()

    # ---- saving ------------------------------------------------------------------------------------------------------
    def flush(self) -> None:
        """Write everything of the batch and forget the objects; fresh join values and DNs stay findable."""
        connection = self.connection
        whole = [o for n, o in self._new_cs.items() if n not in self._gone_cs]
        write_cs(connection, whole)
        state = [o for n, o in self._dirty_cs.items() if n not in self._new_cs and n not in self._gone_cs]
        write_cs(connection, [o for o in state if o.number in self._whole])
        write_cs_state(connection, [o for o in state if o.number not in self._whole])
        written = {n: o for n, o in {**self._new_mv, **self._dirty_mv}.items() if n not in self._gone_mv}
        write_mv(connection, written.values(), self._patterns)
        self._write_joins(connection, written)
        if self._gone_cs:
            connection.executemany("DELETE FROM cs WHERE number = ?", [(n,) for n in self._gone_cs])
            connection.executemany("DELETE FROM reference WHERE source = ?", [(n,) for n in self._gone_cs])
            connection.executemany("DELETE FROM object_error WHERE cs = ?", [(n,) for n in self._gone_cs])
        if self._gone_mv:
            connection.executemany("DELETE FROM mv WHERE number = ?", [(n,) for n in self._gone_mv])
        self._clear()

    def _write_joins(self, connection: sqlite3.Connection, written: dict[int, MVObject]) -> None:
        added: list[tuple[int, int]] = []
        dropped: list[tuple[int, int]] = []
        for number, mv in written.items():
            keys = self._join_after.get(number)
            if keys is None:
                keys = self._join_keys(mv)
            before = self._join_before.get(number, frozenset())
            added.extend((key, number) for key in keys - before)
            dropped.extend((key, number) for key in before - keys)
        for number in self._gone_mv:
            dropped.extend((key, number) for key in self._join_before.get(number, frozenset()))
        if dropped:
            connection.executemany("DELETE FROM join_value WHERE hash = ? AND mv = ?", dropped)
        if added:
            connection.executemany("INSERT OR IGNORE INTO join_value VALUES (?, ?)", added)

    def rebase(self, cs: CSObject) -> None:
        """Fold what the directory last said into the processed layer: sync has seen it."""
        self.touch(cs)
        if cs.pending:
            cs.base = cs.imported()
            self._whole.add(cs.number)
        cs.pending = None
        cs.pending_import = Operation.NONE


def _equal(held: Scalar, wanted: Scalar, case_sensitive: bool) -> bool:
    if isinstance(held, str) and isinstance(wanted, str) and not case_sensitive:
        return held.casefold() == wanted.casefold()
    return held == wanted
