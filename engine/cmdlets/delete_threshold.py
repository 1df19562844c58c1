"""Enable-, Disable- and Get-ADSyncExportDeletionThreshold: the setting lives in the tenant. Facts "engine" 13, 18.1.

-AADUserName is taken as typed; the prompt for its password is not emulated, the server's own account does the work.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.cmdlets.registry import Kind, OperatedServer, Parameter, Parameters, Row, TenantClient, cmdlet
from engine.run.delete_threshold import (
    ENABLED_SETTING,
    VALUE_SETTING,
    DeletionThreshold,
    threshold_for_tenant,
    threshold_from_tenant,
)

_USER = Parameter("AADUserName", needed=True)
_PREVENTION = {True: "EnabledForCount", False: "Disabled"}


@cmdlet("Get-ADSyncExportDeletionThreshold", _USER)
def get_adsync_export_deletion_threshold(server: OperatedServer, parameters: Parameters) -> Sequence[Row]:
    """Show the setting."""
    del parameters
    return [_row(_read(server))]


@cmdlet(
    "Enable-ADSyncExportDeletionThreshold",
    Parameter("DeletionThreshold", Kind.UNSIGNED, needed=True),
    _USER,
)
def enable_adsync_export_deletion_threshold(server: OperatedServer, parameters: Parameters) -> Sequence[Row]:
    """Switch the guard on with a threshold."""
    return [_write(server, DeletionThreshold(True, parameters["DeletionThreshold"]))]


@cmdlet("Disable-ADSyncExportDeletionThreshold", _USER)
def disable_adsync_export_deletion_threshold(server: OperatedServer, parameters: Parameters) -> Sequence[Row]:
    """Switch the guard off."""
    del parameters
    return [_write(server, DeletionThreshold(False, _read(server).threshold))]


def _client(server: OperatedServer) -> TenantClient:
    return server.systems.tenant_client(server.entra_connector[1])


def _read(server: OperatedServer) -> DeletionThreshold:
    raw = _client(server).company_configuration().raw
    return threshold_from_tenant((raw.get("DirSyncConfiguration") or {}).get("PreventAccidentalDeletion"))


def _write(server: OperatedServer, setting: DeletionThreshold) -> Row:
    _client(server).set_dirsync_configuration(PreventAccidentalDeletion=threshold_for_tenant(setting))
    server.save_setting(ENABLED_SETTING, str(setting.enabled))
    server.save_setting(VALUE_SETTING, str(setting.threshold))
    return _row(setting)


def _row(setting: DeletionThreshold) -> Row:
    return {"DeletionPreventionType": _PREVENTION[setting.enabled], "DeletionThreshold": setting.threshold}
