"""What an administrator looks at before moving a server's work to Cloud Sync: what Cloud Sync could not take over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab import cloud_sync
from harness.lab.server import Server
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check


@check(
    "migration",
    "SYNC1.migration(blocking = true): {count: 0}",
    many=True,
    fields=("code", "feature", "about", "blocking", "text"),
)
def migration(lab: Lab, place: Server, query: Query) -> Any:
    """What of the server's configuration Cloud Sync cannot take over, and what it takes over in another form."""
    return cloud_sync.review(place)
