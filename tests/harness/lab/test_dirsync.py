"""A DirSync machine in a world: cuts and restores, names, what a refused upgrade leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from harness.lab import dirsync
from harness.lab.dirsync import DirSyncChoices
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError, StepRefusedError


@pytest.fixture
def world() -> Iterator[Lab]:
    settings = {"minimum_client_version": "1.0.0.0"}
    tenants = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"], "settings": settings}}
    with Lab(make_world(forests={"contoso.com": {"users": ["Ana Lopez"]}}, tenants=tenants)) as lab:
        dirsync.install_dirsync(lab, "D1", DirSyncChoices(objects=60_000))
        yield lab


def users(lab: Lab) -> int:
    return len(lab.tenant().graph().pages("users", {"$filter": "onPremisesSyncEnabled eq true", "$count": "true"}))


def test_it_exports_every_three_hours(world: Lab) -> None:
    engine = dirsync.machine(world, "D1").engine
    cycles = lambda: len([one for one in engine.events.read([904]) if "started" in one.text])  # noqa: E731
    assert cycles() == 1
    world.advance(timedelta(hours=2, minutes=59))
    assert cycles() == 1
    world.advance(timedelta(minutes=2))
    assert cycles() == 2
    dirsync.machine(world, "D1").running = False
    world.advance(timedelta(hours=4))
    assert cycles() == 2
    assert world.tenant().provisioning("GetCompanyConfiguration", {})["DirSyncConfiguration"]["Scheduler"] is None


def test_a_cut_brings_it_back(world: Lab) -> None:
    before = world.snapshot()
    with pytest.raises(StepRefusedError, match="DIRSYNC_PARALLEL_RECOMMENDED"):
        install_server(world, "D1", Choices())
    assert [one.name for one in dirsync.machines(world)] == ["D1"]
    install_server(world, "D1", Choices(dirsync={"continue_here": True}))
    assert (dirsync.machines(world), list(world.servers)) == ([], ["D1"])
    world.restore(before)
    assert (list(world.servers), [one.name for one in dirsync.machines(world)]) == ([], ["D1"])
    dirsync.machine(world, "D1").engine.start_sync_cycle("Delta")
    install_server(world, "D1", Choices(dirsync={"continue_here": True}))
    assert world.server("D1").engine.start_sync_cycle("Delta").result == "success"


def test_names(world: Lab) -> None:
    with pytest.raises(ScenarioError, match="already"):
        dirsync.install_dirsync(world, "D1", DirSyncChoices())
    with pytest.raises(ScenarioError, match="it is on: D1"):
        dirsync.machine(world, "D2")
    with pytest.raises(StepRefusedError, match="SQL_NOT_FOUND"):
        dirsync.install_dirsync(world, "D2", DirSyncChoices(sql="NOWHERE"))
