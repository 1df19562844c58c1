"""What the wizard leaves on the machine: recorded facts, the corrected database, an account on a domain controller."""

from __future__ import annotations

import pytest

from engine.errors import EngineError
from engine.setup.database.sql_instance import SqlInstance, database_path
from engine.setup.installed_components import (
    change_service_account,
    correct_database,
    make_service_account,
    record,
    recorded,
)
from engine.setup.page import InstalledComponents
from engine.setup.service_account import Kind, ServiceAccount

COMPONENTS = InstalledComponents("D:", "CONTOSO\\svc", "domain account", ("A", "B", "C", "D"), "SQL1", "ADSync")


class Facts(dict):
    def fact(self, name, default=""):
        return self.get(name, default)

    def set_fact(self, name, value):
        self[name] = value


def test_recorded_and_read_again(stage) -> None:
    facts, state = Facts(), stage.state()
    record(facts, state)
    assert recorded(facts) is None
    state.components = COMPONENTS
    record(facts, state)
    assert recorded(facts) == COMPONENTS


def test_the_account_stays(stage) -> None:
    facts, state = Facts(), stage.state()
    change_service_account(facts, ServiceAccount("CONTOSO\\other", Kind.DOMAIN))  # nothing is known of this machine
    state.components = COMPONENTS
    record(facts, state)
    change_service_account(facts, ServiceAccount("contoso\\SVC", Kind.DOMAIN))
    with pytest.raises(EngineError) as refused:
        change_service_account(facts, ServiceAccount("CONTOSO\\other", Kind.DOMAIN))
    assert refused.value.code == "SERVICE_ACCOUNT_FIXED"


def test_an_account_is_made_only_where_one_is_needed(stage, walk) -> None:
    state = walk(stage.custom())
    make_service_account(state, lambda: "secret")
    state.components = COMPONENTS
    make_service_account(state, lambda: "secret")
    assert stage.forest.writes == []
    state.components = InstalledComponents("", "", "domain account", (), "LocalDB", "ADSync")
    make_service_account(state, lambda: "secret")
    ((kind, (name, password, description)),) = stage.forest.writes
    assert (kind, password, name[:4]) == ("account", "secret", "AAD_")
    assert "SYNC1" in description
    assert state.components.service_account == f"CONTOSO\\{name}"


def test_a_database_made_in_advance_is_set_right(stage, tmp_path) -> None:
    stage.host_changes = {"sql_instances": {"SQL1": SqlInstance(tmp_path)}}
    state = stage.state()
    correct_database(state)
    state.components, state.database = COMPONENTS, database_path(tmp_path, "ADSync")
    correct_database(state)
    (tmp_path / "ADSync.properties").write_text('{"containment": "PARTIAL"}', encoding="utf-8")
    correct_database(state)
    assert "PARTIAL" in (tmp_path / "ADSync.properties").read_text(encoding="utf-8")
    state.database.touch()
    correct_database(state)
    assert '"containment": "NONE"' in (tmp_path / "ADSync.properties").read_text(encoding="utf-8")
