"""In which order objects leave, and which answers are kept when a later batch does not arrive. Facts "engine" 4."""

from __future__ import annotations

import base64

import pytest

from engine.errors import ConnectorError

ENTRA = "contoso.onmicrosoft.com - AAD"
BATCH = 30


def test_groups_follow_users_and_deletions_come_last(deploy):
    world = deploy(anchor="objectGUID")
    ana = world.contoso.add("Ana")
    world.cycle(initial=True)
    world.contoso.delete(ana)
    world.contoso.add("Crew", "group")
    world.contoso.add("Bo")
    world.tenant.batches.clear()
    world.cycle()
    (batch,) = world.tenant.batches
    assert [(change.operation.value, change.object_type) for change in batch] == [
        ("add", "user"),
        ("add", "group"),
        ("delete", "user"),
    ]


@pytest.fixture
def crowd(deploy, monkeypatch):
    """People for three batches and a bit; answers are kept two batches at a time. seen: what still waits at each."""
    world = deploy(anchor="objectGUID")
    for number in range(3 * BATCH + 5):
        world.contoso.add(f"Person {number:03}")
    world.cycle(initial=True, export=False)
    monkeypatch.setattr("engine.run.export_step.BATCHES_SAVED", 2)
    world.seen, world.fails_at = [], 0
    export = world.tenant.export

    def watched(changes):
        world.seen.append(world.pending_exports())
        if len(world.seen) == world.fails_at:
            raise ConnectorError("cd-error", "The connection is gone.", "stopped-connectivity")
        return export(changes)

    monkeypatch.setattr(world.tenant, "export", watched)
    return world


def test_answers_are_kept_after_some_batches(crowd):
    assert crowd.run(ENTRA, "Export").result == "success"
    assert crowd.seen == [95, 95, 35, 35]
    assert crowd.pending_exports() == 0


def test_an_error_is_kept_at_once(crowd):
    refused = next(iter(crowd.contoso.objects.values()))["objectGUID"]
    crowd.tenant.refused[base64.b64encode(refused).decode()] = "InvalidSoftMatch"
    run = crowd.run(ENTRA, "Export")
    assert run.counter("ExportFailure") == 1
    assert crowd.seen == [95, 66, 66, 6]
    assert crowd.pending_exports() == 1


@pytest.mark.parametrize(("fails_at", "waiting"), [(1, 95), (2, 65), (3, 35), (4, 5)])
def test_what_was_answered_before_the_connection_broke_stays_answered(crowd, fails_at, waiting):
    crowd.fails_at = fails_at
    run = crowd.run(ENTRA, "Export")
    assert run.result == "stopped-connectivity"
    assert crowd.pending_exports() == waiting == 95 - run.counter("ExportAdd")
    assert run.counter("CurrentExportBatchNumber") == fails_at
    assert run.counter("LastSuccessfulExportBatchNumber") == fails_at - 1
