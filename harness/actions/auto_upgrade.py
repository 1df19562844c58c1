"""Automatic upgrade of a sync server: what of its machine stands in the way, and looking for a release on demand.

Source: how-to-connect-install-automatic-upgrade; facts "install" 26.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ServerName

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("auto_upgrade.machine", "auto_upgrade.machine: {server: SYNC1, service_manager_open: true}")
def machine(
    lab: Lab,
    server: ServerName,
    service_manager_open: Annotated[bool, "Synchronization Service Manager is open"] | None = None,
    registry_writable: Annotated[bool, "the upgrade marker can be set"] | None = None,
    database_permissions: Annotated[bool, "the administrators group may use the database"] | None = None,
    disk_space: Annotated[bool, "the disk has room for an upgrade"] | None = None,
    security_groups: Annotated[bool, "all groups of the sync engine can be found"] | None = None,
    service_can_start: Annotated[bool, "the service lets itself be started"] | None = None,
    service_can_stop: Annotated[bool, "the service lets itself be stopped"] | None = None,
    health_upload: Annotated[bool, "health data are uploaded, as the portal allows"] | None = None,
    host: Annotated[dict[str, object], "facts for the installer, such as dotnet: '4.6'"] | None = None,
) -> None:
    """Change what automatic upgrade finds on the machine; what is not named stays."""
    given = dict(locals())
    changes = {name: value for name, value in given.items() if name not in ("lab", "server") and value is not None}
    lab.server(server).engine.upgrades.change_machine(changes)


@action("auto_upgrade.check", "auto_upgrade.check: SYNC1")
def check(lab: Lab, server: ServerName) -> None:
    """Let the server look now for a release that the tenant makes available for automatic upgrade, as it does once a
    day by itself; SERVER.auto_upgrade shows what came of it. Refused when the tenant cannot be asked.
    """
    lab.server(server).engine.upgrades.check()
