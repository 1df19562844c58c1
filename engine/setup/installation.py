"""Run the wizard over the wire and open the server it configured.

Source: facts "install" sections 1 and 14.4. The composition root (engine/server.py) is taken at call time: it knows the
blueprint made here, so the two must not import each other while they load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Protocol

from engine.clock import Clock
from engine.errors import EngineError
from engine.network import Network
from engine.profile import Behaviour, behaviour
from engine.setup.answers import HostMachine, SetupAnswers
from engine.setup.page import PageOutcome, WizardState
from engine.setup.plan import ServerBlueprint
from engine.setup.reached_systems import ReachedSystems
from engine.setup.wizard import run_wizard

if TYPE_CHECKING:
    from engine.server import SyncServer

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
    pages, blueprint, state = wizard(
        answers, host, network=network, clock=clock, seed=seed, profile=readings, wait=wait or _go_on
    )
    if blueprint is None or state.database is None:
        return InstallOutcome(None, pages)
    from engine.server import SyncServer

    path = state.database
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # an empty database made in advance is taken over, never one with data (IRC-05)
    server = SyncServer.create(
        path,
        name=host.name,
        blueprint=blueprint,
        network=network,
        clock=clock,
        seed=seed,
        observer=observer,
        profile=readings,
        wait=wait,
    )
    server.database.set_fact("sql-instance", answers.components.sql_instance or "")
    return InstallOutcome(server, pages)


def wizard(
    answers: SetupAnswers,
    host: HostMachine,
    *,
    network: Network,
    clock: Clock,
    seed: str,
    profile: Behaviour,
    wait: Callable[[float], None],
) -> tuple[list[PageOutcome], ServerBlueprint | None, WizardState]:
    """Run every page over the wire; the sessions are given up at the end, whatever happened."""
    source = Random(f"{seed}/setup/{host.name}")
    surroundings = ReachedSystems(
        network,
        clock,
        server_name=host.name,
        product_version=host.product_version,
        wait=wait,
        identifiers=Random(f"{seed}/setup-requests/{host.name}"),
    )
    state = WizardState(host, surroundings, clock, source, profile)
    try:
        pages, blueprint = run_wizard(answers, state)
    except EngineError as refusal:
        return [PageOutcome("Installation", refusal.code, (refusal.message,))], None, state
    finally:
        state.close()
    return pages, blueprint, state


class ReachingServer(Protocol):
    """An installed server that can reach out on an administrator's behalf."""

    name: str
    seed: str
    clock: Clock
    network: Network

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
    )


def _go_on(seconds: float) -> None:
    """A machine on the virtual clock does not wait."""
    del seconds
