"""What the wizard's page Device options shows on a server. Source: facts "install" OPT-09."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.server import Server
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check


@check("device_options", "SYNC1.device_options: {writeback: {available: true, enabled: false}}")
def device_options(lab: Lab, place: Server, query: Query) -> Any:
    """Whether device write-back can be chosen and, when it cannot, why; looked up as the page does when it opens."""
    del query
    from harness.lab.write_back import shown_device_options

    return shown_device_options(lab, place)
