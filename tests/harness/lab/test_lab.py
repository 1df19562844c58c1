"""A whole world: started, ticked in order, kept and taken back, closed without a trace."""

from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.lab.ldap_client import LdapRefusedError
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError
from harness.vocabulary import actions

FOREST = {"contoso.com": {"users": [{"name": "Ana Lopez", "in": "Staff", "title": "Engineer"}]}}
TENANT = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}


def act(lab: Lab, verb: str, arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def test_closing_leaves_no_folder_thread_or_socket() -> None:
    with Lab(make_world(forests=FOREST, tenants=TENANT)):
        pass  # the reactor thread and what Python keeps for good exist from here on
    threads = set(threading.enumerate())
    descriptors = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    lab = Lab(make_world(forests=FOREST, tenants=TENANT))
    folder = lab.folder
    lab.forest().ldap()
    lab.tenant().graph().get("organization")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    lab.close()
    lab.close()
    assert not folder.exists()
    assert set(threading.enumerate()) <= threads
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) <= descriptors


def test_a_world_that_cannot_start_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    forests = {"contoso.com": {"groups": [{"name": "G", "members": ["nobody"]}]}}
    with pytest.raises(ValueError, match="nobody"):
        Lab(make_world(forests=forests))
    assert list(tmp_path.iterdir()) == []


class Part:
    """Something that is due at moments it is told."""

    def __init__(self, name: str, moments: list[datetime], log: list[tuple[str, datetime]]) -> None:
        self.name, self.moments, self.log = name, moments, log

    def next_due(self) -> datetime | None:
        return self.moments[0] if self.moments else None

    def tick(self, now: datetime) -> None:
        while self.moments and self.moments[0] <= now:
            self.log.append((self.name, self.moments.pop(0)))

    def close(self) -> None:
        """Nothing to close."""


def test_time_passes_moment_by_moment_in_a_fixed_order() -> None:
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    log: list[tuple[str, datetime]] = []
    with Lab(make_world(start="2026-03-02T08:00:00Z")) as lab:
        minutes = [start + timedelta(minutes=n) for n in range(0, 100, 10)]
        lab.servers = {"B": Part("B", minutes[1:4], log), "A": Part("A", [*minutes[2:4], minutes[9]], log)}  # type: ignore[dict-item]
        lab.advance(timedelta(minutes=30))
        assert [(name, moment.minute) for name, moment in log] == [
            ("B", 10), ("A", 20), ("B", 20), ("A", 30), ("B", 30),
        ]  # fmt: skip
        assert lab.clock.now() == start + timedelta(minutes=30)


def test_a_part_that_is_due_for_ever_is_told_not_waited_for() -> None:
    class Stuck(Part):
        def tick(self, now: datetime) -> None:
            """Stay due."""

    with Lab(make_world(start="2026-03-02T08:00:00Z")) as lab:
        lab.servers = {"A": Stuck("A", [lab.clock.now()], [])}  # type: ignore[dict-item]
        with pytest.raises(RuntimeError, match="again and again"):
            lab.advance(timedelta(minutes=1))


def test_the_administrator_works_by_ldap() -> None:
    with Lab(make_world(forests=FOREST)) as lab:
        forest = lab.forest()
        act(lab, "directory.set_attributes", {"object": "Ana Lopez", "set": {"title": "Lead"}})
        assert forest.find("ana.lopez", ["title", "manager"]).first("title") == b"Lead"
        act(lab, "directory.add_user", {"name": "Ben Ode", "in": "New/Deep"})
        act(lab, "directory.move", {"object": "Ben Ode", "to": "Staff"})
        act(lab, "directory.rename", {"object": "Ben Ode", "to": "Ben, Odé"})
        assert forest.find("ben.ode").dn == f"CN=Ben\\, Odé,OU=Staff,{forest.base_dn}"
        act(lab, "directory.disable", "ben.ode")
        assert forest.find("ben.ode").first("userAccountControl") == b"514"
        act(lab, "directory.add_group", {"name": "Readers", "members": ["Ana Lopez"]})
        act(lab, "directory.add_member", {"group": "Readers", "members": ["ben.ode"]})
        assert len(forest.find("Readers", ["member"]).values("member")) == 2
        act(lab, "directory.delete", "Ana Lopez")
        with pytest.raises(ScenarioError, match="no object called Ana Lopez"):
            forest.find("Ana Lopez")
        act(lab, "directory.restore", "Ana Lopez")
        assert forest.find("Ana Lopez").dn == f"CN=Ana Lopez,OU=Staff,{forest.base_dn}"
        with pytest.raises(LdapRefusedError) as refused:
            act(lab, "directory.add_user", {"name": "Ana Lopez", "in": "Staff"})
        assert refused.value.code == "entryAlreadyExists"


def test_a_snapshot_is_a_cut_of_everything() -> None:
    with Lab(make_world(forests=FOREST, tenants=TENANT)) as lab:
        lab.keep("before")
        made = lab.seeds.guid("x")
        act(lab, "directory.delete", "Ana Lopez")
        act(lab, "tenant.add_user", {"upn": "cloud@contoso.com"})
        act(lab, "fault", {"tenant.throttle": 2})
        lab.advance(timedelta(days=2))
        lab.go_back("before")
        assert lab.forest().find("Ana Lopez")
        with pytest.raises(ScenarioError):
            lab.tenant().find_user("cloud@contoso.com")
        assert lab.clock.now().day == 2
        assert lab.faults.armed == {}
        assert lab.seeds.guid("x") == made
        with pytest.raises(ScenarioError, match="kept are: before"):
            lab.go_back("after")


def test_two_worlds_never_meet() -> None:
    world = make_world(forests=FOREST)
    with Lab(world) as one, Lab(world) as two:
        assert one.forest().service.endpoints != two.forest().service.endpoints
        act(one, "directory.delete", "Ana Lopez")
        assert two.forest().find("Ana Lopez")


def test_the_same_seed_makes_the_same_world() -> None:
    def identity(seed: str) -> tuple[Any, ...]:
        with Lab(make_world(forests=FOREST, tenants=TENANT), seed=seed) as lab:
            guid = lab.forest().find("Ana Lopez", ["objectGUID"]).first("objectGUID")
            return guid, lab.tenant().service.tenant_id, lab.forest().admin_password

    assert identity("7") == identity("7")
    assert not set(identity("7")) & set(identity("8"))


def test_names_of_parts() -> None:
    with Lab(make_world(forests={"contoso.com": {}, "fabrikam.com": {}})) as lab:
        assert lab.forest("CONTOSO.com").name == "contoso.com"
        with pytest.raises(ScenarioError, match="which forest"):
            lab.forest()
        with pytest.raises(ScenarioError, match="there is no forest nowhere"):
            lab.forest("nowhere")


def test_what_a_forest_cannot_hold_is_said_without_a_traceback() -> None:
    forests = {"contoso.com": {"users": [{"name": "Ana Lopez", "mailNickname": "ana"}]}}
    with pytest.raises(
        ScenarioError, match=r"contoso\.com cannot hold CN=Ana Lopez.*mailNickname is not in the schema"
    ):
        Lab(make_world(forests=forests, tenants=TENANT))
