"""The public face of a server that cmdlets use; engine.server.SyncServer satisfies it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

from engine.clock import Clock
from engine.eventlog import EventLog
from engine.model.configuration import ConnectorConfiguration
from engine.network import Network
from engine.profile import Behaviour
from engine.rules.rule import SyncRule
from engine.scheduler import PolicyType, SchedulerSettings
from engine.store.configuration import StoredConfiguration
from engine.store.database import Database
from engine.store.run_history import RunResult


class History(Protocol):
    def runs(self, connector: str | None = None, limit: int | None = None) -> Iterator[RunResult]: ...

    def purge(self, before: datetime) -> int: ...


class OperatedServer(Protocol):
    """What an operator's cmdlets read and change."""

    name: str
    seed: str
    clock: Clock
    network: Network
    behaviour: Behaviour
    events: EventLog
    connectors: dict[int, ConnectorConfiguration]
    global_settings: dict[str, str]
    busy_connector: str | None
    database: Database
    configuration: StoredConfiguration
    systems: Any  # engine.connected_systems.ConnectedSystems
    passwords: Any  # engine.password_sync.duty.PasswordDuty
    service: Any  # engine.service.SyncService
    size: Any  # engine.store.size.DatabaseSize

    @property
    def history(self) -> History: ...

    @property
    def version(self) -> str: ...

    @property
    def tenant(self) -> str: ...

    @property
    def staging(self) -> bool: ...

    @property
    def cycle_in_progress(self) -> bool: ...

    @property
    def entra_connector(self) -> tuple[int, ConnectorConfiguration]: ...

    def connector(self, name: str) -> tuple[int, ConnectorConfiguration]: ...

    def save_connector(self, connector: ConnectorConfiguration) -> None: ...

    def save_setting(self, name: str, value: str) -> None: ...

    def rules(self) -> dict[int, SyncRule]: ...

    def save_rules(self, rules: Iterable[SyncRule]) -> None: ...

    def scheduler_settings(self) -> SchedulerSettings: ...

    def save_scheduler_settings(self, settings: SchedulerSettings) -> None: ...

    def last_cycle_start(self) -> datetime | None: ...

    def start_sync_cycle(self, policy: PolicyType | str = PolicyType.DELTA) -> object: ...

    def stop_sync_cycle(self) -> None: ...

    def stop_run(self) -> None: ...

    def run_profile(self, connector: str, profile: str) -> RunResult: ...
