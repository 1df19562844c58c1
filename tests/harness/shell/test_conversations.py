"""Cmdlets that need a database or the wire, on a server of a small world: what they show, do and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.actions.directory import set_attributes

ANA = "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"
BEN = "CN=Ben Ode,OU=Staff,DC=contoso,DC=com"
FIND_ANA = f"$o = Get-ADSyncCSObject -ConnectorName contoso.com -DistinguishedName '{ANA}'"
SCRIPT = """New-ADSyncRule  `
-Name 'In from AD - User Title' `
-Identifier '9b5f2b5c-0001-4a5c-8a5e-1d7f3a3c0001' `
-Description '' `
-Direction 'Inbound' `
-Precedence 50 `
-PrecedenceAfter '00000000-0000-0000-0000-000000000000' `
-PrecedenceBefore '00000000-0000-0000-0000-000000000000' `
-SourceObjectType 'user' `
-TargetObjectType 'person' `
-Connector $c.Identifier `
-LinkType 'Join' `
-SoftDeleteExpiryInterval 0 `
-ImmutableTag '' `
-OutVariable syncRule


Add-ADSyncAttributeFlowMapping  `
-SynchronizationRule $syncRule[0] `
-Destination 'title' `
-FlowType 'Expression' `
-ValueMergeType 'Update' `
-Expression 'UCase([title])' `
-OutVariable syncRule


New-Object  `
-TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition' `
-ArgumentList 'title','','ISNOTNULL' `
-OutVariable condition0


Add-ADSyncScopeConditionGroup  `
-SynchronizationRule $syncRule[0] `
-ScopeConditions @($condition0[0]) `
-OutVariable syncRule


Add-ADSyncRule  `
-SynchronizationRule $syncRule[0]


Get-ADSyncRule  `
-Identifier '9b5f2b5c-0001-4a5c-8a5e-1d7f3a3c0001'
"""


def test_connector_space_and_metaverse(prompt) -> None:
    prompt.say(FIND_ANA)
    shown = dict(line.split(" : ", 1) for line in prompt.say("$o | Format-List") if " : " in line)
    shown = {name.strip(): value for name, value in shown.items()}
    assert shown["ConnectorName"] == "contoso.com"
    assert shown["ObjectType"] == "user"
    assert shown["IsConnector"] == "True"
    assert shown["Lineage"] == "{In from AD - User Join}"
    assert prompt.say("(Get-ADSyncCSObject $o.ObjectId).DistinguishedName") == [ANA]
    assert prompt.say("($o.Attributes | ? Name -eq 'title').Values") == ["Engineer"]
    assert "SerializedXml" not in shown
    assert prompt.say("$o.SerializedXml -like '*<cs-object *'") == ["True"]
    prompt.say("$m = Get-ADSyncMVObject -Identifier $o.ConnectedMVObjectId")
    assert prompt.say("$m.Lineage.ConnectorName") == ["contoso.com", "contoso.onmicrosoft.com - AAD"]
    assert prompt.say("$m.Lineage[0].ConnectedCsObjectId -eq $o.ObjectId") == ["True"]
    assert prompt.say("$m.Attributes | ? Name -eq 'title' | ft Name, Values, SyncRuleName, ConnectorName") == [
        "Name  Values     SyncRuleName             ConnectorName",
        "----  ------     ------------             -------------",
        "title {Engineer} In from AD - User Common contoso.com",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Get-ADSyncCSObject -ConnectorName contoso.com -DistinguishedName 'CN=Nobody,DC=contoso,DC=com'",
         'Could not find connected object in "contoso.com" Connector Space.'),
        ("Get-ADSyncCSObject -Identifier 00000000-0000-0000-0000-000000000001", "no connector space object"),
        ("Get-ADSyncMVObject -Identifier 00000000-0000-0000-0000-000000000000",
         "Could not find connected object in metaverse."),
        ("Get-ADSyncCSObject", "-ConnectorName or -ConnectorIdentifier"),
        ("Get-ADSyncConnectorStatistics nowhere", "There is no connector 'nowhere'"),
    ],
)  # fmt: skip
def test_objects_that_are_not_there(prompt, text: str, word: str) -> None:
    assert word in prompt.refused(text)[1]


def test_pages_of_a_connector_space(prompt) -> None:
    everything = prompt.say("Get-ADSyncCSObject contoso.com | % DistinguishedName")
    assert ANA in everything
    assert (
        prompt.say("Get-ADSyncCSObject contoso.com -StartIndex 1 -MaxResultCount 2 | % DistinguishedName")
        == everything[1:3]
    )
    assert prompt.say("Get-ADSyncCSObject contoso.com -Transient") == []


def test_statistics_count_the_space(prompt) -> None:
    total = prompt.say("(Get-ADSyncConnectorStatistics -ConnectorName contoso.com).TotalObjects")
    assert total == [str(len(prompt.say("Get-ADSyncCSObject contoso.com | % ObjectId")))]
    assert prompt.say("(Get-ADSyncConnector | Get-ADSyncConnectorStatistics).ExportAdds") == ["0", "0"]


def test_run_history(prompt) -> None:
    assert prompt.say(
        "Invoke-ADSyncRunProfile -ConnectorName 'contoso.com' -RunProfileName 'Delta Import' | % Result"
    ) == ["success"]
    prompt.say("$r = Get-ADSyncRunProfileResult -NumberRequested 1 -RunStepDetails")
    assert prompt.say("$r.RunProfileName; $r.IsRunComplete; $r.RunStepResults[0].StepResult") == [
        "Delta Import",
        "True",
        "success",
    ]
    assert prompt.say("(Get-ADSyncRunStepResult -RunHistoryId $r.RunHistoryId).StageAdd") == ["0"]
    step = "$r.RunStepResults[0].StepHistoryId"
    assert prompt.say(f"(Get-ADSyncRunStepResult -StepHistoryId {step}).RunHistoryId -eq $r.RunHistoryId") == ["True"]
    assert len(prompt.say("Get-ADSyncRunStepResult -First | % StepNumber")) == 1
    assert prompt.say("Stop-ADSyncRunProfile; Stop-ADSyncRunProfile contoso.com") == []


def test_one_object_is_imported_alone(prompt) -> None:
    set_attributes(prompt.lab, {"department": "Sales"}, "Ben Ode")
    prompt.say("$c = Get-ADSyncConnector contoso.com")
    one = f"-DistinguishedName '{BEN}' -ConnectorIdentifier $c.Identifier -RunProfileName"
    prompt.say(f"$r = Invoke-ADSyncSpecificObjectRunProfile {one} 'Specific Object Import'")
    assert prompt.say("$r.Result; $r.RunStepResults[0].StageUpdate") == ["success", "1"]
    assert prompt.refused(f"Invoke-ADSyncSpecificObjectRunProfile {one} 'Full Import'")[0] == "not-for-one-object"


def test_one_object_the_whole_way(prompt) -> None:
    set_attributes(prompt.lab, {"company": "Contoso"}, "Ben Ode")
    prompt.say(f"$r = Invoke-ADSyncSingleObjectSync -DistinguishedName '{BEN}' -NoHtmlReport")
    assert prompt.say("$r.StatusInfo.Status; $r.ModifiedProperties.Name -contains 'company'") == ["Success", "True"]
    assert prompt.say("$r.ProvisioningSteps.Count -gt 5") == ["True"]
    prompt.say("$r = Invoke-ADSyncSingleObjectSync 'CN=Nobody,DC=contoso,DC=com' -NoHtmlReport")
    assert prompt.say("$r.StatusInfo.Status") == ["Failure"]


def test_a_preview_shows_and_keeps_nothing_until_it_is_committed(prompt) -> None:
    set_attributes(prompt.lab, {"title": "Lead"}, "Ana Lopez")
    prompt.say("Invoke-ADSyncRunProfile -ConnectorName contoso.com -RunProfileName 'Delta Import'")
    prompt.say(FIND_ANA)
    assert prompt.say("$p = $o | Sync-ADSyncCSObject; $p.MVOperation; $p.MVAttributes; $p.Exports.Attributes") == [
        "update", "title", "title",
    ]  # fmt: skip
    assert not [line for line in prompt.say("$p") if "SerializedXml" in line]
    assert prompt.say("$p.SerializedXml -like '<preview>*'") == ["True"]
    title = "((Get-ADSyncMVObject -Identifier $o.ConnectedMVObjectId).Attributes | ? Name -eq title).Values"
    assert prompt.say(title) == ["Engineer"]
    prompt.say(f"Sync-ADSyncCSObject -ConnectorName contoso.com -DistinguishedName '{ANA}' -Commit | Out-Null")
    assert prompt.say(title) == ["Lead"]


def test_a_script_of_the_rules_editor_works_pasted(prompt) -> None:
    count = len(prompt.server.rules())
    prompt.say("$c = Get-ADSyncConnector contoso.com")
    prompt.say(SCRIPT)
    assert len(prompt.server.rules()) == count + 1
    prompt.say("$r = Get-ADSyncRule 9b5f2b5c-0001-4a5c-8a5e-1d7f3a3c0001")
    assert prompt.say("$r.Name; $r.Precedence; $r.AttributeFlowMappings[0].Expression") == [
        "In from AD - User Title", "50", "UCase([title])",
    ]  # fmt: skip
    assert prompt.say("$r.ScopeFilter[0].ScopeConditionList | ft") == [
        "Attribute ComparisonOperator ComparisonValue", "--------- ------------------ ---------------",
        "title     ISNOTNULL",
    ]  # fmt: skip
    prompt.say("$r.Disabled = $true; $r.Precedence = 51; Add-ADSyncRule -SynchronizationRule $r")
    assert prompt.say("$r = Get-ADSyncRule 9b5f2b5c-0001-4a5c-8a5e-1d7f3a3c0001; $r.Disabled; $r.Precedence") == [
        "True",
        "51",
    ]
    assert prompt.refused("$r.Direction = 'Outbound'; $r | Add-ADSyncRule")[0] == "RULE_PROPERTY"
    prompt.say("Get-ADSyncRule 9b5f2b5c-0001-4a5c-8a5e-1d7f3a3c0001 | Remove-ADSyncRule")
    assert len(prompt.server.rules()) == count
    assert prompt.refused("Remove-ADSyncRule -Identifier 9b5f2b5c-0001-4a5c-8a5e-1d7f3a3c0001")[0] == "no-such-rule"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("New-ADSyncRule -Name x -Direction Sideways -Connector $c.Identifier", "there is no 'Sideways'"),
        ("New-Object -TypeName Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition -ArgumentList 'a'",
         "expected attribute, value, operator"),
        ("Add-ADSyncRule -SynchronizationRule 'x'", "takes one rule"),
        ("Add-ADSyncScopeConditionGroup -SynchronizationRule $c -ScopeConditions @()", "a rule of New-ADSyncRule"),
    ],
)  # fmt: skip
def test_rules_refused(prompt, text: str, word: str) -> None:
    prompt.say("$c = Get-ADSyncConnector contoso.com")
    assert word in prompt.refused(text)[1]


def test_one_password_now(prompt) -> None:
    prompt.say(FIND_ANA)
    assert prompt.say("($o | Invoke-ADSyncCSObjectPasswordHashSync).Result") == ["Success"]
    (line,) = prompt.say("(Get-ADSyncCSObjectLog -Identifier $o.ObjectId -Count 1).Message")
    assert line.startswith("Password Change Result - Anchor: ")
    assert f"Dn: {ANA}, Result: Success." in line


def test_a_full_password_synchronization_as_the_guide_forces_it(prompt) -> None:
    before = len(prompt.server.events.read([622]))
    connectors = "-SourceConnector $adConnector -TargetConnector $aadConnector"
    switch = f"Set-ADSyncAADPasswordSyncConfiguration {connectors} -Enable"
    prompt.say(
        '$adConnector = "contoso.com"; $aadConnector = "contoso.onmicrosoft.com - AAD"\n'
        "$c = Get-ADSyncConnector -Name $adConnector\n"
        "$p = New-Object Microsoft.IdentityManagement.PowerShell.ObjectModel.ConfigurationParameter "
        '"Microsoft.Synchronize.ForceFullPasswordSync", String, ConnectorGlobal, $null, $null, $null\n'
        "$p.Value = 1\n$c.GlobalParameters.Remove($p.Name) | Out-Null\n$c.GlobalParameters.Add($p)\n"
        "$c = Add-ADSyncConnector -Connector $c\n"
        f"{switch} $false"
    )
    assert prompt.say("(Get-ADSyncAADPasswordSyncConfiguration $adConnector).Enabled") == ["False"]
    assert prompt.refused("$o | Invoke-ADSyncCSObjectPasswordHashSync")[0] == "PASSWORD_SYNC_OFF"
    prompt.say(f"{switch} $true")
    prompt.server.passwords.beat(prompt.lab.clock.now())
    assert len(prompt.server.events.read([622])) == before + 1
    assert prompt.say("(Get-ADSyncPartitionPasswordSyncState).PasswordSyncLastCycleStatus") == ["Successful"]
    assert prompt.refused("$c.Name = 'x'; Add-ADSyncConnector $c")[0] == "CONNECTOR_CHANGE"


def test_the_deletion_threshold_is_the_tenants(prompt) -> None:
    user = "-AADUserName admin@contoso.onmicrosoft.com"
    assert prompt.say(f"Enable-ADSyncExportDeletionThreshold -DeletionThreshold 50 {user}") == [
        "DeletionPreventionType DeletionThreshold", "---------------------- -----------------",
        "EnabledForCount                       50",
    ]  # fmt: skip
    prompt.say(f"Disable-ADSyncExportDeletionThreshold {user}")
    assert prompt.say(f"(Get-ADSyncExportDeletionThreshold {user}).DeletionPreventionType") == ["Disabled"]
    nobody = "-AADUserName nobody@contoso.onmicrosoft.com"
    assert prompt.refused(f"Get-ADSyncExportDeletionThreshold {nobody}")[0] == "UNKNOWN_USER_TYPE"


def test_settings(prompt) -> None:
    assert prompt.say("Set-ADSyncAutoUpgrade Disabled; Get-ADSyncAutoUpgrade") == ["Disabled"]
    transcript = prompt.session.run(
        "Set-ADSyncAutoUpgrade Suspended UpgradeAbortedAdSyncExeInUse; Get-ADSyncAutoUpgrade -Detail"
    )
    assert transcript.warnings == ["Only the system should set the state to Suspended."]
    assert transcript.output[0]["SuspensionReason"] == "UpgradeAbortedAdSyncExeInUse"
    assert "Suspended, Enabled, Disabled" in prompt.refused("Set-ADSyncAutoUpgrade On")[1]
    assert prompt.say("(Get-ADSyncGlobalSettings).Parameters['Microsoft.Synchronize.StagingMode'].Value") == ["False"]
    assert prompt.say("(Get-ADSyncDatabaseConfiguration).SqlServerDBName") == ["ADSync"]
    assert prompt.say("(Get-ADSyncSchema | ? Name -eq person).Attributes.Count -gt 100") == ["True"]


def test_the_configuration_as_a_folder(prompt, tmp_path: Path) -> None:
    prompt.session.folder = tmp_path
    prompt.say("Get-ADSyncServerConfiguration -Path out")
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "Connectors",
        "GlobalSettings",
        "SynchronizationRules",
    ]
    assert prompt.refused("Get-ADSyncServerConfiguration -Path out")[0] == "configuration-exists"


def test_events(prompt) -> None:
    prompt.say("$e = Get-WinEvent -FilterHashtable @{LogName='Application'; Id=656,657} -MaxEvents 2")
    assert prompt.say("$e.Count; $e.Id -contains 116") == ["2", "False"]
    assert prompt.say(
        "(Get-WinEvent Application -MaxEvents 1).RecordId -gt (Get-WinEvent Application -Oldest)[0].RecordId"
    ) == ["True"]
    assert prompt.say("(Get-WinEvent -ProviderName 'Directory*' -MaxEvents 1).MachineName") == ["SYNC1"]
    assert (
        prompt.refused("Get-WinEvent -FilterHashtable @{LogName='Application'; Id=6900}")[0] == "NoMatchingEventsFound"
    )
    assert prompt.refused("Get-WinEvent -LogName System")[0] == "NoMatchingLogsFound"
    assert "there are LogName" in prompt.refused("Get-WinEvent -FilterHashtable @{Source='x'}")[1]
    assert prompt.refused("Get-WinEvent -FilterHashtable @{LogName='Application'; StartTime=(Get-Date).AddDays(1)}")[
        0
    ] == ("NoMatchingEventsFound")


def test_looking_into_the_forest(prompt) -> None:
    assert prompt.say("(Get-ADUser ana.lopez).DistinguishedName") == [ANA]
    assert prompt.say(f"(Get-ADUser '{ANA}' -Properties mail).mail") == ["ana.lopez@contoso.com"]
    assert prompt.say("(Get-ADUser (Get-ADUser ana.lopez).ObjectGUID).Name") == ["Ana Lopez"]
    assert prompt.say("(Get-ADUser -Filter {Name -like 'Ana*' -and Enabled -eq $true}).Name") == ["Ana Lopez"]
    assert prompt.say("(Get-ADUser -Filter \"EmailAddress -eq 'ben.ode@contoso.com'\").Surname") == ["Ode"]
    assert prompt.say("@(Get-ADUser -Filter * -SearchBase 'OU=Staff,DC=contoso,DC=com' -ResultSetSize 1).Count") == [
        "1"
    ]
    assert prompt.refused("Get-ADUser nobody")[0] == "ADIdentityNotFound"
    assert prompt.refused("Get-ADUser -Filter 'Name ~ 1'")[0] == "FILTER"
    assert prompt.refused("Get-ADUser -Filter * -Server fabrikam.com")[0] == "FOREST_UNKNOWN"
    prompt.say("$c = Get-ADSyncConnector contoso.com")
    search = "Search-ADSyncDirectoryObjects -AdConnectorId $c.Identifier -LdapFilter"
    assert prompt.say(f"({search} '(cn=Ana Lopez)' -PropertiesToRetrieve cn -SizeLimit 1).distinguishedName") == [ANA]
    assert prompt.refused(f"{search} '(cn=Ana'")[0] == "LDAP_FILTER"
