"""Enable-, Disable- and Get-ADSyncExportDeletionThreshold: the setting lives in the tenant. Facts "engine" 13, 18.1.

The cmdlets sign in as the administrator named by -AADUserName and ask the operator for the password: the server's own
account may not change the guard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.run.delete_threshold import (
    ENABLED_SETTING,
    VALUE_SETTING,
    DeletionThreshold,
    threshold_for_tenant,
    threshold_from_tenant,
)
from engine.setup.answers import Credential
from engine.setup.installation import reach_from
from engine.setup.surroundings import TenantSession

_USER = Parameter("AADUserName", needed=True, position=1)
_PREVENTION = {True: "EnabledForCount", False: "Disabled"}


@cmdlet("Get-ADSyncExportDeletionThreshold", _USER)
def get_adsync_export_deletion_threshold(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show the setting."""
    with _signed_in(server, parameters) as session:
        return [_row(_read(session))]


@cmdlet(
    "Enable-ADSyncExportDeletionThreshold",
    Parameter("DeletionThreshold", Kind.UNSIGNED, needed=True, position=0),
    _USER,
)
def enable_adsync_export_deletion_threshold(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Switch the guard on with a threshold."""
    with _signed_in(server, parameters) as session:
        return [_write(server, session, DeletionThreshold(True, parameters["DeletionThreshold"]))]


@cmdlet("Disable-ADSyncExportDeletionThreshold", _USER)
def disable_adsync_export_deletion_threshold(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Switch the guard off."""
    with _signed_in(server, parameters) as session:
        return [_write(server, session, DeletionThreshold(False, _read(session).threshold))]


@contextmanager
def _signed_in(server: OperatedServer, parameters: Parameters) -> Iterator[TenantSession]:
    user = parameters["AADUserName"]
    credential = Credential(user, parameters.password_of(user))
    session = reach_from(server).sign_in(user.rpartition("@")[2], credential)
    try:
        yield session
    finally:
        session.close()


def _read(session: TenantSession) -> DeletionThreshold:
    return threshold_from_tenant(session.company().accidental_deletes)


def _write(server: OperatedServer, session: TenantSession, setting: DeletionThreshold) -> Record:
    session.set_configuration({"PreventAccidentalDeletion": threshold_for_tenant(setting)})
    server.save_setting(ENABLED_SETTING, str(setting.enabled))
    server.save_setting(VALUE_SETTING, str(setting.threshold))
    return _row(setting)


def _row(setting: DeletionThreshold) -> Record:
    row = {"DeletionPreventionType": _PREVENTION[setting.enabled], "DeletionThreshold": setting.threshold}
    return Record("ExportDeletionThreshold", row)
