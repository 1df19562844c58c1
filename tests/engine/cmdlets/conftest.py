"""A server as cmdlets see it, without database or wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from engine.cmdlets import run
from engine.errors import EngineError
from engine.eventlog import EventLog
from engine.model.configuration import (
    ENTRA_CONNECTOR_ID,
    ConnectorConfiguration,
    ConnectorType,
    Partition,
    RunProfile,
    RunStep,
    StepType,
)
from engine.network import Network
from engine.profile import behaviour
from engine.scheduler import SchedulerSettings
from engine.store.run_history import RunResult, StepResult

AD_ID = "11111111-2222-4333-8444-555555555555"
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PARTITION = Partition("p1", "DC=contoso,DC=com", "contoso.com", object_types=("user", "group"))
PROFILE = RunProfile("99999999-2222-4333-8444-555555555555", "Export", (RunStep(StepType.EXPORT, "p1"),))


class FixedClock:
    def now(self) -> datetime:
        return NOW


def past_run(number: int, connector: str = AD_ID, result: str = "success") -> RunResult:
    step = StepResult(1, "export", "p1", NOW, NOW, result)
    step.statistics.count("ExportAdd", number)
    identifier = f"00000000-0000-4000-8000-{number:012d}"
    return RunResult(number, identifier, connector, "contoso.com", "Export", number, NOW, NOW, result, [step])


@dataclass
class FakeHistory:
    kept: list[RunResult] = field(default_factory=lambda: [past_run(n) for n in (3, 2, 1)])
    purged: list[datetime] = field(default_factory=list)

    def runs(self, connector: str | None = None, limit: int | None = None):
        yield from [r for r in self.kept if connector in (None, r.connector)][:limit]

    def purge(self, before: datetime) -> int:
        self.purged.append(before)
        return 2


@dataclass
class FakeServer:
    profile: str = "guide"
    name: str = "SYNC1"
    version: str = "2.5.79.0"
    settings: SchedulerSettings = field(default_factory=SchedulerSettings)
    busy_connector: str | None = None
    cycle_in_progress: bool = False
    history: FakeHistory = field(default_factory=FakeHistory)
    seed: str = "1"
    network: Network = field(default_factory=Network)
    calls: list[tuple] = field(default_factory=list)
    global_settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = FixedClock()
        self.service = SimpleNamespace(running=True, require_running=lambda: None)
        self.size = SimpleNamespace(used=0, limit=10 * 1024**3)
        self.behaviour = behaviour(self.profile)
        self.events = EventLog(self.clock)
        self.connectors = {
            0: ConnectorConfiguration(
                AD_ID, "contoso.com", ConnectorType.ACTIVE_DIRECTORY, (PARTITION,), (PROFILE,),
                parameters={"forest-name": "contoso.com", "Forest.Netbios": "CONTOSO"},
            ),
            1: ConnectorConfiguration(ENTRA_CONNECTOR_ID, "contoso.onmicrosoft.com - AAD", ConnectorType.ENTRA),
        }  # fmt: skip

    def connector(self, name: str):
        for ordinal, found in self.connectors.items():
            if name.lower() in (found.name.lower(), found.identifier):
                return ordinal, found
        raise EngineError("no-such-connector", name)

    def save_connector(self, connector: ConnectorConfiguration) -> None:
        self.connectors[self.connector(connector.identifier)[0]] = connector

    def save_setting(self, name: str, value: str) -> None:
        self.global_settings[name] = value

    def scheduler_settings(self) -> SchedulerSettings:
        return self.settings

    def save_scheduler_settings(self, settings: SchedulerSettings) -> None:
        self.settings = settings

    def last_cycle_start(self) -> datetime | None:
        return NOW

    def start_sync_cycle(self, policy: object = "Delta") -> object:
        self.calls.append(("start", str(policy)))
        return None

    def stop_sync_cycle(self) -> None:
        self.calls.append(("stop",))

    def stop_run(self) -> None:
        self.calls.append(("stop-run",))

    def run_profile(self, connector: str, profile: str) -> RunResult:
        self.calls.append(("run", connector, profile))
        return past_run(9)

    def type(self, line: str):
        """What an operator does."""
        return run(line, self)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def vendor_server() -> FakeServer:
    return FakeServer("vendor")
