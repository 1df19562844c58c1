"""What an expectation can look at of a wizard's window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.checks.sync_server import plain
from harness.lab.wizard_window import found_by, sizing_of
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check


@check("wizard", "SYNC1.wizard: {open: true, page: User sign-in}")
def wizard(lab: Lab, place: Any, query: Query) -> Any:
    """The wizard's window on this machine: open, page, standing, titles of pages passed, the page that refused, what
    all pages found together, warnings, messages; over a configured server the tasks it lists.
    """
    window = lab.wizards.get(place.name)
    if window is None:
        return {"open": False, "page": "", "standing": "configured", **plain(found_by(place.outcome.pages))}
    return plain(window.shown())


@check("sizing", "SYNC1.sizing: {objects: 5, warnings: {count: 0}}")
def sizing(lab: Lab, place: Any, query: Query) -> Any:
    """Whether the machine is large enough: objects of its directories, and warnings by the documented sizes."""
    return plain(sizing_of(place))
