"""Pending imports to metaverse to pending exports: objects in batches, each decided by sync.synchronize, saved per
batch.

Source: facts "engine" section 3.1. A delta step takes what has a pending import or stands in error; a full step takes
all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.model.change import Operation
from engine.model.cs_object import CSObject
from engine.run.limits import OBJECT_LIMIT, StepLimits, StepStopped
from engine.store.database import Database
from engine.store.objects import chunks
from engine.store.run_history import ObjectError, ObjectErrors, RunResult, StepResult
from engine.store.workspace import StoredWorkspace
from engine.sync.passage import SyncSetting
from engine.sync.references import stage_references
from engine.sync.synchronize import SyncResult, synchronize

#: Object errors after which a run stops (facts "engine" section 4).
ERRORS_MAX = 5000
#: Objects synchronized between two commits: each commit writes most pages of the indexes anew.
OBJECTS_SAVED = 2000
#: Fact of the database: a step has saved objects whose references are not staged yet.
REFERENCES_DUE = "references-due"


class ErrorLimit(Exception):
    """More object errors than a run may have: run result stopped-error-limit."""


@dataclass
class SyncStep:
    """One synchronization step of one connector. only: of all it would take, this object alone. moved: objects that a
    delta step takes although nothing of theirs is pending, because a filtering group let them in or out.
    taken: how many objects it has taken up so far.
    """

    database: Database
    workspace: StoredWorkspace
    setting: SyncSetting
    ordinal: int
    full: bool
    now: datetime
    only: int | None = None
    moved: Sequence[int] = ()
    limits: StepLimits = field(default_factory=StepLimits)
    taken: int = field(default=0, init=False)

    def run(self, run: RunResult, result: StepResult) -> None:
        errors = ObjectErrors(self.database)
        references: set[int] = set()
        relinked: set[int] = set()
        standing = errors.any("sync")
        interrupted = self.database.fact(REFERENCES_DUE) != ""  # an earlier step broke off before it staged them
        due = interrupted
        if self.moved and self.only is None:
            self._await(self.moved)
        numbers = self._numbers(standing)
        for found in chunks(numbers if self.only is None else [n for n in numbers if n == self.only], OBJECTS_SAVED):
            batch = found[: self.limits.room(len(found))]
            with self.database.transaction():
                if not due:
                    self.database.set_fact(REFERENCES_DUE, "1")
                    due = True
                good: list[int] = []
                for cs in self.workspace.load_batch(batch):
                    outcome = synchronize(cs, self.workspace, self.setting)
                    if outcome.counter:
                        result.statistics.count(outcome.counter)
                    references |= outcome.references
                    relinked |= outcome.relinked
                    if outcome.error_type is None:
                        good.append(cs.number)
                        self._count_outbound(result, outcome)
                    else:
                        self._fail(errors, run, result, cs, outcome)
                self.workspace.flush()
                errors.clear("sync", good)
            self.taken += len(batch)
            if len(result.errors) > ERRORS_MAX:
                raise ErrorLimit
            if len(batch) < len(found):
                raise StepStopped(OBJECT_LIMIT)
        if interrupted:
            references |= self._referring()
        self._stage_references(errors, run, result, references, relinked)
        if due:
            self.database.set_fact(REFERENCES_DUE, "")

    def _await(self, moved: Sequence[int]) -> None:
        """Give them a pending import: the group's change that tells of them is gone when the step is cut off."""
        with self.database.transaction() as connection:
            connection.executemany(
                "UPDATE cs SET pending_import = ? WHERE number = ? AND pending_import = 0",
                [(int(Operation.UPDATE), number) for number in moved],
            )

    def _referring(self) -> set[int]:
        """Every metaverse object that refers to another one: which of them are due went down with the step."""
        rows = self.database.connection.execute(
            "SELECT DISTINCT cs.mv FROM reference JOIN cs ON cs.number = reference.source WHERE cs.mv != 0"
        )
        return {row[0] for row in rows}

    def _numbers(self, standing: bool) -> Sequence[int]:
        """Deletes first, so that what takes a deleted object's place finds it free; then in order of arrival."""
        one = self.database.connection.execute
        if self.full:
            rows = one(
                "SELECT number, pending_import, object_type FROM cs WHERE connector = ? AND kind = 0 "
                "AND anchor IS NOT NULL "
                "ORDER BY number",  # without an anchor nothing was imported that could flow
                (self.ordinal,),
            ).fetchall()
            known = {t: self.setting.rules.has_inbound(self.ordinal, t) for t in {row[2] for row in rows}}
            found = [(n, p) for n, p, t in rows if p or known[t]]
        else:
            found = one(
                "SELECT number, pending_import FROM cs WHERE connector = ? AND pending_import != 0 ORDER BY number",
                (self.ordinal,),
            ).fetchall()
            if standing:
                held = {n for n, _ in found}
                again = one(
                    "SELECT cs.number, 0 FROM object_error JOIN cs ON cs.number = object_error.cs "
                    "WHERE phase = 'sync' AND connector = ? ORDER BY cs.number",
                    (self.ordinal,),
                ).fetchall()
                found += [row for row in again if row[0] not in held]
            if self.moved:
                held = {n for n, _ in found}
                found += [(number, 0) for number in self.moved if number not in held]
        deleted = int(Operation.DELETE)
        return [n for n, p in found if p == deleted] + [n for n, p in found if p != deleted]

    def _stage_references(
        self, errors: ObjectErrors, run: RunResult, result: StepResult, references: set[int], relinked: set[int]
    ) -> None:
        """References that had no target at their turn, and those whose target moved, now that everything is linked."""
        if self.workspace.links_stored:  # else all links were made in this step, and whoever came too early is known
            references = references | self.workspace.referrers_of(sorted(relinked))
        work = sorted(references)
        for batch in chunks(work):
            with self.database.transaction():
                self.workspace.load_metaverse(batch)
                for number in batch:
                    outcome = stage_references(number, self.workspace, self.setting)
                    if outcome is None:
                        continue
                    if outcome.error_type is None:
                        self._count_outbound(result, outcome)
                    else:
                        source = next((cs for cs in self.workspace.linked(number)), None)
                        if source is not None:
                            self._fail(errors, run, result, source, outcome)
                self.workspace.flush()

    def _count_outbound(self, result: StepResult, outcome: SyncResult) -> None:
        for (connector, counter), count in outcome.outbound.items():
            result.statistics.count_outbound(
                self.setting.connector_names.get(connector, str(connector)), counter, count
            )

    def _fail(
        self, errors: ObjectErrors, run: RunResult, result: StepResult, cs: CSObject, outcome: SyncResult
    ) -> None:
        error = ObjectError(
            cs.number, cs.dn, "sync", outcome.error_type or "", outcome.error_text, outcome.error_detail
        )
        result.errors.append(error)
        errors.record(run, result, error, self.now)
