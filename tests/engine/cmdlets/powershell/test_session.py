"""Conversations at the prompt of a server without database or wire: lines in, text out."""

from __future__ import annotations

import pytest

from engine.cmdlets import CMDLETS, Session, rows_of


@pytest.fixture
def session(server) -> Session:
    return Session(server, CMDLETS)


def say(session: Session, text: str) -> list[str]:
    transcript = session.run(text)
    assert transcript.failure is None, transcript.failure.refusal.message
    return [line for line in transcript.lines() if line]


def refusal(session: Session, text: str) -> tuple[str, str, str]:
    failure = session.run(text).failure
    assert failure is not None
    return failure.refusal.code, failure.cmdlet, failure.refusal.message


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("'a'", ["a"]),
        ("1 + 2 * 3", ["7"]),
        ("7 / 2", ["3.5"]),
        ("10 % 4", ["2"]),
        ("(1 + 2) * 3", ["9"]),
        ("5 -gt 3 -and -not $false", ["True"]),
        ("$false -or $true -xor $true", ["False"]),
        ("1,2,3", ["1", "2", "3"]),
        ("1..3", ["1", "2", "3"]),
        ("3..1", ["3", "2", "1"]),
        ("'a','b' -join '-'", ["a-b"]),
        ("'a-b' -split '-'", ["a", "b"]),
        ("'contoso.com' -replace '\\.com$','.net'", ["contoso.net"]),
        ("'{0} of {1,3}' -f 1, 2", ["1 of   2"]),
        ("'abc' -like 'A*'", ["True"]),
        ("'abc' -clike 'A*'", ["False"]),
        ("'abc' -match 'b'", ["True"]),
        ("611 -in 611, 651", ["True"]),
        ("611, 651 -contains 651", ["True"]),
        ("1,2,3 -gt 1", ["2", "3"]),
        ("'a' + 1", ["a1"]),
        ("'ab'.ToUpper()", ["AB"]),
        ("'a,b'.Split(',')", ["a", "b"]),
        ("[TimeSpan]'01:00:00'", ["01:00:00"]),
        ("[timespan]::FromHours(3).TotalMinutes", ["180"]),
        ("[int]'5' + 1", ["6"]),
        ("[guid]::Empty", ["00000000-0000-0000-0000-000000000000"]),
        ("([datetime]::UtcNow).AddDays(-7)", ["12/29/2025 8:00:00 AM"]),
        ("(Get-Date).AddMinutes(0 - 30)", ["1/5/2026 7:30:00 AM"]),
        ("New-TimeSpan -Hours 5", ["05:00:00"]),
        ("$env:COMPUTERNAME", ["SYNC1"]),
        ("$x = 5; \"x is $x, $($x + 1)\"", ["x is 5, 6"]),
        ("$x = 'b'; @('a', $x, 'c').Count", ["3"]),
        ("(Get-ADSyncScheduler).NextSyncCyclePolicyType", ["Delta"]),
        ("(Get-ADSyncScheduler).CurrentlyEffectiveSyncCycleInterval.Minutes", ["30"]),
        ("(Get-ADSyncConnector).Name", ["contoso.com", "contoso.onmicrosoft.com - AAD"]),
        ("(Get-ADSyncConnector)[0].ConnectivityParameters['forest-name'].Value", ["contoso.com"]),
        ("ADSync\\Get-ADSyncConnectorRunStatus", []),
        ("Get-ADSyncConnector -OutVariable c | Out-Null; $c.Count", ["2"]),
        ("$c = Get-ADSyncConnector; $c | Where-Object { $_.ConnectorTypeName -eq \"AD\" } | % Name", ["contoso.com"]),
        ("Get-ADSyncConnector fabrikam.com -ErrorAction SilentlyContinue", []),
        ("Import-Module ADSync", []),
        ("Write-Host 'a' 'b' -ForegroundColor Red", None),
    ],
)  # fmt: skip
def test_lines(session: Session, text: str, lines: list[str] | None) -> None:
    if lines is None:
        assert refusal(session, text)[0] == "POSITIONAL_PARAMETER"
    else:
        assert say(session, text) == lines


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("$conectors = 1; $connectors", "COMMAND_LINE", "did you mean $conectors?"),
        ("$true = 1", "COMMAND_LINE", "cannot be set"),
        ("$env:PATH", "COMMAND_LINE", "$env:COMPUTERNAME"),
        ("(1).Foo()", "COMMAND_LINE", "column 4: the method Foo()"),
        ("[xml]'a'", "COMMAND_LINE", "[xml] is not read here"),
        ("[math]::Pi", "COMMAND_LINE", "[math]::Pi is not read here"),
        ("1 / 0", "COMMAND_LINE", "column 3: the result is no number"),
        ("'a' -match '('", "COMMAND_LINE", "column 5"),
        ("[int]'x'", "COMMAND_LINE", "Cannot convert value"),
        ("$c = Get-ADSyncConnector contoso.com; $c.Nam = 'x'", "COMMAND_LINE", "did you mean Name?"),
        ("Import-Module AzureAD", "MODULE_UNKNOWN", "there is ADSync"),
        ("Get-Service Spooler", "SERVICE_UNKNOWN", "there is ADSync"),
        ("Restart-Service Spooler", "SERVICE_UNKNOWN", "there is ADSync"),
        ("Start-ADSyncSyncCyle", "UNKNOWN_CMDLET", "Did you mean Start-ADSyncSyncCycle?"),
        ("Get-EventLog Application", "UNKNOWN_CMDLET", "Did you mean Get-WinEvent?"),
        ("Get-ADSyncConnector | Get-ADSyncScheduler", "PIPELINE_INPUT", "use ForEach-Object"),
        ("Get-ADSyncMVObject -Rule x", "UNSUPPORTED_PARAMETER", "Get-ADSyncMVObject has -Identifier."),
        ("Get-ADSyncScheduler -Foo", "UNSUPPORTED_PARAMETER", "Get-ADSyncScheduler has none of its own."),
        ("Set-ADSyncScheduler -SyncCycleEnabledd $true -ea Ignore", "UNSUPPORTED_PARAMETER", "has -SyncCycleEnabled"),
    ],
)  # fmt: skip
def test_refused(session: Session, text: str, code: str, word: str) -> None:
    found, _, message = refusal(session, text)
    assert found == code
    assert word in message


def test_a_refusal_names_its_cmdlet_and_what_came_before_stays(session: Session) -> None:
    transcript = session.run("'first'; Get-ADSyncConnector nowhere; 'never'")
    assert transcript.output == ["first"]
    assert transcript.failure is not None
    assert transcript.failure.cmdlet == "Get-ADSyncConnector"
    assert session.run("'first'; 'second'", skip=1).output == ["second"]


def test_variables_last_and_a_block_leaves_no_trace(session: Session) -> None:
    say(session, "$a = 1,2 | ForEach-Object { $_ * 2 }")
    assert say(session, "$A") == ["2", "4"]
    assert refusal(session, "$_")[0] == "COMMAND_LINE"


def test_a_stopped_server_reads_only(server) -> None:
    session = Session(server, CMDLETS, stopped=True)
    assert say(session, "(Get-ADSyncConnector).Count") == ["2"]
    assert say(session, "(Get-Service ADSync).Status") == ["Stopped"]
    assert refusal(session, "Get-ADSyncScheduler")[0] == "SERVICE_STOPPED"
    assert refusal(session, "Start-ADSyncSyncCycle")[:2] == ("SERVICE_STOPPED", "Start-ADSyncSyncCycle")


def test_warnings_are_kept_apart(session: Session) -> None:
    transcript = session.run("Set-ADSyncScheduler -StagingModeEnabled $true")
    assert transcript.failure is None
    assert len(transcript.warnings) == 1
    assert session.run("Set-ADSyncScheduler -StagingModeEnabled $false -WarningAction Ignore").warnings == []


def test_rows_of_a_layout_are_what_it_shows(session: Session) -> None:
    output = session.run("Get-Service | Format-List Name, Status").output
    assert list(rows_of(output)) == [{"Name": "ADSync", "Status": "Running"}]
    assert list(rows_of(["a"])) == [{"Value": "a"}]
