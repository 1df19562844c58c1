"""One world, running: forests, tenants, sync servers, one clock, one seed, one fault plan. Starts all, ticks all,
leaves nothing.

Emulators are touched in the reactor thread only; servers in the thread that drives the lab.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from emulators.faults import FaultPlan
from emulators.journal import Journal
from harness.lab.certificates import Certificates, make_certificates
from harness.lab.clock import RealClock, VirtualClock, earliest, show_time
from harness.lab.databases import SqlInstances, make_database
from harness.lab.federation import Federation
from harness.lab.forest import Forest
from harness.lab.network_facts import NetworkFacts
from harness.lab.place import new_folder
from harness.lab.proxy import Proxy
from harness.lab.reactor import in_reactor, the_reactor
from harness.lab.seeds import Seeds
from harness.lab.server import Server
from harness.lab.snapshot import restore_snapshot, take_snapshot
from harness.lab.tenant import Tenant
from harness.refusal import ScenarioError
from harness.scenario.document import ForestDocument, TenantDocument, World
from harness.scenario.proxy_shape import CLOUD_NAMES
from harness.timeline import Timeline

if TYPE_CHECKING:
    from harness.lab.cloud_sync import AgentMachine
    from harness.lab.dirsync import DirSyncMachine

Part = TypeVar("Part")

_TICKS_AT_ONE_MOMENT_MAX = 1000
#: Of a long quiet wait the last part is lived through cycle by cycle, so that what is looked at afterwards is fresh.
_AWAKE_BEFORE = timedelta(hours=1)
#: So long must nothing have moved: a whole cycle and more.
_IDLE_AT_LEAST = timedelta(minutes=70)


def _nothing() -> None:
    """A visit to the reactor thread."""


class Lab:
    """Everything of one world. Use it as a context manager, or call close."""

    def __init__(
        self,
        world: World,
        *,
        seed: str | None = None,
        profile: str = "guide",
        interface: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
    ) -> None:
        self.world = world
        self.seed = seed if seed is not None else world.seed
        self.profile = profile
        self.interface = interface
        self._ports = dict(ports or {})
        self.seeds = Seeds(self.seed)
        self.clock: VirtualClock = RealClock() if world.clock == "real" else VirtualClock(world.start)
        self.timeline = Timeline(self.clock)
        self.faults = FaultPlan()
        self.network = NetworkFacts(self, world.dns, world.firewall)
        self.forests: dict[str, Forest] = {}
        self.domains: dict[str, Forest] = {}  # of all forests, beside their roots
        self.tenants: dict[str, Tenant] = {}
        self.servers: dict[str, Server] = {}
        self.dirsync: dict[str, DirSyncMachine] = {}  # machines of the predecessor
        self.provisioning_agents: dict[str, AgentMachine] = {}  # machines with an agent of Cloud Sync
        self.agents: dict[str, Any] = {}  # Authentication Agents on machines of their own
        self.lost_servers: list[str] = []
        self.uninstalled: list[str] = []
        self.copies: dict[str, bytes] = {}  # of sync databases, by the name they were given; they outlive a machine
        self.proxy: Proxy | None = None
        self.federation: Federation | None = None
        self.wizards: dict[str, Any] = {}  # windows by machine, also those that were closed
        self._snapshots: dict[str, dict[str, Any]] = {}
        self._idle_since: list[int] | None = None
        self._idle_from: datetime = self.clock.now()
        self.folder = new_folder()
        self.closed = False
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    # ---- starting and stopping -------------------------------------------------------------------------------------
    def _start(self) -> None:
        domains = [one.name for forest in self.world.forests for one in (forest, *forest.domains)]
        clouds = CLOUD_NAMES if self.world.proxy is not None else ()
        hosts = self.world.federation.host_names if self.world.federation is not None else ()
        names = (*domains, *(one.name for one in self.world.tenants), *clouds, *hosts)
        self.certificates: Certificates = make_certificates(self.folder, names)
        reactor = the_reactor()
        for document in self.world.forests:
            in_reactor(self._start_forest, document, reactor)
        for tenant in self.world.tenants:
            in_reactor(self._start_tenant, tenant, reactor)
        if self.world.proxy is not None:
            self.proxy = Proxy(self.world.proxy, self._journal("proxy"), self._cloud_ports)
            in_reactor(self.proxy.start, reactor)
        if self.world.federation is not None:
            self.federation = Federation(self, self.world.federation)
            in_reactor(self.federation.start, reactor)
        for started in self.tenants.values():
            started.prepare()
        if self.federation is not None:
            self.federation.prepare()
        self.sql = SqlInstances(self.folder / "sql", self.world.sql_instances)
        for database in self.world.databases:
            make_database(self.sql.folder(database.instance), database.name, database.state, database.properties)
        for name, times in self.world.faults.items():
            self.faults.arm(name, times)

    def _cloud_ports(self) -> set[int]:
        return {tenant.service.endpoints["https"] for tenant in self.tenants.values()}

    def set_proxy_rules(self, rules: Mapping[str, Any]) -> None:
        """Other rules for the proxy, from the next connection on; the ones that stand are cut."""
        assert self.proxy is not None
        self.proxy.rules = dict(rules)
        in_reactor(self.proxy.cut)

    def port_for(self, name: str) -> int:
        """The port that was asked for, 0 for any free one."""
        return self._ports.get(name, 0)

    def _journal(self, actor: str) -> Journal:
        return Journal(actor, self.clock, self.timeline.sink)

    def _start_forest(self, document: ForestDocument, reactor: Any) -> None:
        from emulators.directory.service import DirectoryService, DomainDescription, ForestDescription, TlsMaterial

        domains = tuple(
            DomainDescription(one.name, one.netbios, one.controllers, document.functional_level)
            for one in (document, *document.domains)
        )
        description = ForestDescription(
            document.name, domains, document.exchange, document.recycle_bin, document.upn_suffixes
        )
        password = self.seeds.password(f"forest/{document.name}")
        service = DirectoryService(
            description,
            clock=self.clock,
            seed=f"{self.seed}/{document.name}",
            journal=self._journal(document.name),
            faults=self.faults,
            tls=TlsMaterial(self.certificates.chain_pem, self.certificates.key_pem),
            admin_password=password,
            options=dict(document.options),
        )
        forest = Forest(document, service, self.seeds, self.certificates, password)
        forest.populate(Path(self.world.folder))
        self.forests[document.name] = forest
        for one in document.domains:
            self.domains[one.name] = Forest(one, service, self.seeds, self.certificates, password)
        wanted = {
            f"{one.name.lower()}/{kind}": port
            for one in (document, *document.domains)
            for kind in ("ldap", "ldaps", "gc")
            if (port := self._ports.get(f"{one.name}/{kind}"))
        }
        service.start(reactor, self.interface, wanted or None)

    def _start_tenant(self, document: TenantDocument, reactor: Any) -> None:
        from emulators.tenant.service import TenantDescription, TenantService, TlsMaterial

        description = TenantDescription(
            document.name, document.verified_domains, document.display_name, dict(document.settings)
        )
        password = self.seeds.password(f"tenant/{document.name}")
        service = TenantService(
            description,
            clock=self.clock,
            seed=f"{self.seed}/{document.name}",
            journal=self._journal(document.name),
            faults=self.faults,
            tls=TlsMaterial(self.certificates.chain_pem, self.certificates.key_pem),
            admin_password=password,
        )
        tenant = Tenant(document, service, self.seeds, self.certificates, self.clock, password)
        self.tenants[document.name] = tenant
        service.start(reactor, self.interface, self._ports.get(f"{document.name}/https", 0))

    def close(self) -> None:
        """Stop everything and remove the world's folder; idempotent, and nothing stops it half-way."""
        if self.closed:
            return
        self.closed = True
        failures: list[Exception] = []

        def attempt(act: Callable[[], object]) -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - the rest must be closed all the same
                failures.append(error)

        for window in self.wizards.values():
            attempt(window.close)
        for server in self._ticked():
            attempt(server.close)
        for agent in self.agents.values():
            attempt(agent.stop)
        attempt(self.network.hang_up)
        for part in (*self.forests.values(), *self.domains.values(), *self.tenants.values()):
            attempt(part.hang_up)
        for service in (*self.forests.values(), *self.tenants.values()):
            attempt(lambda service=service: in_reactor(service.service.stop))  # type: ignore[misc]
        if self.federation is not None:
            attempt(self.federation.stop)
        if self.proxy is not None:
            attempt(lambda: in_reactor(self.proxy.stop))  # type: ignore[union-attr]
        shutil.rmtree(self.folder, ignore_errors=True)
        if failures:
            raise failures[0]

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # ---- finding parts ---------------------------------------------------------------------------------------------
    def forest(self, name: str | None = None) -> Forest:
        """Return the only forest, or the forest or domain of that name."""
        return _one(self.forests if name in (None, "forest") else self.forests | self.domains, name, "forest")

    def tenant(self, name: str | None = None) -> Tenant:
        return _one(self.tenants, name, "tenant")

    def server(self, name: str | None = None) -> Server:
        if name is not None and name not in self.servers and name in self.lost_servers:
            raise ScenarioError(f"the server {name} was destroyed")
        return _one(self.servers, name, "server")

    # ---- time ------------------------------------------------------------------------------------------------------
    def advance(self, span: timedelta) -> None:
        """Let virtual time pass; every part is ticked at each moment at which something is due, in a fixed order."""
        self.advance_to(self.clock.now() + span)

    def advance_to(self, target: datetime) -> None:
        moment, repeats = self.clock.now(), 0
        while True:
            now = in_reactor(self._step_emulators, [server.next_due() for server in self._ticked()], target)
            if now is None:
                break
            repeats = repeats + 1 if now == moment else 0
            if repeats > _TICKS_AT_ONE_MOMENT_MAX:
                raise RuntimeError(f"some part of the world is due at {show_time(now)} again and again")
            moment = now
            self._tick_servers(now)
            self._skip_idle(target)
        self.clock.set(max(target, self.clock.now()))
        self.tick(self.clock.now())

    def _skip_idle(self, target: datetime) -> None:
        """Pass over cycles and password beats that would find nothing, up to an hour before the target.

        Only when every server's last cycle came after the last change of any forest or tenant and moved nothing. The
        emulators' own jobs run on; the first change one of them makes ends the rest.
        """
        resume = target - _AWAKE_BEFORE
        if resume - self.clock.now() < _AWAKE_BEFORE or not self._ticked() or self.faults.armed:
            return
        before = in_reactor(self._change_numbers)
        if before != self._idle_since or not all(one.engine.quiet for one in self._ticked()):
            self._idle_since = before
            self._idle_from = self.clock.now()
            return
        if self.clock.now() - self._idle_from < _IDLE_AT_LEAST:
            return
        started = self.clock.now()
        while self.clock.now() < resume:
            due = earliest(in_reactor(self._emulators_due), resume)
            self.clock.set(max(due, self.clock.now()) if due is not None else resume)
            in_reactor(self._tick_emulators, self.clock.now())
            if in_reactor(self._change_numbers) != before:
                break
        for server in self._ticked():
            server.engine.passed_over(self.clock.now())
        self.timeline.note("stage.idle", since=show_time(started), until=show_time(self.clock.now()))

    def _change_numbers(self) -> list[int]:
        return [part.service.change_number for part in (*self.forests.values(), *self.tenants.values())]

    def _emulators_due(self) -> list[datetime | None]:
        return [part.service.next_due() for part in (*self.forests.values(), *self.tenants.values())]

    def settle(self) -> None:
        """Let the emulators take what has reached them: a connection just hung up counts as gone for the next step.

        The second visit comes after the reactor has looked at every socket once.
        """
        in_reactor(_nothing)
        in_reactor(_nothing)

    def tick(self, now: datetime) -> None:
        """Let every part do what is due."""
        in_reactor(self._tick_emulators, now)
        self._tick_servers(now)

    def _tick_servers(self, now: datetime) -> None:
        for server in self._ticked():
            server.tick(now)

    def _ticked(self) -> list[Server | DirSyncMachine | AgentMachine]:
        """Every machine that runs by the clock, by name."""
        machines: dict[str, Any] = {**self.dirsync, **self.provisioning_agents, **self.servers}
        return [machines[name] for name in sorted(machines)]

    def _step_emulators(self, servers_due: list[datetime | None], target: datetime) -> datetime | None:
        """Go to the next moment at which a part is due and let the emulators do what is; None when none is left.

        Looking and ticking in one go: a visit to the reactor thread costs more than what most beats do.
        """
        due = earliest(self._emulators_due() + servers_due, target)
        if due is None:
            return None
        now = max(due, self.clock.now())
        self.clock.set(now)
        self._tick_emulators(now)
        return now

    def _tick_emulators(self, now: datetime) -> None:
        for part in (*self.forests.values(), *self.tenants.values()):
            part.service.tick(now)

    # ---- snapshots -------------------------------------------------------------------------------------------------
    def snapshot(self) -> dict[str, Any]:
        """Return a consistent cut of all parts."""
        return take_snapshot(self)

    def restore(self, state: dict[str, Any]) -> None:
        """Put every part back to a cut; what came into being since is gone."""
        restore_snapshot(self, state)

    def keep(self, name: str) -> None:
        self._snapshots[name] = self.snapshot()

    def go_back(self, name: str) -> None:
        if name not in self._snapshots:
            known = ", ".join(sorted(self._snapshots)) or "none"
            raise ScenarioError(f"no snapshot is called {name}; kept are: {known}")
        self.restore(self._snapshots[name])


def _one(parts: Mapping[str, Part], name: str | None, kind: str) -> Part:
    """Return the part of that name, or the only one there is."""
    if name in (None, kind):
        if len(parts) == 1:
            return next(iter(parts.values()))
        known = ", ".join(parts) or "none"
        raise ScenarioError(f"which {kind}? this world has {len(parts)}: {known}")
    folded = {key.lower(): part for key, part in parts.items()}
    found = folded.get(str(name).lower())
    if found is None:
        raise ScenarioError(f"there is no {kind} {name}; there is {', '.join(parts) or 'none'}")
    return found
