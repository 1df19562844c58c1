"""The promotion gate: what stands against a promotion, what force overcomes and what it does not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.scheduler import SchedulerSettings
from engine.setup.configuration.server_configuration import read_server_configuration, write_server_configuration
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.promotion import configured, exported_configuration, of_export, promotion_gate
from engine.setup.wizard_run import run_wizard

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass
class Server:
    connectors: dict
    global_settings: dict
    stored_rules: tuple
    name: str = "SYNC2"
    settings: SchedulerSettings = field(default_factory=SchedulerSettings)
    last: datetime | None = NOW - timedelta(minutes=30)

    @property
    def clock(self) -> Server:
        return self

    def now(self) -> datetime:
        return NOW

    @property
    def configuration(self) -> Server:
        return self

    def metaverse_schema(self) -> None:
        return None

    def rules(self) -> dict:
        return dict(enumerate(self.stored_rules))

    def scheduler_settings(self) -> SchedulerSettings:
        return self.settings

    def last_cycle_start(self) -> datetime | None:
        return self.last


@pytest.fixture
def server(stage) -> Server:
    _, blueprint = run_wizard(stage.custom(), stage.state())
    done = {"full_import_required": False, "full_sync_required": False}
    connectors = {n: c.with_(**done) for n, c in enumerate(blueprint.connectors)}
    return Server(connectors, dict(blueprint.global_settings), blueprint.rules)


def like(server: Server, **parts: object) -> Server:
    return replace(server, **{"global_settings": dict(server.global_settings), **parts})


def test_equal_servers_pass(server) -> None:
    assert promotion_gate(server, like(server)).refusal() is None
    assert promotion_gate(server).refusal() is None, "the other one is lost"


def test_drift_is_told_and_can_be_forced(server) -> None:
    gate = promotion_gate(like(server, stored_rules=server.stored_rules[1:]), server)
    refusal = gate.refusal()
    assert refusal is not None
    assert refusal.code == "PROMOTION_DRIFT"
    assert refusal.text == "missing rule: In from AD - User Join of contoso.com"
    assert len(gate.drift) == 1
    assert gate.refusal(force=True) is None


def test_another_anchor_cannot_be_forced(server) -> None:
    other = like(server, global_settings={**server.global_settings, ANCHOR_SETTING: "employeeID"})
    gate = promotion_gate(other, server)
    for force in (False, True):
        refusal = gate.refusal(force=force)
        assert refusal is not None
        assert refusal.code == "PROMOTION_IDENTITY_DRIFT"
        assert refusal.hard


def test_the_gravest_obstacle_gives_the_code(server) -> None:
    late = like(server, last=None, settings=SchedulerSettings(sync_cycle_enabled=False))
    refusal = promotion_gate(late, server).refusal()
    assert refusal is not None
    assert (refusal.code, refusal.hard, refusal.text.count("\n")) == ("PROMOTION_STALE", False, 1)
    other = like(late, global_settings={**server.global_settings, ANCHOR_SETTING: "employeeID"})
    refusal = promotion_gate(other, server).refusal()
    assert refusal is not None
    assert (refusal.code, refusal.hard, refusal.text.count("\n")) == ("PROMOTION_IDENTITY_DRIFT", True, 2)


def test_work_that_is_due(server) -> None:
    due = {n: c.with_(full_sync_required=n == 0) for n, c in server.connectors.items()}
    cases = {
        "PROMOTION_FULL_RUN_PENDING": like(server, connectors=due),
        "PROMOTION_STALE": like(server, last=NOW - timedelta(days=8)),
        "PROMOTION_SCHEDULER_DISABLED": like(server, settings=SchedulerSettings(sync_cycle_enabled=False)),
    }
    for code, one in cases.items():
        refusal = promotion_gate(one, server).refusal()
        assert refusal is not None
        assert refusal.code == code
        assert promotion_gate(one, server).refusal(force=True) is None
    assert [one.code for one in promotion_gate(like(server, last=None)).obstacles] == ["PROMOTION_STALE"]


def test_an_export_compares_as_its_server_does(server, tmp_path) -> None:
    write_server_configuration(exported_configuration(server), tmp_path / "export")
    export = of_export(read_server_configuration(tmp_path / "export"))
    from engine.setup.drift_report import drift_report

    assert drift_report(export, configured(server)) == ()
    fewer = like(server, stored_rules=server.stored_rules[1:])
    assert [one.about for one in drift_report(export, configured(fewer))] == ["In from AD - User Join"]
