"""What can be looked at of the life of a server: automatic upgrade, Connect Health's alerts, what a drift would do."""

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


@check("auto_upgrade", "SYNC1.auto_upgrade: {state: Enabled, reason: '', result: ''}")
def auto_upgrade(lab: Lab, place: Server, query: Query) -> Any:
    """Automatic upgrade: state and suspension reason as Get-ADSyncAutoUpgrade -Detail shows them, result of the last
    check that found a newer release, the version that runs.
    """
    held = place.engine.upgrades
    return {
        "state": held.state,
        "reason": held.reason,
        "result": held.last_result,
        "version": place.engine.version,
    }


@check("health_alerts", "SYNC1.health_alerts(name, stage): {count: 0}", many=True)
def health_alerts(lab: Lab, place: Server, query: Query) -> Any:
    """The alerts Connect Health raises for the server: name as its catalogue has it, stage, about."""
    from harness.lab.health import alerts_of

    return [plain(one) for one in alerts_of(lab, place)]


@check("drift_effects", "SYNC1.drift_effects(SYNC1, object, attribute, cause): {count: 0}", many=True, named=True)
def drift_effects(lab: Lab, place: Server, query: Query) -> Any:
    """What this server would export now, each change put down to a difference from the named server or export:
    object, dn, connector, operation, attribute, before, after, rules, cause (empty = no difference explains it).
    """
    from harness.lab.failover import drift_effects

    return drift_effects(lab, query.name() or "", place)


@check("drift_report", "SYNC1.drift_report(SYNC1): {text: {contains: 0 differences}}", named=True)
def drift_report(lab: Lab, place: Server, query: Query) -> Any:
    """The drift report against the named server or export, with its effects, as text and as an HTML page."""
    from harness.lab.failover import drift_page

    return drift_page(lab, query.name() or "", place)
