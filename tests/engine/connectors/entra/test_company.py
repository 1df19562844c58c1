"""What a tenant says of itself."""

from __future__ import annotations

import pytest

from engine.connectors.entra.company import Capabilities, SchedulerSettings, read_capabilities, read_company

ANSWER = {
    "TenantId": "11111111-2222-3333-4444-555555555555",
    "DisplayName": "Contoso",
    "InitialDomain": "contoso.onmicrosoft.com",
    "VerifiedDomains": ["contoso.onmicrosoft.com", "contoso.com"],
    "IsDirSyncing": True,
    "IsPasswordSyncing": False,
    "DirSyncFeatures": 41021,
    "AllowedFeatures": ["ObjectWriteback"],
    "SynchronizationInterval": "PT30M",
    "MaxLinksSupportedAcrossBatchInProvision2": 15000,
    "DirSyncConfiguration": {
        "AnchorAttribute": "mS-DS-ConsistencyGuid",
        "CurrentExport": {"DirSyncClientMachineName": "SYNC1", "TotalConnectorSpaceObjects": 12},
        "IsTrackingChanges": True,
        "PreventAccidentalDeletion": {"DeletionPrevention": "EnabledForCount", "ThresholdCount": 500},
        "Scheduler": {"SyncCycleEnabled": False, "CustomizedSyncCycleInterval": "PT1H"},
    },
    "LastDirSyncTime": None,
    "LastPasswordSyncTime": None,
    "DirSyncServiceAccounts": ["Sync_SYNC1_0a@contoso.onmicrosoft.com"],
}


def test_everything_is_read() -> None:
    company = read_company(ANSWER)
    assert company.verified_domains == ("contoso.onmicrosoft.com", "contoso.com")
    assert (company.dirsync_enabled, company.password_sync, company.dirsync_features) == (True, False, 41021)
    assert company.anchor_attribute == "mS-DS-ConsistencyGuid"
    assert (company.deletion_threshold, company.deletion_prevention) == (500, "EnabledForCount")
    assert (company.export_server, company.exported_objects) == ("SYNC1", 12)
    assert company.scheduler == SchedulerSettings(False, "PT1H")
    assert company.links_max == 15000
    assert company.raw is ANSWER


def test_a_tenant_that_never_synchronized() -> None:
    company = read_company({"TenantId": "x", "DirSyncConfiguration": {"AnchorAttribute": None, "Scheduler": None}})
    assert company.anchor_attribute is None
    assert company.scheduler is None
    assert company.export_server is None
    assert not company.dirsync_enabled


@pytest.mark.parametrize(
    ("version", "accepted"), [("2.5.79.0", True), ("2.0.0.0", True), ("1.6.4.0", False), ("2.1.1.0", False)]
)
def test_which_versions_are_accepted(version: str, accepted: bool) -> None:
    capabilities = read_capabilities(
        {
            "LatestProductVersion": "2.5.79.0",
            "MinimumProductVersion": "2.0.0.0",
            "BlackList": {"Enabled": True, "ClientVersion": ["2.1.1.0"]},
        }
    )
    assert capabilities.accepts(version) is accepted


def test_a_black_list_that_is_off_blocks_nothing() -> None:
    answer = {"MinimumProductVersion": "1.0", "BlackList": {"Enabled": False, "ClientVersion": ["2.0"]}}
    assert read_capabilities(answer) == Capabilities("", "1.0", ())
