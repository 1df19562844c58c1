"""The deletion threshold is the tenant's."""

from __future__ import annotations


def test_get_enable_disable(server) -> None:
    user = "-AADUserName admin@contoso.onmicrosoft.com"
    assert server.type(f"Get-ADSyncExportDeletionThreshold {user}").rows == (
        {"DeletionPreventionType": "EnabledForCount", "DeletionThreshold": 500},
    )
    server.type(f"Enable-ADSyncExportDeletionThreshold -DeletionThreshold 50 {user}")
    assert server.systems.guard["ThresholdCount"] == 50
    assert server.global_settings["Microsoft.OptionalFeature.ExportDeletionThresholdValue"] == "50"
    server.type(f"Disable-ADSyncExportDeletionThreshold {user}")
    assert server.systems.guard["DeletionPrevention"] == "Disabled"
    assert server.type(f"Get-ADSyncExportDeletionThreshold {user}").rows[0]["DeletionPreventionType"] == "Disabled"
