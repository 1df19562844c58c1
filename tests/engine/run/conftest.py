"""A server whose process dies at a chosen moment: before any write to its database, before or after a call to a system.

Dying is an exception that nothing catches; the database connection refuses everything after it, as a dead process
would, and the file is opened anew. What was not committed is gone, what was sent is with the other side.
"""

from __future__ import annotations

import copy
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from engine.connectors.connector import ImportPage
from engine.model.configuration import RunProfile
from engine.network import Network
from engine.run.delete_threshold import DeletionThreshold
from engine.server import SyncServer
from engine.store.database import Database

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NAME = "SYNC1"
ENTRA = "contoso.onmicrosoft.com - AAD"
_HARMLESS = ("SELECT", "WITH", "PRAGMA")


class Died(BaseException):
    """The process is gone."""


class Life:
    """Counts the moments at which a process may die. ``left``: how many it survives; None: all."""

    def __init__(self) -> None:
        self.passed = 0
        self.left: int | None = None
        self.dead = False

    def moment(self) -> None:
        if self.dead or self.left == 0:
            self.dead = True
            raise Died
        self.passed += 1
        if self.left is not None:
            self.left -= 1


def mortal_connection(life: Life) -> type[sqlite3.Connection]:
    class Mortal(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            if not sql.lstrip().upper().startswith(_HARMLESS) or life.dead:
                life.moment()
            return super().execute(sql, *rest)

        def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
            life.moment()
            return super().executemany(sql, rows)

    return Mortal


class MortalWire:
    """A connected system reached by a process that may die before the request leaves or after it was carried out."""

    def __init__(self, system: Any, life: Life) -> None:
        self._system, self._life = system, life

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    def _pages(self, pages: Iterator[Any]) -> Iterator[Any]:
        """Pages of two objects, of which the last carries the watermark."""
        for page in pages:
            for start in range(0, len(page.objects), 2):
                self._life.moment()
                yield ImportPage(page.objects[start : start + 2])
            self._life.moment()
            yield ImportPage([], page.watermark)
        self._life.moment()

    def read_full(self, *asked: Any) -> Iterator[Any]:
        return self._pages(self._system.read_full(*asked))

    def read_delta(self, *asked: Any) -> Iterator[Any]:
        return self._pages(self._system.read_delta(*asked))

    def export(self, changes: Sequence[Any]) -> list[Any]:
        self._life.moment()
        answers = self._system.export(changes)
        self._life.moment()
        return list(answers)


def _in_twos(profile: RunProfile) -> RunProfile:
    return replace(profile, steps=tuple(replace(step, batch_size=2) for step in profile.steps))


class MortalWorld:
    """A deployment that can be put back to a kept moment, killed, and opened again."""

    def __init__(self, deployment: Any) -> None:
        self.deployment = deployment
        self.path: Path = deployment.server.database.path
        self.systems: dict[str, Any] = {**deployment.directories, ENTRA: deployment.tenant}
        self.names = [c.name for c in deployment.server.connectors.values()]
        self.compiled = deployment.server.compiled
        self.life = Life()
        self.server: SyncServer = deployment.server
        self.server.systems.close()
        self.reopen()

    # ---- moments ---------------------------------------------------------------------------------------------------
    def keep(self) -> tuple[bytes, dict[str, Any]]:
        return self.server.database.snapshot(), copy.deepcopy(self.systems)

    def back_to(self, moment: tuple[bytes, dict[str, Any]]) -> None:
        self._close()
        Database.restore(self.path, moment[0]).close()
        self.systems = copy.deepcopy(moment[1])
        self.reopen()

    def reopen(self) -> None:
        """Start the service again on what the file holds."""
        self._close()
        self.life = Life()
        kind = mortal_connection(self.life)
        with pytest.MonkeyPatch.context() as patch:
            connect = sqlite3.connect
            patch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, factory=kind, **named))
            clock = self.deployment.clock
            self.server = SyncServer.open(self.path, name="SYNC1", network=Network(), clock=clock, seed="7")
        self.server._compiled = self.compiled  # compiling takes longer than a cycle of these
        self.server.membership = self.deployment.server.membership
        self.server.membership._database = self.server.database
        for ordinal, held in self.server.connectors.items():
            self.server.connectors[ordinal] = held.with_(run_profiles=tuple(map(_in_twos, held.run_profiles)))
        self.server.systems.deletion_threshold = lambda _connector: DeletionThreshold()  # type: ignore[method-assign]
        for connector in self.server.connectors.values():
            wire = MortalWire(self.systems[connector.name], self.life)
            self.server.systems._connectors[connector.identifier] = wire  # type: ignore[assignment]

    def _close(self) -> None:
        sqlite3.Connection.close(self.server.database.connection)

    # ---- as a deployment -------------------------------------------------------------------------------------------
    @property
    def directories(self) -> dict[str, Any]:
        return {name: system for name, system in self.systems.items() if name != ENTRA}

    @property
    def tenant(self) -> Any:
        return self.systems[ENTRA]

    def run(self, connector: str, profile: str) -> Any:
        return self.server.run_profile(connector, profile)

    # ---- work ------------------------------------------------------------------------------------------------------
    def cycle(self, *, initial: bool = False) -> dict[tuple[str, str], Any]:
        kind = "Full" if initial else "Delta"
        profiles = (f"{kind} Import", f"{kind} Synchronization", "Export")
        return {(name, one): self.server.run_profile(name, one) for one in profiles for name in self.names}

    def dies_in(self, work: Callable[[], object], after: int) -> bool:
        """Do the work, dying after so many moments; False when it was over before."""
        self.life.left = after
        try:
            work()
        except Died:
            return True
        self.life.left = None
        return False

    # ---- what matters of it ----------------------------------------------------------------------------------------
    def picture(self) -> dict[str, Any]:
        """Tenant, forests, metaverse and connector spaces without numbers, anchors of the cloud, or order."""
        one = self.server.database.connection.execute
        from engine.store.objects import CS_COLUMNS, read_cs, read_mv

        spaces = [read_cs(row) for row in one(f"SELECT {CS_COLUMNS} FROM cs")]
        names = {cs.number: cs.dn for cs in spaces}
        references = {"manager", "member", "managedBy", "assistant"}

        def plain(values: dict[str, Any]) -> dict[str, Any]:
            found = {}
            for name, value in values.items():
                if name == "cloudAnchor":
                    continue
                listed = value if isinstance(value, list) else [value]
                if name in references:
                    listed = [names.get(each, each) for each in listed]
                found[name] = frozenset(listed)
            return found

        metaverse = {row[0]: plain(read_mv(row).values) for row in one("SELECT * FROM metaverse")}
        tenant = self.systems[ENTRA]
        return {
            "tenant": {anchor: plain(body) for anchor, body in tenant.objects.items()},
            "deleted": sorted(anchor for what, anchor in set(tenant.log) if what == "delete"),
            "forests": {
                name: {guid: plain(body) for guid, body in system.objects.items()}
                for name, system in self.systems.items()
                if name != ENTRA
            },
            "metaverse": sorted(metaverse.values(), key=lambda values: sorted(map(repr, values.items()))),
            "spaces": sorted(
                (cs.connector, cs.dn, cs.object_type, int(cs.kind), cs.mv != 0, cs.owned, int(cs.pending_import),
                 int(cs.pending_export), int(cs.unconfirmed_operation))
                for cs in spaces
            ),
        }  # fmt: skip

    def close(self) -> None:
        self._close()


@pytest.fixture(scope="session")
def mortal_class() -> type[MortalWorld]:
    """For property tests, which make many worlds within one test."""
    return MortalWorld


@pytest.fixture
def mortal(
    deployment_class: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., MortalWorld]]:
    """Make mortal worlds: mortal("contoso.com", anchor=...). Pages and batches hold two objects."""
    made: list[MortalWorld] = []
    monkeypatch.setattr("engine.store.objects.CHUNK", 2)
    monkeypatch.setattr("engine.run.sync_step.OBJECTS_SAVED", 2)

    def build(*forests: str, rules: Any = None, prepare: Any = None, **options: Any) -> MortalWorld:
        folder = tmp_path / f"world{len(made)}"
        folder.mkdir()
        deployment = deployment_class(folder, forests or ("contoso.com",), rules, **options)
        if prepare is not None:
            prepare(deployment)
        made.append(MortalWorld(deployment))
        return made[-1]

    yield build
    for each in made:
        each.close()


# ---- over the wire -----------------------------------------------------------------------------------------------
class Stage:
    """A lab with one server that lives in this process or in one of its own."""

    def __init__(self, lab: Any) -> None:
        self.lab = lab
        self._seed = lab.server(NAME).engine.seed

    @property
    def engine(self) -> SyncServer:
        return self.lab.server(NAME).engine

    def act(self, verb: str, arguments: Any) -> None:
        from harness.vocabulary import actions

        actions()[verb].call(self.lab, arguments)

    def look(self, query: str) -> Any:
        from harness.expecting import Looker
        from harness.vocabulary import checks

        return Looker(self.lab, checks(), {}).find(query)

    def elsewhere(self, policy: str, die: dict[str, int]) -> subprocess.CompletedProcess[str]:
        """Run one cycle in a process of its own; afterwards the server is opened here again."""
        engine = self.engine
        network, path = engine.network, engine.database.path
        engine.close()
        given = {
            "database": str(path),
            "forests": {name: asdict(one) for name, one in network.forests.items()},
            "tenants": {name: asdict(one) for name, one in network.tenants.items()},
            "ca_bundle": network.ca_bundle,
            "now": self.lab.clock.now().isoformat(),
            "seed": self._seed,
            "policy": policy,
            "die": die,
        }
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, str(HERE / "dying_server.py"), json.dumps(given)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.lab.server(NAME).engine = SyncServer.open(
            path, name=NAME, network=network, clock=self.lab.clock, seed=self._seed
        )
        return done

    def settle(self) -> Any:
        """The scheduler's own next cycles; answers the last one's export to the tenant."""
        for _ in range(3):
            cycle = self.engine.start_sync_cycle("Unspecified")
        return cycle.run("contoso.onmicrosoft.com - AAD", "Export")

    def picture(self) -> dict[str, Any]:
        users = self.look("tenant.users(userPrincipalName, displayName, jobTitle, onPremisesImmutableId, manager)")
        groups = self.look("tenant.groups(displayName, members)")
        return {
            "users": sorted(users, key=lambda user: user["userPrincipalName"]),
            "groups": [{**group, "members": sorted(group["members"])} for group in groups],
            "deleted": len(self.look("tenant.deleted_users")),
            "guids": sorted(
                (user["name"], str(user["mS-DS-ConsistencyGuid"]))
                for user in self.look("contoso.com.users(name, mS-DS-ConsistencyGuid, in = Staff)")
            ),
        }


@pytest.fixture
def stage() -> Iterator[Stage]:
    from harness.lab.lab import Lab
    from harness.pytest_plugin import make_world
    from harness.vocabulary import actions

    people = [{"name": "Ana Lopez", "in": "Staff", "title": "Clerk"}, {"name": "Bo Berg", "in": "Staff"}]
    people += [{"name": f"Person {n}", "in": "Staff"} for n in range(60)]
    groups = [{"name": "Crew", "in": "Staff", "members": ["Ana Lopez", "Bo Berg", "Person 3", "Person 59"]}]
    world = make_world(
        forests={"contoso.com": {"users": people, "groups": groups}},
        tenants={"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}},
    )
    with Lab(world) as one:
        actions()["install"].call(one, {"server": NAME, "start_sync": False})
        yield Stage(one)
