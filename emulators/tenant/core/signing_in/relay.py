"""The outbound connection of something on-premises, held open by it: requests go out on it, answers come back.

Source: facts "tenant" 10 (pass-through: persistent outbound connection, no polling; write-back: service bus relay).
Nothing here waits: who asks is told later, or told that the line was cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: what is sent out instead of a request when the line is given up
Document = dict[str, Any]


@dataclass(frozen=True)
class Errand:
    """One request for the other end. done: called once, with its answer or with None when the line was cut."""

    id: str
    request: Mapping[str, Any]
    done: Callable[[Mapping[str, Any] | None], None]


@dataclass
class Line:
    """One connection of one machine. It is up from the moment it was made until it is cut."""

    machine: str
    up: bool = True
    _held: Callable[[Document], None] | None = None
    _queue: list[Errand] = field(default_factory=list)
    _out: dict[str, Errand] = field(default_factory=dict)

    def ask(self, errand: Errand) -> None:
        """Send a request as soon as the other end listens; on a line that is down it fails at once."""
        if not self.up:
            errand.done(None)
            return
        self._queue.append(errand)
        self._send()

    def listen(self, deliver: Callable[[Document], None]) -> None:
        """The other end is ready for the next request."""
        if not self.up:
            deliver({"Closed": True})
            return
        self._held = deliver
        self._send()

    def answer(self, errand_id: str, answer: Mapping[str, Any]) -> None:
        """The other end has done a request; an answer nobody asked for is dropped."""
        errand = self._out.pop(errand_id, None)
        if errand is not None:
            errand.done(answer)

    def cut(self) -> None:
        """The connection is gone: nobody waits for an answer any longer. Idempotent."""
        if not self.up:
            return
        self.up = False
        held, self._held = self._held, None
        lost = [*self._out.values(), *self._queue]
        self._out, self._queue = {}, []
        if held is not None:
            held({"Closed": True})
        for errand in lost:
            errand.done(None)

    def _send(self) -> None:
        if self._held is None or not self._queue:
            return
        errand = self._queue.pop(0)
        self._out[errand.id] = errand
        held, self._held = self._held, None
        held({"Id": errand.id, **errand.request})


__all__ = ["Document", "Errand", "Line"]
