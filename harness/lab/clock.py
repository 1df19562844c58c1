"""The one clock of a world: virtual by default, so that thirty days pass in milliseconds;
real for a lab that people watch.
"""

from __future__ import annotations

from datetime import UTC, datetime


class VirtualClock:
    """Stands still until somebody advances it; satisfies the clock protocols of engine and emulators."""

    __slots__ = ("_now",)

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """Move to a moment; only a restored snapshot may move back."""
        self._now = moment.astimezone(UTC)


class RealClock(VirtualClock):
    """The machine's time; ``set`` changes nothing, because nobody can hold real time."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(machine_now())

    def now(self) -> datetime:
        return machine_now()

    def set(self, moment: datetime) -> None:
        """Real time goes on by itself."""


def machine_now() -> datetime:
    """Return the machine's time; the one place of the harness that may ask."""
    return datetime.now(UTC)  # noqa: TID251 - the clock module


def show_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def earliest(moments: list[datetime | None], limit: datetime) -> datetime | None:
    """Return the first of the moments that are not after the limit."""
    due = [moment for moment in moments if moment is not None and moment <= limit]
    return min(due) if due else None
