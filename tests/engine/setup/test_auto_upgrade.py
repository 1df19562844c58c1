"""Automatic upgrade: every result code from what is observed, the order of the conditions, states after a check."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from engine.rules.rule import Direction, LinkType, SyncRule
from engine.setup.auto_upgrade import ABORTED, NOT_SUPPORTED, AutoUpgrade, Observed, UpgradeMachine, codes, standing
from engine.store.size import GIGABYTE

CUSTOM = SyncRule("1", "mine", Direction.INBOUND, "c", "user", "person", LinkType.JOIN, 50)
SHIPPED = replace(CUSTOM, identifier="2", immutable_tag="Microsoft.InfromADUserJoin.001")
GOOD = Observed("2.4.21.0", "express", "", GIGABYTE, (SHIPPED,), True, True, False)
ROWS = [
    ({}, None),
    ({"persisted_state": "dirsync"}, None),
    ({"persisted_state": "custom"}, "UpgradeNotSupportedInvalidPersistedState"),
    ({"persisted_state": ""}, "UpgradeNotSupportedInvalidPersistedState"),
    ({"sql_instance": "SQL1"}, "UpgradeNotSupportedNonLocalDbInstall"),
    ({"sql_instance": "SQL1", "persisted_state": "custom"}, "UpgradeNotSupportedNonLocalDbInstall"),
    ({"database_size": 8 * GIGABYTE}, "UpgradeNotSupportedLocalDbSizeExceeded"),
    ({"database_size": 8 * GIGABYTE - 1}, None),
    ({"machine": UpgradeMachine(health_upload=False)}, "UpgradeNotSupportedAADHealthUploadDisabled"),
    ({"rules": (SHIPPED, CUSTOM), "version": "2.2.0.99"}, "UpgradeNotSupportedCustomizedSyncRules"),
    ({"rules": (SHIPPED, CUSTOM), "version": "2.2.1.0"}, None),
    ({"machine": UpgradeMachine(registry_writable=False)}, "UpgradeAbortedCouldNotSetUpgradeMarker"),
    ({"machine": UpgradeMachine(database_permissions=False)}, "UpgradeAbortedInsufficientDatabasePermissions"),
    ({"machine": UpgradeMachine(disk_space=False)}, "UpgradeAbortedInsufficientDiskSpace"),
    ({"machine": UpgradeMachine(security_groups=False)}, "UpgradeAbortedSecurityGroupsNotPresent"),
    ({"service_running": False}, "UpgradeAbortedServiceIsNotRunning"),
    ({"machine": UpgradeMachine(service_can_stop=False)}, "UpgradeAbortedServiceCanNotBeStopped"),
    ({"machine": UpgradeMachine(service_can_start=False)}, "UpgradeAbortedServiceCanNotBeStarted"),
    ({"sync_cycle_enabled": False}, "UpgradeAbortedSyncCycleDisabled"),
    ({"machine": UpgradeMachine(service_manager_open=True)}, "UpgradeAbortedSyncExeInUse"),
    ({"busy": True}, "UpgradeAbortedSyncOrConfigurationInProgress"),
    ({"busy": True, "persisted_state": "custom"}, "UpgradeNotSupportedInvalidPersistedState"),
]


@pytest.mark.parametrize(("changes", "code"), ROWS)
def test_what_stands_in_the_way(changes, code) -> None:
    found = standing(replace(GOOD, **changes))
    assert (found.code if found is not None else None) == code


def test_every_code_has_a_row() -> None:
    assert {code for _, code in ROWS if code} | {"Success"} == set(codes())
    assert len(NOT_SUPPORTED) + len(ABORTED) == len(set(codes())) - 1


class Server:
    """As much of a server as a check asks for."""

    name, seed = "SYNC1", "7"

    def __init__(self, version: str, offered: str, state: str = "Enabled", **capabilities: object) -> None:
        self.version = version
        self.global_settings = {"Microsoft.OptionalFeature.AutoUpgradeState": state}
        self.facts = {"persisted-state": "express"}
        self.asked = 0
        self.written: list[int] = []
        self.offered = offered
        self.database = self
        self.systems = self
        self.events = self
        self.entra_connector = (0, None)
        self.size = SimpleNamespace(used=0)
        self.service = SimpleNamespace(running=True)
        self.cycle_in_progress, self.busy_connector = False, "contoso.com"

    def fact(self, name: str) -> str:
        return self.facts.get(name, "")

    def set_fact(self, name: str, value: str) -> None:
        self.facts[name] = value

    def save_setting(self, name: str, value: str) -> None:
        self.global_settings[name] = value

    def rules(self) -> dict:
        return {}

    def scheduler_settings(self) -> SimpleNamespace:
        return SimpleNamespace(sync_cycle_enabled=True, scheduler_suspended=False)

    def tenant_client(self, connector) -> Server:
        return self

    def capabilities(self) -> SimpleNamespace:
        self.asked += 1
        return SimpleNamespace(auto_upgrade_version=self.offered)

    def write(self, number: int, **values: object) -> None:
        self.written.append(number)


@pytest.mark.parametrize(
    ("version", "offered", "state", "code", "after", "asked"),
    [
        ("2.4.21.0", "2.5.79.0", "Enabled", "UpgradeAbortedSyncOrConfigurationInProgress", "Suspended", 1),
        ("2.4.21.0", "2.5.79.0", "Suspended", "UpgradeAbortedSyncOrConfigurationInProgress", "Suspended", 1),
        ("2.4.21.0", "2.5.79.0", "Disabled", "", "Disabled", 0),
        ("1.1.749.0", "2.5.79.0", "Suspended", "", "Suspended", 0),
        ("1.1.750.0", "2.5.79.0", "Suspended", "UpgradeAbortedSyncOrConfigurationInProgress", "Suspended", 1),
        ("2.5.79.0", "2.5.79.0", "Enabled", "", "Enabled", 1),
        ("2.5.79.0", "", "Enabled", "", "Enabled", 1),
    ],
)
def test_check(version, offered, state, code, after, asked) -> None:
    server = Server(version, offered, state)
    upgrades = AutoUpgrade(server)  # type: ignore[arg-type]
    assert upgrades.check().code == code
    assert (upgrades.state, server.asked) == (after, asked)
    assert upgrades.reason == code or not code
    assert (300 in server.written) is bool(code)
