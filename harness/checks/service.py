"""What an expectation can look at on the machine of a sync server: its service, its database, its settings files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.server import Server
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check

_MEGABYTE = 1024 * 1024


@check("service", "SYNC1.service: {status: Running}")
def service(lab: Lab, place: Server, query: Query) -> Any:
    """The ADSync service as the service control manager shows it: status and account."""
    held = place.engine.service
    return {"status": held.state.value, "account": held.account.name}


@check("database", "SYNC1.database: {instance: LocalDB, full: false}")
def database(lab: Lab, place: Server, query: Query) -> Any:
    """The sync database: instance (LocalDB or a SQL instance), name, size_mb, limit_mb (null without one), full."""
    size = place.engine.size
    return {
        "instance": place.engine.database.fact("sql-instance") or "LocalDB",
        "name": place.engine.database.path.stem,
        "size_mb": size.used // _MEGABYTE,
        "limit_mb": None if size.limit is None else size.limit // _MEGABYTE,
        "full": size.full,
    }


@check("settings_files", "SYNC1.settings_files: {count: 1}", many=True)
def settings_files(lab: Lab, place: Server, query: Query) -> Any:
    """The Applied-SynchronizationPolicy files the wizard left on the machine, oldest first: name."""
    from harness.lab.recovery import applied_names

    return [{"name": name} for name in applied_names(place)]
