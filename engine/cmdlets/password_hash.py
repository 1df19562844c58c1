"""Password hash synchronization at the prompt: is it on, how did its last cycle go, send one password now.

A full synchronization of all passwords is asked for as the product's own guide does: the parameter
Microsoft.Synchronize.ForceFullPasswordSync on the connector, then off and on again. Source: facts "engine" 18.1, 18.2,
"tenant" 9; published outputs of Get-ADSyncPartitionPasswordSyncState.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.cmdlets.connector import FORCE_FULL_PASSWORD_SYNC
from engine.cmdlets.connector_space import anchor_octets, cs_record
from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition
from engine.password_sync.channel import READ_MAX, ChannelState, CredentialItem
from engine.password_sync.hashing import credential_data, seeded_salts
from engine.password_sync.progress import DomainProgress, PasswordChange
from engine.views import Windows

_FAILURES = (611, 651, 652)
_FILETIME_ZERO = datetime(1601, 1, 1, tzinfo=UTC)


@cmdlet(
    "Get-ADSyncAADPasswordSyncConfiguration",
    Parameter("SourceConnector", needed=True, position=0, piped=("ConnectorName", "Name")),
    reads=True,
)
def get_adsync_aad_password_sync_configuration(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show whether the passwords of a forest are synchronized."""
    source = _directory(server, parameters["SourceConnector"])
    row = {
        "SourceConnector": source.name,
        "TargetConnector": server.entra_connector[1].name,
        "Enabled": source.password_hash_sync,
    }
    return [Record("PasswordSyncConfiguration", row)]


@cmdlet(
    "Set-ADSyncAADPasswordSyncConfiguration",
    Parameter("SourceConnector", needed=True, position=0),
    Parameter("TargetConnector", needed=True, position=1),
    Parameter("Enable", Kind.BOOLEAN, needed=True, position=2),
)
def set_adsync_aad_password_sync_configuration(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Switch the synchronization of a forest's passwords on or off."""
    source = _directory(server, parameters["SourceConnector"])
    target = server.connector(parameters["TargetConnector"])[1]
    if target.type is not ConnectorType.ENTRA:
        raise EngineError("PARAMETER_VALUE", f"-TargetConnector {target.name} is no connector to Microsoft Entra ID.")
    kept = dict(source.parameters)
    if parameters["Enable"] and kept.pop(FORCE_FULL_PASSWORD_SYNC, "0") == "1":
        _start_over(server, source)
    server.save_connector(source.with_(password_hash_sync=parameters["Enable"], parameters=kept))
    return []


@cmdlet("Get-ADSyncPartitionPasswordSyncState", reads=True)
def get_adsync_partition_password_sync_state(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show how the last password cycle of each domain went."""
    del parameters
    channel = server.passwords.channel
    last = channel.last_beat
    rows = []
    for connector, partition in _domains(server):
        if last is None or channel.state not in (ChannelState.FULL, ChannelState.DELTA):
            continue
        texts = [event.text for event in server.events.read(_FAILURES, since=last) if event.level.value == "Error"]
        failed = any(not text.startswith("Password synchronization failed") or partition.name in text for text in texts)
        successful = channel.last_sent if failed else last
        row = {
            "ConnectorId": connector.identifier,
            "DN": partition.dn,
            "PasswordSyncLastSuccessfulCycleStartTimestamp": successful,
            "PasswordSyncLastSuccessfulCycleEndTimestamp": successful,
            "PasswordSyncLastCycleStartTimestamp": last,
            "PasswordSyncLastCycleEndTimestamp": last,
            "PasswordSyncLastCycleStatus": "Failed" if failed else "Successful",
        }
        rows.append(Record("PartitionPasswordSyncState", row))
    return rows


@cmdlet(
    "Invoke-ADSyncCSObjectPasswordHashSync",
    Parameter("CsObject", Kind.OBJECT, piped=("*",)),
    Parameter("Identifier", Kind.GUID, position=0),
    Parameter("ConnectorName", position=0),
    Parameter("DistinguishedName", position=1),
)
def invoke_adsync_cs_object_password_hash_sync(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Send the password of one object of a forest to the tenant now."""
    found = _object(server, parameters)
    connector = _directory(server, found["ConnectorName"])
    anchor = anchor_octets(server, found["ObjectId"])
    if server.staging or not connector.password_hash_sync:
        why = "the server is in staging mode" if server.staging else f"it is not enabled for {connector.name}"
        raise EngineError("PASSWORD_SYNC_OFF", f"Password hash synchronization does not run: {why}.")
    change = next((one for one in _changes(server, connector) if one.object_guid == anchor), None)
    if change is None:
        raise EngineError(
            "PASSWORD_NOT_FOUND", f"The domain controller has no password of {found['DistinguishedName']}."
        )
    target = server.passwords.target(change)
    if target is None:
        text = f"{found['DistinguishedName']} has no object in Microsoft Entra ID that takes its password."
        raise EngineError("PASSWORD_WITHOUT_TARGET", text)
    changed = change.password_last_set
    moment = _FILETIME_ZERO + timedelta(microseconds=changed // 10) if changed > 0 else server.clock.now()
    salt = seeded_salts(f"{server.seed}/{server.name}")(change.object_guid, change.password_last_set)
    data = credential_data(change.nt_hash, salt)
    server.events.write(650, count=1)
    (result,) = server.passwords.send([CredentialItem(target.source_anchor, target.cloud_anchor, moment, data)])
    if result.result:
        error = result.error or result.result
        server.events.write(657, "failed", anchor=target.source_anchor, dn=change.dn, error=error)
        raise EngineError("PASSWORD_REFUSED", f"The tenant did not take the password: {error}.")
    server.events.write(657, anchor=target.source_anchor, dn=change.dn, result="Success")
    row = {"DistinguishedName": change.dn, "SourceAnchor": target.source_anchor, "Result": "Success"}
    return [Record("PasswordHashSyncResult", row)]


def _object(server: OperatedServer, parameters: Parameters) -> Record:
    if "CsObject" in parameters:
        given = parameters["CsObject"]
        if not isinstance(given, Record) or given.type_name != "CsObject":
            raise EngineError("PARAMETER_VALUE", "-CsObject takes an object of Get-ADSyncCSObject.")
        return given
    windows = Windows(server.database)
    if "Identifier" in parameters:
        view = windows.by_identifier(parameters["Identifier"])
    else:
        name = server.connector(parameters.one_of("CsObject", "Identifier", "ConnectorName"))[1].name
        view = windows.by_dn(name, parameters.one_of("DistinguishedName"))
    if view is None:
        raise EngineError("no-such-object", "There is no such connector space object.")
    return cs_record(server, view)


def _directory(server: OperatedServer, name: str) -> ConnectorConfiguration:
    connector = server.connector(name)[1]
    if connector.type is not ConnectorType.ACTIVE_DIRECTORY:
        raise EngineError("PARAMETER_VALUE", f"{connector.name} is no connector to Active Directory.")
    return connector


def _domains(server: OperatedServer) -> Iterator[tuple[ConnectorConfiguration, Partition]]:
    for connector in server.connectors.values():
        if connector.type is ConnectorType.ACTIVE_DIRECTORY and connector.password_hash_sync:
            yield from ((connector, partition) for partition in connector.partitions if partition.selected)


def _changes(server: OperatedServer, connector: ConnectorConfiguration) -> Iterator[PasswordChange]:
    for partition in connector.partitions:
        if not partition.selected:
            continue
        cookie, more = b"", True
        while more:
            page = server.passwords.read(partition.name, cookie, READ_MAX)
            yield from page.changes
            cookie, more = page.cookie, page.more


def _start_over(server: OperatedServer, source: ConnectorConfiguration) -> None:
    """Forget what was read of the forest's domains: the next beat reads every password again."""
    names = {partition.name for partition in source.partitions}
    channel = server.passwords.channel
    domains = tuple(DomainProgress(d.name) if d.name in names else d for d in channel.domains)
    server.passwords.channel = replace(channel, domains=domains, generation="")
