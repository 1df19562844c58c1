"""Connector to pending imports: read a page, match each object, stage what is new about it, confirm what was exported.

Reads as load, decide (staging.py), save; one transaction per page. Source: facts "engine" section 2.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import cast

from engine.connectors.connector import Connector, ImportedObject, ImportKind, ImportPage, ValueChanges
from engine.errors import ConnectorError
from engine.model.change import Operation
from engine.model.configuration import ConnectorConfiguration, Partition
from engine.model.cs_object import CSObject, Kind
from engine.model.values import Value, as_list
from engine.run.container_filter import container_filter
from engine.run.limits import OBJECT_LIMIT, StepLimits, StepStopped
from engine.run.not_reimported import NOT_REIMPORTED, not_reimported
from engine.run.obsoletion import drop_placeholders, obsolete_unseen
from engine.run.staging import repoint, stage_delete, stage_known, stage_new
from engine.run.sync_step import ERRORS_MAX, ErrorLimit
from engine.run.unclear_removals import read_unclear
from engine.store.database import Database
from engine.store.objects import (
    CS_COLUMNS,
    HOLDS_KIND,
    anchor_key,
    chunks,
    dn_key,
    hash_key,
    keys_of,
    marks,
    next_number,
    read_cs,
    write_cs,
)
from engine.store.run_history import ObjectError, StepResult
from engine.sync.passage import Observer

#: a referenced object that nobody has imported; a group may bring hundreds of thousands
_PLACEHOLDER = (
    "INSERT INTO cs (number, connector, partition, kind, object_type, dn, dn_hash, mv, linked_by, linking_rule, owned, "
    "pending_import, pending_export, unconfirmed_operation) VALUES (?,?,?,1,'',?,?,0,0,'',0,0,0,0)"  # 1 is the kind
)
HIERARCHY = frozenset({"container", "organizationalUnit", "domainDNS", "builtinDomain"})


@dataclass
class _Staged:
    """What one page comes to. changed: rows to write, by number. links, unlinks: (target, source) of references.
    standing: errors that stay until an import shows otherwise."""

    changed: dict[int, CSObject] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)
    unlinks: list[tuple[int, int]] = field(default_factory=list)
    standing: list[ObjectError] = field(default_factory=list)


@dataclass
class ImportStep:
    """One import step of one partition.

    ordinal, position: of connector and partition in the database. has_rules: object type -> whether any inbound rule
    reads it; types without rules are only kept for the hierarchy. reference_dn: how a reference of this connector
    names an object. keep_errors: is told of each page the errors that stand from now on, and whose came to an end.
    limits: what ends the step early.
    """

    database: Database
    connector: Connector
    configuration: ConnectorConfiguration
    ordinal: int
    partition: Partition
    position: int
    full: bool
    page_size: int
    has_rules: Callable[[str], bool]
    reference_dn: Callable[[str], str]
    observer: Observer | None = None
    keep_errors: Callable[[Sequence[ObjectError], Sequence[int]], None] | None = None
    limits: StepLimits = field(default_factory=StepLimits)

    def run(self, result: StepResult, watermark: bytes | None) -> bytes | None:
        """Read everything; fills the step's counters and errors. Returns the new watermark.

        Raises ConnectorError for a failure of the whole step; pages staged before it stay staged.
        """
        self._begin()
        last: bytes | None = None
        found = 0
        for page in self._pages(watermark):
            there = len(page.objects)
            taken = self.limits.room(there)
            del page.objects[taken:]
            with self.database.transaction() as connection:
                self._stage_page(connection, page, result)
            if taken < there:
                raise StepStopped(OBJECT_LIMIT)
            if result.statistics["StageFailure"] > ERRORS_MAX:
                raise ErrorLimit
            found += there
            last = last if page.watermark is None else page.watermark
        if self.full and found and all(error.error_type == NOT_REIMPORTED for error in result.errors):
            with self.database.transaction() as connection:
                if not self._fresh:
                    gone = obsolete_unseen(connection, self.ordinal, self._imported_positions(), self._seen)
                    if gone:
                        result.statistics.count("StageDelete", gone)
                drop_placeholders(connection, self.ordinal)
        self._finish(result)
        return last

    def stage(self, result: StepResult, objects: list[ImportedObject]) -> None:
        """Stage these objects and no others: no watermark moves, nothing is obsoleted."""
        self._begin()
        with self.database.transaction() as connection:
            self._stage_page(connection, ImportPage(objects), result)
        self._finish(result)

    def _imported_positions(self) -> list[int]:
        """Where objects lie that a full import of this partition speaks for: its own, and domains not selected."""
        every = self.configuration.partitions
        positions = [self.position, *(place for place, one in enumerate(every, start=1) if not one.selected)]
        return [*positions, 0] if len(every) == 1 else positions  # 0: not seen by an import yet

    def _finish(self, result: StepResult) -> None:
        transient = self.database.connection.execute(HOLDS_KIND, (self.ordinal * 4 + Kind.TRANSIENT,)).fetchone()
        result.transient = transient is not None

    def _pages(self, watermark: bytes | None) -> Iterator[ImportPage]:
        attributes = self.configuration.attributes or tuple(self.configuration.schema.attributes)
        if self.full:
            return self.connector.read_full(self.partition, attributes, self.page_size)
        if watermark is None:
            raise ConnectorError(
                "failed-search",
                f"{self.configuration.name} has no watermark for {self.partition.name}: a full import is required.",
                "no-start-full-import-required",
            )
        return self.connector.read_delta(self.partition, attributes, watermark, self.page_size)

    def _begin(self) -> None:
        one = self.database.connection.execute
        self._fresh = all(one(HOLDS_KIND, (self.ordinal * 4 + kind,)).fetchone() is None for kind in Kind)
        self._next = next_number(self.database.connection, "cs")
        self._anchors: dict[int, int] = {}  # of this run, while the space was empty at its start
        self._dns: dict[int, int] = {}
        self._seen: set[int] = set()
        self._inside = container_filter(self.partition)
        self._references = self.configuration.schema.reference_attributes()
        self._rules = {t: self.has_rules(t) for t in self.partition.object_types}

    # ---- one page ----------------------------------------------------------------------------------------------------
    def _stage_page(self, connection: sqlite3.Connection, page: ImportPage, result: StepResult) -> None:
        readable = [o for o in page.objects if not self._refused(o, result)]
        known = self._find(readable)
        incoming = [o for o in readable if self._wanted(o, known, result)]
        self._number(incoming, known)
        self._resolve_references(connection, incoming)
        staged = _Staged()
        for each in incoming:
            cs = known.get(id(each))
            if each.kind is ImportKind.DELETE:
                self._stage_removal(cs, staged, result)
            elif cs is not None:
                self._stage(connection, each, cs, staged, result)
        write_cs(connection, staged.changed.values())
        if staged.unlinks:
            connection.executemany("DELETE FROM reference WHERE target = ? AND source = ?", staged.unlinks)
        if staged.links:
            connection.executemany("INSERT OR IGNORE INTO reference VALUES (?, ?)", staged.links)
        result.errors += staged.standing
        if self.keep_errors is not None:
            failed = {error.cs for error in staged.standing}
            self.keep_errors(staged.standing, [cs.number for cs in known.values() if cs.number not in failed])

    def _number(self, incoming: Sequence[ImportedObject], known: dict[int, CSObject]) -> None:
        """Give what is new its number, and what is renamed its new name: references of this page use it."""
        made: dict[bytes | str, CSObject] = {}  # of this page: one object may be reported more than once
        for each in incoming:
            cs = known.get(id(each))
            if cs is None and each.anchor in made:
                known[id(each)] = made[each.anchor]
            elif cs is None and each.kind is not ImportKind.DELETE:
                known[id(each)] = made[each.anchor] = self._new(each)
            elif cs is not None and each.dn and each.dn != cs.dn:
                self._dns[dn_key(self.ordinal, each.dn)] = cs.number

    def _stage_removal(self, cs: CSObject | None, staged: _Staged, result: StepResult) -> None:
        if cs is None or cs.partition not in (0, self.position):  # unknown, or found in another domain by now
            result.statistics.count("FilteredDeletions")
            return
        result.statistics.count(stage_delete(cs))
        staged.changed[cs.number] = cs
        self._observe(cs, "delete", ())

    def _stage(
        self,
        connection: sqlite3.Connection,
        each: ImportedObject,
        cs: CSObject,
        staged: _Staged,
        result: StepResult,
    ) -> None:
        if self.full and cs.number in self._seen:
            self._refuse(each, "duplicate-object", f"The anchor of {each.dn} came twice.", result)
            return
        before = cs.imported() if self._references and cs.anchor is not None else {}
        awaited = cs.unconfirmed_operation is not Operation.NONE
        found_here = cs.partition != self.position  # it was exported, or moved between domains
        cs.partition = self.position
        if cs.anchor is None:
            result.statistics.count(stage_new(cs, each))
            self._remember(cs)
            staged.changed[cs.number] = cs
        else:
            old_dn = cs.dn
            counter, missing = stage_known(cs, each)
            result.statistics.count(counter)
            if missing:
                staged.standing.append(not_reimported(connection, cs, missing, self._references))
            if counter == "StageRename" and cs.object_type in HIERARCHY:
                self._rename_children(connection, old_dn, cs.dn)
            if found_here or counter != "StageNoChange" or cs.unconfirmed_operation is Operation.NONE:
                staged.changed[cs.number] = cs
        self._seen.add(cs.number)
        if awaited and cs.unconfirmed_operation is Operation.NONE:
            self._observe(cs, "confirmed", (), kind="engine.confirmed")
        if not self._rules.get(cs.object_type, True):
            self._settle(cs)
        if self._references:
            self._compare_references(cs, before, staged.links, staged.unlinks)
        if self.observer is not None and cs.pending_import is not Operation.NONE:
            names = cs.base if cs.pending_import is Operation.ADD else (cs.pending or {})
            self._observe(cs, cs.pending_import.label, sorted(names))

    def _refused(self, each: ImportedObject, result: StepResult) -> bool:
        if each.error is None:
            return False
        self._refuse(each, each.error, f"{each.dn} could not be read.", result)
        return True

    @staticmethod
    def _refuse(each: ImportedObject, error: str, text: str, result: StepResult) -> None:
        result.statistics.count("StageFailure")
        result.errors.append(ObjectError(0, each.dn, "import", error, text))

    def _wanted(self, each: ImportedObject, known: dict[int, CSObject], result: StepResult) -> bool:
        """Apply the container filter; what left it is a delete, what entered it is read whole."""
        if each.kind is ImportKind.DELETE:
            return True
        cs = known.get(id(each))
        if self._inside is not None and not self._inside(each.dn):
            if cs is not None and cs.anchor is not None and not self.full:
                if cs.object_type in HIERARCHY:
                    return True  # followed to its new name; what stands in it leaves with the next full import (DOF-05)
                each.kind = ImportKind.DELETE
                return True
            result.statistics.count("FilteredObjects")
            return False
        if each.kind is ImportKind.CHANGE and (cs is None or cs.anchor is None):
            attributes = self.configuration.attributes or tuple(self.configuration.schema.attributes)
            whole = self.connector.read_object(self.partition, attributes, each.anchor)
            if whole is None:
                return False
            each.kind, each.dn, each.object_type, each.attributes = (
                ImportKind.FULL,
                whole.dn,
                whole.object_type,
                whole.attributes,
            )
        return True

    def _new(self, each: ImportedObject) -> CSObject:
        cs = CSObject(self._next, self.ordinal, each.object_type or "", each.dn, partition=self.position)
        self._next += 1
        self._dns[keys_of(cs)[0]] = cs.number
        return cs

    @staticmethod
    def _settle(cs: CSObject) -> None:
        """An object no rule reads has nothing to wait for."""
        if cs.pending_import is not Operation.DELETE:
            cs.base, cs.pending, cs.pending_import = cs.imported(), None, Operation.NONE

    # ---- matching ----------------------------------------------------------------------------------------------------
    def _find(self, objects: Sequence[ImportedObject]) -> dict[int, CSObject]:
        """Match by anchor, then by DN (facts "engine" 2.1). Keys are ids of the incoming records."""
        found: dict[int, CSObject] = {}
        by_anchor: dict[int, list[ImportedObject]] = {}
        for each in objects:
            by_anchor.setdefault(anchor_key(self.ordinal, each.anchor), []).append(each)
        for cs in self._load("anchor_hash", by_anchor, self._anchors):
            if cs.anchor is None:
                continue
            for each in by_anchor.get(anchor_key(self.ordinal, cs.anchor), ()):
                if each.anchor == cs.anchor:
                    found[id(each)] = cs
        by_dn = {dn_key(self.ordinal, o.dn): o for o in objects if o.dn and o.kind is not ImportKind.DELETE}
        displaced: list[CSObject] = []
        for cs in self._load("dn_hash", by_dn, self._dns):
            holder = by_dn.get(dn_key(self.ordinal, cs.dn))
            if holder is None or found.get(id(holder)) is cs:
                continue
            if cs.anchor is None and id(holder) not in found:
                found[id(holder)] = cs
            elif cs.kind is Kind.PLACEHOLDER:
                self._merge(cs, found[id(holder)], found)
            elif cs.anchor is None:
                self._drop_unconfirmed(cs)
            elif cs.anchor != holder.anchor:
                displaced.append(cs)
        for cs in displaced:
            self._make_transient(cs, found)
        return found

    def _load(self, column: str, keys: Iterable[int], fresh: dict[int, int]) -> list[CSObject]:
        connection = self.database.connection
        if self._fresh:
            numbers = [fresh[key] for key in keys if key in fresh]
            column = "number"
        else:
            numbers = list(keys)
        rows: list[tuple[object, ...]] = []
        for part in chunks(numbers):
            rows += connection.execute(f"SELECT {CS_COLUMNS} FROM cs WHERE {column} IN ({marks(len(part))})", part)  # noqa: S608
        return [cs for cs in map(read_cs, rows) if cs.connector == self.ordinal]

    def _remember(self, cs: CSObject) -> None:
        anchored = keys_of(cs)[1]
        if self._fresh and anchored is not None:
            self._anchors[anchored] = cs.number

    def _merge(self, placeholder: CSObject, known: CSObject, found: Mapping[int, CSObject]) -> None:
        """A known object came to the DN by which others already refer to it: they mean this one."""
        connection = self.database.connection
        old, new = placeholder.number, known.number
        sources = connection.execute("SELECT source FROM reference WHERE target = ?", (old,)).fetchall()
        loaded = {cs.number: cs for cs in found.values()}
        for (number,) in sources:
            cs = loaded.get(number)
            if cs is None:
                row = connection.execute(f"SELECT {CS_COLUMNS} FROM cs WHERE number = ?", (number,)).fetchone()  # noqa: S608
                cs = read_cs(row)
            repoint(cs, self._references, old, new)
            write_cs(connection, [cs])
        connection.execute("UPDATE OR IGNORE reference SET target = ? WHERE target = ?", (new, old))
        connection.execute("DELETE FROM reference WHERE target = ?", (old,))
        connection.execute("DELETE FROM cs WHERE number = ?", (old,))

    def _drop_unconfirmed(self, cs: CSObject) -> None:
        """An export add whose DN a known object takes: it goes, its metaverse object is provisioned again by the next
        sync."""
        connection = self.database.connection
        connection.execute("DELETE FROM cs WHERE number = ?", (cs.number,))
        if cs.mv:
            connection.execute(
                "UPDATE cs SET pending_import = ? WHERE mv != 0 AND mv = ? AND pending_import = 0",
                (int(Operation.UPDATE), cs.mv),
            )

    def _make_transient(self, cs: CSObject, found: dict[int, CSObject]) -> None:
        """Another object came to this DN: the holder was renamed or deleted and waits under a temporary DN."""
        held = next((o for o in found.values() if o.number == cs.number), cs)
        held.kind = Kind.TRANSIENT
        passing = hash_key(f"transient\0{held.number}") & 0xFFFFFFFFFFFF
        held.dn = f"CN={{{passing:012X}}},{held.dn}"
        write_cs(self.database.connection, [held])

    def _rename_children(self, connection: sqlite3.Connection, old: str, new: str) -> None:
        """A container took another DN: everything below it did too, unreported (facts "engine" 2.2)."""
        rows = connection.execute(
            "SELECT number, dn FROM cs WHERE connector = ? AND dn LIKE ? ESCAPE '\\'",
            (self.ordinal, "%," + old.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")),
        ).fetchall()
        moved = [(dn[: -len(old)] + new, number) for number, dn in rows]
        connection.executemany(
            "UPDATE cs SET dn = ?, dn_hash = ? WHERE number = ?",
            [(dn, dn_key(self.ordinal, dn), number) for dn, number in moved],
        )

    # ---- references --------------------------------------------------------------------------------------------------
    def _resolve_references(self, connection: sqlite3.Connection, incoming: Sequence[ImportedObject]) -> None:
        """Turn reference texts into object numbers; what is not there yet becomes a placeholder."""
        if not self._references:
            return
        if len(self.configuration.partitions) > 1 and not self.full:
            read_unclear(incoming, self._references, partial(self._known, connection), self._read_object)
        texts: dict[str, None] = {}
        holders = []
        for each in incoming:
            for name in self._references & each.attributes.keys():
                value = each.attributes[name]
                if value is not None:
                    holders.append((each, name, value))
                    texts.update(dict.fromkeys(_texts(value)))
        if not texts:
            return
        numbers = self._numbers(connection, texts)
        for each, name, value in holders:
            if isinstance(value, ValueChanges):
                each.attributes[name] = ValueChanges(
                    tuple(numbers[str(v)] for v in value.added), tuple(numbers[str(v)] for v in value.removed)
                )
            elif isinstance(value, list):
                each.attributes[name] = [numbers[str(v)] for v in value]
            else:
                each.attributes[name] = numbers[str(value)]

    def _known(self, connection: sqlite3.Connection, dns: Collection[str]) -> set[str]:
        keys = {dn: dn_key(self.ordinal, dn) for dn in dns}
        held = self._held(connection, keys.values())
        return {dn for dn, key in keys.items() if key in held}

    def _read_object(self, anchor: bytes | str) -> ImportedObject | None:
        attributes = self.configuration.attributes or tuple(self.configuration.schema.attributes)
        return self.connector.read_object(self.partition, attributes, anchor)

    def _held(self, connection: sqlite3.Connection, keys: Collection[int]) -> dict[int, int]:
        """The numbers of those DN keys there is an object for."""
        held = {key: self._dns[key] for key in keys if key in self._dns}
        if not self._fresh:
            wanted = [key for key in set(keys) if key not in held]
            for part in chunks(wanted):
                held.update(
                    connection.execute(
                        f"SELECT dn_hash, number FROM cs WHERE dn_hash IN ({marks(len(part))})",  # noqa: S608
                        part,
                    )
                )
        return held

    def _numbers(self, connection: sqlite3.Connection, texts: Iterable[str]) -> dict[str, int]:
        dns = {text: self.reference_dn(text) for text in texts}
        keys = {text: dn_key(self.ordinal, dn) for text, dn in dns.items()}
        held = self._held(connection, keys.values())
        placeholders = []
        for text, key in keys.items():
            if key not in held:
                placeholders.append((self._next, self.ordinal, self.position, dns[text], key))
                held[key] = self._dns[key] = self._next
                self._next += 1
        connection.executemany(_PLACEHOLDER, placeholders)
        return {text: held[key] for text, key in keys.items()}

    def _compare_references(
        self,
        cs: CSObject,
        before: Mapping[str, Value],
        links: list[tuple[int, int]],
        unlinks: list[tuple[int, int]],
    ) -> None:
        after = cs.imported()
        old = _numbers_in(before, self._references)
        new = _numbers_in(after, self._references)
        links.extend((target, cs.number) for target in new - old)
        unlinks.extend((target, cs.number) for target in old - new)

    def _observe(self, cs: CSObject, change: str, attributes: Sequence[str], *, kind: str = "engine.import") -> None:
        if self.observer is not None:
            self.observer(
                kind,
                {
                    "connector": self.configuration.name,
                    "dn": cs.dn,
                    "object_type": cs.object_type,
                    "change": change,
                    "attributes": list(attributes),
                },
            )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, ValueChanges):
        return (str(v) for v in chain(value.added, value.removed))
    return (str(v) for v in as_list(value))  # type: ignore[arg-type]


def _numbers_in(attributes: Mapping[str, Value], names: frozenset[str]) -> set[int]:
    """Numbers of the objects that reference attributes point to."""
    found: set[int] = set()
    for name in names & attributes.keys():
        found.update(cast(list[int], as_list(attributes[name])))
    return found
