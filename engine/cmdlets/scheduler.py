"""The scheduler's cmdlets, connector overrides, purge. Source: facts "engine" 16, 18; decisions P3, D6."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration
from engine.scheduler import PolicyType, next_start, purge_before

STAGING_WARNING = (
    "Staging mode is changed in the installation wizard (task Configure staging mode); changing it with this cmdlet is"
    " not the supported way."
)


class Outcome(StrEnum):
    SUCCESS = "Success"


_SETTABLE = {
    "CustomizedSyncCycleInterval": "customized_sync_cycle_interval",
    "SyncCycleEnabled": "sync_cycle_enabled",
    "NextSyncCyclePolicyType": "next_sync_cycle_policy_type",
    "PurgeRunHistoryInterval": "purge_run_history_interval",
    "MaintenanceEnabled": "maintenance_enabled",
}


@cmdlet("Get-ADSyncScheduler")
def get_adsync_scheduler(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show the scheduler's settings and when the next cycle starts."""
    del parameters
    settings = server.scheduler_settings()
    start = next_start(settings, server.last_cycle_start(), server.clock.now())
    return [
        Record(
            "SchedulerSettings",
            {
                "AllowedSyncCycleInterval": settings.allowed_sync_cycle_interval,
                "CurrentlyEffectiveSyncCycleInterval": settings.effective_interval,
                "CustomizedSyncCycleInterval": settings.customized_sync_cycle_interval,
                "NextSyncCyclePolicyType": settings.next_sync_cycle_policy_type,
                "NextSyncCycleStartTimeInUTC": start,
                "PurgeRunHistoryInterval": settings.purge_run_history_interval,
                "SyncCycleEnabled": settings.sync_cycle_enabled,
                "MaintenanceEnabled": settings.maintenance_enabled,
                "StagingModeEnabled": settings.staging_mode_enabled,
                "SchedulerSuspended": settings.scheduler_suspended,
                "SyncCycleInProgress": server.cycle_in_progress,
            },
        )
    ]


@cmdlet(
    "Set-ADSyncScheduler",
    Parameter("CustomizedSyncCycleInterval", Kind.TIMESPAN, position=0),
    Parameter("SyncCycleEnabled", Kind.BOOLEAN, position=1),
    Parameter("NextSyncCyclePolicyType", Kind.POLICY, position=2),
    Parameter("PurgeRunHistoryInterval", Kind.TIMESPAN, position=3),
    Parameter("MaintenanceEnabled", Kind.BOOLEAN, position=4),
    Parameter("SchedulerSuspended", Kind.BOOLEAN, position=5),
    Parameter("StagingModeEnabled", Kind.BOOLEAN),
    Parameter("Force", Kind.SWITCH),
)
def set_adsync_scheduler(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Change the scheduler's settings; what is shared goes to the tenant."""
    if "StagingModeEnabled" in parameters and not server.behaviour.staging_by_cmdlet:
        text = "A parameter cannot be found that matches parameter name 'StagingModeEnabled'."
        raise EngineError("UNSUPPORTED_PARAMETER", text)
    if "SchedulerSuspended" in parameters:
        raise EngineError("UNSUPPORTED_PARAMETER", "Setting SchedulerSuspended is not supported.")
    if "PurgeRunHistoryInterval" in parameters and parameters["PurgeRunHistoryInterval"] is None:
        raise EngineError("PARAMETER_VALUE", "PurgeRunHistoryInterval cannot be empty.")
    changes = {field: parameters[name] for name, field in _SETTABLE.items() if name in parameters}
    if "StagingModeEnabled" in parameters:
        changes["staging_mode_enabled"] = parameters["StagingModeEnabled"]
        parameters.warn(STAGING_WARNING)
    if changes:
        server.save_scheduler_settings(server.scheduler_settings().with_(**changes))
        server.events.write(904, detail=f"settings changed: {', '.join(sorted(parameters.values))}.")
    return []


@cmdlet(
    "Start-ADSyncSyncCycle",
    Parameter("PolicyType", Kind.POLICY, position=0),
    Parameter("InteractiveMode", Kind.BOOLEAN, position=1),
)
def start_adsync_sync_cycle(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Run a synchronization cycle now."""
    server.start_sync_cycle(parameters.get("PolicyType", PolicyType.UNSPECIFIED))
    return [Record("SyncCycleResult", {"Result": Outcome.SUCCESS})]


@cmdlet("Stop-ADSyncSyncCycle")
def stop_adsync_sync_cycle(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Stop the cycle that runs; what is pending waits for the next one."""
    del parameters
    server.stop_sync_cycle()
    return []


_CONNECTOR = (
    Parameter("ConnectorIdentifier", Kind.GUID, aliases=("Connector",)),
    Parameter("ConnectorName", piped=("ConnectorName", "Name")),
)


@cmdlet("Get-ADSyncSchedulerConnectorOverride", *_CONNECTOR, reads=True)
def get_adsync_scheduler_connector_override(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show which connectors will do their next cycle in full."""
    wanted = [_named(server, parameters)] if parameters.values else list(server.connectors.values())
    return [_override_row(c) for c in wanted if c.full_import_required or c.full_sync_required]


@cmdlet(
    "Set-ADSyncSchedulerConnectorOverride",
    *_CONNECTOR,
    Parameter("FullImportRequired", Kind.BOOLEAN),
    Parameter("FullSyncRequired", Kind.BOOLEAN),
)
def set_adsync_scheduler_connector_override(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Ask for a full import or a full synchronization in a connector's next cycle."""
    connector = _named(server, parameters)
    server.save_connector(
        connector.with_(
            full_import_required=parameters.get("FullImportRequired", connector.full_import_required),
            full_sync_required=parameters.get("FullSyncRequired", connector.full_sync_required),
        )
    )
    return []


@cmdlet(
    "Start-ADSyncPurgeRunHistory",
    Parameter("PurgeRunHistoryInterval", Kind.TIMESPAN, position=0),
    Parameter("Offline", Kind.SWITCH),
    machine=True,
)
def start_adsync_purge_run_history(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Drop runs older than the interval; -Offline only while the service is stopped, on LocalDB, and then all runs."""
    interval = parameters.get("PurgeRunHistoryInterval")
    if parameters.get("Offline"):
        if interval is not None:
            raise EngineError("PARAMETER_SET", "-Offline and -PurgeRunHistoryInterval do not go together.")
        _purge_offline(server)
        return []
    server.service.require_running()
    settings = server.scheduler_settings()
    if interval is not None:
        settings = settings.with_(purge_run_history_interval=interval)
    count = server.history.purge(purge_before(settings, server.clock.now()))
    server.events.write(904, detail=f"run history purged: {count} runs.")
    return []


def _purge_offline(server: OperatedServer) -> None:
    """Reclaim room in a database whose service does not start any more (facts "install" 22)."""
    if server.service.running:
        raise EngineError("SERVICE_RUNNING", "-Offline can be used only while the ADSync service is stopped.")
    if server.size.limit is None:
        raise EngineError("OFFLINE_NEEDS_LOCALDB", "-Offline can be used only when the database is LocalDB.")
    count = server.history.purge(server.clock.now() + timedelta(seconds=1))
    server.events.write(904, detail=f"run history purged: {count} runs.")


def _named(server: OperatedServer, parameters: Parameters) -> ConnectorConfiguration:
    name = parameters.get("ConnectorIdentifier") or parameters.get("ConnectorName")
    if name is None:
        raise EngineError("PARAMETER_MISSING", "Give -ConnectorIdentifier or -ConnectorName.")
    return server.connector(name)[1]


def _override_row(connector: ConnectorConfiguration) -> Record:
    return Record(
        "SchedulerConnectorOverride",
        {
            "ConnectorIdentifier": connector.identifier,
            "ConnectorName": connector.name,
            "FullImportRequired": connector.full_import_required,
            "FullSyncRequired": connector.full_sync_required,
        },
    )
