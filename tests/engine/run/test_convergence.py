"""Whatever happened, in whatever steps: the tenant ends as if a new server had read the forests once.

Histories are drawn at random; the oracle is a server built from nothing over the same directories and an empty tenant.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.connectors.connector import ValueChanges

ENTRA = "contoso.onmicrosoft.com - AAD"
FORESTS = ("contoso.com", "fabrikam.com")
MAILS = ["a@contoso.com", "b@contoso.com", "c@contoso.com", None]

people = st.tuples(st.sampled_from(FORESTS), st.sampled_from(MAILS), st.sampled_from([512, 514]))
operation = st.one_of(
    st.tuples(st.just("add"), people),
    st.tuples(st.just("group"), st.sampled_from(FORESTS)),
    st.tuples(st.just("title"), st.integers(0, 30), st.sampled_from(["Lead", "Clerk", None])),
    st.tuples(st.just("hide"), st.integers(0, 30), st.sampled_from(["User_x", None])),
    st.tuples(st.just("enable"), st.integers(0, 30), st.sampled_from([512, 514])),
    st.tuples(st.just("manager"), st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.just("join"), st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.just("leave"), st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.just("move"), st.integers(0, 30), st.sampled_from(["OU=Sales", "OU=Legal"])),
    st.tuples(st.just("delete"), st.integers(0, 30)),
    st.tuples(st.just("cycle")),
    st.tuples(st.just("initial")),
)


class History:
    """Applies operations to a deployment, skipping those that make no sense at the moment."""

    def __init__(self, world) -> None:
        self.world = world
        self.made: list[tuple[str, bytes, str]] = []

    def _pick(self, index: int, kind: str):
        live = [m for m in self.made if m[1] in self.world.directories[m[0]].objects and m[2] == kind]
        return live[index % len(live)] if live else None

    def apply(self, step) -> None:
        what, *rest = step
        if what in ("cycle", "initial"):
            self.world.cycle(initial=what == "initial")
        elif what == "add":
            forest, mail, control = rest[0]
            name = f"Person {len(self.made)}"
            guid = self.world.directories[forest].add(name, mail=mail, userAccountControl=control)
            self.made.append((forest, guid, "user"))
        elif what == "group":
            guid = self.world.directories[rest[0]].add(f"Group {len(self.made)}", "group")
            self.made.append((rest[0], guid, "group"))
        elif what in ("join", "leave"):
            self._membership(what, *rest)
        else:
            self._on_user(what, *rest)

    def _membership(self, what: str, group_index: int, user_index: int) -> None:
        group, user = self._pick(group_index, "group"), self._pick(user_index, "user")
        if group is None or user is None or group[0] != user[0]:
            return
        directory = self.world.directories[group[0]]
        dn = directory.dn(user[1])
        held = dn in directory.objects[group[1]].get("member", [])
        if what == "join" and not held:
            directory.change(group[1], member=ValueChanges(added=(dn,)))
        elif what == "leave" and held:
            directory.change(group[1], member=ValueChanges(removed=(dn,)))

    def _on_user(self, what: str, index: int, *rest) -> None:
        user = self._pick(index, "user")
        if user is None:
            return
        directory = self.world.directories[user[0]]
        if what == "title":
            directory.change(user[1], title=rest[0])
        elif what == "hide":
            directory.change(user[1], adminDescription=rest[0])
        elif what == "enable":
            directory.change(user[1], userAccountControl=rest[0])
        elif what == "manager":
            boss = self._pick(rest[0], "user")
            if boss is not None and boss[0] == user[0] and boss != user:
                directory.change(user[1], manager=directory.dn(boss[1]))
        elif what == "move":
            self._move(directory, user[1], rest[0])
        elif what == "delete":
            self._forget_references(directory, user[1])
            directory.delete(user[1])

    @staticmethod
    def _move(directory, guid: bytes, ou: str) -> None:
        old = directory.dn(guid)
        new = f"{old.split(',')[0]},{ou},{directory.base}"
        if new == old:
            return
        directory.move(guid, new)
        for attributes in directory.objects.values():  # links follow a renamed object, unreported
            if attributes.get("manager") == old:
                attributes["manager"] = new
            if old in attributes.get("member", []):
                attributes["member"] = [new if m == old else m for m in attributes["member"]]

    @staticmethod
    def _forget_references(directory, guid: bytes) -> None:
        gone = directory.dn(guid)
        for attributes in directory.objects.values():  # links to a deleted object go, unreported
            if attributes.get("manager") == gone:
                del attributes["manager"]
            if gone in attributes.get("member", []):
                attributes["member"] = [m for m in attributes["member"] if m != gone]
                if not attributes["member"]:
                    del attributes["member"]


def picture(tenant) -> dict[str, dict[str, object]]:
    """What matters of a tenant: attributes by anchor, sets without order."""
    return {
        anchor: {
            name: frozenset(value) if isinstance(value, list) else value
            for name, value in body.items()
            if name != "cloudAnchor"
        }
        for anchor, body in tenant.objects.items()
    }


def kept_by_an_empty_import(world) -> bool:
    """Whether a forest lost its last object between two full imports: one that finds nothing takes nothing for gone."""
    one = world.server.database.connection.execute
    empty = [world.server.connector(name)[0] for name in FORESTS if not world.directories[name].objects]
    held = "SELECT count(*) FROM cs WHERE connector = ? AND anchor IS NOT NULL"
    return any(one(held, (ordinal,)).fetchone()[0] for ordinal in empty)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(  # a member that moves before it was ever read
    steps=[
        ("group", "contoso.com"),
        ("add", ("contoso.com", "a@contoso.com", 512)),
        ("join", 0, 0),
        ("move", 0, "OU=Sales"),
    ],
    criteria="AlwaysProvision",
)
@example(  # a member is renamed and joins a group between the same two cycles
    steps=[
        ("cycle",),
        ("group", "contoso.com"),
        ("add", ("contoso.com", "a@contoso.com", 512)),
        ("cycle",),
        ("move", 1, "OU=Sales"),
        ("join", 0, 1),
        ("cycle",),
    ],
    criteria="AlwaysProvision",
)
@example(  # the only object goes before a full import: it finds nothing, so nothing is taken for gone
    steps=[("add", ("contoso.com", "a@contoso.com", 512)), ("cycle",), ("delete", 0), ("initial",)],
    criteria="AlwaysProvision",
)
@given(steps=st.lists(operation, max_size=30), criteria=st.sampled_from(["AlwaysProvision", "Mail"]))
def test_a_history_ends_like_a_fresh_start(deployment_class, steps, criteria):
    with tempfile.TemporaryDirectory() as folder:
        world = _make(deployment_class, folder, "lived", FORESTS, criteria)
        world.cycle(initial=True)
        history = History(world)
        for step in steps:
            history.apply(step)
        world.cycle()
        world.cycle()
        settled = world.cycle()
        fresh = _make(deployment_class, folder, "fresh", FORESTS, criteria)
        fresh.directories.update(world.directories)
        for connector in fresh.server.connectors.values():
            if connector.name in FORESTS:
                fresh.server.systems._connectors[connector.identifier] = world.directories[connector.name]
        fresh.cycle(initial=True)
        fresh.cycle()
        try:
            errors = {e.error_type for run in settled.values() for e in run.errors}
            if not errors and not kept_by_an_empty_import(world):
                assert settled[ENTRA, "Export"].steps[0].statistics.counters == {}
                assert picture(world.tenant) == picture(fresh.tenant)
        finally:
            world.server.close()
            fresh.server.close()


def _make(deployment_class, folder: str, name: str, forests, criteria: str):
    path = Path(folder) / name
    path.mkdir()
    return deployment_class(path, forests, None, anchor="objectGUID", join_criteria=criteria)
