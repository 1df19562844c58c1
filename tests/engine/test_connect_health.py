"""Connect Health's alerts from what a server knows of itself: each trigger, and that success resolves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from engine.connect_health import alerts
from engine.eventlog import EventRecord, Level
from engine.model.configuration import ConnectorType
from engine.password_sync.channel import ChannelState

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def run(result: str = "success", kind: str = "delta-import", connector: str = "ad", ago: float = 0.2) -> Any:
    ended = NOW - timedelta(hours=ago)
    steps = [SimpleNamespace(type=kind)]
    return SimpleNamespace(result=result, steps=steps, ended=ended, connector=connector)


class Server:
    def __init__(self, runs=(), *, ago: float = 0.2, beat: float | None = 0.2, **changes: Any) -> None:
        self.kept = list(runs) or [run()]
        self.connectors = {
            1: SimpleNamespace(
                identifier="ad", name="contoso.com", type=ConnectorType.ACTIVE_DIRECTORY, password_hash_sync=True
            ),
            2: SimpleNamespace(identifier="aad", name="tenant", type=ConnectorType.ENTRA, password_hash_sync=False),
        }
        account = SimpleNamespace(name="CONTOSO\\svc", has_password=True, forest="contoso.com")
        self.service = SimpleNamespace(running=changes.get("running", True), account=account)
        self.upgrades = SimpleNamespace(machine=SimpleNamespace(health_upload=changes.get("upload", True)))
        self.staging = changes.get("staging", False)
        self.passwords = SimpleNamespace(channel=SimpleNamespace(state=changes.get("channel", ChannelState.DELTA)))
        self.history = self.events = self.database = self
        self.agent = changes.get("agent", "")
        self.started = NOW - timedelta(hours=ago)
        self.beats = [] if beat is None else [NOW - timedelta(hours=beat)]

    def fact(self, name: str) -> str:
        return self.agent if name == "health-agent" else ""

    def runs(self, connector: str | None = None):
        return iter([one for one in self.kept if connector in (None, one.connector)])

    def read(self, ids):
        return [EventRecord(time, "Directory Synchronization", 654, Level.INFORMATION, "") for time in self.beats]

    def last_cycle_start(self) -> datetime:
        return self.started


@pytest.mark.parametrize(
    ("server", "names"),
    [
        (Server(), []),
        (Server([run(ago=2.1)]), ["Health service data isn't up to date"]),
        (Server(upload=False), ["Health service data isn't up to date"]),
        (Server(agent="disabled"), ["Health service data isn't up to date"]),
        (Server(ago=2.1), ["Synchronization schedule is stale"]),
        (Server(running=False), ["Microsoft Entra Connect Sync Service isn't running"]),
        (Server([run("no-start-credentials")]), ["Import from Active Directory failed"]),
        (Server([run("stopped-error-limit", "export")]), ["Export to Active Directory failed"]),
        (Server([run("no-start-connection", "full-import", "aad")]), ["Import from Microsoft Entra ID failed"]),
        (Server([run("stopped-server-down", "export", "aad")]), ["Export to Microsoft Entra ID failed"]),
        (
            Server([run("no-start-credentials", "full-import", "aad")]),
            ["Connection to Microsoft Entra ID failed due to authentication failure"],
        ),
        (
            Server([run("stopped-deletion-threshold-exceeded", "export", "aad")]),
            ["Export to Microsoft Entra ID was Stopped. Accidental delete threshold was reached"],
        ),
        (Server([run(), run("no-start-credentials")]), []),
        (Server([run("completed-export-errors", "export", "aad")]), []),
        (Server(beat=2.1), ["Password Hash Synchronization heartbeat was skipped in last 120 minutes"]),
        (Server(beat=2.1, staging=True), []),
        (Server(beat=None), []),
        (Server(channel=ChannelState.OFF), ["Password Hash Synchronization stopped working"]),
        (Server(channel=ChannelState.OFF, staging=True), []),
    ],
)
def test_alerts(server, names) -> None:
    assert [one.name for one in alerts(server, NOW)] == names


@pytest.mark.parametrize(
    ("days", "stage"), [(None, None), (15, None), (14, "Warning"), (0.5, "Warning"), (0, "Error"), (-3, "Error")]
)
def test_the_account_expires(days, stage) -> None:
    expires = NOW + timedelta(days=days) if days is not None else None
    found = alerts(Server(), NOW, password_expires=expires)  # type: ignore[arg-type]
    assert [one.stage for one in found] == ([stage] if stage else [])
    assert all(one.about == "CONTOSO\\svc" for one in found)
