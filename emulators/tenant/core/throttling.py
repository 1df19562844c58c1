"""Token buckets of the service: how many resource units and writes an application may use, and what a request costs.

Source: facts "tenant" 16 "Throttling". Off unless the tenant's ``throttling`` setting is on; a factor shrinks the
limits for tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

SMALL, LARGE = 50, 500


@dataclass
class Bucket:
    """So many units in so many seconds; what flowed out comes back evenly."""

    capacity: float
    seconds: float
    level: float = 0.0
    at: datetime | None = None

    def take(self, units: float, now: datetime) -> int:
        """Take units; answer 0, or the whole seconds to wait before they are there."""
        if self.at is not None:
            self.level = max(0.0, self.level - (now - self.at).total_seconds() * self.capacity / self.seconds)
        self.at = now
        if self.level + units > self.capacity and self.level > 0:
            missing = self.level + units - self.capacity
            return max(1, int(missing * self.seconds / self.capacity + 0.999))
        self.level += units
        return 0


@dataclass
class Throttle:
    """The buckets of one tenant, by application."""

    users: int
    factor: float = 1.0
    reads: dict[str, Bucket] = field(default_factory=dict)
    writes: dict[str, Bucket] = field(default_factory=dict)
    all_writes: Bucket | None = None

    def admit(self, app_id: str, cost: int, *, write: bool, now: datetime) -> tuple[int, str]:
        """Answer the seconds to wait (0: go on) and which limit was reached."""
        reading = self.reads.setdefault(app_id, Bucket(self._units() * self.factor, 10))
        wait = reading.take(cost, now)
        if wait:
            return wait, "ResourceUnitLimitExceeded"
        if not write:
            return 0, ""
        writing = self.writes.setdefault(app_id, Bucket(3000 * self.factor, 150))
        if self.all_writes is None:
            self.all_writes = Bucket(18000 * self.factor, 300)
        wait = writing.take(1, now) or self.all_writes.take(1, now)
        return wait, "WriteLimitExceeded" if wait else ""

    def _units(self) -> int:
        if self.users < SMALL:
            return 3500
        return 8000 if self.users > LARGE else 5000


def cost_of(method: str, segments: tuple[str, ...], query: dict[str, str]) -> int:
    """Resource units of a Graph request."""
    if method != "GET":
        return 2
    cost = 1
    if segments and segments[0] in ("users", "groups", "devices", "contacts"):
        cost = 2
        if segments[-1] in ("members", "memberOf"):
            cost = 3
        elif segments[-1].startswith("transitive"):
            cost = 5
    if "$select" in query:
        cost -= 1
    if "$expand" in query:
        cost += 1
    if query.get("$top", "").isdigit() and int(query["$top"]) < 20:
        cost -= 1
    return max(1, cost)
