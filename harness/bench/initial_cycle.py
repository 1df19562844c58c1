"""Row 7: the initial cycle of a new server over the wire, beside ldap3 merely reading the same people.

The shipped rule set, no password hash synchronization. Source: design document, section 5, row 7.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from harness.bench.measuring import Collector, Goal, Line, Peer, Row, Settings, child_environment
from harness.bench.people import DOMAIN, directory_entries
from harness.lab.addresses import HOST, network
from harness.lab.lab import Lab
from harness.lab.reactor import in_reactor
from harness.lab.server import Server
from harness.scenario.document import ForestDocument, TenantDocument, World

if TYPE_CHECKING:
    from engine import SyncServer
    from engine.setup import Credential, HostMachine, InstallOutcome
    from harness.lab.forest import Forest
    from harness.lab.tenant import Tenant

NUMBER = "7"
RUNS = 3
TENANT = "contoso.onmicrosoft.com"
OURS, PEER, TYPED = "ours", "peer", "ldap3 with the schema it loads by default"
ENGINE, EMULATORS = "CPU of the engine's thread", "CPU of the emulators' thread"
_BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
_STAGES = {"Import": "import", "Synchronization": "sync", "Export": "export"}
_NO_LDAP3 = "it is not installed here (pip install ldap3)"


class CycleFailedError(RuntimeError):
    """A cycle that does not do its work is not worth a measurement."""


def measure(settings: Settings) -> Iterator[Line]:
    lines = [cycle_line(settings, size) for size in settings.sizes]
    yield from lines
    for smaller, larger in pairwise(lines):
        yield _growth(smaller, larger)
    yield cycle_line(settings, settings.sizes[-1], watched=True)


ROW = Row(NUMBER, "the initial cycle over the wire", measure)


def cycle_line(settings: Settings, size: int, *, watched: bool = False) -> Line:
    """Measure initial cycles of so many people. watched: every hop goes to the timeline, as in a scenario."""
    taken, present = Collector(), importlib.util.find_spec("ldap3") is not None
    for _ in range(settings.runs or RUNS):
        with Lab(forest_and_tenant()) as lab:
            forest = lab.forest()
            in_reactor(forest.service.populate, list(directory_entries(size, forest.base_dn)))
            engine = install(lab, watched=watched)
            timed_cycle(engine, taken)
            _check_arrival(engine, size)
            taken.calibrate()
            if present:
                _ldap3_reads(settings, forest, size, taken)
    words = " with every hop on the timeline" if watched else ""
    return Line(
        NUMBER,
        f"initial cycle, {size:,} people{words}",
        "s",
        taken.of(OURS),
        Peer("ldap3 reads them", taken.of(PEER)) if present else Peer("ldap3", None, _NO_LDAP3),
        Goal(1.0),
        taken.parts(OURS, PEER),
        calibration=taken.calibration,
    )


def _growth(smaller: Line, larger: Line) -> Line:
    return Line(
        NUMBER, f"{larger.measure} against the size before", "s", larger.ours, Peer(smaller.measure, smaller.ours)
    )


# ---- the world -------------------------------------------------------------------------------------------------------
def forest_and_tenant() -> World:
    """The world of all cycle measurements: one forest, one tenant."""
    return World(
        seed="bench",
        start=_BEGAN,
        forests=(ForestDocument(DOMAIN, "CONTOSO", exchange=True),),
        tenants=(TenantDocument(TENANT, verified_domains=(DOMAIN,)),),
    )


def install(lab: Lab, *, watched: bool = False, configuration: str | None = None) -> SyncServer:
    """Set a server up with no password hash synchronization and no first cycle yet.

    watched: its hops go to the timeline. configuration: the folder of an exported server configuration, whose rules it
    takes; without one it is installed with the custom choices that matter and has the shipped rules.
    """
    from engine.profile import behaviour
    from engine.setup import Credential, HostMachine, OuSelection
    from engine.setup.configuration.configuration_import import ConfigurationImport, import_configuration

    forest, tenant, name = lab.forest(), lab.tenant(), "SYNC1"
    host = HostMachine(name=name, folder=Server.folder_of(lab, name), domain=forest.name)
    entra_admin = Credential(tenant.service.admin_upn, tenant.admin_password)
    administrator = Credential("CONTOSO\\Administrator", forest.admin_password)
    where: dict[str, Any] = {
        "network": network(lab),
        "clock": lab.clock,
        "seed": f"{lab.seed}/{name}",
        "observer": lab.timeline.observer(name) if watched else None,
    }
    if configuration is None:
        outcome = _custom_installation(host, forest, tenant, entra_admin, administrator, where)
    else:
        exported = ConfigurationImport(
            folder=Path(configuration),
            entra_admin=entra_admin,
            administrators={forest.name: administrator},
            containers={forest.name: OuSelection()},
            start_sync=False,
        )
        outcome = import_configuration(exported, host, profile=behaviour("guide"), **where)
    if outcome.server is None:
        raise CycleFailedError(f"the wizard refused: {outcome.message}")
    lab.servers[name] = Server(lab, name, outcome.server, outcome, tenant.name)
    return outcome.server


def _custom_installation(
    host: HostMachine,
    forest: Forest,
    tenant: Tenant,
    entra_admin: Credential,
    administrator: Credential,
    where: Mapping[str, Any],
) -> InstallOutcome:
    from engine.setup import DirectoryAnswers, Mode, SetupAnswers, SignIn
    from engine.setup import install as install_server

    answers = SetupAnswers(
        entra_admin=entra_admin,
        directories=(DirectoryAnswers(forest.name, administrator),),
        mode=Mode.CUSTOM,
        tenant=tenant.name,
        sign_in=SignIn.DO_NOT_CONFIGURE,
        start_sync=False,
    )
    return install_server(answers, host, **where)


# ---- ours ------------------------------------------------------------------------------------------------------------
def timed_cycle(engine: SyncServer, taken: Collector) -> None:
    """Run the built-in initial cycle; the whole, each run, and each thread's CPU are put down in seconds."""
    run_profile, clocks = engine.run_profile, _thread_clocks()

    def timed_run(connector: str, profile: str) -> Any:
        stage = f"{_STAGES[profile.split()[-1]]} {_system(engine, connector)}"
        with _put_down(taken, stage, clocks, apart=True):
            return run_profile(connector, profile)

    engine.run_profile = timed_run  # type: ignore[method-assign]
    with _put_down(taken, OURS, clocks):
        cycle = engine.start_sync_cycle("Initial")
    if cycle.result not in ("success", "completed-no-objects"):  # the tenant is empty
        raise CycleFailedError(f"the initial cycle ended with {cycle.result}")


def _system(engine: SyncServer, connector: str) -> str:
    return "Entra" if connector == engine.entra_connector[1].identifier else "AD"


def _check_arrival(engine: SyncServer, size: int) -> None:
    assert engine.last_cycle is not None
    arrived = sum(run.counter("ExportAdd") for run in engine.last_cycle.runs)
    if arrived < size:
        raise CycleFailedError(f"{arrived} of {size} people reached the tenant")


def _thread_clocks() -> dict[str, int]:
    """Return the CPU clocks of this thread, in which the engine works, and of the one in which emulators live."""
    emulators = in_reactor(threading.get_ident)
    return {
        ENGINE: time.pthread_getcpuclockid(threading.get_ident()),
        EMULATORS: time.pthread_getcpuclockid(emulators),
    }


@contextmanager
def _put_down(taken: Collector, name: str, clocks: dict[str, int], *, apart: bool = False) -> Iterator[None]:
    before = {who: time.clock_gettime(clock) for who, clock in clocks.items()}
    began = perf_counter()
    yield
    taken.put(name, perf_counter() - began)
    for who, clock in clocks.items():
        taken.put(f"{name}, {who}" if apart else who, time.clock_gettime(clock) - before[who])


# ---- the peer --------------------------------------------------------------------------------------------------------
def _ldap3_reads(settings: Settings, forest: Forest, size: int, taken: Collector) -> None:
    """Let ldap3 read the people from the same forest; it has a process of its own, so a core of its own."""
    where = {
        "host": HOST,
        "port": forest.service.endpoints["ldap"],
        "base": forest.base_dn,
        "user": forest.service.admin_dn,
        "password": forest.admin_password,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "harness.bench.ldap3_read"],
        input=json.dumps(where),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=child_environment(settings.folder),
    )
    answer = json.loads(ended.stdout)
    if answer["plain"]["entries"] < size:
        raise CycleFailedError(f"ldap3 read {answer['plain']['entries']:g} of {size} people")
    taken.put(PEER, answer["plain"]["wall"])
    taken.put("ldap3, CPU", answer["plain"]["cpu"])
    taken.put(TYPED, answer["with-schema"]["wall"])
