"""Objects of connector spaces: shown, synchronized one by one, and what their password did. Facts "engine" 18.1, 18.3.

Property names are those a published module shows for the same cmdlets; attributes are those of the newest layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.csexport import object_xml
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration
from engine.model.cs_object import Kind as CSKind
from engine.model.identity import cs_number
from engine.model.schema import Schema
from engine.run.preview import Preview, preview
from engine.store.search import Search, find
from engine.views import ConnectorSpaceView, Windows

_DN = Parameter("DistinguishedName", position=1)
_OF_OBJECT = (
    Parameter("Identifier", Kind.GUID, position=0, piped=("ObjectId", "Identifier")),
    Parameter("ConnectorName", position=0),
    Parameter("ConnectorIdentifier", Kind.GUID, position=0),
    _DN,
)


@cmdlet(
    "Get-ADSyncCSObject",
    *_OF_OBJECT,
    Parameter("SkipDNValidation", Kind.SWITCH),
    Parameter("Transient", Kind.SWITCH),
    Parameter("StartIndex", Kind.INTEGER),
    Parameter("MaxResultCount", Kind.INTEGER),
    reads=True,
)
def get_adsync_cs_object(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show an object by its identifier, or by connector and DN; a connector alone shows all of its space."""
    if "DistinguishedName" in parameters or "Identifier" in parameters:
        return [cs_record(server, _wanted(server, parameters))]
    ordinal, connector = server.connector(parameters.one_of("ConnectorName", "ConnectorIdentifier"))
    start, count = parameters.get("StartIndex", 0), parameters.get("MaxResultCount")
    numbers = [
        cs.number
        for part in find(server.database.connection, Search(ordinal))
        for cs in part
        if (cs.kind is CSKind.TRANSIENT) == bool(parameters.get("Transient"))
    ]
    chosen = set(numbers[start:] if count is None else numbers[start : start + count])
    windows = Windows(server.database)
    return [
        _record(view, connector, windows) for view in windows.connector_space(connector.name) if view.number in chosen
    ]


@cmdlet(
    "Get-ADSyncCSObjectLog",
    Parameter("Identifier", Kind.GUID, needed=True, position=0),
    Parameter("Count", Kind.UNSIGNED, needed=True, position=1),
    reads=True,
)
def get_adsync_cs_object_log(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show what the password channel did with an object, newest first: its results in the Application log."""
    view = _wanted(server, parameters)
    found = [
        Record("CsObjectLogEntry", {"TimeStamp": record.time, "EventId": record.id, "Message": record.text})
        for record in reversed(server.events.read([656, 657]))
        if f"Dn: {view.dn}," in record.text
    ]
    return found[: parameters["Count"]]


@cmdlet("Sync-ADSyncCSObject", *_OF_OBJECT, Parameter("Commit", Kind.SWITCH))
def sync_adsync_cs_object(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Synchronize one object to see what would come of it; with -Commit it is kept."""
    told = preview(
        server,  # type: ignore[arg-type]
        connector=parameters.get("ConnectorIdentifier") or parameters.get("ConnectorName"),
        dn=parameters.get("DistinguishedName"),
        identifier=parameters.get("Identifier"),
        full=True,
        commit=bool(parameters.get("Commit")),
    )
    return [_preview_record(told)]


def cs_record(server: OperatedServer, view: ConnectorSpaceView) -> Record:
    """One object as Get-ADSyncCSObject shows it, with its layers as the connector-space export writes them."""
    windows = Windows(server.database)
    found = _record(view, server.connector(view.connector)[1], windows)
    for part in find(server.database.connection, Search(number=view.number)):
        found["SerializedXml"] = object_xml(windows, part[0])
    return found


def _wanted(server: OperatedServer, parameters: Parameters) -> ConnectorSpaceView:
    """The object that the parameters name; refused when there is none."""
    windows = Windows(server.database)
    if "Identifier" in parameters:
        identifier = parameters["Identifier"]
        view = windows.by_identifier(identifier)
        if view is None:
            raise EngineError("no-such-object", f"There is no connector space object {identifier}.")
        return view
    if "DistinguishedName" not in parameters:
        raise EngineError("PARAMETER_MISSING", "Give -Identifier, or -ConnectorName and -DistinguishedName.")
    dn = parameters["DistinguishedName"]
    connector = server.connector(parameters.one_of("ConnectorName", "ConnectorIdentifier"))[1].name
    view = windows.by_dn(connector, dn)
    if view is None:
        text = f'Could not find connected object in "{connector}" Connector Space. {dn} is not there.'
        raise EngineError("no-such-object", text)
    return view


def anchor_octets(server: OperatedServer, identifier: str) -> bytes | str | None:
    """The anchor of the object of that GUID."""
    number = cs_number(server.database.identity, identifier)
    found = find(server.database.connection, Search(number=number or -1))
    return next((cs.anchor for part in found for cs in part), None)


def _record(view: ConnectorSpaceView, connector: ConnectorConfiguration, windows: Windows) -> Record:
    errors = {error.phase: error for error in view.errors}
    sync, export = errors.get("sync"), errors.get("export")
    held = windows.configuration.rules().values() if view.linking_rule else ()
    rule = next((r for r in held if r.name == view.linking_rule and r.connector == connector.identifier), None)
    operation = {"provision": "Provision", "join": "Join"}.get(view.linked_by.rpartition("-")[2], "")
    lineage = {"SyncRuleInternalId": "", "SyncRuleName": view.linking_rule, "Operation": operation}
    if rule is not None:
        lineage["SyncRuleInternalId"] = rule.internal_identifier or rule.identifier
    row: dict[str, Any] = {
        "ObjectId": view.identifier,
        "ConnectorId": connector.identifier,
        "ConnectorName": connector.name,
        "ConnectorType": str(connector.type),
        "DistinguishedName": view.dn,
        "AnchorValue": view.anchor,
        "ObjectType": view.object_type,
        "IsTransient": view.kind == "transient",
        "IsPlaceHolder": view.kind == "placeholder",
        "IsConnector": view.metaverse is not None,
        "HasSyncError": sync is not None,
        "HasExportError": export is not None,
        "ExportError": export.error_type if export is not None else None,
        "SynchronizationError": sync.error_type if sync is not None else None,
        "ConnectedMVObjectId": view.metaverse_identifier,
        "Lineage": [Record("CsObjectLineage", lineage)] if view.linking_rule else [],
        "Attributes": attribute_records(view.attributes, connector.schema),
    }
    return Record("CsObject", row, view)


def attribute_records(attributes: dict[str, object], schema: Schema) -> list[Record]:
    """Attributes as records with Name, Type, IsMultiValued and Values."""
    found = []
    for name, value in attributes.items():
        definition = schema.attributes.get(name)
        several = definition.multivalued if definition is not None else isinstance(value, list)
        row = {
            "Name": name,
            "Type": definition.type.value.capitalize() if definition is not None else "String",
            "IsMultiValued": several,
            "Values": value if isinstance(value, list) else [value],
        }
        found.append(Record("Attribute", row))
    return found


def _preview_record(told: Preview) -> Record:
    exports = [
        Record(
            "PreviewExport",
            {
                "ConnectorName": one.connector,
                "DistinguishedName": one.dn,
                "Operation": one.operation_after.label,
                "Attributes": sorted(one.after),
            },
        )
        for one in told.exports
        if one.changed
    ]
    return Record(
        "PreviewResult",
        {
            "ConnectorName": told.connector,
            "DistinguishedName": told.dn,
            "ObjectId": told.identifier,
            "Committed": told.committed,
            "LinkAction": told.link.action,
            "SyncRuleName": told.link.rule,
            "ConnectedMVObjectId": told.link.after,
            "MVOperation": told.mv_operation.label,
            "MVAttributes": sorted(told.mv_changes),
            "Exports": exports,
            "OutOfScopeSyncRules": [
                Record("OutOfScopeSyncRule", {"SyncRuleName": one.rule.name}) for one in told.out_of_scope
            ],
            "Error": told.errors[0].error_type if told.errors else None,
            "ErrorText": told.errors[0].text if told.errors else None,
            "SerializedXml": told.xml,
        },
        told,
    )
