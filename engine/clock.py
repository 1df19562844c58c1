"""Time as an argument: whoever needs the hour asks a Clock, nobody sleeps, things are ticked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the engine needs of time."""

    def now(self) -> datetime:
        """Return the current moment, aware and in UTC."""


class SystemClock:
    """The machine's own clock, for a server that runs outside a lab."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place of the engine that may ask the machine
