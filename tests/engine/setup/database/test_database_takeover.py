"""A new server on an existing database: accounts, staging, watermarks, rules of another release."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.network import Network
from engine.server import SyncServer
from engine.setup.answers import Components, SqlInstance, Switches
from engine.setup.database.database_takeover import open_taken_over
from engine.setup.database.sql_instance import database_path
from engine.setup.wizard_run import WizardRun, run_wizard
from engine.store.run_history import TIME
from engine.sync_cycle import TENANT_FIRST

LONG_AGO, RECENTLY = "2025-12-01T08:00:00.000000Z", "2026-01-04T08:00:00.000000Z"


@pytest.fixture
def lost(stage, tmp_path):
    """A lost server's database; what is told to it is its version and when it last synchronized."""
    folder = tmp_path / "sql"
    folder.mkdir()
    stage.host_changes = {"sql_instances": {"SQL1": SqlInstance(folder)}}

    def make(version="2.5.79.0", last=RECENTLY):
        state = stage.state()
        state.host = replace(state.host, name="SYNC0", product_version=version)
        _, blueprint = run_wizard(stage.custom(), state)
        path = database_path(folder, "ADSync")
        server = SyncServer.create(
            path, name="SYNC0", blueprint=blueprint, network=Network(), clock=state.clock, seed="1"
        )
        server.database.set_fact("last-cycle", last)
        for connector in list(server.connectors.values()):
            server.save_connector(connector.with_(full_import_required=False, full_sync_required=False))
        server.configuration.save_watermark(1, "p", b"kept", last)
        server.close()
        return path

    return make


@pytest.fixture
def taken(stage):
    opened = []

    def take_over(**changes):
        state = stage.state()
        state.random = random.Random("another machine")
        answers = stage.custom(
            switches=Switches(use_existing_database=True), components=Components(sql_instance="SQL1"), **changes
        )
        run = WizardRun(answers, state)
        run.through()
        assert not run.outcomes[-1].refused, run.outcomes[-1].message
        opened.append(open_taken_over(run, network=Network(), clock=state.clock, seed="1"))
        return opened[-1], run.outcomes[-1]

    yield take_over
    for server in opened:
        server.close()


def test_it_goes_on_in_staging_mode_with_new_accounts(lost, taken, stage):
    lost()
    server, page = taken()
    assert server.staging
    assert (server.name, server.database.fact("server")) == ("SYNC1", "SYNC1")
    assert page.facts["full_import_first"] is False
    assert page.facts["full_sync"] == []
    accounts = [value for name, value in stage.forest.writes if name == "account"]
    name, password, _ = accounts[-1]
    connector = server.connector("contoso.com")[1]
    assert connector.parameters["forest-login-user"] == name
    assert server.configuration.secret(connector.identifier) == password
    assert server.configuration.secret(ENTRA_CONNECTOR_ID) == "tenant secret"
    assert server.configuration.watermark(1, "p") == b"kept"
    assert server.configuration.watermark_taken(1, "p") == stage.state().clock.now().strftime(TIME)
    assert server.database.fact("sql-instance") == "SQL1"
    assert server.service.key_readable


def test_the_lost_server_cannot_start_on_it_any_more(lost, taken):
    lost()
    server, _ = taken()
    old = server.service.snapshot()
    server.service.restore(replace(old, key_set=""))
    assert not server.service.key_readable


def test_credentials_are_not_recovered(lost, taken, stage):
    path = lost()
    (_, before, _) = next(value for name, value in stage.forest.writes if name == "account")
    server, _ = taken()
    secrets = [bytes(row[0]).decode() for row in server.database.connection.execute("SELECT value FROM secret")]
    assert before not in secrets
    assert len(secrets) == 2
    assert path.exists()


def test_an_old_database_reads_the_tenant_first(lost, taken, stage):
    lost(last=LONG_AGO)
    server, page = taken()
    assert page.facts["full_import_first"] is True
    assert server.entra_connector[1].full_import_required
    assert not server.connector("contoso.com")[1].full_import_required
    assert server.configuration.watermark_taken(1, "p") == LONG_AGO
    steps = server.cycle._plan("Delta")
    assert steps[0] == (ENTRA_CONNECTOR_ID, "Full Import")
    assert [step.profile for step in steps].count("Full Import") == 1
    entra = server.entra_connector[1]
    server.save_connector(entra.with_(full_import_required=False))
    assert server.cycle._plan("Delta")[0].profile == "Delta Import"
    assert server.database.fact(TENANT_FIRST) == "True"


def test_the_tenant_s_scheduler_stays_but_for_the_box(lost, taken, stage):
    lost()
    stage.change_company(scheduler={"NextSyncCyclePolicyType": "Delta", "SyncCycleEnabled": True})
    taken(start_sync=False)
    scheduler = [value for name, value in stage.tenant.writes if name == "configuration"][-1]["Scheduler"]
    assert (scheduler["SyncCycleEnabled"], scheduler["NextSyncCyclePolicyType"]) == (False, "Delta")


def test_rules_of_another_release_are_renewed_and_synchronized_in_full(lost, taken):
    lost(version="1.1.700.0")
    server, page = taken()
    assert page.facts["full_sync"] == ["contoso.com"]
    assert server.version == "2.5.79.0"
    assert "employeeType" in {flow.target for rule in server.rules().values() for flow in rule.flows}


def test_the_anchor_is_the_database_s(lost, taken, stage):
    lost()
    stage.change_company(anchor_attribute="objectGUID")
    _, page = taken()
    assert page.facts["source_anchor"] == "mS-DS-ConsistencyGuid"
    assert [one.code for one in page.warnings] == ["ANCHOR_OVERRIDE_WARNING"]


def test_the_plan_shows_no_password(lost, stage):
    lost()
    state = stage.state()
    answers = stage.custom(switches=Switches(use_existing_database=True), components=Components(sql_instance="SQL1"))
    WizardRun(answers, state).through()
    assert state.takeover is not None
    assert "secret" not in repr(state.takeover)
