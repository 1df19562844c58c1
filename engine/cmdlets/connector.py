"""Get-ADSyncConnector and Get-ADSyncConnectorRunStatus. Source: facts "engine" 18.1, 18.3."""

from __future__ import annotations

from collections.abc import Sequence

from engine.cmdlets.registry import Kind, OperatedServer, Parameter, Parameters, Row, cmdlet
from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition

_CONNECTIVITY = ("forest-name", "forest-login-domain", "forest-login-user", "UserName")


@cmdlet("Get-ADSyncConnector", Parameter("Name", position=0), Parameter("Identifier", Kind.GUID))
def get_adsync_connector(server: OperatedServer, parameters: Parameters) -> Sequence[Row]:
    """Show all connectors, or the named one."""
    name = parameters.get("Identifier") or parameters.get("Name")
    found = [server.connector(name)[1]] if name else list(server.connectors.values())
    return [_row(connector) for connector in found]


@cmdlet("Get-ADSyncConnectorRunStatus")
def get_adsync_connector_run_status(server: OperatedServer, parameters: Parameters) -> Sequence[Row]:
    """Show the connector that runs; nothing when the engine is idle."""
    del parameters
    if server.busy_connector is None:
        return []
    return [{"RunState": "Busy", "ConnectorName": server.busy_connector}]


def _row(connector: ConnectorConfiguration) -> Row:
    entra = connector.type is ConnectorType.ENTRA
    return {
        "Name": connector.name,
        "Identifier": connector.identifier,
        "Type": str(connector.type),
        "ConnectorTypeName": str(connector.type),
        "SubType": "Windows Azure Active Directory (Microsoft)" if entra else "",
        "CreationTime": connector.created,
        "ObjectInclusionList": sorted({t for p in connector.partitions for t in p.object_types}),
        "AttributeInclusionList": list(connector.attributes),
        "ConnectivityParameters": {n: connector.parameters[n] for n in _CONNECTIVITY if n in connector.parameters},
        "Partitions": [_partition(p) for p in connector.partitions],
        "RunProfiles": [
            {
                "Identifier": profile.identifier,
                "Name": profile.name,
                "RunSteps": [{"TaskType": str(s.type), "PartitionIdentifier": s.partition} for s in profile.steps],
            }
            for profile in connector.run_profiles
        ],
    }


def _partition(partition: Partition) -> Row:
    return {
        "Identifier": partition.identifier,
        "DN": partition.dn,
        "Name": partition.name,
        "Selected": partition.selected,
        "ConnectorPartitionScope": {
            "ContainerInclusionList": list(partition.included),
            "ContainerExclusionList": list(partition.excluded),
            "ObjectClasses": list(partition.object_types),
        },
    }
