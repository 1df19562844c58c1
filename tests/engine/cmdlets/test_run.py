"""Running a profile by hand and reading the history."""

from __future__ import annotations

import pytest

from engine.errors import EngineError


def test_invoke(server) -> None:
    (row,) = server.type("Invoke-ADSyncRunProfile -ConnectorName contoso.com -RunProfileName 'Export'").rows
    assert row["Result"] == "success"
    assert server.calls == [("run", "contoso.com", "Export")]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("-RunProfileName Export", "PARAMETER_MISSING"),
        ("-ConnectorName c -RunProfileName Export -Resume", "UNSUPPORTED_PARAMETER"),
    ],
)
def test_invoke_refused(server, arguments, code) -> None:
    with pytest.raises(EngineError) as refusal:
        server.type(f"Invoke-ADSyncRunProfile {arguments}")
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        ("", [3, 2, 1]),
        ("-NumberRequested 2", [3, 2]),
        ("-RunNumber 2", [2]),
        ("-RunNumber 1 -NumberRequested 1", [1]),
        ("-RunHistoryId 00000000-0000-4000-8000-000000000001", [1]),
        ("-ConnectorId 22222222-2222-4333-8444-555555555555", []),
        ("-RunProfileId 99999999-2222-4333-8444-555555555555", [3, 2, 1]),
    ],
)
def test_history(server, arguments, numbers) -> None:
    assert [r["RunNumber"] for r in server.type(f"Get-ADSyncRunProfileResult {arguments}").rows] == numbers


def test_step_details(server) -> None:
    (row,) = server.type("Get-ADSyncRunProfileResult -RunNumber 3 -RunStepDetails").rows
    assert row["RunStepResults"][0]["ExportAdd"] == 3
    assert row["IsRunComplete"] is True


@pytest.mark.parametrize(
    ("busy", "arguments", "stopped"),
    [
        ("contoso.com", "", True),
        ("contoso.com", "-ConnectorName CONTOSO.com", True),
        ("contoso.onmicrosoft.com - AAD", "contoso.com", False),
        (None, "", False),
        (None, "contoso.com", False),
    ],
)
def test_stop_concerns_the_connector_that_is_named(server, busy, arguments, stopped) -> None:
    server.busy_connector = busy
    server.type(f"Stop-ADSyncRunProfile {arguments}")
    assert server.calls == ([("stop-run",)] if stopped else [])
