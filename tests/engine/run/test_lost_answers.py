"""Answers that never come, batches that come twice, systems that say not now: what the run says, and that it heals.

The forest and the tenant answer LDAP and HTTPS; each trouble meets the same change of a settled world, and the end is
that of a twin without it. Source: facts "engine" 1.7, 5.2, "tenant" 17; ledger crash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from engine.connectors.entra.tenant_client import TenantClient

AD, ENTRA = "contoso.com", "contoso.onmicrosoft.com - AAD"
BROKEN = "stopped-extension-dll-exception"


@dataclass(frozen=True)
class Trouble:
    """faults: name -> how often, armed before the cycle or, with ``before_send``, when the batch leaves.

    results: what the runs of the cycle say, where it is not success.
    """

    name: str
    faults: dict[str, int]
    results: dict[tuple[str, str], str]
    before_send: bool = True


TROUBLES = [
    # stored, and nobody heard of it: the next cycle imports what it did first, then sends what is still missing
    Trouble("lost answer", {"tenant.lost_answer": 1}, {(ENTRA, "Export"): BROKEN}),
    # said not now, before anything was done: waits as long as it is told, and repeats
    Trouble("throttled thrice", {"tenant.throttle": 3}, {}),
    Trouble("unavailable twice", {"tenant.unavailable": 2}, {}),
    Trouble("throttled for good", {"tenant.throttle": 10}, {(ENTRA, "Export"): BROKEN}),
    Trouble("server error", {"tenant.server_error": 1}, {(ENTRA, "Export"): BROKEN}),
    Trouble("busy", {"tenant.busy": 1}, {(ENTRA, "Export"): BROKEN}),
    # the forest breaks off while it is read: the other steps of the cycle run all the same
    Trouble(
        "forest breaks off", {"directory.drop_connection": 1}, {(AD, "Delta Import"): "stopped-connectivity"}, False
    ),
]


def change(stage: Any) -> None:
    """A title, a newcomer in the group, somebody gone."""
    stage.act("directory.set_attributes", {"object": "Ana Lopez", "set": {"title": "Lead"}})
    stage.act("directory.add_user", {"name": "Kim New", "in": "Staff"})
    stage.act("directory.add_member", {"group": "Crew", "members": ["Kim New"]})
    stage.act("directory.delete", "Person 7")


def cycle(stage: Any) -> dict[tuple[str, str], str]:
    done = stage.engine.start_sync_cycle("Delta")
    return {(run.connector_name, run.profile): run.result for run in done.runs if run.result != "success"}


@pytest.fixture
def settled(stage: Any) -> Any:
    """The stage after its first cycles, kept as ``settled``; ``expected``: how the change ends without trouble."""
    stage.settle()
    stage.lab.keep("settled")
    change(stage)
    assert cycle(stage) == {}
    stage.settle()
    stage.expected = stage.picture()
    return stage


def back(stage: Any) -> None:
    stage.lab.go_back("settled")
    change(stage)


def heals(stage: Any, trouble: str) -> None:
    last = stage.settle()
    assert (last.result, last.steps[0].statistics.counters) == ("success", {}), trouble
    assert stage.picture() == stage.expected, trouble


def test_every_trouble_heals(settled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    provision = TenantClient.provision
    for trouble in TROUBLES:
        back(settled)
        arm = settled.lab.faults.arm

        def troubled(self: TenantClient, objects: Any, trouble: Trouble = trouble, arm: Any = arm) -> Any:
            monkeypatch.setattr(TenantClient, "provision", provision)
            for name, times in trouble.faults.items():
                arm(name, times)
            return provision(self, objects)

        if trouble.before_send:
            monkeypatch.setattr(TenantClient, "provision", troubled)
        else:
            for name, times in trouble.faults.items():
                arm(name, times)
        assert cycle(settled) == trouble.results, trouble.name
        assert settled.lab.faults.taken.keys() >= trouble.faults.keys(), trouble.name
        for name in trouble.faults:
            arm(name, 0)
        heals(settled, trouble.name)


def test_a_batch_that_arrives_twice(settled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds and changes are taken as they are; a delete repeated finds nothing and is an error of that object alone."""
    back(settled)
    provision = TenantClient.provision

    def twice(self: TenantClient, objects: Any) -> Any:
        provision(self, objects)
        return provision(self, objects)

    monkeypatch.setattr(TenantClient, "provision", twice)
    assert cycle(settled) == {(ENTRA, "Export"): "completed-export-errors"}
    (error,) = settled.engine.last_cycle.run(ENTRA, "Export").errors
    assert "Delete, is not valid" in error.text
    monkeypatch.setattr(TenantClient, "provision", provision)
    heals(settled, "twice")
    assert settled.look("SYNC1.errors") == []
