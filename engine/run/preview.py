"""Preview: synchronize one connector-space object with the code of a real run, show all that comes of it, keep none.

Generate takes everything back; commit is the same run, kept. What was there before is read over a second connection,
which sees the database as it was. Source: facts "engine" section 21.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.model.change import Changes, Operation, difference
from engine.model.configuration import StepType
from engine.model.cs_object import CSObject, LinkedBy
from engine.model.identity import EMPTY, cs_identifier, cs_number, mv_identifier
from engine.model.mv_object import MVObject
from engine.model.values import Attributes
from engine.rules.candidates import Explanation, ScopeOutcome
from engine.run.perform import StepWork
from engine.store.database import Database
from engine.store.objects import CS_COLUMNS, read_cs
from engine.store.run_history import ObjectError, RunResult, StepResult
from engine.store.search import Search, find

if TYPE_CHECKING:
    import sqlite3

    from engine.explanation import Explainer
    from engine.server import SyncServer


@dataclass(frozen=True)
class TargetExport:
    """What waits for export on one object, before and after. flows: each attribute that rules in scope write.

    existed, exists: whether the connector space held the object before, and holds it after. referring: it is touched
    only because it refers to the object, or is referred to by it.
    """

    connector: str
    connector_identifier: str
    number: int
    identifier: str
    dn: str
    object_type: str
    operation_before: Operation
    before: Changes
    operation_after: Operation
    after: Changes
    held: Attributes
    existed: bool = True
    exists: bool = True
    referring: bool = False
    scopes: tuple[ScopeOutcome, ...] = ()
    flows: tuple[Explanation, ...] = ()

    @property
    def changed(self) -> bool:
        return (self.operation_before, self.before, self.existed) != (self.operation_after, self.after, self.exists)


@dataclass(frozen=True)
class LinkDecision:
    """action: none, kept, joined, projected, disconnected or moved. rule: name of the rule that links afterwards."""

    action: str
    rule: str = ""
    before: str = EMPTY
    after: str = EMPTY


@dataclass(frozen=True)
class Preview:
    """The outcome. processed: False when a delta synchronization would not take the object up, for nothing waits on it.

    scopes: every inbound rule of the object's type. mv_before, mv_after: None where there is no metaverse object.
    counter: what the step would count.
    """

    connector: str
    dn: str
    number: int
    identifier: str
    object_type: str
    full: bool
    committed: bool
    processed: bool
    counter: str
    scopes: tuple[ScopeOutcome, ...]
    link: LinkDecision
    import_flows: tuple[Explanation, ...] = ()
    mv_before: MVObject | None = None
    mv_after: MVObject | None = None
    exports: tuple[TargetExport, ...] = ()
    errors: tuple[ObjectError, ...] = ()
    xml: str = ""

    @property
    def mv_operation(self) -> Operation:
        if self.mv_after is None:
            return Operation.NONE if self.mv_before is None else Operation.DELETE
        if self.mv_before is None:
            return Operation.ADD
        return Operation.UPDATE if self.mv_changes else Operation.NONE

    @property
    def mv_changes(self) -> Changes:
        before = self.mv_before.values if self.mv_before is not None else {}
        return difference(before, self.mv_after.values if self.mv_after is not None else {})

    @property
    def out_of_scope(self) -> tuple[ScopeOutcome, ...]:
        return tuple(scope for scope in self.scopes if not scope.in_scope)


def preview(
    server: SyncServer,
    *,
    connector: str | None = None,
    dn: str | None = None,
    identifier: str | None = None,
    full: bool = False,
    commit: bool = False,
) -> Preview:
    """Synchronize one object: named by connector and DN, or by its GUID. Raises EngineError for an unknown one."""
    cs = _object(server, connector, dn, identifier)
    earlier = Database.read_only(server.database.path)
    try:
        earlier.connection.execute("BEGIN")
        earlier.fact("format")  # from here on it sees the database as it is now
        attempt: AbstractContextManager[sqlite3.Connection] = (
            server.database.transaction() if commit else server.database.tried()
        )
        with attempt:
            return _Attempt(server, earlier, cs, full=full, commit=commit).run()
    finally:
        earlier.close()


def _object(server: SyncServer, connector: str | None, dn: str | None, identifier: str | None) -> CSObject:
    connection, identity = server.database.connection, server.database.identity
    ordinal = server.connector(connector)[0] if connector is not None else None
    if identifier is not None:
        search = Search(ordinal, number=cs_number(identity, identifier) or -1)
    elif dn is not None and ordinal is not None:
        search = Search(ordinal, dn=dn)
    else:
        raise EngineError("object-not-named", "An object is named by its identifier, or by connector and DN.")
    found = next((part[0] for part in find(connection, search)), None)
    if found is None:
        where = f" in the connector space of {connector}" if connector is not None else ""
        raise EngineError("no-such-object", f"There is no object {identifier or dn}{where}.")
    return found


class _Attempt:
    """One synchronization of one object inside a transaction; ``earlier`` still sees what was before it."""

    def __init__(self, server: SyncServer, earlier: Database, cs: CSObject, *, full: bool, commit: bool) -> None:
        self.server = server
        self.earlier = earlier
        self.cs = cs
        self.full = full
        self.commit = commit
        self.configuration = server.connectors[cs.connector]
        self.identity = server.database.identity

    def run(self) -> Preview:
        from engine.explanation import Explainer

        work = StepWork(self.server, self.cs.connector, self.configuration)
        now = self.server.clock.now()
        kind = StepType.FULL_SYNCHRONIZATION if self.full else StepType.DELTA_SYNCHRONIZATION
        run = RunResult(0, "", self.configuration.identifier, self.configuration.name, "Preview", 0, now)
        result = StepResult(1, kind.value, "", now)
        setting = work.setting() if self.commit else replace(work.setting(), observer=None)
        step = work.sync_step(setting, full=self.full, only=self.cs.number)
        step.run(run, result)
        later = Explainer(self.server.database, replace(work.setting(), observer=None))
        return self._told(result, step.taken > 0, Explainer(self.earlier, later.setting), later)

    def _told(self, result: StepResult, processed: bool, before: Explainer, after: Explainer) -> Preview:
        from engine.run.preview_xml import preview_xml

        cs = self.cs
        now = self._read(after.connection, cs.number)
        counters = [name for name, count in result.statistics.counters.items() if count]
        mv_number = (now.mv if now is not None else 0) or cs.mv
        mv_before, mv_after = before.mv(mv_number), after.mv(mv_number)
        created = mv_before is None
        flows: tuple[Explanation, ...] = ()
        if mv_after is not None:
            sides = [after.source(each) for each in after.linked(mv_after.number)]
            names = sorted({f.target for side in sides for s in side.scopes if s.in_scope for f in s.rule.flows})
            explained = map(partial(after.inbound, mv_after, sides=sides, creating=created), names)
            flows = tuple(each for each in explained if each.candidates)
        told = Preview(
            self.configuration.name, cs.dn, cs.number, cs_identifier(self.identity, cs.number), cs.object_type,
            self.full, self.commit, processed, counters[0] if counters else "",
            before.source(cs, deleted=cs.pending_import is Operation.DELETE).scopes,
            self._decision(now, after, created=created),
            flows, mv_before, mv_after,
            tuple(self._exports(mv_number, mv_after, before, after)),
            tuple(result.errors),
        )  # fmt: skip
        return replace(told, xml=preview_xml(told, self.server, self.identity, self._referenced))

    def _decision(self, now: CSObject | None, after: Explainer, *, created: bool) -> LinkDecision:
        before, later = self.cs.mv, now.mv if now is not None else 0
        if not later:
            action = "disconnected" if before else "none"
        elif before == later:
            action = "kept"
        elif before:
            action = "moved"
        else:
            action = "projected" if created else "joined"
        rule = ""
        if now is not None and now.linked_by is not LinkedBy.NOTHING:
            rule = next((r.name for r in after.rules.values() if r.identifier == now.linking_rule), now.linking_rule)
        return LinkDecision(action, rule, mv_identifier(self.identity, before), mv_identifier(self.identity, later))

    # ---- exports -----------------------------------------------------------------------------------------------------
    def _exports(self, mv_number: int, mv: MVObject | None, before: Explainer, after: Explainer) -> list[TargetExport]:
        own = {cs.number for each in (before, after) for cs in each.linked(mv_number)} if mv_number else set()
        touched = _waiting(before.connection) ^ _waiting(after.connection)
        found = []
        for number in sorted(own | {number for number, *_ in touched}):
            was, now = self._read(before.connection, number), self._read(after.connection, number)
            known = now or was
            if known is None or (known.number == self.cs.number and not (known.unapplied or known.pending_export)):
                continue
            made = self._export(known, was, now)
            if number not in own:
                made = replace(made, referring=True)
            elif mv is not None and now is not None and now.mv == mv.number:
                side = after.outward(mv, now.connector)
                names = sorted(
                    {
                        flow.target
                        for scope in side.scopes
                        if scope.in_scope and scope.rule.target_object_type == now.object_type
                        for flow in scope.rule.flows
                    }
                )
                flows = tuple(after.outbound(now, name, side, creating=was is None) for name in names)
                made = replace(made, scopes=side.scopes, flows=flows)
            if made.changed or made.flows:
                found.append(made)
        return found

    def _export(self, known: CSObject, was: CSObject | None, now: CSObject | None) -> TargetExport:
        configuration = self.server.connectors[known.connector]
        return TargetExport(
            configuration.name,
            configuration.identifier,
            known.number,
            cs_identifier(self.identity, known.number),
            known.dn,
            known.object_type,
            was.pending_export if was is not None else Operation.NONE,
            (was.unapplied or {}) if was is not None else {},
            now.pending_export if now is not None else Operation.NONE,
            (now.unapplied or {}) if now is not None else {},
            known.confirmed_and_sent(),
            was is not None,
            now is not None,
        )

    @staticmethod
    def _read(connection: sqlite3.Connection, number: int) -> CSObject | None:
        row = connection.execute(f"SELECT {CS_COLUMNS} FROM cs WHERE number = ?", (number,)).fetchone()  # noqa: S608
        return read_cs(row) if row else None

    def _referenced(self, number: int) -> tuple[str, bytes | str | None] | None:
        for connection in (self.server.database.connection, self.earlier.connection):
            row = connection.execute("SELECT dn, anchor FROM cs WHERE number = ?", (number,)).fetchone()
            if row is not None:
                return row[0], row[1]
        return None


def _waiting(connection: sqlite3.Connection) -> set[tuple[int, int, bytes | None]]:
    """What waits for export, to be compared with what waits later."""
    rows = connection.execute("SELECT number, pending_export, unapplied FROM cs WHERE pending_export != 0")
    return set(rows.fetchall())
