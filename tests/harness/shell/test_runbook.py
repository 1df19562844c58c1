"""What the troubleshooting guide (seed004) tells an operator to paste works as it stands there."""

from __future__ import annotations

import re

import pytest

from harness.actions.directory import set_attributes


def test_first_check_the_scheduler(prompt) -> None:
    lines = prompt.say(
        "# 1. Is the scheduler actually running, and is the server in staging mode?\nGet-ADSyncScheduler"
    )
    assert [line.partition(" :")[0].rstrip() for line in lines] == [
        "AllowedSyncCycleInterval", "CurrentlyEffectiveSyncCycleInterval", "CustomizedSyncCycleInterval",
        "NextSyncCyclePolicyType", "NextSyncCycleStartTimeInUTC", "PurgeRunHistoryInterval", "SyncCycleEnabled",
        "MaintenanceEnabled", "StagingModeEnabled", "SchedulerSuspended", "SyncCycleInProgress",
    ]  # fmt: skip
    assert "SyncCycleEnabled                    : True" in lines
    assert "StagingModeEnabled                  : False" in lines
    assert "NextSyncCyclePolicyType             : Delta" in lines


def test_second_check_the_connectors(prompt) -> None:
    assert prompt.say("Get-ADSyncConnectorRunStatus") == []


def test_third_check_the_service(prompt) -> None:
    assert prompt.say("Get-Service ADSync | Format-List Name, Status, StartType") == [
        "Name      : ADSync", "Status    : Running", "StartType : Automatic",
    ]  # fmt: skip


def test_users_with_a_proxy_address(prompt) -> None:
    set_attributes(prompt.lab, {"proxyAddresses": ["SMTP:ana.lopez@contoso.com"]}, "Ana Lopez")
    text = (
        "# Find every AD user with a given proxyAddress\n"
        'Get-ADUser -LDAPFilter "(proxyAddresses=*ana.lopez@contoso.com*)" `\n'
        "    -Properties proxyAddresses, userPrincipalName, distinguishedName |\n"
        "    Select-Object Name, userPrincipalName, distinguishedName"
    )
    assert prompt.say(text) == [
        "Name      UserPrincipalName     DistinguishedName",
        "----      -----------------     -----------------",
        "Ana Lopez ana.lopez@contoso.com CN=Ana Lopez,OU=Staff,DC=contoso,DC=com",
    ]


def test_duplicate_upns(prompt) -> None:
    text = (
        "Get-ADUser -Filter * -Properties userPrincipalName |\n    Group-Object userPrincipalName |\n"
        "    Where-Object Count -gt {} |\n    Select-Object Name, Count"
    )
    assert not [line for line in prompt.say(text.format(1)) if "@" in line]
    assert re.fullmatch(r"ana\.lopez@contoso\.com +1", next(one for one in prompt.say(text.format(0)) if "ana" in one))


@pytest.mark.parametrize("policy", ["Delta", "Initial"])
def test_force_a_synchronization(prompt, policy: str) -> None:
    assert prompt.say(f"Start-ADSyncSyncCycle -PolicyType {policy}") == [" Result", " ------", "Success"]
    wanted = "Full Import" if policy == "Initial" else "Delta Import"
    assert wanted in prompt.say("(Get-ADSyncRunProfileResult -NumberRequested 6).RunProfileName")


def test_switch_the_scheduler(prompt) -> None:
    prompt.say("Set-ADSyncScheduler -SyncCycleEnabled $false")
    assert prompt.say("(Get-ADSyncScheduler).SyncCycleEnabled") == ["False"]
    prompt.say("Set-ADSyncScheduler -SyncCycleEnabled $true")
    assert prompt.say("(Get-ADSyncScheduler).SyncCycleEnabled") == ["True"]


def test_is_password_hash_synchronization_healthy(prompt) -> None:
    lines = prompt.say(
        "Import-Module ADSync\n$connectors = Get-ADSyncConnector\n\n"
        "# Pull the AD connector (there may be one per forest)\n"
        '$adConnector = $connectors | Where-Object { $_.ConnectorTypeName -eq "AD" } | Select-Object -First 1\n\n'
        "# Get PHS configuration details\n"
        "Get-ADSyncAADPasswordSyncConfiguration -SourceConnector $adConnector.Name\n\n"
        "# Look at the latest PHS heartbeat event in the Application log\n"
        "Get-WinEvent -LogName Application -MaxEvents 200 |\n"
        '    Where-Object { $_.ProviderName -eq "Directory Synchronization" -and $_.Id -in 611, 651, 656 } |\n'
        "    Select-Object TimeCreated, Id, Message -First 5"
    )
    assert lines[:3] == [
        "SourceConnector TargetConnector               Enabled",
        "--------------- ---------------               -------",
        "contoso.com     contoso.onmicrosoft.com - AAD True",
    ]
    assert lines[3].split() == ["TimeCreated", "Id", "Message"]
    assert len(lines) > 5
    assert all(" 656 Password hash synchronization batch succeeded." in line for line in lines[5:])


def test_a_failover_by_cmdlet(prompt) -> None:
    transcript = prompt.session.run("Set-ADSyncScheduler -StagingModeEnabled $true")
    assert transcript.failure is None
    assert "not the supported way" in transcript.warnings[0]
    assert prompt.say("(Get-ADSyncScheduler).StagingModeEnabled") == ["True"]
    prompt.say("Set-ADSyncScheduler -StagingModeEnabled $false")
    assert prompt.say("(Get-ADSyncScheduler).StagingModeEnabled") == ["False"]
