"""Which events a run leaves: one for each way a step can end, and those of the tenant's provider."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from engine.connectors.connector import ImportedObject, ImportKind
from engine.errors import ConnectorError
from engine.model.configuration import ENTRA_CONNECTOR_ID, ConnectorConfiguration, ConnectorType
from engine.run.delete_threshold import DeletionThreshold
from engine.run.run_events import run_events
from engine.scheduler import SchedulerSettings
from engine.store.run_history import ObjectError, RunResult, StepResult

ENTRA = "contoso.onmicrosoft.com - AAD"
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DIRECTORY = ConnectorConfiguration("1", "contoso.com", ConnectorType.ACTIVE_DIRECTORY)
TENANT = ConnectorConfiguration(ENTRA_CONNECTOR_ID, ENTRA, ConnectorType.ENTRA)


def events_of(configuration, kind, result, *, connection="success", errors=(), stale=(), **counters):
    step = StepResult(1, kind, "p", NOW, NOW, result)
    step.connection, step.errors = connection, list(errors)
    step.statistics.counters.update(counters)
    run = RunResult(1, "i", configuration.identifier, configuration.name, "Profile", 1, NOW, NOW, result, [step])
    return list(run_events(configuration, run, stale))


def error(kind, phase="sync"):
    return ObjectError(1, "CN=Ana", phase, kind, "text")


@pytest.mark.parametrize(
    ("kind", "result", "how", "ids"),
    [
        ("delta-import", "success", {}, []),
        ("delta-import", "no-start-credentials", {}, [6000]),
        ("delta-import", "no-start-connection", {}, [6050]),
        ("delta-import", "stopped-connectivity", {}, [6050]),
        ("delta-import", "stopped-server", {}, [6803]),
        ("full-import", "completed-discovery-errors", {"errors": [error("read-error", "import")]}, [6100]),
        ("delta-import", "completed-warnings", {"errors": [error("exported-change-not-reimported", "import")]}, [6105]),
        ("delta-import", "completed-transient-objects", {}, [6105]),
        ("delta-sync", "completed-sync-errors", {"errors": [error("sync-generic-failure")]}, [6100]),
        ("export", "completed-export-errors", {"errors": [error("permission-issue", "export")]}, [6100]),
        ("full-sync", "stopped-database-disk-full", {}, [6323, 6803]),
        ("delta-sync", "success", {"stale": ["delta-sync"]}, [6127]),
        ("delta-import", "success", {"stale": ["delta-import"]}, [6126]),
        ("delta-import", "success", {"stale": ["delta-sync"]}, []),
    ],
)
def test_a_step_of_a_directory(kind, result, how, ids):
    assert [one.id for one in events_of(DIRECTORY, kind, result, **how)] == ids


@pytest.mark.parametrize(
    ("kind", "result", "how", "ids"),
    [
        ("delta-import", "success", {}, [117, 105]),
        ("export", "success", {}, [114]),
        ("export", "success", {"LastSuccessfulExportBatchNumber": 2}, [104, 104, 114]),
        (
            "export",
            "completed-export-errors",
            {"errors": [error("InvalidSoftMatch", "export")], "LastSuccessfulExportBatchNumber": 1},
            [104, 6941, 114, 6100],
        ),
        ("export", "stopped-deletion-threshold-exceeded", {}, []),
        (
            "delta-import",
            "stopped-extension-dll-exception",
            {"connection": "failed-connection: no route"},
            [117, 106, 6801, 6803],
        ),
        (
            "export",
            "stopped-extension-dll-exception",
            {"connection": "failed-authentication: AADSTS50126"},
            [106, 115, 6801, 6803],
        ),
        ("delta-sync", "success", {}, []),
    ],
)
def test_a_step_of_the_tenant_s_connector(kind, result, how, ids):
    assert [one.id for one in events_of(TENANT, kind, result, **how)] == ids


def test_what_they_say():
    (event,) = events_of(DIRECTORY, "delta-sync", "completed-sync-errors", errors=[error("x"), error("y")])
    assert (
        'The management agent "contoso.com" step execution completed on run profile "Profile" with errors.'
        in event.text
    )
    assert "Synchronization Errors: 2." in event.text
    failed = events_of(
        TENANT, "export", "completed-export-errors", errors=[error("InvalidSoftMatch", "export")]
    )  # fmt: skip
    assert any("Error Name: InvalidSoftMatch Error Detail: text Dn: CN=Ana" in one.text for one in failed)


class TestOnAServer:
    def ids(self, world):
        return [record.id for record in world.server.events.read()]

    def test_the_service_starts_and_stops(self, deploy, tmp_path):
        world = deploy()
        assert self.ids(world) == [2001]
        world.server.close()
        assert self.ids(world) == [2001, 2002]

    def test_a_lost_machine_says_nothing(self, deploy):
        world = deploy()
        world.server.close(stopped=False)
        assert self.ids(world) == [2001]

    def test_runs_of_the_tenant(self, deploy):
        world = deploy(anchor="objectGUID")
        guid = world.contoso.add("Ana Lopez")
        world.tenant.refused[base64.b64encode(guid).decode()] = "InvalidSoftMatch"
        world.cycle(initial=True)
        assert self.ids(world) == [2001, 117, 105, 104, 6941, 114, 6100]

    def test_a_cycle_is_told(self, deploy):
        world = deploy()
        world.cycle(initial=True)
        world.server.scheduler_settings = SchedulerSettings
        world.server.start_sync_cycle("Delta")
        assert [record.text for record in world.server.events.read([904])] == [
            "Scheduler: a synchronization cycle started, policy Delta.",
            "Scheduler: a synchronization cycle ended, result success.",
        ]

    def test_wrong_credentials(self, deploy):
        world = deploy()

        def refuse(*_):
            raise ConnectorError("failed-authentication", "no", "no-start-credentials")

        world.contoso.read_full = refuse
        world.run("contoso.com", "Full Import")
        (record,) = world.server.events.read([6000])
        assert record.text == ('The management agent "contoso.com" failed to run because the credentials were invalid.')

    def test_the_deletion_guard_keeps_its_own_event(self, deploy):
        world = deploy(anchor="objectGUID")
        guids = [world.contoso.add(name) for name in ("Ana", "Bo")]
        world.cycle(initial=True)
        world.cycle()
        for guid in guids:
            world.contoso.delete(guid)
        world.threshold = DeletionThreshold(threshold=1)
        world.cycle()
        assert len(world.server.events.read([116])) == 1
        assert world.server.events.read([6803, 6801, 6100]) == []

    def test_transient_objects_are_a_warning_until_their_directory_says_where_they_went(self, deploy):
        world = deploy()
        ana = world.contoso.add("Ana Lopez")
        world.cycle(initial=True)
        world.cycle()
        dn = world.contoso.dn(ana)
        world.contoso.places[ana] = (dn.replace("Ana", "Old"), "user")  # renamed, and not told of yet
        world.contoso.add("Ana Lopez")
        assert world.run("contoso.com", "Delta Import").result == "completed-transient-objects"
        assert len(world.server.events.read([6105])) == 1
        moved = ImportedObject(ImportKind.CHANGE, world.contoso.dn(ana), ana, "user", {})
        world.contoso.log.append(moved)
        assert world.run("contoso.com", "Delta Import").result == "success"
