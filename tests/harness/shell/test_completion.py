"""What the tabulator key offers."""

from __future__ import annotations

import pytest

from harness.shell.completion import completions
from harness.shell.place import Words

WORDS = Words(("contoso.com", "contoso.onmicrosoft.com - AAD"), ("Delta Import", "Export"))


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("get-adsynccsobj", ["Get-ADSyncCSObject", "Get-ADSyncCSObjectLog"]),
        ("$x = Get-ADSyncSche", ["Get-ADSyncScheduler", "Get-ADSyncSchedulerConnectorOverride", "Get-ADSyncSchema"]),
        ("Get-ADSyncConnector | sel", ["Select-Object"]),
        ("(Get-ADSyncAuto", ["Get-ADSyncAutoUpgrade"]),
        ("Invoke-ADSyncRunProfile -Conn", ["-ConnectorName", "-ConnectorIdentifier"]),
        ("Invoke-ADSyncRunProfile -ConnectorName ", ["contoso.com", "'contoso.onmicrosoft.com - AAD'"]),
        ("Invoke-ADSyncRunProfile -ConnectorName 'contoso.o", ["'contoso.onmicrosoft.com - AAD'"]),
        ("Invoke-ADSyncRunProfile -RunProfileName E", ["Export"]),
        ("Start-ADSyncSyncCycle -PolicyType ", ["Delta", "Initial"]),
        ("Set-ADSyncScheduler -SyncCycleEnabled $t", ["$true"]),
        ("Set-ADSyncAutoUpgrade -AutoUpgradeState Su", ["Suspended"]),
        ("? -Fil", ["-FilterScript"]),
        ("Get-Nothing -", []),
        ("Get-ADSyncConnector con", []),
    ],
)
def test_offered(line: str, offered: list[str]) -> None:
    assert completions(line, WORDS) == offered
