"""Get-ADSyncMVObject and Get-ADSyncSchema: joined objects with where each value comes from. Facts "engine" 18.3."""

from __future__ import annotations

from collections.abc import Sequence

from engine.cmdlets.connector_space import attribute_records
from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.model.identity import EMPTY
from engine.model.schema import Schema
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.views import MetaverseView, Windows


@cmdlet(
    "Get-ADSyncMVObject",
    Parameter(
        "Identifier", Kind.GUID, needed=True, position=0, piped=("ConnectedMVObjectId", "Identifier"), aliases=("Id",)
    ),
    reads=True,
)
def get_adsync_mv_object(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show a metaverse object: its values with the rule and connector of each, and every object joined to it."""
    identifier = parameters["Identifier"]
    windows = Windows(server.database)
    view = windows.metaverse_by_identifier(identifier)
    if view is None:
        what = "is joined to no metaverse object" if identifier == EMPTY else "is no metaverse object"
        raise EngineError("no-such-object", f"Could not find connected object in metaverse. {identifier} {what}.")
    return [_record(server, windows, view)]


@cmdlet("Get-ADSyncSchema", reads=True)
def get_adsync_schema(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show the metaverse schema: object types and the attributes of each."""
    del parameters
    schema = _schema(server)
    return [
        Record(
            "ObjectType",
            {
                "Name": name,
                "Attributes": [
                    Record(
                        "AttributeDefinition",
                        {
                            "Name": one,
                            "Type": schema.attributes[one].type.value.capitalize(),
                            "IsMultiValued": schema.attributes[one].multivalued,
                            "IsIndexable": schema.attributes[one].indexable,
                        },
                    )
                    for one in sorted(schema.object_types[name], key=str.lower)
                    if one in schema.attributes
                ],
            },
        )
        for name in sorted(schema.object_types)
    ]


def _schema(server: OperatedServer) -> Schema:
    return server.configuration.metaverse_schema() or METAVERSE_SCHEMA


def _record(server: OperatedServer, windows: Windows, view: MetaverseView) -> Record:
    attributes = attribute_records(view.attributes, _schema(server))
    for one in attributes:
        rule, connector = view.contributors.get(one["Name"], ("", ""))
        one["SyncRuleName"], one["ConnectorName"] = rule, connector
    connectors = {c.name: c.identifier for c in server.connectors.values()}
    lineage = []
    for connector, dn in view.connectors:
        linked = windows.by_dn(connector, dn)
        row = {
            "ConnectorId": connectors.get(connector, ""),
            "ConnectorName": connector,
            "ConnectedCsObjectId": linked.identifier if linked is not None else EMPTY,
            "ConnectedCsObjectDN": dn,
            "IsTransient": linked is not None and linked.kind == "transient",
        }
        lineage.append(Record("MvObjectLineage", row))
    row = {
        "ObjectId": view.identifier,
        "Identifier": view.identifier,
        "ObjectType": view.object_type,
        "Lineage": lineage,
        "Attributes": attributes,
    }
    return Record("MvObject", row, view)
