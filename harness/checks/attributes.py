"""What an expectation can look at about directory extensions: what the wizard offers, what the tenant holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab import attribute_tasks
from harness.lab.server import Server
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check


@check("available_extensions", "SYNC1.available_extensions(attribute): {excludes: {attribute: badPwdCount}}", many=True)
def available_extensions(lab: Lab, place: Server, query: Query) -> Any:
    """What the wizard's page Directory extensions lists under Available Attributes: attribute."""
    return [{"attribute": name} for name in attribute_tasks.available_extensions(lab, place)]
