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
        ("Start-ADSyncSyncCycle Delta Initial", "POSITIONAL_PARAMETER"),
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
