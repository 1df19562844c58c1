"""Runs, their steps and the errors of objects, as the operations view keeps them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from engine.model.statistics import Statistics
from engine.store.database import Database

TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


#: fact of the database: the highest number of a purged run, of the server and (with its identifier) of a connector
_PURGED = "purged-run"


@dataclass(frozen=True, slots=True)
class ObjectError:
    """One object's error in one step. phase: import, sync or export."""

    cs: int
    dn: str
    phase: str
    error_type: str
    text: str
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class StepResult:
    """result: the product's result string; connection: the connection result, success unless the system failed."""

    number: int
    type: str
    partition: str
    started: datetime
    ended: datetime | None = None
    result: str = "in-progress"
    statistics: Statistics = field(default_factory=Statistics)
    errors: list[ObjectError] = field(default_factory=list)
    connection: str = "success"
    transient: bool = False  # the connector space holds transient objects at the end of an import


@dataclass(slots=True)
class RunResult:
    """One run of one profile; run_number rises per connector."""

    number: int
    identifier: str
    connector: str
    connector_name: str
    profile: str
    run_number: int
    started: datetime
    ended: datetime | None = None
    result: str = "in-progress"
    steps: list[StepResult] = field(default_factory=list)

    @property
    def errors(self) -> list[ObjectError]:
        return [error for step in self.steps for error in step.errors]

    def counter(self, name: str) -> int:
        return sum(step.statistics[name] for step in self.steps)


class RunHistory:
    """Writes runs as they go and reads them back, newest first."""

    def __init__(self, database: Database) -> None:
        self.connection = database.connection
        self.unwritten: RunResult | None = None  # a run whose end found the disk full

    def begin(self, connector: str, name: str, profile: str, identifier: str, now: datetime) -> RunResult:
        if self.unwritten is not None:
            for step in self.unwritten.steps:
                self.finish_step(self.connection, self.unwritten, step)
            self.finish(self.unwritten, self.unwritten.ended or now)
            self.unwritten = None
        row = self.connection.execute("SELECT max(run_number) FROM run WHERE connector = ?", (connector,)).fetchone()
        run_number = max(row[0] or 0, self._purged(f"{_PURGED}/{connector}")) + 1
        number = self.next_number()
        run = RunResult(number, identifier, connector, name, profile, run_number, now)
        self.connection.execute(
            "INSERT INTO run VALUES (?,?,?,?,?,?,?,?,?)",
            (number, identifier, connector, name, profile, run.run_number, now.strftime(TIME), None, run.result),
        )
        return run

    def next_number(self) -> int:
        """The number the next run of the server gets; numbers of runs that were purged never come back."""
        highest = self.connection.execute("SELECT max(number) FROM run").fetchone()[0] or 0
        return int(max(highest, self._purged(_PURGED))) + 1

    def _purged(self, name: str) -> int:
        """The highest number that was purged."""
        row = self.connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def finish_step(self, connection: sqlite3.Connection, run: RunResult, step: StepResult) -> None:
        assert step.ended is not None
        counters = {"counters": step.statistics.counters, "outbound": step.statistics.outbound}
        connection.execute(
            "INSERT OR REPLACE INTO step VALUES (?,?,?,?,?,?,?,?,?)",
            (
                run.number, step.number, step.type, step.partition, step.started.strftime(TIME),
                step.ended.strftime(TIME), step.result, json.dumps(counters), step.connection,
            ),
        )  # fmt: skip
        connection.executemany(
            "INSERT OR REPLACE INTO step_error VALUES (?,?,?,?,?,?,?,?)",
            [
                (run.number, step.number, i, e.cs, e.dn, e.error_type, e.text, json.dumps(e.detail))
                for i, e in enumerate(step.errors)
            ],
        )

    def finish(self, run: RunResult, now: datetime) -> None:
        run.ended = now
        self.connection.execute(
            "UPDATE run SET ended = ?, result = ? WHERE number = ?", (now.strftime(TIME), run.result, run.number)
        )

    def end_interrupted(self, now: datetime) -> None:
        """Runs that a service which went down left in progress: they ended with it (facts "engine" 5.2)."""
        self.connection.execute(
            "UPDATE run SET ended = ?, result = 'stopped-server' WHERE ended IS NULL", (now.strftime(TIME),)
        )

    def runs(self, connector: str | None = None, limit: int | None = None) -> Iterator[RunResult]:
        """Newest first; connector by identifier."""
        query = "SELECT * FROM run WHERE ?1 IS NULL OR connector = ?1 ORDER BY number DESC LIMIT ?2"
        for row in self.connection.execute(query, (connector, -1 if limit is None else limit)).fetchall():
            number, identifier, owner, name, profile, run_number, started, ended, result = row
            run = RunResult(number, identifier, owner, name, profile, run_number, moment(started), None, result)
            run.ended = moment(ended) if ended else None
            run.steps = list(self._steps(number))
            yield run

    def _steps(self, run: int) -> Iterator[StepResult]:
        rows = self.connection.execute("SELECT * FROM step WHERE run = ? ORDER BY number", (run,)).fetchall()
        for _, number, kind, partition, started, ended, result, counters, connected in rows:
            held = json.loads(counters)
            step = StepResult(number, kind, partition, moment(started), None, result)
            step.ended = moment(ended) if ended else None
            step.statistics = Statistics(held["counters"], held["outbound"])
            step.connection = connected
            errors = self.connection.execute(
                "SELECT cs, dn, error_type, text, detail FROM step_error WHERE run = ? AND step = ? ORDER BY ordinal",
                (run, number),
            )
            phase = "export" if kind.endswith("export") else "sync" if "sync" in kind else "import"
            step.errors = [ObjectError(c, dn, phase, t, text, json.loads(d)) for c, dn, t, text, d in errors]
            yield step

    def purge(self, before: datetime) -> int:
        """Drop runs that ended before the moment; returns how many."""
        limit = before.strftime(TIME)
        gone = self.connection.execute(
            "SELECT connector, max(run_number), max(number) FROM run WHERE ended < ? GROUP BY connector", (limit,)
        ).fetchall()
        highest = {f"{_PURGED}/{connector}": number for connector, number, _ in gone}
        if gone:
            highest[_PURGED] = max(number for _, _, number in gone)
        self.connection.executemany(
            "INSERT OR REPLACE INTO fact VALUES (?, ?)", [(name, str(n)) for name, n in highest.items()]
        )
        numbers = [r[0] for r in self.connection.execute("SELECT number FROM run WHERE ended < ?", (limit,))]
        for table in ("step", "step_error"):
            self.connection.executemany(f"DELETE FROM {table} WHERE run = ?", [(n,) for n in numbers])  # noqa: S608
        self.connection.executemany("DELETE FROM run WHERE number = ?", [(n,) for n in numbers])
        return len(numbers)


class ObjectErrors:
    """The errors that stand: one per object and phase, with first and last time and how often it was retried."""

    def __init__(self, database: Database) -> None:
        self.connection = database.connection

    def record(self, run: RunResult, step: StepResult, error: ObjectError, now: datetime) -> None:
        """Keep the error; its detail tells since when it stands and how often it was retried (facts "engine" 5.5)."""
        held = self.connection.execute(
            "SELECT first_occurred, retry_count FROM object_error WHERE cs = ? AND phase = ?", (error.cs, error.phase)
        ).fetchone()
        at = now.strftime(TIME)
        first, retries = (held[0], held[1] + 1) if held else (at, 0)
        self.connection.execute(
            "INSERT OR REPLACE INTO object_error VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                error.cs, error.phase, run.number, step.number, error.error_type, error.text,
                json.dumps(error.detail), first, at, retries,
            ),
        )  # fmt: skip
        error.detail.update({"first-occurred": first, "date-occurred": at, "retry-count": str(retries)})

    def clear(self, phase: str, numbers: list[int]) -> None:
        if numbers and self.any(phase):
            self.connection.executemany(
                "DELETE FROM object_error WHERE cs = ? AND phase = ?", [(n, phase) for n in numbers]
            )

    def any(self, phase: str) -> bool:
        row = self.connection.execute("SELECT 1 FROM object_error WHERE phase = ? LIMIT 1", (phase,)).fetchone()
        return row is not None


def moment(text: str) -> datetime:
    """A moment as TIME writes it."""
    from datetime import UTC

    return datetime.strptime(text, TIME).replace(tzinfo=UTC)
