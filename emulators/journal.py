"""Every request and answer of an emulator as a record, for timelines and reports.

A record holds virtual time, the actor that answered, a dotted kind and plain values. It never holds a secret, a port,
a path or wall time, so that two runs with one seed give the same records.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from emulators.clock import Clock

Record = dict[str, Any]


class Journal:
    """Appends records to a sink that the harness owns; without a sink it is silent and costs nothing."""

    __slots__ = ("_moment", "_text", "actor", "clock", "sink")

    def __init__(self, actor: str, clock: Clock, sink: Callable[[Record], None] | None = None) -> None:
        self.actor = actor
        self.clock = clock
        self.sink = sink
        self._moment: datetime | None = None  # the last one written, and how: many records share a moment
        self._text = ""

    @property
    def wanted(self) -> bool:
        """Whether anyone reads the records: ask before building an expensive one."""
        return self.sink is not None

    def record(self, kind: str, **fields: Any) -> None:
        if self.sink is not None:
            moment = self.clock.now()
            if moment is not self._moment:
                self._text = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                self._moment = moment
            self.sink({"at": self._text, "actor": self.actor, "kind": kind, **fields})
