"""What an expectation can look at of the wizard's last task on a configured server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.checks.sync_server import plain
from harness.lab.server import Server
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check


@check("last_task", "SYNC1.last_task: {warnings: {contains: {code: FED_CLAIMS_MANUAL}}}")
def last_task(lab: Lab, place: Server, query: Query) -> Any:
    """What the wizard's last task showed: its page, messages, warnings, and the facts of all its pages together."""
    outcome = place.last_task
    if outcome is None:
        return None
    pages = [plain(page) for page in outcome.pages]
    facts: dict[str, Any] = {}
    for page in pages:
        facts |= page.get("facts") or {}
    warnings = [one for page in pages for one in page.get("warnings") or ()]
    messages = [text for page in pages for text in page.get("messages") or ()]
    return {"page": pages[-1]["page"], "warnings": warnings, "messages": messages, **facts}
