"""In-place upgrade on a server of plain objects: what is set back, what stays, what must run in full afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from engine.errors import EngineError
from engine.model.schema import AttributeDefinition
from engine.rules.rule import AttributeFlow, FlowType
from engine.scheduler import SchedulerSettings
from engine.setup.global_settings import VERSION_SETTING
from engine.setup.source_anchor import WRITE_BACK_RULE
from engine.setup.upgrade import begin_upgrade, complete_upgrade, renewed_rules, upgrade
from engine.setup.wizard_run import run_wizard

COMMON = "In from AD - User Common"
JOIN = "In from AD - User Join"


@dataclass
class Server:
    connectors: dict
    global_settings: dict
    stored_rules: tuple
    facts: dict[str, str]
    settings: SchedulerSettings = field(default_factory=SchedulerSettings)
    suspended: bool = False
    running: bool = False
    away: bool = False

    @property
    def database(self) -> Server:
        return self

    @property
    def systems(self) -> Server:
        return self

    def close(self) -> None:
        self.reopened_as = self.facts.get("upgrade")

    @property
    def version(self) -> str:
        return self.facts["product-version"]

    def fact(self, name: str) -> str:
        return self.facts.get(name, "")

    def set_fact(self, name: str, value: str) -> None:
        self.facts[name] = value

    def rules(self) -> dict:
        return dict(enumerate(self.stored_rules))

    def save_rules(self, rules) -> None:
        self.stored_rules = tuple(rules)

    def save_connector(self, connector) -> None:
        ordinal = next(n for n, c in self.connectors.items() if c.identifier == connector.identifier)
        self.connectors[ordinal] = connector

    def save_setting(self, name: str, value: str) -> None:
        self.global_settings[name] = value

    def suspend(self) -> None:
        if self.running:
            raise EngineError("SYNC_IN_PROGRESS", "a cycle runs")
        self.suspended = True

    def resume(self) -> None:
        self.suspended = False

    def scheduler_settings(self) -> SchedulerSettings:
        if self.away:
            raise EngineError("UNREACHABLE", "the tenant is away")
        return self.settings

    def save_scheduler_settings(self, settings: SchedulerSettings) -> None:
        self.settings = settings

    def rule(self, name: str):
        return next((rule for rule in self.stored_rules if rule.name == name), None)

    def edit(self, name: str, **parts) -> None:
        self.stored_rules = tuple(replace(r, **parts) if r.name == name else r for r in self.stored_rules)

    @property
    def overrides(self) -> list[str]:
        return [c.name for c in self.connectors.values() if c.full_import_required and c.full_sync_required]


@pytest.fixture
def server(stage):
    def made(product_version: str = "2.4.21.0") -> Server:
        stage.host_changes = {"product_version": product_version}
        known = {a: AttributeDefinition(a) for a in ("employeeType", "department", "extensionAttribute2")}
        schema = stage.forest.schema_found
        stage.forest.schema_found = replace(schema, attributes={**schema.attributes, **known})
        _, blueprint = run_wizard(stage.custom(), stage.state())
        done = {"full_import_required": False, "full_sync_required": False}
        connectors = {n: c.with_(**done) for n, c in enumerate(blueprint.connectors)}
        facts = {"product-version": product_version}
        return Server(connectors, dict(blueprint.global_settings), blueprint.rules, facts)

    return made


def to(stage, version: str = "2.5.79.0", **facts):
    stage.host_changes = {"product_version": version, **facts}
    return stage.host()


def custom(server: Server, name: str, precedence: int):
    flow = AttributeFlow("department", FlowType.DIRECT, ("extensionAttribute2",))
    pattern = server.rule(COMMON)
    return replace(pattern, identifier=name, name=name, precedence=precedence, immutable_tag="", flows=(flow,))


def test_the_same_default_rules_ask_for_nothing(stage, server) -> None:
    old = server()
    outcome = upgrade(old, to(stage))
    assert not outcome.refused
    assert (old.version, old.global_settings[VERSION_SETTING]) == ("2.5.79.0", "2.5.79.0")
    assert old.overrides == []
    assert outcome.changes["set_back"] == []
    assert not old.suspended


def test_an_edited_standard_rule_is_set_back_and_a_custom_one_stays(stage, server) -> None:
    old = server()
    shipped = old.rule(COMMON)
    old.edit(COMMON, flows=shipped.flows[:3])
    old.stored_rules += (custom(old, "Mine", 50),)
    outcome = upgrade(old, to(stage))
    assert old.rule(COMMON) == shipped
    assert old.rule("Mine").precedence == 50
    assert (outcome.changes["set_back"], outcome.changes["kept"]) == ([COMMON], ["Mine"])
    assert old.overrides == ["contoso.com"]


def test_a_number_that_merely_shifted_asks_for_nothing(stage, server) -> None:
    old = server()
    shipped = old.stored_rules
    old.stored_rules = tuple(replace(rule, precedence=rule.precedence + 3) for rule in shipped)
    outcome = upgrade(old, to(stage))
    assert old.stored_rules == shipped
    assert (outcome.changes["set_back"], outcome.changes["overrides"], old.overrides) == ([], [], [])


def test_a_deleted_standard_rule_comes_back_and_a_disabled_one_stays_disabled(stage, server) -> None:
    old = server()
    old.edit(JOIN, disabled=True)
    old.stored_rules = tuple(rule for rule in old.stored_rules if rule.name != COMMON)
    outcome = upgrade(old, to(stage))
    assert outcome.changes["created"] == [COMMON]
    assert not old.rule(COMMON).disabled
    assert old.rule(JOIN).disabled


def test_a_release_that_changes_default_rules_reads_what_they_name(stage, server) -> None:
    old = server("2.1.20.0")
    assert "employeeType" not in {flow.target for flow in old.rule(COMMON).flows}
    assert "employeeType" not in old.connectors[0].attributes
    outcome = upgrade(old, to(stage))
    assert "employeeType" in {flow.target for flow in old.rule(COMMON).flows}
    assert "employeeType" in old.connectors[0].attributes
    assert outcome.changes["overrides"] == old.overrides == ["contoso.com"]


def test_custom_rules_among_the_standard_ones_go_behind_them(server) -> None:
    old = server()
    mine, other = custom(old, "Mine", 50), custom(old, "Other", 104)
    last = max(rule.precedence for rule in old.stored_rules)
    shifted = [replace(r, precedence=r.precedence + (r.precedence >= 104)) for r in old.stored_rules]
    rules = renewed_rules([*shifted, mine, other], old.stored_rules)
    assert {rule.name: rule.precedence for rule in rules if not rule.is_standard} == {"Mine": 50, "Other": last + 1}
    assert [rule for rule in rules if rule.is_standard] == list(old.stored_rules)


def test_half_way_the_engine_is_held_and_the_next_one_goes_on(stage, server) -> None:
    old = server()
    assert not begin_upgrade(old, to(stage)).refused
    assert old.suspended
    assert old.version == "2.4.21.0"
    assert upgrade(old, to(stage, "2.5.78.0")).pages[-1].code == "OTHER_UPGRADE_UNDER_WAY"
    assert not upgrade(old, to(stage)).refused
    assert (old.suspended, old.version) == (False, "2.5.79.0")
    assert complete_upgrade(old).pages[-1].code == "NO_UPGRADE"


def test_a_newer_installer_goes_on_where_another_one_stood(stage, server) -> None:
    old = server()
    assert not begin_upgrade(old, to(stage)).refused
    unfit = replace(to(stage, "2.5.80.0"), dotnet="4.5")
    assert upgrade(old, unfit).pages[-1].code == "DOTNET_TOO_OLD"
    assert old.fact("upgrade") == "2.5.79.0"
    assert not upgrade(old, to(stage, "2.5.80.0")).refused
    assert (old.suspended, old.version, old.fact("upgrade")) == (False, "2.5.80.0", "")
    assert old.reopened_as == "2.5.80.0"


@pytest.mark.parametrize("start", [True, False])
def test_the_box_start_sync_switches_the_scheduler(stage, server, start: bool) -> None:
    old = server()
    old.settings = old.settings.with_(sync_cycle_enabled=not start)
    upgrade(old, to(stage), start_sync=start)
    assert old.settings.sync_cycle_enabled is start


@pytest.mark.parametrize(
    ("change", "host", "code"),
    [
        ({}, {"version": "2.4.21.0"}, "VERSION_NOT_NEWER"),
        ({}, {"version": "2.3.6.0"}, "VERSION_NOT_NEWER"),
        ({}, {"tls12": False}, "TLS12_REQUIRED"),
        ({"running": True}, {}, "SYNC_IN_PROGRESS"),
        ({"connectors": {}}, {}, "MA_NOT_FOUND"),
    ],
)
def test_refused_before_anything_changes(stage, server, change: dict, host: dict, code: str) -> None:
    old = server()
    for name, value in change.items():
        setattr(old, name, value)
    before = old.stored_rules
    outcome = upgrade(old, to(stage, **host))
    assert outcome.pages[-1].code == code
    assert (old.stored_rules, old.suspended, old.version) == (before, False, "2.4.21.0")


def test_without_the_tenant_the_upgrade_stays_under_way(stage, server) -> None:
    old = server()
    old.away = True
    before = old.stored_rules
    assert upgrade(old, to(stage)).pages[-1].code == "UNREACHABLE"
    assert (old.stored_rules, old.suspended, old.version) == (before, True, "2.4.21.0")
    old.away = False
    assert not upgrade(old, to(stage)).refused


def test_before_1_1_558_an_upgrade_loses_the_write_back_and_a_later_one_brings_it_back(stage, server) -> None:
    old = server("1.1.524.0")
    assert old.rule(WRITE_BACK_RULE) is not None
    lost = upgrade(old, to(stage, "1.1.553.0"))
    assert lost.changes["removed"] == [WRITE_BACK_RULE]
    assert old.rule(WRITE_BACK_RULE) is None
    found = upgrade(old, to(stage, "1.1.561.0"))
    assert found.changes["created"] == [WRITE_BACK_RULE]
    assert old.rule(WRITE_BACK_RULE) is not None
    assert old.overrides == ["contoso.com"]
