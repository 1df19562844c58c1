"""Every hop of every actor, in the order it happened, numbered, in virtual time only.

Emulators write through their journal, servers through the engine's observer, the runner marks the steps. Nothing
here depends on the machine:
no port, path, process or wall time, so that two runs with one seed give the same records.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from harness.lab.clock import VirtualClock, show_time

Record = dict[str, Any]

#: what a server tells of each object it stages, and the requests it sends before it does so
IMPORT_HOP = "engine.import"
READ_AHEAD = frozenset({"ldap.search", "tenant.sync-service.call"})


class Timeline:
    """Collects records of one world. ``mark`` and ``since`` let a check look at one step only.

    every_hop: what a server does with every single object is wanted too, not only its runs and events. It costs about
    as much as the synchronization itself, so a run whose journal nobody reads goes without.
    """

    def __init__(self, clock: VirtualClock, *, every_hop: bool = True) -> None:
        self._clock = clock
        self.every_hop = every_hop
        self.records: list[Record] = []
        self._moment: datetime | None = None  # the last one written, and how: many records share a moment
        self._text = ""

    def _now(self) -> str:
        moment = self._clock.now()
        if moment is not self._moment:
            self._text = show_time(moment)
            self._moment = moment
        return self._text

    def sink(self, record: Record) -> None:
        """Take a record of an emulator's journal."""
        self.records.append(record)

    def observer(self, server: str) -> ServerObserver:
        """Return the observer of a sync server."""
        return ServerObserver(self, server)

    def observed(self, server: str, kind: str, fields: dict[str, object]) -> None:
        self.records.append({"at": self._now(), "actor": server, "kind": kind, **fields})

    def note(self, kind: str, **fields: Any) -> None:
        """Record something the stage itself does."""
        self.records.append({"at": self._now(), "actor": "stage", "kind": kind, **fields})

    def mark(self) -> int:
        return len(self.records)

    def since(self, mark: int) -> list[Record]:
        return self.records[mark:]

    def numbered(self) -> Iterator[Record]:
        """Yield all records with their number, values made plain."""
        for number, record in enumerate(settled(self.records), 1):
            made: Record = {"n": number}
            for key, value in record.items():
                made[key] = value if type(value) in _ALREADY_PLAIN else plain(value)
            yield made


class ServerObserver:
    """What a sync server tells its hops to; it asks ``every_hop`` before it tells those of single objects."""

    def __init__(self, timeline: Timeline, server: str) -> None:
        self._timeline = timeline
        self._server = server

    @property
    def every_hop(self) -> bool:
        return self._timeline.every_hop

    def __call__(self, kind: str, fields: dict[str, object]) -> None:
        self._timeline.observed(self._server, kind, fields)


def settled(records: list[Record]) -> list[Record]:
    """Return the records in an order that no thread decides.

    A server asks for the next page of an import before it stages the present one, so the answer's record falls
    somewhere among the hops of the staging, each time elsewhere. It belongs right behind the record of the page before.
    """
    ordered: list[Record] = []
    staging: list[Record] = []
    for record in records:
        if record["kind"] == IMPORT_HOP:
            staging.append(record)
            continue
        if not (staging and ordered and ordered[-1]["actor"] == record["actor"] and record["kind"] in READ_AHEAD):
            ordered += staging
            staging = []
        ordered.append(record)
    return ordered + staging


_ALREADY_PLAIN = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if type(value) in _ALREADY_PLAIN:
        return value
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(one) for one in value), key=str)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
