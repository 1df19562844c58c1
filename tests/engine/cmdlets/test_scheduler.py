"""The scheduler's cmdlets; decisions P3, P4 and D6."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import EngineError
from engine.scheduler import PolicyType

PROPERTIES = [
    "AllowedSyncCycleInterval", "CurrentlyEffectiveSyncCycleInterval", "CustomizedSyncCycleInterval",
    "NextSyncCyclePolicyType", "NextSyncCycleStartTimeInUTC", "PurgeRunHistoryInterval", "SyncCycleEnabled",
    "MaintenanceEnabled", "StagingModeEnabled", "SchedulerSuspended", "SyncCycleInProgress",
]  # fmt: skip


def test_get_shows_every_property_in_order(server) -> None:
    (row,) = server.type("Get-ADSyncScheduler").rows
    assert list(row) == PROPERTIES
    assert row["AllowedSyncCycleInterval"] == "00:30:00"
    assert row["CustomizedSyncCycleInterval"] == ""
    assert row["PurgeRunHistoryInterval"] == "7.00:00:00"
    assert row["NextSyncCycleStartTimeInUTC"] == "01/05/2026 08:30:00"
    assert row["SyncCycleEnabled"] is True


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("-SyncCycleEnabled $false", "sync_cycle_enabled", False),
        ("-CustomizedSyncCycleInterval 03:00:00", "customized_sync_cycle_interval", timedelta(hours=3)),
        ("-CustomizedSyncCycleInterval $null", "customized_sync_cycle_interval", None),
        ("-NextSyncCyclePolicyType initial", "next_sync_cycle_policy_type", PolicyType.INITIAL),
        ("-PurgeRunHistoryInterval 2.00:00:00", "purge_run_history_interval", timedelta(days=2)),
        ("-MaintenanceEnabled $true -Force", "maintenance_enabled", True),
    ],
)
def test_set(server, arguments, field, value) -> None:
    answer = server.type(f"Set-ADSyncScheduler {arguments}")
    assert getattr(server.settings, field) == value
    assert answer.rows == ()
    assert [e.id for e in server.events.read()] == [904]


def test_staging_by_cmdlet_in_the_guide_profile(server) -> None:
    answer = server.type("Set-ADSyncScheduler -StagingModeEnabled $true")
    assert server.settings.staging_mode_enabled is True
    assert len(answer.warnings) == 1
    assert "wizard" in answer.warnings[0]


def test_staging_by_cmdlet_in_the_vendor_profile(vendor_server) -> None:
    with pytest.raises(EngineError) as refusal:
        vendor_server.type("Set-ADSyncScheduler -StagingModeEnabled $true")
    assert refusal.value.code == "UNSUPPORTED_PARAMETER"
    assert vendor_server.settings.staging_mode_enabled is False


@pytest.mark.parametrize(
    "arguments", ["-SchedulerSuspended $true", "-PurgeRunHistoryInterval $null", "-CustomizedSyncCycleInterval x"]
)
def test_refused(server, arguments) -> None:
    before = server.settings
    with pytest.raises(EngineError):
        server.type(f"Set-ADSyncScheduler {arguments}")
    assert server.settings == before


@pytest.mark.parametrize(
    ("line", "policy"),
    [
        ("Start-ADSyncSyncCycle -PolicyType Delta", "Delta"),
        ("Start-ADSyncSyncCycle Initial", "Initial"),
        ("Start-ADSyncSyncCycle", "Unspecified"),
    ],
)
def test_start(server, line, policy) -> None:
    assert server.type(line).rows == ({"Result": "Success"},)
    assert server.calls == [("start", policy)]


def test_stop(server) -> None:
    server.type("Stop-ADSyncSyncCycle")
    assert server.calls == [("stop",)]


def test_overrides(server) -> None:
    assert server.type("Get-ADSyncSchedulerConnectorOverride").rows == ()
    server.type("Set-ADSyncSchedulerConnectorOverride -ConnectorName contoso.com -FullImportRequired $true")
    (row,) = server.type("Get-ADSyncSchedulerConnectorOverride").rows
    assert (row["ConnectorName"], row["FullImportRequired"], row["FullSyncRequired"]) == ("contoso.com", True, False)
    server.type("Set-ADSyncSchedulerConnectorOverride -ConnectorName contoso.com -FullImportRequired $false")
    assert server.type("Get-ADSyncSchedulerConnectorOverride").rows == ()


def test_one_override_leaves_the_other(server) -> None:
    set_ = "Set-ADSyncSchedulerConnectorOverride -ConnectorName contoso.com"
    for line in ("-FullSyncRequired $true", "-FullImportRequired $true"):
        server.type(f"{set_} {line}")
    (row,) = server.type("Get-ADSyncSchedulerConnectorOverride").rows
    assert (row["FullImportRequired"], row["FullSyncRequired"]) == (True, True)
    server.type(f"{set_} -FullImportRequired $false")
    (row,) = server.type("Get-ADSyncSchedulerConnectorOverride").rows
    assert (row["FullImportRequired"], row["FullSyncRequired"]) == (False, True)


def test_purge(server) -> None:
    server.type("Start-ADSyncPurgeRunHistory -PurgeRunHistoryInterval 2.00:00:00")
    assert server.clock.now() - server.history.purged[0] == timedelta(days=2)
    with pytest.raises(EngineError) as refusal:
        server.type("Start-ADSyncPurgeRunHistory -Offline")
    assert refusal.value.code == "SERVICE_RUNNING"
