"""What stands behind a pipe: filter, choose, sort, group, count, show."""

from __future__ import annotations

import pytest

from engine.cmdlets import CMDLETS, Session

ROWS = "$r = Get-ADSyncRunProfileResult; "


@pytest.fixture
def say(server):
    session = Session(server, CMDLETS)

    def run(text: str) -> list[str]:
        transcript = session.run(text)
        assert transcript.failure is None, transcript.failure.refusal.message
        return [line for line in transcript.lines() if line]

    return run


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("$r | ? { $_.RunNumber -ge 2 } | % RunNumber", ["3", "2"]),
        ("$r | where RunNumber -gt 1 | % { $_.RunNumber * 10 }", ["30", "20"]),
        ("$r | ? RunProfileName -like 'Ex*' | measure | % Count", ["3"]),
        ("$r | ? RunNumber -in 1, 3 | select -ExpandProperty RunNumber", ["3", "1"]),
        ("$r | ? IsRunComplete | measure | % Count", ["3"]),
        ("$r | ? { -not $_.IsRunComplete }", []),
        ("$r | sort RunNumber | select -First 1 | % RunNumber", ["1"]),
        ("$r | sort RunNumber -Descending | select -Last 1 | % RunNumber", ["1"]),
        ("$r | sort { 0 - $_.RunNumber } | % RunNumber", ["3", "2", "1"]),
        ("$r | select -Skip 1 -First 1 | % RunNumber", ["2"]),
        ("$r | select -Index 0, 2 | % RunNumber", ["3", "1"]),
        ("$r | select RunNumber, Result", [
            "RunNumber Result", "--------- ------", "        3 success", "        2 success", "        1 success"]),
        ("$r | select Run* -ExcludeProperty RunP*, RunH*, RunS* -First 1", ["RunNumber", "---------", "        3"]),
        ("$r | select -First 1 @{n='N';e={$_.RunNumber + 1}}, @{Label='R'; Expression='Result'}", [
            "N R", "- -", "4 success"]),
        ("$r | select Result -Unique", ["Result", "------", "success"]),
        ("'b','a','B' | sort -Unique", ["a", "b"]),
        ("'b','a','b' | select -Unique", ["b", "a"]),
        ("$r | group Result -NoElement", ["Count Name", "----- ----", "    3 success"]),
        ("$r | Group-Object RunNumber | ? Count -gt 0 | select Name, Count -First 1", [
            "Name Count", "---- -----", "3        1"]),
        ("$r | Measure-Object RunNumber -Sum -Average -Maximum -Minimum | fl", [
            "Count    : 3", "Average  : 2", "Sum      : 6", "Maximum  : 3", "Minimum  : 1", "Property : RunNumber"]),
        ("$r | measure", ["Count    : 3", "Average  : ", "Sum      : ", "Maximum  : ", "Minimum  : ", "Property : "]),
        ("$r | select -First 1 | fl RunNumber, Result", ["RunNumber : 3", "Result    : success"]),
        ("$r | select -First 1 | ft RunNumber -HideTableHeaders", ["        3"]),
        ("$r | select -First 1 | Format-Table -AutoSize RunNumber, ConnectorName", [
            "RunNumber ConnectorName", "--------- -------------", "        3 contoso.com"]),
        ("$r | Out-Null", []),
        ("$r | Out-String | % Length | ? { $_ -gt 100 } | measure | % Count", ["1"]),
        ("'a' | Write-Output 'b'", ["a", "b"]),
        ("Get-Command Get-ADSyncMV* | % Name", ["Get-ADSyncMVObject"]),
        ("Get-Help Stop-ADSyncSyncCycle", [
            "Stop-ADSyncSyncCycle: Stop the cycle that runs; what is pending waits for the next one."]),
        ("Get-Help Start-ADSyncSyncCycle | select -Skip 1 -First 1", [
            "    -PolicyType <SynchronizationPolicyType>: Unspecified, Delta, Initial"]),
        ("Get-Help Stop-*Cycle", [
            "Name                 Synopsis", "----                 --------",
            "Stop-ADSyncSyncCycle Stop the cycle that runs; what is pending waits for the next one."]),
        ("(help).Count -eq (gcm).Count", ["True"]),
        ("$r | ? ConnectorName -eq $null | measure | % Count", ["0"]),
        ("Get-Service ADSync | Format-List Name, Status, StartType", [
            "Name      : ADSync", "Status    : Running", "StartType : Automatic"]),
    ],
)  # fmt: skip
def test_behind_the_pipe(say, text: str, lines: list[str]) -> None:
    assert say(ROWS + text) == lines


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("$r | select -ExpandProperty Resultt", 'Property "Resultt" cannot be found.'),
        ("$r | ? RunNumber -eq -gt 1", "one operator"),
        ("$r | select @{nam='x';e={1}}", "Name and Expression"),
        ("$r | select @{n='x'}", "needs Expression"),
        ("$r | Where-Object", "Give -FilterScript or -Property"),
        ("$r | select -First x", "System.UInt32"),
        ("$r | Export-Csv x.csv", "not emulated. Get-Command lists those that are."),
        ("$r | Where-Object RunNumber -eq", "requires both the -Property and -Value parameters"),
    ],
)
def test_refused(server, text: str, word: str) -> None:
    failure = Session(server, CMDLETS).run(ROWS + text).failure
    assert failure is not None
    assert word in failure.refusal.message
