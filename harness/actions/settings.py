"""Synchronization settings that travel from server to server, and what the service manager limits beside the wizard.

Source: facts "install" section 23 (CFG-01 to CFG-06).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ServerName

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

SettingsName = Annotated[str, "what install calls it under recovery; letters, digits and -"]
ConnectorOf = Annotated[str, "name of the connector, a forest"]


@action("wizard.export_settings", "wizard.export_settings: {server: SYNC1, name: today}")
def export_settings(lab: Lab, server: ServerName, name: SettingsName) -> None:
    """Run View or export current configuration: a settings file of what the server does now, kept off the machine."""
    from harness.lab import recovery

    recovery.export_settings(lab, lab.server(server), name)


@action("keep_settings", "keep_settings: {server: SYNC1, name: applied}")
def keep_settings(lab: Lab, server: ServerName, name: SettingsName) -> None:
    """Copy the newest Applied-SynchronizationPolicy file, which the wizard leaves after each change it makes."""
    from harness.lab import recovery

    recovery.keep_applied(lab, lab.server(server), name)


@action("edit_settings", "edit_settings: {name: applied, replace: objectGUID, with: employeeID}")
def edit_settings(
    lab: Lab,
    name: SettingsName,
    replace: Annotated[str, "text in the file, once"],
    with_: Annotated[str, "what it becomes"],
) -> None:
    """Change a kept settings file by hand, which is not supported."""
    from harness.lab import recovery

    recovery.edit_settings(lab, name, replace, with_)


@action("migrate_settings", "migrate_settings: {server: SYNC1, name: old, edited: true}")
def migrate_settings(
    lab: Lab,
    server: ServerName,
    name: SettingsName,
    edited: Annotated[bool, "$true was taken out of the script"] = False,
) -> None:
    """Run MigrateSettings.ps1 on an existing server; the folder it writes is imported like a settings file."""
    from harness.lab import recovery

    recovery.migrate_settings(lab, lab.server(server), name, edited=edited)


@action("connector.limit", "connector.limit: {server: SYNC1, connector: contoso.com, object_types: [user, group]}")
def limit(
    lab: Lab,
    server: ServerName,
    connector: ConnectorOf,
    object_types: Annotated[list[str], "the only object types from now on"] | None = None,
    without: Annotated[list[str], "attributes that are not read any more"] | None = None,
) -> None:
    """Limit the object types or the attributes of a connector, under Connectors > Properties; containers stay."""
    lab.server(server).limit_connector(connector, object_types, without or [])


@action("connector.add_profile", "connector.add_profile: {server: SYNC1, connector: contoso.com, name: Nightly}")
def add_profile(
    lab: Lab, server: ServerName, connector: ConnectorOf, name: Annotated[str, "name of the run profile"]
) -> None:
    """Add a run profile of one's own: a delta import of every selected partition."""
    lab.server(server).add_run_profile(connector, name)
