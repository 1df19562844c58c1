"""What can be looked at of the predecessor: its machines, and what the successor's analysis says of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab import dirsync as machines
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("world")
check = CHECKS.check


@check("dirsync", "world.dirsync(name, running): {count: 0}", many=True)
def dirsync(lab: Lab, place: Any, query: Query) -> Any:
    """Machines with DirSync: name, version, running, tenant."""
    return machines.shown(machines.machines(lab))


@check("dirsync_analysis", "world.dirsync_analysis(DIRSYNC1): {recommended: in-place}", named=True)
def dirsync_analysis(lab: Lab, place: Any, query: Query) -> Any:
    """What the wizard's analysis page says of the DirSync on a machine, without going on: objects, sql, recommended,
    expected_hours, export_settings, box, customisations, and the code with which the page stays, if it does.
    """
    return machines.analyse(lab, query.name() or "", force_export=False)
