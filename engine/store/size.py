"""How large the sync database is and how large it may become: LocalDB ends at 10 GB, a SQL instance has no such end.

Worlds are small, so a size can be given to a database beside what its file really holds: run history carries it run by
run and gives it back as runs are cleared, white space gives it back to a shrink, objects keep it. The file's own pages
count as they are, and SQLite itself refuses the one too many. Source: recover-from-localdb-10gb-limit; facts "install"
22.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from engine.model.configuration import RunStep
from engine.store.database import Database, DatabaseFull
from engine.store.run_history import RunResult, StepResult

GIGABYTE = 1024**3
LOCALDB_LIMIT = 10 * GIGABYTE
SQL_INSTANCE = "sql-instance"  # fact of the database: the instance it stands on, "" = LocalDB
_GIVEN = "given-size"
_PAGES_MAX = 4294967294  # SQLite's own limit

RunOneStep = Callable[[RunResult, StepResult, RunStep], None]


class Holds(StrEnum):
    """What takes the room."""

    RUN_HISTORY = "run-history"
    WHITE_SPACE = "white-space"
    OBJECTS = "objects"


class DatabaseSize:
    """Sizes of one database, in bytes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._held = False  # whether SQLite holds the file to the limit

    # ---- reading -----------------------------------------------------------------------------------------------------
    @property
    def limit(self) -> int | None:
        """None = no end but the disk's."""
        return None if self.database.fact(SQL_INSTANCE) else LOCALDB_LIMIT

    @property
    def used(self) -> int:
        pages, size = self._pragma("page_count") - self._pragma("freelist_count"), self._pragma("page_size")
        return pages * size + self.given()

    @property
    def full(self) -> bool:
        limit = self.limit
        return limit is not None and self.used >= limit

    def given(self, holds: Holds | None = None) -> int:
        """What was given beside the file: of one kind, or all. A run that was cleared holds nothing any more."""
        document = self._document()
        sizes = {Holds.WHITE_SPACE: document.get("white-space", 0), Holds.OBJECTS: document.get("objects", 0)}
        runs = document.get("runs", {})
        if runs:
            kept = {str(row[0]) for row in self.database.connection.execute("SELECT number FROM run")}
            sizes[Holds.RUN_HISTORY] = sum(size for run, size in runs.items() if run in kept)
        return sizes.get(holds, 0) if holds is not None else sum(sizes.values())

    def _document(self) -> dict[str, Any]:
        found = self.database.fact(_GIVEN)
        document: dict[str, Any] = json.loads(found) if found else {}
        return document

    def _pragma(self, name: str) -> int:
        return int(self.database.connection.execute(f"PRAGMA {name}").fetchone()[0])

    # ---- changing ----------------------------------------------------------------------------------------------------
    def grow(self, target: int, kind: Holds | str) -> None:
        """Give the database the size ``target``; what is added is of one kind. Run history is spread over its runs."""
        holds = Holds(kind)
        more = target - self.used
        if more <= 0:
            return
        document = self._document()
        runs = [row[0] for row in self.database.connection.execute("SELECT number FROM run ORDER BY number")]
        if holds is Holds.RUN_HISTORY and runs:
            each, rest = divmod(more, len(runs))
            shares = dict(document.get("runs", {}))
            for position, run in enumerate(runs):
                shares[str(run)] = shares.get(str(run), 0) + each + (rest if position == 0 else 0)
            document["runs"] = shares
        else:
            name = str(Holds.OBJECTS if holds is Holds.RUN_HISTORY else holds)
            document[name] = document.get(name, 0) + more
        self._lift()
        self.database.set_fact(_GIVEN, json.dumps(document))

    def shrink(self) -> int:
        """DBCC SHRINKDATABASE: white space goes back; returns how much. Nothing is gained where there is none."""
        freed = self.given(Holds.WHITE_SPACE)
        document = self._document()
        document.pop(str(Holds.WHITE_SPACE), None)
        self._lift()
        self.database.set_fact(_GIVEN, json.dumps(document))
        return freed

    def _lift(self) -> None:
        self._held = False
        self.database.connection.execute(f"PRAGMA max_page_count = {_PAGES_MAX}")

    # ---- guarding ----------------------------------------------------------------------------------------------------
    def guarded(self, perform: RunOneStep) -> RunOneStep:
        """The step, with the limit before it and over it: SQLite refuses the page that would go beyond."""

        def guarded(run: RunResult, result: StepResult, step: RunStep) -> None:
            self.leave_room()
            perform(run, result, step)

        return guarded

    def leave_room(self) -> None:
        """Raises DatabaseFull when no room is left; otherwise the file may grow so far and no farther."""
        limit, given = self.limit, self.given()
        if limit is None or not given:
            if self._held:
                self._lift()
            return
        if self.used >= limit:
            raise DatabaseFull
        pages = (limit - given) // self._pragma("page_size")
        self._held = True
        self.database.connection.execute(f"PRAGMA max_page_count = {max(pages, self._pragma('page_count'))}")
