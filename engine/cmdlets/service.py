"""The Windows service of a sync server at the prompt, and what its credentials need: Start-, Stop-, Restart-Service,
Get-Credential, Add-ADSyncAADServiceAccount. Source: facts "install" section 20 (CRD-01 to CRD-04).
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record, Value
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.service import SyncService
from engine.setup.answers import Credential
from engine.setup.installation import reach_from

_NAME = Parameter("Name", needed=True, position=0, piped=("Name", "*"))
_FORCE = Parameter("Force", Kind.SWITCH)


def _service(server: OperatedServer, parameters: Parameters) -> SyncService:
    if parameters["Name"].lower() != "adsync":
        text = f"Cannot find any service with service name '{parameters['Name']}'; there is ADSync."
        raise EngineError("SERVICE_UNKNOWN", text)
    found: SyncService = server.service
    return found


@cmdlet("Start-Service", _NAME, machine=True)
def start_service(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Start the ADSync service; what keeps it from starting stands in the event log."""
    _service(server, parameters).start()
    return []


@cmdlet("Stop-Service", _NAME, _FORCE, machine=True)
def stop_service(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Stop the ADSync service: no cycle and no password beat runs until it is started again."""
    _service(server, parameters).stop()
    return []


@cmdlet("Restart-Service", _NAME, _FORCE, machine=True)
def restart_service(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Stop and start the ADSync service; passwords it held in memory are read again."""
    _service(server, parameters).restart()
    return []


@cmdlet("Get-Credential", Parameter("UserName", needed=True, position=0, aliases=("Credential",)), machine=True)
def get_credential(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Name an account whose password is asked for when it is used; the password itself is never shown."""
    del server
    row = {"UserName": parameters["UserName"], "Password": "System.Security.SecureString"}
    return [Record("PSCredential", row)]


@cmdlet("Add-ADSyncAADServiceAccount", Parameter("AADCredential", Kind.OBJECT, needed=True, position=0))
def add_adsync_aad_service_account(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Give the account of the Entra connector a new password, in the tenant and on this server."""
    user = _user_of(parameters["AADCredential"])
    administrator = Credential(user, parameters.password_of(user))
    connector = server.entra_connector[1]
    held = connector.parameters.get("UserName", "")
    identifier = held.partition("@")[0].removeprefix("Sync_")
    session = reach_from(server).sign_in(user.rpartition("@")[2], administrator)
    try:
        account = session.service_account(identifier)
    finally:
        session.close()
    server.configuration.save_secret(connector.identifier, account.password)
    if account.username != held:
        server.save_connector(connector.with_(parameters={**connector.parameters, "UserName": account.username}))
    server.systems.close()
    return []


def _user_of(credential: Value) -> str:
    user = credential.get("UserName") if isinstance(credential, Record) else credential
    if not isinstance(user, str) or "@" not in user:
        text = "-AADCredential is what Get-Credential gives, or the user principal name of an administrator."
        raise EngineError("PARAMETER_VALUE", text)
    return user
