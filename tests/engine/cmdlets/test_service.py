"""Start-, Stop- and Restart-Service, Get-Credential, and cmdlets on a server whose service is stopped."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.cmdlets import CMDLETS, Session, run
from engine.errors import EngineError


@pytest.fixture
def done(server):
    calls = []
    acts = {name: (lambda name=name: calls.append(name)) for name in ("start", "stop", "restart")}
    server.service = SimpleNamespace(running=True, require_running=lambda: None, **acts)
    server.done = calls
    return calls


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("Start-Service ADSync", "start"),
        ("Stop-Service -Name adsync", "stop"),
        ("Restart-Service ADSync -Force", "restart"),
        ("Get-Service ADSync | Restart-Service", "restart"),
    ],
)
def test_the_service_is_driven_from_the_prompt(server, done, line, act):
    run(line, server)
    assert done == [act]


def test_there_is_no_other_service(server, done):
    with pytest.raises(EngineError) as refused:
        run("Stop-Service Spooler", server)
    assert refused.value.code == "SERVICE_UNKNOWN"
    assert done == []


def test_while_it_is_stopped_only_what_reads_or_concerns_the_machine_answers(server, done):
    server.service.running = False
    assert run("(Get-Service ADSync).Status", server) is not None
    assert Session(server, CMDLETS).run("(Get-Service ADSync).Status").output == ["Stopped"]
    run("Start-Service ADSync", server)
    assert done == ["start"]
    with pytest.raises(EngineError) as refused:
        run("Start-ADSyncSyncCycle", server)
    assert refused.value.code == "SERVICE_STOPPED"


def test_a_credential_shows_no_password(server):
    (row,) = run("Get-Credential admin@contoso.onmicrosoft.com", server).rows
    assert row == {"UserName": "admin@contoso.onmicrosoft.com", "Password": "System.Security.SecureString"}


def test_the_account_of_the_entra_connector_needs_an_administrator(server):
    with pytest.raises(EngineError) as refused:
        run("Add-ADSyncAADServiceAccount -AADCredential nobody", server)
    assert refused.value.code == "PARAMETER_VALUE"
    with pytest.raises(EngineError) as asked:
        run("Add-ADSyncAADServiceAccount -AADCredential (Get-Credential admin@contoso.onmicrosoft.com)", server)
    assert asked.value.code == "CREDENTIAL_NEEDED"


@pytest.mark.parametrize(
    ("running", "limit", "line", "code"),
    [
        (True, 1, "Start-ADSyncPurgeRunHistory -Offline", "SERVICE_RUNNING"),
        (False, None, "Start-ADSyncPurgeRunHistory -Offline", "OFFLINE_NEEDS_LOCALDB"),
        (False, 1, "Start-ADSyncPurgeRunHistory 1.00:00:00 -Offline", "PARAMETER_SET"),
        (False, 1, "Start-ADSyncPurgeRunHistory -Offline", ""),
    ],
)
def test_purging_offline(server, running, limit, line, code):
    server.service.running = running
    server.size.limit = limit
    if code:
        with pytest.raises(EngineError) as refused:
            run(line, server)
        assert refused.value.code == code
    else:
        run(line, server)
    assert len(server.history.purged) == (code == "")
