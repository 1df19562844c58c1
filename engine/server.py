"""SyncServer: one sync database with its connectors, rules, scheduler, password channel and log, wired together.

The composition root of the engine: it decides nothing itself. The walk of one change (README) starts at ``tick``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from uuid import UUID

from engine.clock import Clock
from engine.connected_systems import ConnectedSystems
from engine.connector_runs import ConnectorRuns
from engine.errors import EngineError
from engine.eventlog import EventLog, EventRecord
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.identity import database_identity
from engine.network import Network
from engine.password_sync.duty import PasswordDuty
from engine.profile import Behaviour, behaviour
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.plans import CompiledRules
from engine.rules.rule import SyncRule
from engine.run.group_filter import GroupMembership
from engine.run.since_full import fingerprint_of_rules
from engine.scheduler import PolicyType, SchedulerSettings
from engine.service import SyncService
from engine.setup.auto_upgrade import AutoUpgrade
from engine.setup.plan import ServerBlueprint
from engine.store.configuration import StoredConfiguration
from engine.store.database import Database, DatabaseFull
from engine.store.run_history import ObjectErrors, RunHistory, RunResult
from engine.store.size import DatabaseSize
from engine.sync.passage import Observer
from engine.sync_cycle import STAGING, CycleResult, SyncCycle
from engine.tenant_requests import FOLLOWED, TenantRequests


class SyncServer:
    """One server. Blocking; used by one thread at a time."""

    def __init__(
        self,
        database: Database,
        *,
        name: str,
        network: Network,
        clock: Clock,
        seed: str,
        observer: Observer | None = None,
        profile: Behaviour | None = None,
        events_path: Path | None = None,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        self.database = database
        self.name = name
        self.network = network
        self.clock = clock
        self.seed = seed
        self.behaviour = profile or behaviour("guide")
        self._observer = observer
        self.configuration = StoredConfiguration(database)
        self.history = RunHistory(database)
        self.object_errors = ObjectErrors(database)
        self.events = EventLog(clock, events_path, self._event_seen)
        self.connectors = self.configuration.connectors()
        self.global_settings = self.configuration.settings()
        self.systems = ConnectedSystems(
            self.configuration,
            network,
            clock,
            server_name=name,
            seed=seed,
            wait=wait or (lambda _seconds: None),
            product_version=lambda: self.binaries,
        )
        self._compiled: CompiledRules | None = None
        self._fingerprint: tuple[CompiledRules, str] | None = None
        self.runs = ConnectorRuns(self)
        self.cycle = SyncCycle(self)
        self.passwords = PasswordDuty(self)
        self.folder = database.path.parent  # of the machine; with a SQL instance elsewhere another one
        self.size = DatabaseSize(database)
        self.service = SyncService(self)
        self.systems.log_on = self.service.check_account
        self.systems.runs_as = lambda: self.database.fact("runs-as")
        self.systems.tls = lambda: self.database.fact("tls")
        self.requests = TenantRequests(self)
        self.upgrades = AutoUpgrade(self)

    # ---- life --------------------------------------------------------------------------------------------------------
    @classmethod
    def create(cls, path: Path, *, name: str, blueprint: ServerBlueprint, **surroundings: object) -> SyncServer:
        """Make the database of a new installation and fill it with the wizard's blueprint."""
        database = Database(path, create=True)
        try:
            configuration = StoredConfiguration(database)
            with database.transaction():
                for order, connector in enumerate(blueprint.connectors):
                    configuration.save_connector(connector.with_(order=order))
                configuration.save_rules(blueprint.rules)
                configuration.save_settings(blueprint.global_settings)
                for connector_id, secret in blueprint.secrets.items():
                    configuration.save_secret(connector_id, secret)
                configuration.save_metaverse_schema(blueprint.metaverse or METAVERSE_SCHEMA)
                database.set_fact("server", name)
                database.set_fact("product-version", blueprint.product_version)
                database.set_fact("tenant", blueprint.tenant)
                clock: Clock = surroundings["clock"]  # type: ignore[assignment]
                made = f"{surroundings['seed']}/{name}/{clock.now().isoformat()}"
                database.set_fact("identity", database_identity(made))
        except BaseException:
            database.close()
            raise
        server = cls(database, name=name, events_path=path.with_suffix(".events"), **surroundings)  # type: ignore[arg-type]
        server.events.write(2001)
        return server

    @classmethod
    def open(cls, path: Path, *, name: str, **surroundings: object) -> SyncServer:
        """Open the database of an installed server; runs that went down with the service are ended."""
        server = cls(Database(path), name=name, events_path=path.with_suffix(".events"), **surroundings)  # type: ignore[arg-type]
        server.history.end_interrupted(server.clock.now())
        server.events.write(2001)
        return server

    def close(self, *, stopped: bool = True) -> None:
        """Give everything up. stopped: the service stops in order and says so; it is not lost with its machine."""
        if stopped:
            self.events.write(2002)
        self.requests.close()
        self.passwords.close()
        self.systems.close()
        self.database.close()

    def snapshot(self) -> dict[str, object]:
        """The server's whole state: database and log."""
        machine = {"service": self.service.snapshot(), "sign-in": self.requests.memory}
        machine["upgrades"] = self.upgrades.machine
        return {"database": self.database.snapshot(), "events": self.events.snapshot(), **machine}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take the state of a snapshot instead of the present one."""
        self.requests.close()
        self.passwords.close()
        self.systems.close()
        self.database.close()
        self.database = Database.restore(self.database.path, state["database"])  # type: ignore[arg-type]
        self.events.restore(state["events"])  # type: ignore[arg-type]
        self.configuration = StoredConfiguration(self.database)
        self.history = RunHistory(self.database)
        self.object_errors = ObjectErrors(self.database)
        self.systems.configuration = self.configuration
        self.passwords = PasswordDuty(self)
        self.size = DatabaseSize(self.database)
        if "service" in state:
            self.service.restore(state["service"])  # type: ignore[arg-type]
        self.upgrades.machine = state.get("upgrades", self.upgrades.machine)  # type: ignore[assignment]
        self.reload()
        self.cycle = SyncCycle(self)
        self.requests.remember(state.get("sign-in", self.requests.memory))  # type: ignore[arg-type]

    def reload(self) -> None:
        """Read the configuration again after it was changed in the database."""
        self.connectors = self.configuration.connectors()
        self.global_settings = self.configuration.settings()
        self.cycle.reload()
        self._compiled = None
        self.systems.close()

    @property
    def version(self) -> str:
        return self.database.fact("product-version")

    @property
    def binaries(self) -> str:
        """The version of the files on the machine, which is what a tenant is told: an upgrade replaces them first."""
        return self.database.fact("upgrade") or self.version

    @property
    def tenant(self) -> str:
        """The initial domain of the tenant this server synchronizes to."""
        return self.database.fact("tenant")

    def identifier(self, purpose: str) -> str:
        """A GUID that follows from the world's seed, this server and the purpose."""
        return str(UUID(int=Random(f"{self.seed}/{self.name}/{purpose}").getrandbits(128), version=4))

    # ---- configuration -----------------------------------------------------------------------------------------------
    def connector(self, name: str) -> tuple[int, ConnectorConfiguration]:
        """Ordinal and configuration by name or identifier. Raises EngineError for an unknown one."""
        wanted = name.lower().strip("{}")
        for ordinal, connector in self.connectors.items():
            if wanted in (connector.name.lower(), connector.identifier):
                return ordinal, connector
        names = ", ".join(sorted(c.name for c in self.connectors.values()))
        raise EngineError("no-such-connector", f"There is no connector {name!r}; this server has {names}.")

    @property
    def entra_connector(self) -> tuple[int, ConnectorConfiguration]:
        for ordinal, connector in self.connectors.items():
            if connector.type is ConnectorType.ENTRA:
                return ordinal, connector
        raise EngineError("no-such-connector", "This server has no Entra connector.")

    def save_connector(self, connector: ConnectorConfiguration) -> None:
        ordinal = self.configuration.save_connector(connector)
        if (held := self.connectors.get(ordinal)) is not None and held.schema is not connector.schema:
            self.systems.close()  # an open connection reads and writes by the schema it was made with
        self.connectors[ordinal] = connector
        self._compiled = None

    def rules(self) -> dict[int, SyncRule]:
        return self.configuration.rules()

    def save_rules(self, rules: Iterable[SyncRule]) -> None:
        """Replace the rule set; the next synchronization uses it, objects already synchronized wait for a full one."""
        with self.database.transaction():
            self.configuration.save_rules(rules)
        self._compiled = None

    def rules_changed(self, connector: ConnectorConfiguration) -> bool:
        """Whether the rule set is another one than at the connector's last full synchronization."""
        known = self.database.fact(f"sync-rules/{connector.identifier}")
        return known not in ("", self.rules_fingerprint)

    def save_setting(self, name: str, value: str) -> None:
        self.configuration.save_settings({name: value})
        self.global_settings[name] = value
        if name in FOLLOWED:
            self.requests.follow()

    @property
    def compiled(self) -> CompiledRules:
        """The rule set, compiled once until it changes."""
        if self._compiled is None:
            directories = [o for o, c in self.connectors.items() if c.type is ConnectorType.ACTIVE_DIRECTORY]
            self.membership = GroupMembership(self.database, directories)
            self._compiled = CompiledRules(
                self.configuration.rules().items(),
                connectors={c.identifier: ordinal for ordinal, c in self.connectors.items()},
                metaverse=self.configuration.metaverse_schema() or METAVERSE_SCHEMA,
                schemas={ordinal: c.schema for ordinal, c in self.connectors.items()},
                parameters={ordinal: c.parameters for ordinal, c in self.connectors.items()},
                member_of=self.membership,
            )
        return self._compiled

    # ---- runs --------------------------------------------------------------------------------------------------------
    def run_profile(self, connector: str, profile: str) -> RunResult:
        """Run one profile of one connector, by names or identifiers. Raises EngineError when there is no such thing."""
        return self.runs.run_profile(connector, profile)

    @property
    def busy_connector(self) -> str | None:
        """The connector whose run is in progress."""
        return self.runs.busy_connector

    def stop_run(self) -> None:
        self.runs.stop()

    @property
    def rules_fingerprint(self) -> str:
        """Another one whenever the rule set is another one; worked out once until it changes."""
        rules = self.compiled
        if self._fingerprint is None or self._fingerprint[0] is not rules:
            self._fingerprint = (rules, fingerprint_of_rules(self.database))
        return self._fingerprint[1]

    def synchronized_once(self, connector: ConnectorConfiguration) -> bool:
        """Whether a full synchronization of the connector has completed."""
        return self.database.fact(f"full-sync/{connector.identifier}") != ""

    # ---- scheduler ---------------------------------------------------------------------------------------------------
    @property
    def staging(self) -> bool:
        return self.global_settings.get(STAGING, "False") == "True"

    @property
    def cycle_in_progress(self) -> bool:
        return self.cycle.in_progress

    @property
    def last_cycle(self) -> CycleResult | None:
        return self.cycle.last

    def scheduler_settings(self) -> SchedulerSettings:
        return self.cycle.settings()

    def save_scheduler_settings(self, settings: SchedulerSettings) -> None:
        self.cycle.save_settings(settings)

    def suspend(self) -> None:
        self.cycle.suspend()

    def resume(self) -> None:
        self.cycle.resume()

    def write_settings_file(self) -> None:
        """The wizard was at work: its file, if anything is otherwise now (facts "install" 23)."""
        from engine.setup.settings.settings_file import write_applied

        write_applied(self)

    def start_sync_cycle(self, policy: PolicyType | str = PolicyType.DELTA) -> CycleResult:
        """Run the built-in cycle now. Raises EngineError when one runs already or the scheduler is held."""
        return self.cycle.start(policy)

    def stop_sync_cycle(self) -> None:
        self.cycle.stop()

    # ---- time --------------------------------------------------------------------------------------------------------
    def next_due(self) -> datetime | None:
        """When the next cycle or password beat is to be looked at; never while the service does not run."""
        if not self.service.running:
            return None
        beats = (self.cycle.next_look(), self.passwords.next_due(), self.requests.next_due())
        return min(beat for beat in beats if beat is not None)

    def last_cycle_start(self) -> datetime | None:
        return self.cycle.last_start()

    def tick(self, now: datetime) -> None:
        """Do what is due: a cycle, then a password beat; nothing while the service does not run."""
        if not self.service.running:
            return
        if self.cycle.next_look() <= now:
            self.cycle.look(now)
        try:
            if self.passwords.next_due() <= now:
                self.passwords.beat(now)
            self.requests.tick(now)
            self.upgrades.tick(now)
        except DatabaseFull as full:
            self.events.write(106, detail=full.message)

    def passed_over(self, until: datetime) -> None:
        """Cycles up to then were skipped because they would have found nothing."""
        if self.service.running:
            self.cycle.passed_over(until)

    @property
    def quiet(self) -> bool:
        """Whether the last cycle found everything as it should be, so that the next one does too unless somebody acts.

        Quiet means: it ran to its end, imported and exported nothing, no object stands in error, no password waits.
        """
        return not self.service.running or (self.cycle.quiet and self.passwords.quiet)

    # ---- hops --------------------------------------------------------------------------------------------------------
    @property
    def observer(self) -> Observer | None:
        """Who wants every hop of every object, with the server's name; None when nobody does.

        An observer whose ``every_hop`` is False hears of runs, cycles and events only.
        """
        if self._observer is None or not getattr(self._observer, "every_hop", True):
            return None
        return self._observe_hop

    def _observe_hop(self, kind: str, fields: dict[str, object]) -> None:
        assert self._observer is not None
        self._observer(kind, {"server": self.name, **fields})

    def observe(self, kind: str, **fields: object) -> None:
        if self._observer is not None:
            self._observe_hop(kind, fields)

    def _event_seen(self, record: EventRecord) -> None:
        self.observe("engine.event", provider=record.provider, id=record.id, level=str(record.level), text=record.text)
