"""Names, types and needed parameters are checked in one place."""

from __future__ import annotations

import pytest

from engine.cmdlets import CMDLETS
from engine.cmdlets.registry import table
from engine.errors import EngineError


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Get-ADSyncSchedular", "UNKNOWN_CMDLET"),
        ("Set-ADSyncScheduler -Nonsense 1", "UNSUPPORTED_PARAMETER"),
        ("Set-ADSyncScheduler -S $true", "AMBIGUOUS_PARAMETER"),
        ("Set-ADSyncScheduler -SyncCycleEnabled yes", "PARAMETER_VALUE"),
        ("Set-ADSyncScheduler -PurgeRunHistoryInterval soon", "PARAMETER_VALUE"),
        ("Set-ADSyncScheduler -NextSyncCyclePolicyType Full", "PARAMETER_VALUE"),
        ("Start-ADSyncSyncCycle Delta $true more", "POSITIONAL_PARAMETER"),
        ("Start-ADSyncSyncCycle -PolicyType", "PARAMETER_VALUE"),
        ("Start-ADSyncSyncCycle -PolicyType Delta -Policy Delta", "PARAMETER_TWICE"),
        ("Invoke-ADSyncRunProfile -ConnectorName contoso.com", "PARAMETER_MISSING"),
        ("Enable-ADSyncExportDeletionThreshold -DeletionThreshold -1 -AADUserName a", "PARAMETER_VALUE"),
        ("Enable-ADSyncExportDeletionThreshold -AADUserName a", "PARAMETER_MISSING"),
        ("Get-ADSyncConnector -Identifier notaguid", "PARAMETER_VALUE"),
    ],
)
def test_refused(server, line, code) -> None:
    with pytest.raises(EngineError) as refusal:
        server.type(line)
    assert refusal.value.code == code


OBJECT = {"ConnectorName": "String", "ConnectorIdentifier": "Guid", "DistinguishedName": "String"}
CONNECTOR = {"ConnectorIdentifier": "Guid", "ConnectorName": "String"}
#: facts "engine" 18.1 and 18.2: parameters and their types; needed ones with a star
DOCUMENTED: dict[str, dict[str, str]] = {
    "Get-ADSyncScheduler": {},
    "Set-ADSyncScheduler": {
        "CustomizedSyncCycleInterval": "TimeSpan", "SyncCycleEnabled": "Boolean",
        "NextSyncCyclePolicyType": "SynchronizationPolicyType", "PurgeRunHistoryInterval": "TimeSpan",
        "MaintenanceEnabled": "Boolean", "SchedulerSuspended": "Boolean", "Force": "SwitchParameter",
        "StagingModeEnabled": "Boolean",
    },
    "Start-ADSyncSyncCycle": {"PolicyType": "SynchronizationPolicyType", "InteractiveMode": "Boolean"},
    "Stop-ADSyncSyncCycle": {},
    "Get-ADSyncSchedulerConnectorOverride": CONNECTOR,
    "Set-ADSyncSchedulerConnectorOverride": {
        **CONNECTOR, "FullImportRequired": "Boolean", "FullSyncRequired": "Boolean",
    },
    "Invoke-ADSyncRunProfile": {**CONNECTOR, "RunProfileName": "String*", "Resume": "SwitchParameter"},
    "Stop-ADSyncRunProfile": {"ConnectorName": "String"},
    "Get-ADSyncRunProfileResult": {
        "RunHistoryId": "Guid", "ConnectorId": "Guid", "RunProfileId": "Guid", "RunNumber": "Int32",
        "NumberRequested": "Int32", "RunStepDetails": "SwitchParameter", "StepNumber": "Int32",
    },
    "Get-ADSyncRunStepResult": {
        "RunHistoryId": "Guid", "StepHistoryId": "Guid", "First": "SwitchParameter", "StepNumber": "Int32",
    },
    "Start-ADSyncPurgeRunHistory": {"PurgeRunHistoryInterval": "TimeSpan", "Offline": "SwitchParameter"},
    "Get-ADSyncCSObject": {
        **OBJECT, "Identifier": "Guid", "SkipDNValidation": "SwitchParameter", "Transient": "SwitchParameter",
        "StartIndex": "Int32", "MaxResultCount": "Int32",
    },
    "Get-ADSyncCSObjectLog": {"Identifier": "Guid*", "Count": "UInt32*"},
    "Get-ADSyncMVObject": {"Identifier": "Guid*"},
    "Sync-ADSyncCSObject": {**OBJECT, "Identifier": "Guid", "Commit": "SwitchParameter"},
    "Invoke-ADSyncCSObjectPasswordHashSync": {
        "ConnectorName": "String", "DistinguishedName": "String", "Identifier": "Guid", "CsObject": "Object",
    },
    "Enable-ADSyncExportDeletionThreshold": {"DeletionThreshold": "UInt32*", "AADUserName": "String*"},
    "Disable-ADSyncExportDeletionThreshold": {"AADUserName": "String*"},
    "Get-ADSyncExportDeletionThreshold": {"AADUserName": "String*"},
    "Get-ADSyncAutoUpgrade": {"Detail": "SwitchParameter"},
    "Set-ADSyncAutoUpgrade": {"AutoUpgradeState": "String*", "SuspensionReason": "String"},
    "Get-ADSyncDatabaseConfiguration": {},
    "Get-ADSyncConnectorRunStatus": {},
    "Search-ADSyncDirectoryObjects": {
        "AdConnectorId": "Guid*", "LdapFilter": "String*", "PropertiesToRetrieve": "String[]", "SearchScope": "String",
        "SizeLimit": "Int32",
    },
    "New-ADSyncRule": {
        **dict.fromkeys(
            (
                "Name", "Identifier", "Description", "Direction", "Precedence", "PrecedenceAfter", "PrecedenceBefore",
                "SourceObjectType", "TargetObjectType", "Connector", "LinkType", "SoftDeleteExpiryInterval",
                "ImmutableTag",
            ),
            "Object",
        ),
        "EnablePasswordSync": "SwitchParameter", "Disabled": "SwitchParameter",
    },
    "Add-ADSyncAttributeFlowMapping": {
        **dict.fromkeys(
            ("SynchronizationRule", "Source", "Destination", "FlowType", "ValueMergeType", "Expression"), "Object"
        ),
        "ExecuteOnce": "SwitchParameter",
    },
}  # fmt: skip
#: named by the facts and read by other tests
UNDOCUMENTED = (
    "Get-ADSyncConnector", "Get-ADSyncConnectorStatistics", "Get-ADSyncGlobalSettings", "Get-ADSyncSchema",
    "Get-ADSyncRule", "Add-ADSyncRule", "Remove-ADSyncRule", "Add-ADSyncScopeConditionGroup",
    "Add-ADSyncJoinConditionGroup", "Get-ADSyncServerConfiguration", "Get-ADSyncPartitionPasswordSyncState",
    "Get-ADSyncAADPasswordSyncConfiguration", "Set-ADSyncAADPasswordSyncConfiguration",
)  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTED)
def test_parameters_are_the_documented_ones(name: str) -> None:
    found = CMDLETS[name.lower()]
    assert found.name == name
    declared = {one.name: one.kind.value + ("*" if one.needed else "") for one in found.parameters}
    assert declared == DOCUMENTED[name]


@pytest.mark.parametrize("name", UNDOCUMENTED)
def test_cmdlets_without_a_page(name: str) -> None:
    assert CMDLETS[name.lower()].name == name


@pytest.mark.parametrize(
    "line", ["Set-ADSyncSchedulerConnectorOverride -Connector 11111111-2222-4333-8444-555555555555 -FullSyncRequired 1"]
)
def test_aliases(server, line: str) -> None:
    server.type(line)
    assert server.connectors[0].full_sync_required


def test_places(server) -> None:
    server.type("Set-ADSyncScheduler 03:00:00 $false Initial")
    assert server.settings.sync_cycle_enabled is False
    assert str(server.settings.next_sync_cycle_policy_type) == "Initial"


def test_nearest_name_is_offered(server) -> None:
    with pytest.raises(EngineError, match="Get-ADSyncScheduler"):
        server.type("Get-ADSyncSchedular")


def test_case_and_unambiguous_beginnings(server) -> None:
    server.type("SET-adsyncscheduler -sync 0")
    assert server.settings.sync_cycle_enabled is False


def test_every_cmdlet_tells_what_it_does() -> None:
    assert all(c.help for c in CMDLETS.values())


def test_two_of_one_name_are_a_mistake() -> None:
    one = next(iter(CMDLETS.values()))
    with pytest.raises(ValueError, match="twice"):
        table([one, one])


def test_empty_line_does_nothing(server) -> None:
    assert server.type("  # nothing").rows == ()
