"""Connectors: what they are configured to do, what their spaces hold, which one runs. Facts "engine" 18.1-18.3, 5.3.

What the server does not keep of a connector (version, last modification) is no property here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Keyed, Record, moment_of
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition, RunProfile

_CONNECTIVITY = ("forest-name", "forest-login-domain", "forest-login-user", "UserName")
#: what a statistic counts in the connector space; the names follow those of the Synchronization Service's own counts
_COUNTED = {
    "TotalObjects": "1",
    "TotalConnectors": "mv != 0",
    "TotalDisconnectors": "mv = 0 AND kind = 0",
    "TotalPlaceholders": "kind = 1",
    "ImportAdds": "pending_import = 1",
    "ImportUpdates": "pending_import = 2",
    "ImportDeletes": "pending_import = 3",
    "ExportAdds": "pending_export = 1",
    "ExportUpdates": "pending_export = 2",
    "ExportDeletes": "pending_export = 3",
}


class RunState(StrEnum):
    BUSY = "Busy"


FORCE_FULL_PASSWORD_SYNC = "Microsoft.Synchronize.ForceFullPasswordSync"  # noqa: S105 - the name of a parameter


@cmdlet(
    "Get-ADSyncConnector",
    Parameter("Name", position=0, piped=("ConnectorName", "Name")),
    Parameter("Identifier", Kind.GUID),
    reads=True,
)
def get_adsync_connector(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show all connectors, or the named one."""
    name = parameters.get("Identifier") or parameters.get("Name")
    found = [server.connector(name)[1]] if name else list(server.connectors.values())
    return [connector_record(connector) for connector in found]


@cmdlet("Add-ADSyncConnector", Parameter("Connector", Kind.OBJECT, needed=True, position=0, piped=("*",)))
def add_adsync_connector(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Take a changed connector back; of its parameters the one that asks for a full password synchronization."""
    given = parameters["Connector"]
    if not isinstance(given, Record) or not isinstance(given.source, ConnectorConfiguration):
        raise EngineError("PARAMETER_VALUE", "-Connector takes what Get-ADSyncConnector shows.")
    _, held = server.connector(given.source.identifier)
    now = {
        name: str(one["Value"] if isinstance(one, Record) else one) for name, one in given["GlobalParameters"].items()
    }
    was = {name: str(one["Value"]) for name, one in connector_record(held)["GlobalParameters"].items()}
    changed = {name for name in now.keys() | was.keys() if now.get(name) != was.get(name)}
    other = changed - {FORCE_FULL_PASSWORD_SYNC}
    if other or any(
        given[name] != shown for name, shown in connector_record(held).items() if not isinstance(shown, Keyed)
    ):
        what = ", ".join(sorted(other)) or "a property"
        raise EngineError(
            "CONNECTOR_CHANGE", f"Only {FORCE_FULL_PASSWORD_SYNC} can be changed by this cmdlet, not {what}."
        )
    kept = dict(held.parameters)
    kept.pop(FORCE_FULL_PASSWORD_SYNC, None)
    if FORCE_FULL_PASSWORD_SYNC in now:
        kept[FORCE_FULL_PASSWORD_SYNC] = now[FORCE_FULL_PASSWORD_SYNC]
    connector = held.with_(parameters=kept)
    server.save_connector(connector)
    return [connector_record(connector)]


@cmdlet(
    "Get-ADSyncConnectorStatistics",
    Parameter("ConnectorName", needed=True, position=0, piped=("ConnectorName", "Name")),
    reads=True,
)
def get_adsync_connector_statistics(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Count the objects of a connector space, and what waits in it."""
    ordinal, connector = server.connector(parameters["ConnectorName"])
    columns = ", ".join(f"sum({condition})" for condition in _COUNTED.values())
    counts = server.database.connection.execute(
        f"SELECT {columns} FROM cs WHERE connector = ?",  # noqa: S608
        (ordinal,),
    ).fetchone()
    return [
        Record(
            "ConnectorStatistics",
            {"ConnectorName": connector.name}
            | {name: int(count or 0) for name, count in zip(_COUNTED, counts, strict=True)},
        )
    ]


@cmdlet("Get-ADSyncConnectorRunStatus", reads=True)
def get_adsync_connector_run_status(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show the connector that runs; nothing when the engine is idle."""
    del parameters
    if server.busy_connector is None:
        return []
    return [Record("ConnectorRunStatus", {"RunState": RunState.BUSY, "ConnectorName": server.busy_connector})]


def connector_record(connector: ConnectorConfiguration) -> Record:
    """A connector as Get-ADSyncConnector shows it."""
    entra = connector.type is ConnectorType.ENTRA
    own = {n: v for n, v in connector.parameters.items() if n not in _CONNECTIVITY}
    return Record(
        "Connector",
        {
            "Name": connector.name,
            "Identifier": connector.identifier,
            "Type": str(connector.type),
            "ConnectorTypeName": str(connector.type),
            "SubType": "Windows Azure Active Directory (Microsoft)" if entra else "",
            "CreationTime": _moment(connector.created),
            "ObjectInclusionList": sorted({t for p in connector.partitions for t in p.object_types}),
            "AttributeInclusionList": list(connector.attributes),
            "AnchorConstructionSettings": _anchors(connector),
            "ConnectivityParameters": _keyed(
                {n: connector.parameters[n] for n in _CONNECTIVITY if n in connector.parameters}
            ),
            "GlobalParameters": _keyed(own),
            "Partitions": [_partition(p) for p in connector.partitions],
            "RunProfiles": [_profile(profile, connector) for profile in connector.run_profiles],
        },
        connector,
    )


def _keyed(values: dict[str, str]) -> Keyed:
    return Keyed({name: Record("ConfigurationParameter", {"Name": name, "Value": values[name]}) for name in values})


def _anchors(connector: ConnectorConfiguration) -> list[Record]:
    attribute = "cloudAnchor" if connector.type is ConnectorType.ENTRA else "objectGUID"
    types = sorted({t for p in connector.partitions for t in p.object_types} or connector.schema.object_types)
    return [Record("AnchorConstructionSetting", {"ObjectType": one, "Name": attribute}) for one in types]


def _partition(partition: Partition) -> Record:
    scope = {
        "ContainerInclusionList": list(partition.included),
        "ContainerExclusionList": list(partition.excluded),
        "ObjectClasses": list(partition.object_types),
    }
    return Record(
        "Partition",
        {
            "Identifier": partition.identifier,
            "DN": partition.dn,
            "Name": partition.name,
            "Selected": partition.selected,
            "ConnectorPartitionScope": Record("ConnectorPartitionScope", scope),
        },
    )


def _profile(profile: RunProfile, connector: ConnectorConfiguration) -> Record:
    steps = [Record("RunStep", {"TaskType": str(s.type), "PartitionIdentifier": s.partition}) for s in profile.steps]
    row: dict[str, Any] = {
        "Identifier": profile.identifier,
        "Name": profile.name,
        "RunSteps": steps,
        "ConnectorIdentifier": connector.identifier,
    }
    return Record("RunProfile", row)


def _moment(text: str) -> datetime | str:
    try:
        return moment_of(text)
    except EngineError:
        return text
