"""What an expectation can look at on the machine a sync server runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.installed_components import shown_components
from harness.lab.server import Server
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check


@check("installed", "SYNC1.installed: {service_account: 'NT SERVICE\\ADSync'}")
def installed(lab: Lab, place: Server, query: Query) -> Any:
    """What the installation put on the machine: location, service_account with service_account_kind, groups, sql,
    database, and the database's properties as far as somebody set them.
    """
    return shown_components(lab, place)
