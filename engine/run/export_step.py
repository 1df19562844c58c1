"""Pending exports to the connector, batch by batch; the answer of each object is kept with it.

Reads as load, send, save. The deletion guard and staging mode are checked before the first byte leaves. Source: facts
"engine" sections 1.7, 4 and 13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from engine.connectors.connector import Connector, ExportChange, ExportOperation, ExportResult, ValueChanges
from engine.model.change import Changes, Operation, apply
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.cs_object import RENAME, CSObject
from engine.model.values import Scalar, Value, as_list
from engine.run.limits import OBJECT_LIMIT, StepLimits, StepStopped
from engine.run.sync_step import ERRORS_MAX, ErrorLimit
from engine.store.database import Database
from engine.store.objects import CS_COLUMNS, anchor_key, chunks, marks, read_cs, write_cs, write_cs_state
from engine.store.run_history import ObjectError, ObjectErrors, RunResult, StepResult
from engine.sync.passage import Observer

_OPERATIONS = {
    Operation.ADD: ExportOperation.ADD,
    Operation.UPDATE: ExportOperation.UPDATE,
    Operation.DELETE: ExportOperation.DELETE,
    Operation.DELETE_ADD: ExportOperation.ADD,
}
_COUNTERS = {
    Operation.ADD: "ExportAdd",
    Operation.UPDATE: "ExportUpdate",
    Operation.DELETE: "ExportDelete",
    Operation.DELETE_ADD: "ExportDeleteAdd",
}


#: the half of a replacement that was done before
_GONE_ALREADY = ("cd-missing-object", "DeletingCloudOnlyObjectNotAllowed")
#: Batches whose answers are kept with one commit; an error among them is kept at once.
BATCHES_SAVED = 10
#: the objects of a batch and what the system said to each
Answered = tuple[Sequence[CSObject], Sequence[ExportResult]]
#: what _acknowledge does for an export add, without unpacking and packing what was sent
_ADD_SENT = (
    "UPDATE cs SET anchor = ?, anchor_hash = ?, unconfirmed = unapplied, unapplied = NULL, pending_export = 0, "
    "unconfirmed_operation = 1 WHERE number = ?"  # 1 is Operation.ADD
)


@dataclass
class ExportStep:
    """One export step. reference_text: DN of a referenced object -> how this connector names it on the wire.
    differences_of: reference attributes the system takes as values added and removed; None = all of them. only: of all
    that waits, this object alone.
    """

    database: Database
    connector: Connector
    configuration: ConnectorConfiguration
    ordinal: int
    batch_size: int
    reference_text: Callable[[str], str]
    now: datetime
    observer: Observer | None = None
    differences_of: frozenset[str] | None = None
    only: int | None = None
    limits: StepLimits = field(default_factory=StepLimits)
    here: Callable[[str], bool] | None = None  # of a directory of several domains: whether a DN is of the step's own

    def pending(self) -> list[int]:
        """Everything with a pending export: objects first, groups after what they refer to, deletes last; in a forest
        parents before what stands in them, and the other way round when they go."""
        rows = self.database.connection.execute(
            "SELECT number, pending_export, object_type, dn FROM cs WHERE connector = ? AND pending_export != 0 "
            "ORDER BY number",
            (self.ordinal,),
        ).fetchall()
        if self.here is not None:
            rows = [row for row in rows if self.here(row[3])]
        delete, forest = int(Operation.DELETE), self.configuration.type is ConnectorType.ACTIVE_DIRECTORY

        def turn(row: tuple[int, int, str, str]) -> tuple[bool, int, bool]:
            depth = row[3].count(",") if forest else 0
            return row[1] == delete, -depth if row[1] == delete else depth, row[2] == "group"

        rows.sort(key=turn)
        return [row[0] for row in rows]

    def pending_deletes(self) -> int:
        row = self.database.connection.execute(
            # the second condition is what lets the narrow index answer
            "SELECT count(*) FROM cs WHERE connector = ? AND pending_export != 0 AND pending_export = ? "
            "AND (?3 IS NULL OR number = ?3)",
            (self.ordinal, int(Operation.DELETE), self.only),
        ).fetchone()
        return int(row[0])

    def run(self, run: RunResult, result: StepResult) -> None:
        """Send everything. Raises ConnectorError when the system fails; batches answered before it stay answered."""
        numbers = [number for number in self.pending() if self.only in (None, number)]
        succeeded = 0
        answered: list[Answered] = []
        self._names: dict[int, str] = {}  # of objects referred to, as the wire names them
        self._references = self.configuration.schema.reference_attributes()
        try:
            for position, whole in enumerate(self._batches(numbers), start=1):
                batch = whole[: self.limits.room(len(whole))]
                result.statistics.counters["CurrentExportBatchNumber"] = position
                answers = self._send(batch)
                answered.append((batch, answers))
                result.statistics.counters["LastSuccessfulExportBatchNumber"] = position
                if len(answered) == BATCHES_SAVED or any(answer.error_type is not None for answer in answers):
                    succeeded += self._store(run, result, answered)
                    if len(result.errors) > ERRORS_MAX:
                        raise ErrorLimit
                if len(batch) < len(whole):
                    raise StepStopped(OBJECT_LIMIT)
        finally:
            succeeded += self._store(run, result, answered)
        if numbers:
            self.connector.finish_export(len(numbers), succeeded)

    def _batches(self, numbers: Sequence[int]) -> Iterator[Sequence[CSObject]]:
        """The objects batch by batch, several batches loaded at a time together with what their references name."""
        for group in chunks(numbers, self.batch_size * BATCHES_SAVED):
            held: dict[int, CSObject] = {}
            for part in chunks(group):
                rows = self.database.connection.execute(
                    f"SELECT {CS_COLUMNS} FROM cs WHERE number IN ({marks(len(part))})",  # noqa: S608
                    part,
                )
                held.update((row[0], read_cs(row)) for row in rows.fetchall())
            self._names = {}
            self._load_names(
                cast(int, number)
                for cs in held.values()
                if cs.pending_export is Operation.ADD and cs.unapplied
                for name in self._references & cs.unapplied.keys()
                for number in as_list(cs.unapplied[name])
            )
            for batch in chunks(group, self.batch_size):
                yield [held[n] for n in batch if n in held]

    def _load_names(self, numbers: Iterable[int]) -> None:
        """Look up how the wire names these objects."""
        for part in chunks(sorted(set(numbers))):
            rows = self.database.connection.execute(
                f"SELECT number, dn FROM cs WHERE number IN ({marks(len(part))})",  # noqa: S608
                part,
            )
            self._names.update((number, self.reference_text(dn)) for number, dn in rows.fetchall())

    # ---- to the wire -------------------------------------------------------------------------------------------------
    def _send(self, batch: Sequence[CSObject]) -> list[ExportResult]:
        """One batch; what is to be replaced by an object of another type is deleted first."""
        changes = [self._change(cs) for cs in batch]
        replaced = [cs for cs in batch if cs.pending_export is Operation.DELETE_ADD]
        if not replaced:
            return self.connector.export(changes)
        removed = self.connector.export([_removal(cs) for cs in replaced])
        refused = {
            answer.number: answer
            for answer in removed
            if answer.error_type is not None and answer.error_type not in _GONE_ALREADY
        }
        added = self.connector.export([change for change in changes if change.number not in refused])
        answers = refused | {answer.number: answer for answer in added}
        return [answers[change.number] for change in changes]

    def _change(self, cs: CSObject) -> ExportChange:
        change = ExportChange(cs.number, _OPERATIONS[cs.pending_export], cs.object_type, cs.dn, cs.anchor)
        if cs.pending_export is Operation.DELETE:
            return change
        references = self._references
        held = {} if change.operation is ExportOperation.ADD else cs.confirmed_and_sent()
        if change.operation is ExportOperation.UPDATE and cs.unconfirmed:  # sent again until an import shows it
            change.attributes.update((n, v) for n, v in cs.unconfirmed.items() if n not in references)
        for name, value in (cs.unapplied or {}).items():
            if name == RENAME:
                change.new_dn = cast(str, value)
            elif name in references:
                self._reference(change, name, value, held)
            else:
                change.attributes[name] = value
        return change

    def _reference(self, change: ExportChange, name: str, value: Value | None, held: Mapping[str, Value]) -> None:
        """A multi-valued reference leaves as the difference to what is there, a single one as a whole."""
        if not isinstance(value, list) and not isinstance(held.get(name), list):
            named = self._texts(as_list(value))
            change.attributes[name] = named[0] if named else None
            return
        wanted, before = as_list(value), as_list(held.get(name))
        whole = self.differences_of is not None and name not in self.differences_of
        if whole or not before:
            change.attributes[name] = self._texts(wanted) or None  # type: ignore[assignment]
            return
        have, want = set(before), set(wanted)
        change.value_changes[name] = ValueChanges(
            tuple(self._texts([n for n in wanted if n not in have])),
            tuple(self._texts([n for n in before if n not in want])),
        )

    def _texts(self, numbers: Sequence[Scalar]) -> list[str]:
        names = self._names
        wanted = cast(Sequence[int], numbers)
        if any(number not in names for number in wanted):
            self._load_names(number for number in wanted if number not in names)
        return [names[number] for number in wanted if number in names]

    # ---- from the wire -----------------------------------------------------------------------------------------------
    def _store(self, run: RunResult, result: StepResult, answered: list[Answered]) -> int:
        """Keep the answers of some batches and empty the list; returns how many objects arrived.

        A server that dies before this sends those batches again: the system knows the objects by their anchor.
        """
        if not answered:
            return 0
        errors = ObjectErrors(self.database)
        replies = [pair for batch, answers in answered for pair in zip(batch, answers, strict=True)]
        answered.clear()
        good: list[int] = []
        changed: list[CSObject] = []
        with self.database.transaction() as connection:
            adds: list[tuple[object, int | None, int]] = []
            renewed: list[CSObject] = []
            for cs, answer in replies:
                if answer.error_type is not None:
                    result.statistics.count("ExportFailure")
                    detail = {"code": answer.error_code, **answer.error_detail}
                    error = ObjectError(cs.number, cs.dn, "export", answer.error_type, answer.error_text, detail)
                    result.errors.append(error)
                    errors.record(run, result, error, self.now)
                    self._observe(cs, answer)
                    continue
                renamed = cs.unapplied is not None and RENAME in cs.unapplied
                result.statistics.count("ExportRename" if renamed else _COUNTERS[cs.pending_export])
                self._observe(cs, answer)
                good.append(cs.number)
                if cs.pending_export is Operation.ADD and cs.unconfirmed is None:
                    anchor = cs.anchor if answer.anchor is None else answer.anchor
                    adds.append((anchor, None if anchor is None else anchor_key(self.ordinal, anchor), cs.number))
                elif renamed or cs.pending_export is Operation.DELETE_ADD:
                    _renew(cs, answer)
                    renewed.append(cs)
                else:
                    _acknowledge(cs)
                    changed.append(cs)
            write_cs_state(connection, changed)
            write_cs(connection, renewed)
            connection.executemany(_ADD_SENT, adds)
            errors.clear("export", good)
        return len(good)

    def _observe(self, cs: CSObject, answer: ExportResult) -> None:
        if self.observer is not None:
            self.observer(
                "engine.export",
                {
                    "connector": self.configuration.name,
                    "dn": cs.dn,
                    "object_type": cs.object_type,
                    "operation": cs.pending_export.label,
                    "attributes": sorted(cs.unapplied or {}),
                    "result": answer.error_type or "success",
                },
            )


def _removal(cs: CSObject) -> ExportChange:
    """The deletion of what an object replaces; the tenant's anchor spells the type that was there."""
    object_type = cs.anchor.partition("_")[0].lower() if isinstance(cs.anchor, str) else cs.object_type
    return ExportChange(cs.number, ExportOperation.DELETE, object_type, cs.dn, cs.anchor)


def _renew(cs: CSObject, answer: ExportResult) -> None:
    """What changes more than attributes: a new name, or a new object in place of the old one."""
    if cs.pending_export is Operation.DELETE_ADD:
        cs.anchor = answer.anchor or cs.anchor
        cs.base, cs.pending, cs.pending_import, cs.unconfirmed = {}, None, Operation.NONE, None
        cs.pending_export = Operation.ADD
    elif cs.unapplied is not None:
        cs.dn = cast(str, cs.unapplied.pop(RENAME))
    _acknowledge(cs)


def _acknowledge(cs: CSObject) -> None:
    """What was staged is now sent and waits for its confirmation."""
    sent: Changes = cs.unapplied or {}
    if cs.pending_export is Operation.DELETE:
        cs.unconfirmed, cs.unconfirmed_operation = None, Operation.DELETE
    elif cs.pending_export is Operation.ADD:
        cs.unconfirmed, cs.unconfirmed_operation = sent or None, Operation.ADD
    else:
        merged = apply(cs.unconfirmed or {}, {n: v for n, v in sent.items() if v is not None})  # type: ignore[arg-type]
        both: Changes = {**merged, **{n: None for n, v in sent.items() if v is None}}
        cs.unconfirmed = both or None
        if cs.unconfirmed_operation is Operation.NONE:
            cs.unconfirmed_operation = Operation.UPDATE
    cs.unapplied = None
    cs.pending_export = Operation.NONE
