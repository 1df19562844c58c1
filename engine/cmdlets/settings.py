"""Settings of the server itself: global settings, automatic upgrade, database, the configuration as a folder.

Source: facts "engine" 16.2, 18.1, 18.2, 19.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Keyed, Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.setup.configuration.server_configuration import write_server_configuration
from engine.setup.promotion import exported_configuration

AUTO_UPGRADE = "Microsoft.OptionalFeature.AutoUpgradeState"
SUSPENSION_REASON = "Microsoft.OptionalFeature.AutoUpgradeSuspensionReason"
_STATES = ("Suspended", "Enabled", "Disabled")
_MEGABYTE = 1024 * 1024


@cmdlet("Get-ADSyncGlobalSettings", reads=True)
def get_adsync_global_settings(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show the settings of this server; ``.Parameters`` holds them by name."""
    del parameters
    held = server.global_settings
    settings = {n: Record("ConfigurationParameter", {"Name": n, "Value": held[n]}) for n in sorted(held)}
    row = {"InstanceId": server.database.identity, "Version": server.version, "Parameters": Keyed(settings)}
    return [Record("GlobalSettings", row)]


@cmdlet("Get-ADSyncAutoUpgrade", Parameter("Detail", Kind.SWITCH), reads=True)
def get_adsync_auto_upgrade(server: OperatedServer, parameters: Parameters) -> Sequence[Record | str]:
    """Show whether the server upgrades itself; with -Detail why it is suspended."""
    state = server.global_settings.get(AUTO_UPGRADE, "Disabled")
    if not parameters.get("Detail"):
        return [state]
    reason = server.global_settings.get(SUSPENSION_REASON, "") if state == "Suspended" else ""
    return [Record("AutoUpgradeDetail", {"AutoUpgradeState": state, "SuspensionReason": reason})]


@cmdlet(
    "Set-ADSyncAutoUpgrade",
    Parameter("AutoUpgradeState", needed=True, position=0, choices=_STATES),
    Parameter("SuspensionReason", position=1),
)
def set_adsync_auto_upgrade(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Enable or disable automatic upgrade; only the system itself is meant to suspend it."""
    state = parameters["AutoUpgradeState"]
    if "SuspensionReason" in parameters and state != "Suspended":
        raise EngineError("PARAMETER_VALUE", "-SuspensionReason goes with -AutoUpgradeState Suspended only.")
    if state == "Suspended":
        parameters.warn("Only the system should set the state to Suspended.")
    server.save_setting(AUTO_UPGRADE, state)
    server.save_setting(SUSPENSION_REASON, parameters.get("SuspensionReason", ""))
    return []


@cmdlet("Get-ADSyncDatabaseConfiguration", reads=True)
def get_adsync_database_configuration(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show where the sync database is."""
    del parameters
    instance = server.database.fact("sql-instance")
    machine, _, name = instance.partition("\\")
    used = server.size.used // _MEGABYTE if not instance else 0
    row = {
        "IsLocalDBInstalled": not instance,
        "LocalDBUsedSpaceInMb": used,
        "SqlServerName": machine or "(localdb)",
        "SqlServerInstanceName": name if instance else ".\\ADSync2019",
        "SqlServerDBName": server.database.path.stem,
    }
    return [Record("DatabaseConfiguration", row)]


@cmdlet("Get-ADSyncServerConfiguration", Parameter("Path", needed=True, position=0), reads=True)
def get_adsync_server_configuration(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Write the configuration into a folder: connectors, metaverse, synchronization rules."""
    folder = parameters.folder / parameters["Path"]
    if folder.exists() and not folder.is_dir():
        raise EngineError("PATH", f"{folder} is no folder.")
    try:
        write_server_configuration(exported_configuration(server), folder)  # type: ignore[arg-type]
    except OSError as error:
        raise EngineError("PATH", f"{folder} cannot be written: {error.strerror or error}.") from None
    return []
