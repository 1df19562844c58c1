"""What the linter of topologies says of the world as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.topology import lint, shown, topology_of
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("world")
check = CHECKS.check


@check("topology", "world.topology(code, about, level = error): {count: 0}", many=True)
def topology(lab: Lab, place: Any, query: Query) -> Any:
    """What is unsupported about who synchronizes what to where: code, level (error or warning), about, message,
    objects, flips (how often two writers took turns on an attribute). Codes: TOPO_MULTI_ACTIVE,
    TOPO_MULTI_ACTIVE_DISJOINT, TOPO_DOUBLE_SCOPE, TOPO_WRITEBACK_TWICE, TOPO_DOMAIN_TWICE, TOPO_SSO_TWICE,
    TOPO_DIRSYNC_ROLLBACK, TOPO_UNKNOWN_CLIENT.
    """
    return shown(lint(topology_of(lab)))


@check(
    "support_bundle",
    "world.support_bundle(case-1): {server: SYNC1, scheduler: {contains: SyncCycleEnabled}}",
    named=True,
)
def support_bundle(lab: Lab, place: Any, query: Query) -> Any:
    """What is in an archive of support_bundle: server, version, objects with their errors, files, scheduler (the text),
    log (the events), exports (file and xml), text (everything in it).
    """
    from harness.lab.support_bundle import shown as opened

    return opened(lab, query.name() or "")
