"""Features, anchor policy, deletion guard and scheduler as the tenant keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core.refusals import GraphError, ServiceFault
from emulators.tenant.core.sync_settings import (
    DEFAULT_FEATURES,
    SyncSettings,
    graph_features,
    merge_configuration,
    patch_graph_features,
    set_features,
)


def test_default_mask_is_the_documented_sample() -> None:
    assert DEFAULT_FEATURES - 16 == 41016 - 16
    assert SyncSettings().features == 41016


@pytest.mark.parametrize(
    ("mask", "code"),
    [(41016 & ~8, "FEATURE_ONE_WAY"), (41016 & ~8192, "FEATURE_ONE_WAY"), (41016 | 64, "FEATURE_UNKNOWN")],
)
def test_refused_masks(mask: int, code: str) -> None:
    settings = SyncSettings()
    with pytest.raises(ServiceFault) as fault:
        set_features(settings, mask)
    assert fault.value.code == code
    assert settings.features == 41016


def test_password_sync_goes_both_ways() -> None:
    settings = SyncSettings()
    set_features(settings, 41017)
    assert settings.has("PasswordHashSync")
    set_features(settings, 41016)
    assert not settings.has("PasswordHashSync")


def test_graph_patch_merges_and_reads_back() -> None:
    settings = SyncSettings()
    patch_graph_features(
        settings, {"blockSoftMatchEnabled": True, "@odata.type": "#x", "bypassDirSyncOverridesEnabled": True}
    )
    shown = graph_features(settings)
    assert (shown["blockSoftMatchEnabled"], shown["bypassDirSyncOverridesEnabled"]) == (True, True)
    assert shown["quarantineUponUpnConflictEnabled"] is False
    patch_graph_features(settings, {"blockSoftMatchEnabled": False})
    assert settings.features == 41016


@pytest.mark.parametrize(
    "body",
    [
        {"softMatchOnUpnEnabled": False},
        {"synchronizeUpnForManagedUsersEnabled": False},
        {"quarantineUponUpnConflictEnabled": True},
        {"nonsense": True},
        {"blockSoftMatchEnabled": "yes"},
    ],
)
def test_refused_graph_patch_changes_nothing(body: dict[str, Any]) -> None:
    settings = SyncSettings()
    with pytest.raises(GraphError):
        patch_graph_features(settings, {"blockSoftMatchEnabled": True, **body})
    assert (settings.features, settings.graph_only) == (41016, SyncSettings().graph_only)


def test_configuration_merges(bench: Any) -> None:
    bench.call("SetDirSyncConfiguration", {"AnchorAttribute": "mS-DS-ConsistencyGuid"})
    bench.call("SetDirSyncConfiguration", {"PreventAccidentalDeletion": {"ThresholdCount": 50}})
    bench.call("SetDirSyncConfiguration", {"Scheduler": {"SyncCycleEnabled": False}})
    bench.call("SetDirSyncConfiguration", {"Scheduler": {"CustomizedSyncCycleInterval": "03:00:00"}})
    found = bench.call("GetCompanyConfiguration")["DirSyncConfiguration"]
    assert found["AnchorAttribute"] == "mS-DS-ConsistencyGuid"
    assert found["PreventAccidentalDeletion"] == {
        "DeletionPrevention": "EnabledForCount",
        "ThresholdCount": 50,
        "ThresholdPercentage": 0,
    }
    assert found["Scheduler"] == {
        "SyncCycleEnabled": False,
        "CustomizedSyncCycleInterval": "03:00:00",
        "NextSyncCyclePolicyType": "Delta",
        "MaintenanceEnabled": False,
        "PurgeRunHistoryInterval": "7.00:00:00",
    }
    bench.call("SetDirSyncConfiguration", {"AnchorAttribute": None})
    assert bench.call("GetCompanyConfiguration")["DirSyncConfiguration"]["AnchorAttribute"] is None


@pytest.mark.parametrize(
    "wanted",
    [
        {"Nonsense": 1},
        {"AnchorAttribute": 5},
        {"PreventAccidentalDeletion": {"DeletionPrevention": "Maybe"}},
        {"PreventAccidentalDeletion": {"ThresholdCount": -1}},
        {"PreventAccidentalDeletion": {"Other": 1}},
        {"PreventAccidentalDeletion": 7},
        {"Scheduler": {"Nonsense": 1}},
        {"IsTrackingChanges": "x"},
        {"CurrentExport": {"TotalConnectorSpaceObjects": "many"}},
    ],
)
def test_refused_configuration(wanted: dict[str, Any]) -> None:
    with pytest.raises(ServiceFault):
        merge_configuration(SyncSettings(), wanted)


def test_sync_account_cannot_change_policy(bench: Any) -> None:
    for wanted in ({"AnchorAttribute": "objectGUID"}, {"PreventAccidentalDeletion": {"ThresholdCount": 1}}):
        with pytest.raises(ServiceFault) as fault:
            bench.call("SetDirSyncConfiguration", wanted, admin=False)
        assert fault.value.code == 115
    bench.call("SetDirSyncConfiguration", {"ClientVersion": "2.5.79.0"}, admin=False)
    assert bench.call("GetCompanyConfiguration")["DirSyncConfiguration"]["ClientVersion"] == "2.5.79.0"


def test_twenty_service_accounts(bench: Any) -> None:
    for number in range(20):
        made = bench.call("GetServiceAccount", {"identifier": f"SRV{number}_{number:012x}"})
        assert made["UserName"] == f"Sync_SRV{number}_{number:012x}@contoso.onmicrosoft.com"
    with pytest.raises(ServiceFault) as fault:
        bench.call("GetServiceAccount", {"identifier": "SRV20_0000000000ff"})
    assert fault.value.code == "SYNC_ACCOUNT_LIMIT"
    again = bench.call("GetServiceAccount", {"identifier": "SRV0_000000000000"})
    assert again["UserName"].startswith("Sync_SRV0_")
    assert len(bench.call("GetCompanyConfiguration")["DirSyncServiceAccounts"]) == 20


@pytest.mark.parametrize("identifier", ["", "SYNC1", "SYNC1_xyz", "SY NC_0123456789ab", None, 7, "A_0123456789abcd"])
def test_malformed_identifier(bench: Any, identifier: Any) -> None:
    with pytest.raises(ServiceFault):
        bench.call("GetServiceAccount", {"identifier": identifier})


def test_finished_export_is_remembered(bench: Any) -> None:
    bench.call("FinalizeExport", {"TotalExported": 3, "SuccessfulExportCount": 3, "TotalConnectorSpaceObjects": 12})
    found = bench.call("GetCompanyConfiguration")
    assert found["LastDirSyncTime"] == "2026-01-05T08:00:00Z"
    assert found["DirSyncConfiguration"]["CurrentExport"] == {
        "DirSyncClientMachineName": "SYNC1",
        "TotalConnectorSpaceObjects": 12,
    }


def test_a_finished_import_moves_the_time_of_the_last_synchronization(bench: Any) -> None:
    assert bench.call("GetCompanyConfiguration")["LastDirSyncTime"] is None
    bench.call("FinalizeImport", {})
    found = bench.call("GetCompanyConfiguration")
    assert found["LastDirSyncTime"] == "2026-01-05T08:00:00Z"
    assert found["DirSyncConfiguration"]["CurrentExport"]["DirSyncClientMachineName"] != "SYNC1", "it did not export"
