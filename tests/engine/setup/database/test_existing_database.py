"""/UseExistingDatabase: which database may be used, and what a second attempt finds after a refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import ConfigurationError, EngineError
from engine.network import Network
from engine.server import SyncServer
from engine.setup.answers import Components, SqlInstance, Switches
from engine.setup.database.existing_database import choose, in_use, not_offered, read_existing, wrong_tenant
from engine.setup.database.sql_instance import database_path
from engine.setup.wizard_run import run_wizard
from engine.store.database import Database
from engine.store.run_history import TIME

SWITCH = Switches(use_existing_database=True)


@pytest.fixture
def path(stage, tmp_path):
    """The database a lost server left on a SQL instance."""
    folder = tmp_path / "sql"
    folder.mkdir()
    stage.host_changes = {"sql_instances": {"SQL1": SqlInstance(folder)}}
    state = stage.state()
    _, blueprint = run_wizard(stage.custom(), state)
    found = database_path(folder, "ADSync")
    SyncServer.create(found, name="SYNC0", blueprint=blueprint, network=Network(), clock=state.clock, seed="1").close()
    return found


def existing(stage, **changes):
    return stage.custom(switches=SWITCH, components=Components(sql_instance="SQL1"), **changes)


@pytest.mark.parametrize(
    ("components", "version", "code"),
    [
        (Components(sql_instance="SQL1"), "1.1.612.9", "SWITCH_UNKNOWN"),
        (Components(sql_instance="SQL1"), "1.1.613.0", None),
        (Components(), "2.5.79.0", "DB_NEEDS_FULL_SQL"),
        (Components(sql_instance="SQL1", import_settings="x.JSON"), "2.5.79.0", "IMPORT_WITH_EXISTING_DATABASE"),
    ],
)
def test_what_the_switch_does_not_go_with(stage, components, version, code):
    host = replace(stage.host(), product_version=version)
    refused = not_offered(stage.custom(switches=SWITCH, components=components), host)
    assert (refused.code if refused is not None else None) == code
    assert not_offered(stage.custom(components=components), host) is None


def test_everything_but_credentials_is_read(path):
    found = read_existing(path)
    assert found.forests == ("contoso.com",)
    assert (found.version, found.tenant, found.sign_in) == (
        "2.5.79.0",
        "contoso.onmicrosoft.com",
        "password-hash-sync",
    )
    assert {rule.name for rule in found.rules} >= {"In from AD - User Join"}


@pytest.mark.parametrize(("version", "method"), [("1.2.64.9", "do-not-configure"), ("1.2.65.0", "password-hash-sync")])
def test_the_sign_in_method_is_restored_from_1_2_65_0_on(path, version, method):
    assert replace(read_existing(path), version=version).sign_in == method


def test_three_weeks(path, stage):
    now = stage.state().clock.now()
    found = read_existing(path)
    assert not found.recent(now)  # nothing was ever synchronized
    for age, recent in ((timedelta(days=21), True), (timedelta(days=21, seconds=1), False)):
        assert replace(found, last_active=now - age).recent(now) is recent


def test_the_last_run_tells_when_it_was_active(path):
    database = Database(path)
    database.set_fact("last-cycle", "2026-01-04T08:00:00.000000Z")
    database.close()
    assert read_existing(path).last_active.strftime(TIME) == "2026-01-04T08:00:00.000000Z"


def test_no_database_of_ours_is_named(tmp_path):
    path = tmp_path / "ADSync.sqlite"
    path.write_bytes(b"precious" * 100)
    with pytest.raises(ConfigurationError):
        read_existing(path)
    assert path.read_bytes() == b"precious" * 100


def test_a_database_another_server_has_open_cannot_be_used(path, stage):
    state = stage.state()
    other = SyncServer.open(path, name="SYNC0", network=Network(), clock=state.clock, seed="1")
    assert in_use(path)
    assert choose("ADSync", path, state).code == "DB_SHARED"
    other.events.write(2001)  # it works on
    other.close()
    assert not in_use(path)
    assert choose("ADSync", path, state) is None
    assert state.fixed_forests == ("contoso.com",)


def test_a_newer_database_and_an_empty_one(path, stage, tmp_path):
    stage.host_changes["product_version"] = "2.4.0.0"
    assert choose("ADSync", path, stage.state()).code == "DB_NEWER_THAN_BINARIES"
    empty = tmp_path / "empty.sqlite"
    empty.touch()
    assert choose("empty", empty, stage.state()).code == "DB_EMPTY"


def test_another_tenant(path, stage):
    state = stage.state()
    choose("ADSync", path, state)
    state.company = replace(stage.tenant.company(), initial_domain="other.onmicrosoft.com")
    assert wrong_tenant(state, "Connect").code == "DB_OTHER_TENANT"
    state.company = replace(state.company, initial_domain="CONTOSO.onmicrosoft.com")
    assert wrong_tenant(state, "Connect") is None


def test_only_the_pages_that_are_left_are_shown(path, stage):
    outcomes, _ = run_wizard(existing(stage), stage.state())
    assert [one.page for one in outcomes] == [
        "Welcome",
        "Express settings",
        "Install required components",
        "Connect to Microsoft Entra ID",
        "Connect your directories",
        "Ready to configure",
        "Configure",
    ]


def test_a_refused_attempt_leaves_nothing_a_second_one_trips_over(path, stage):
    before = path.read_bytes()
    stage.tenant.refuses["service_account"] = EngineError("SYNC_ACCOUNT_LIMIT", "There are twenty already.")
    outcomes, _ = run_wizard(existing(stage), stage.state())
    assert (outcomes[-1].page, outcomes[-1].code) == ("Configure", "SYNC_ACCOUNT_LIMIT")
    assert path.read_bytes() == before
    stage.tenant.refuses.clear()
    state = stage.state()
    outcomes, _ = run_wizard(existing(stage), state)
    assert not outcomes[-1].refused
    assert state.takeover is not None
    assert path.read_bytes() == before  # written when the wizard is done
