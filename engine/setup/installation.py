"""Run the wizard over the wire and open the server it configured.

Source: facts "install" sections 1 and 14.4. The composition root (engine/server.py) is taken at call time: it knows the
blueprint made here, so the two must not import each other while they load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

from engine.clock import Clock
from engine.network import Network
from engine.pass_through.sign_in_memory import SignInMemory
from engine.profile import Behaviour, behaviour
from engine.setup.answers import HostMachine, SetupAnswers
from engine.setup.auto_upgrade import PERSISTED_STATE
from engine.setup.database.database_takeover import open_taken_over
from engine.setup.installed_components import Facts, correct_database, record
from engine.setup.kept_facts import SIGNED_IN_USER, keep
from engine.setup.machine import settle
from engine.setup.page import PageOutcome, WizardState
from engine.setup.pages.configure import PAGE as CONFIGURE
from engine.setup.predecessor.dirsync_settings import persisted_state
from engine.setup.prerequisites import negotiated_tls
from engine.setup.reached_systems import ReachedSystems
from engine.setup.wizard_run import WizardRun
from engine.store.database import DatabaseFull

if TYPE_CHECKING:
    from engine.server import SyncServer
    from engine.setup.plan import ServerBlueprint

#: the disk filled up while the database was made
DISK_FULL = "DATABASE_DISK_FULL"
Observer = Callable[[str, dict[str, object]], None]


@dataclass(frozen=True)
class InstallOutcome:
    """server None = the last page refused; its code and text say why."""

    server: SyncServer | None
    pages: list[PageOutcome]

    @property
    def refused(self) -> bool:
        return self.server is None

    @property
    def code(self) -> str:
        return self.pages[-1].code if self.pages else ""

    @property
    def message(self) -> str:
        return self.pages[-1].message if self.pages else ""


def install(
    answers: SetupAnswers,
    host: HostMachine,
    *,
    network: Network,
    clock: Clock,
    seed: str,
    observer: Observer | None = None,
    profile: Behaviour | None = None,
    wait: Callable[[float], None] | None = None,
) -> InstallOutcome:
    """Install a sync server. ``wait(seconds)`` is how the machine waits when a tenant throttles it."""
    readings = profile or behaviour()
    run = open_wizard(answers, host, network=network, clock=clock, seed=seed, profile=readings, wait=wait)
    try:
        run.through()
    finally:
        run.close()
    return configured_server(run, network=network, clock=clock, seed=seed, observer=observer, wait=wait)


def open_wizard(
    answers: SetupAnswers,
    host: HostMachine,
    *,
    network: Network,
    clock: Clock,
    seed: str,
    profile: Behaviour | None = None,
    wait: Callable[[float], None] | None = None,
) -> WizardRun:
    """Start the wizard on a machine that has no server yet; it stands at its first page."""
    surroundings = ReachedSystems(
        network if host.proxy_configured else network.without_proxy(),
        clock,
        server_name=host.name,
        product_version=host.product_version,
        wait=wait or _go_on,
        identifiers=Random(f"{seed}/setup-requests/{host.name}"),
        account=host.signed_in_user,
        tls=negotiated_tls(host),
    )
    source = Random(f"{seed}/setup/{host.name}")
    return WizardRun(answers, WizardState(host, surroundings, clock, source, profile or behaviour()))


def configured_server(
    run: WizardRun,
    *,
    network: Network,
    clock: Clock,
    seed: str,
    observer: Observer | None = None,
    wait: Callable[[float], None] | None = None,
) -> InstallOutcome:
    """Make the database of a wizard that has come to its end and start the service; no server where it has not."""
    blueprint, path = run.blueprint, run.state.database
    if run.state.takeover is not None:
        taken = open_taken_over(run, network=network, clock=clock, seed=seed, observer=observer, wait=wait)
        settle(taken, run)
        if run.state.existing is not None:
            taken.requests.remember(SignInMemory(run.state.existing.sign_in))
        return InstallOutcome(taken, run.outcomes)
    if blueprint is None or path is None:
        return InstallOutcome(None, run.outcomes)
    path.parent.mkdir(parents=True, exist_ok=True)
    correct_database(run.state)
    path.unlink(missing_ok=True)  # an empty database made in advance is taken over, never one with data (IRC-05)
    surroundings = {
        "network": network,
        "clock": clock,
        "seed": seed,
        "observer": observer,
        "profile": run.state.behaviour,
        "wait": wait,
    }
    try:
        return InstallOutcome(_new_server(run, path, blueprint, surroundings), run.outcomes)
    except DatabaseFull as full:
        return InstallOutcome(None, [*run.outcomes, PageOutcome(CONFIGURE, DISK_FULL, (full.message,))])


def _new_server(
    run: WizardRun, path: Path, blueprint: ServerBlueprint, surroundings: Mapping[str, object]
) -> SyncServer:
    """The database and the server in it; a database that was begun goes again, or the next attempt would refuse it."""
    from engine.server import SyncServer

    server: SyncServer | None = None
    try:
        server = SyncServer.create(path, name=run.state.host.name, blueprint=blueprint, **surroundings)
        server.database.set_fact("sql-instance", run.answers.components.sql_instance or "")
        server.database.set_fact(PERSISTED_STATE, persisted_state(run.answers))
        record(server.database, run.state)
        keep(server.database, run.state, run.outcomes)
        if run.state.sign_in is not None:
            server.requests.remember(run.state.sign_in)
        settle(server, run)
    except BaseException:
        if server is not None:
            server.close(stopped=False)
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        raise
    return server


class ReachingServer(Protocol):
    """An installed server that can reach out on an administrator's behalf."""

    name: str
    seed: str
    clock: Clock
    network: Network

    @property
    def database(self) -> Facts: ...

    @property
    def version(self) -> str: ...


def reach_from(server: ReachingServer, wait: Callable[[float], None] | None = None) -> ReachedSystems:
    """The surroundings of an installed server, for the tasks of lifecycle.py."""
    return ReachedSystems(
        server.network,
        server.clock,
        server_name=server.name,
        product_version=server.version,
        wait=wait or _go_on,
        identifiers=Random(f"{server.seed}/task-requests/{server.name}"),
        account=server.database.fact(SIGNED_IN_USER),
    )


def _go_on(seconds: float) -> None:
    """A machine on the virtual clock does not wait."""
    del seconds
