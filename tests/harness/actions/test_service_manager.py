"""Deleting a connector space: refused while the scheduler is enabled, and nothing is lost by it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import EngineError
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.vocabulary import actions

FOREST = {"contoso.com": {"users": ["Ana Lopez"], "groups": [{"name": "Readers", "members": ["Ana Lopez"]}]}}


def act(lab: Lab, verb: str, arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def rows(lab: Lab, table: str) -> int:
    database = lab.server("SYNC1").engine.database
    return int(database.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.parametrize(("version", "refused"), [("1.1.523.0", False), ("1.1.524.0", True)])
def test_the_scheduler_is_asked_for_since_a_release(version: str, refused: bool) -> None:
    tenant = {"settings": {"minimum_client_version": "1.1.0.0"}, "verified_domains": ["contoso.com"]}
    with Lab(make_world(forests=FOREST, tenants={"contoso.onmicrosoft.com": tenant})) as lab:
        act(lab, "install", {"server": "SYNC1", "mode": "custom", "version": version})
        if refused:
            with pytest.raises(EngineError) as refusal:
                act(lab, "delete_connector_space", {"server": "SYNC1", "connector": "contoso.com"})
            assert refusal.value.code == "SCHEDULER_ENABLED"
            assert rows(lab, "cs") > 0
            act(lab, "cmdlet", {"server": "SYNC1", "command": "Set-ADSyncScheduler -SyncCycleEnabled $false"})
        people = rows(lab, "mv")
        for connector in ("contoso.com", "contoso.onmicrosoft.com"):
            act(lab, "delete_connector_space", {"server": "SYNC1", "connector": connector})
        assert (rows(lab, "cs"), rows(lab, "reference"), rows(lab, "watermark"), rows(lab, "mv")) == (0, 0, 0, people)
        engine = lab.server("SYNC1").engine
        assert all(one.full_import_required and one.full_sync_required for one in engine.connectors.values())
        act(lab, "cycle", {"server": "SYNC1", "policy": "Delta"})
        exported = engine.last_cycle.run("contoso.onmicrosoft.com - AAD", "Export")
        assert exported.result == "success"
        assert (exported.counter("ExportAdd"), exported.counter("ExportDelete")) == (0, 0)
        assert rows(lab, "mv") == people


def test_a_deleted_connector_takes_its_space_its_rules_and_its_password_along() -> None:
    tenant = {"verified_domains": ["contoso.com"]}
    with Lab(make_world(forests=FOREST, tenants={"contoso.onmicrosoft.com": tenant})) as lab:
        act(lab, "install", {"server": "SYNC1", "mode": "custom", "start_sync": False})
        act(lab, "run_profile", {"server": "SYNC1", "connector": "contoso.com", "profile": "Full Import"})
        engine = lab.server("SYNC1").engine
        identifier = engine.connector("contoso.com")[1].identifier
        assert rows(lab, "cs") > 0
        act(lab, "delete_connector", {"server": "SYNC1", "connector": "contoso.com"})
        assert rows(lab, "cs") == 0
        assert [one.name for one in engine.connectors.values()] == ["contoso.onmicrosoft.com - AAD"]
        assert all(rule.connector != identifier for rule in engine.rules().values())
        secrets = engine.database.connection.execute("SELECT connector FROM secret").fetchall()
        assert (identifier,) not in secrets
