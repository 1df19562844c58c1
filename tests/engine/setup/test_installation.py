"""install() where nothing answers, and the blueprint as a database a server opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.network import Network
from engine.server import SyncServer
from engine.setup import install
from engine.setup.answers import Components, SqlInstance
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.installation import configured_server
from engine.setup.pages.install_required_components import database_path
from engine.setup.wizard_run import WizardRun, run_wizard
from engine.store.database import Database, DatabaseFull


def test_unknown_tenant_is_a_refused_page_and_leaves_nothing(stage) -> None:
    outcome = install(stage.answers(), stage.host(), network=Network(), clock=stage.state().clock, seed="1")
    assert outcome.server is None
    assert outcome.code == "REALM_DISCOVERY_FAILED"
    assert outcome.pages[-1].page == "Connect to Microsoft Entra ID"
    assert not stage.folder.exists()


def test_existing_data_stays_when_the_page_refuses(stage, tmp_path: Path) -> None:
    path = database_path(tmp_path, "ADSync")
    path.write_bytes(b"precious" * 100)
    stage.host_changes = {"sql_instances": {"SQL1": SqlInstance(tmp_path)}}
    answers = stage.custom(components=Components(sql_instance="SQL1"))
    outcome = install(answers, stage.host(), network=Network(), clock=stage.state().clock, seed="1")
    assert outcome.code == "DATABASE_NOT_EMPTY"
    assert path.read_bytes() == b"precious" * 100


@pytest.fixture
def server(stage, tmp_path: Path):
    state = stage.state()
    _, blueprint = run_wizard(stage.answers(), state)
    opened = SyncServer.create(
        tmp_path / "ADSync.sqlite", name="SYNC1", blueprint=blueprint, network=Network(), clock=state.clock, seed="1"
    )
    yield opened
    opened.close()


def test_blueprint_becomes_a_server(server, stage) -> None:
    assert server.global_settings[ANCHOR_SETTING] == "mS-DS-ConsistencyGuid"
    assert server.version == "2.5.79.0"
    assert server.tenant == "contoso.onmicrosoft.com"
    assert [c.name for c in server.connectors.values()] == ["contoso.com", "contoso.onmicrosoft.com - AAD"]
    assert "Out to AD - User ImmutableId" in {rule.name for rule in server.rules().values()}
    (_, password, _) = next(v for n, v in stage.forest.writes if n == "account")
    assert server.configuration.secret(server.connector("contoso.com")[1].identifier) == password


def test_typed_credentials_are_not_in_the_database_file(server, tmp_path: Path) -> None:
    server.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("ADSync.sqlite*")))
    assert b"MSOL_" in content
    assert b"cloud secret" not in content
    assert b"forest secret" not in content


def test_rules_of_the_blueprint_compile(server) -> None:
    assert server.compiled is server.compiled


def test_a_disk_that_fills_up_leaves_no_database_behind(stage, monkeypatch) -> None:
    state = stage.state()
    run = WizardRun(stage.answers(), state)
    run.through()
    given = {"network": Network(), "clock": state.clock, "seed": "1"}
    for fact in ("product-version", "sql-instance"):  # within the transaction that makes it, and after it
        kept = Database.set_fact

        def until_full(self, name, value, fact=fact, kept=kept):
            if name == fact:
                raise DatabaseFull
            kept(self, name, value)

        monkeypatch.setattr(Database, "set_fact", until_full)
        outcome = configured_server(run, **given)
        assert (outcome.server, outcome.code, outcome.pages[-1].page) == (None, "DATABASE_DISK_FULL", "Configure")
        assert list(state.database.parent.glob("ADSync.sqlite*")) == []
        monkeypatch.undo()
    opened = configured_server(run, **given).server
    assert opened is not None
    opened.close()
