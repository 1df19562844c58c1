"""Pending exports to the connector, batch by batch; the answer of each object is kept with it.

Reads as load, send, save. The deletion guard and staging mode are checked before the first byte leaves. Source: facts
"engine" sections 1.7, 4 and 13.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.connectors.connector import Connector, ExportChange, ExportOperation, ExportResult, ValueChanges
from engine.model.change import Changes, Operation, apply
from engine.model.configuration import ConnectorConfiguration
from engine.model.cs_object import CSObject
from engine.model.values import Value, as_list
from engine.run.sync_step import ERRORS_MAX, ErrorLimit
from engine.store.database import Database
from engine.store.objects import CS_COLUMNS, anchor_key, chunks, marks, read_cs, write_cs_state
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


#: what _acknowledge does for an export add, without unpacking and packing what was sent
_ADD_SENT = (
    "UPDATE cs SET anchor = ?, anchor_hash = ?, unconfirmed = unapplied, unapplied = NULL, pending_export = 0, "
    "unconfirmed_operation = 1 WHERE number = ?"  # 1 is Operation.ADD
)


@dataclass
class ExportStep:
    """One export step. reference_text: DN of a referenced object -> how this connector names it on the wire.
    differences_of: reference attributes the system takes as values added and removed; None = all of them.
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

    def pending(self) -> list[int]:
        """Everything with a pending export: objects first, groups after what they refer to, deletes last."""
        rows = self.database.connection.execute(
            "SELECT number, pending_export, object_type FROM cs WHERE connector = ? AND pending_export != 0 "
            "ORDER BY number",
            (self.ordinal,),
        ).fetchall()
        delete = int(Operation.DELETE)
        rows.sort(key=lambda row: (row[1] == delete, row[2] == "group"))
        return [row[0] for row in rows]

    def pending_deletes(self) -> int:
        row = self.database.connection.execute(
            # the second condition is what lets the narrow index answer
            "SELECT count(*) FROM cs WHERE connector = ? AND pending_export != 0 AND pending_export = ?",
            (self.ordinal, int(Operation.DELETE)),
        ).fetchone()
        return int(row[0])

    def run(self, run: RunResult, result: StepResult) -> None:
        """Send everything. Raises ConnectorError when the system fails; batches answered before it stay answered."""
        numbers = self.pending()
        succeeded = 0
        for position, start in enumerate(range(0, len(numbers), self.batch_size), start=1):
            result.statistics.counters["CurrentExportBatchNumber"] = position
            batch = self._load(numbers[start : start + self.batch_size])
            answers = self.connector.export([self._change(cs) for cs in batch])
            succeeded += self._store(run, result, batch, answers)
            result.statistics.counters["LastSuccessfulExportBatchNumber"] = position
            if len(result.errors) > ERRORS_MAX:
                raise ErrorLimit
        if numbers:
            self.connector.finish_export(len(numbers), succeeded)

    def _load(self, numbers: Sequence[int]) -> list[CSObject]:
        rows = self.database.connection.execute(
            f"SELECT {CS_COLUMNS} FROM cs WHERE number IN ({marks(len(numbers))})",  # noqa: S608
            numbers,
        )
        held = {row[0]: read_cs(row) for row in rows}
        return [held[n] for n in numbers if n in held]

    # ---- to the wire -------------------------------------------------------------------------------------------------
    def _change(self, cs: CSObject) -> ExportChange:
        change = ExportChange(cs.number, _OPERATIONS[cs.pending_export], cs.object_type, cs.dn, cs.anchor)
        if cs.pending_export is Operation.DELETE:
            return change
        references = self.configuration.schema.reference_attributes()
        held = {} if cs.pending_export is Operation.ADD else cs.confirmed_and_sent()
        for name, value in (cs.unapplied or {}).items():
            if name in references:
                self._reference(change, name, value, held)
            else:
                change.attributes[name] = value
        return change

    def _reference(self, change: ExportChange, name: str, value: Value | None, held: Mapping[str, Value]) -> None:
        """A multi-valued reference leaves as the difference to what is there, a single one as a whole."""
        if not isinstance(value, list) and not isinstance(held.get(name), list):
            change.attributes[name] = self._texts([value])[0] if value is not None else None  # type: ignore[list-item]
            return
        wanted, before = as_list(value), as_list(held.get(name))
        whole = self.differences_of is not None and name not in self.differences_of
        if whole or not before:
            change.attributes[name] = self._texts(wanted) or None  # type: ignore[assignment, arg-type]
            return
        have, want = set(before), set(wanted)
        change.value_changes[name] = ValueChanges(
            tuple(self._texts([n for n in wanted if n not in have])),  # type: ignore[misc]
            tuple(self._texts([n for n in before if n not in want])),  # type: ignore[misc]
        )

    def _texts(self, numbers: Sequence[int]) -> list[str]:
        found: dict[int, str] = {}
        for part in chunks(list(numbers)):
            found.update(
                self.database.connection.execute(
                    f"SELECT number, dn FROM cs WHERE number IN ({marks(len(part))})",  # noqa: S608
                    part,
                ).fetchall()
            )
        return [self.reference_text(found[n]) for n in numbers if n in found]

    # ---- from the wire -----------------------------------------------------------------------------------------------
    def _store(
        self, run: RunResult, result: StepResult, batch: Sequence[CSObject], answers: Sequence[ExportResult]
    ) -> int:
        errors = ObjectErrors(self.database)
        good: list[int] = []
        changed: list[CSObject] = []
        with self.database.transaction() as connection:
            adds: list[tuple[object, int | None, int]] = []
            for cs, answer in zip(batch, answers, strict=True):
                if answer.error_type is not None:
                    result.statistics.count("ExportFailure")
                    detail = {"code": answer.error_code, **answer.error_detail}
                    error = ObjectError(cs.number, cs.dn, "export", answer.error_type, answer.error_text, detail)
                    result.errors.append(error)
                    errors.record(run, result, error, self.now)
                    self._observe(cs, answer)
                    continue
                result.statistics.count(_COUNTERS[cs.pending_export])
                self._observe(cs, answer)
                good.append(cs.number)
                if cs.pending_export is Operation.ADD and cs.unconfirmed is None:
                    anchor = cs.anchor if answer.anchor is None else answer.anchor
                    adds.append((anchor, None if anchor is None else anchor_key(self.ordinal, anchor), cs.number))
                else:
                    _acknowledge(cs)
                    changed.append(cs)
            write_cs_state(connection, changed)
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
