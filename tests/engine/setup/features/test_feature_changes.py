"""Optional features turned on and off later: the rules that come and go, what is flagged, what is refused unchanged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import EngineError
from engine.model.schema import AttributeDefinition, AttributeType
from engine.setup.answers import Credential, Feature, GroupWriteBackChoice
from engine.setup.features.feature_changes import FeatureChange, change_features
from engine.setup.features.write_back_settings import GROUP_CONTAINER, GROUPS, HYBRID

ADMIN = Credential("admin@contoso.onmicrosoft.com", "x")
STAFF = "OU=Staff,DC=contoso,DC=com"
GROUP_RULES = [
    "In from AAD - Group SOAInAAD",
    "Out to AD - Group Writeback Member Limit",
    "Out to AD - Group SOAInAAD",
    "Out to AD - Group SOAInAAD - Exchange",
]
HERE = GroupWriteBackChoice(STAFF)


@pytest.fixture
def server(stage):
    stage.change_forest(exchange_schema=True)
    known = stage.forest.schema_found
    mailbox = AttributeDefinition("msExchMailboxGuid", AttributeType.BINARY)
    stage.forest.schema_found = replace(known, attributes={**known.attributes, mailbox.name: mailbox})
    return stage.installed(stage.custom())


def change(stage, server, on=(), off=(), choice=None, accept=False):
    wanted = FeatureChange(frozenset(on), frozenset(off), choice, accept)
    return change_features(server, ADMIN, wanted, stage, stage.state().clock)


def names(server):
    return [rule.name for rule in sorted(server.rules().values(), key=lambda rule: rule.precedence)]


def test_group_writeback_on_and_off_leaves_the_rules_as_they_were(stage, server) -> None:
    before = server.rules()
    outcome = change(stage, server, [Feature.GROUP_WRITEBACK], choice=HERE)
    assert outcome.changes["on"] == ["group-writeback"]
    assert [name for name in names(server) if name not in [r.name for r in before.values()]] == GROUP_RULES
    entra = server.connectors[1]
    assert (entra.full_import_required, entra.full_sync_required) == (True, True)
    assert server.connectors[0].parameters["Connector.GroupWriteBackContainerDn"] == STAFF
    assert (server.global_settings[GROUPS], server.global_settings[GROUP_CONTAINER]) == ("True", STAFF)
    assert ("features", 41016 | 1024) in stage.tenant.writes
    assert ("configuration", {"WriteBack": {"UnifiedGroupContainer": STAFF}}) in stage.tenant.writes
    stage.change_company(features=41016 | 1024)
    change(stage, server, off=[Feature.GROUP_WRITEBACK], accept=True)
    assert names(server) == [rule.name for rule in before.values()]
    assert "Connector.GroupWriteBackContainerDn" not in server.connectors[0].parameters
    assert ("features", 41016) in stage.tenant.writes
    assert server.held == ["suspend", "resume"] * 2


def test_custom_and_changed_rules_stay(stage, server) -> None:
    rules = dict(server.rules())
    number, standard = next(iter(rules.items()))
    rules[number] = replace(standard, disabled=True)
    custom = replace(standard, identifier="custom", name="Mine", precedence=50, immutable_tag="")
    rules[len(rules)] = custom
    server.save_rules(rules.values())
    change(stage, server, [Feature.EXCHANGE_HYBRID])
    held = {rule.name: rule for rule in server.rules().values()}
    assert held["Mine"] == custom
    assert held[standard.name].disabled
    assert "Out to AD - User Exchange Hybrid" in held
    assert server.global_settings[HYBRID] == "True"


def test_what_shall_be_kept_out_by_an_administrator_does_not_come_back(stage, server) -> None:
    kept = [rule for rule in server.rules().values() if rule.name != "In from AD - Contact Common"]
    server.save_rules(kept)
    change(stage, server, [Feature.EXCHANGE_HYBRID])
    assert "In from AD - Contact Common" not in names(server)


def test_only_the_names_are_changed(stage, server) -> None:
    change(stage, server, [Feature.GROUP_WRITEBACK], choice=HERE)
    rule = next(rule for rule in server.rules().values() if rule.name == "Out to AD - Group SOAInAAD")
    change(stage, server, choice=GroupWriteBackChoice(display_names=True))
    renamed = next(one for one in server.rules().values() if one.identifier == rule.identifier)
    assert "displayName" in (renamed.flows[0].expression or "")
    assert renamed.precedence == rule.precedence
    assert server.global_settings[GROUP_CONTAINER] == STAFF


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"on": [Feature.GROUP_WRITEBACK]}, "GROUP_WRITEBACK_CONTAINER"),
        ({"on": [Feature.GROUP_WRITEBACK], "choice": GroupWriteBackChoice("OU=No")}, "GROUP_WRITEBACK_CONTAINER"),
        (
            {"on": [Feature.GROUP_WRITEBACK], "choice": GroupWriteBackChoice(STAFF, "other.com")},
            "GROUP_WRITEBACK_FOREST",
        ),
        ({"on": [Feature.PASSWORD_HASH_SYNC]}, "FEATURE_NOT_CHANGEABLE"),
    ],
)
def test_a_refusal_changes_nothing(stage, server, wanted, code) -> None:
    before = (dict(server.connectors), dict(server.global_settings), dict(server.rules()))
    outcome = change(stage, server, **wanted)
    assert outcome.pages[-1].code == code
    assert (server.connectors, server.global_settings, server.rules()) == before
    assert stage.tenant.writes == []
    assert server.held == ["suspend", "resume"]


def test_the_warning_about_deletion_has_to_be_accepted(stage, server) -> None:
    change(stage, server, [Feature.GROUP_WRITEBACK], choice=HERE)
    assert change(stage, server, off=[Feature.GROUP_WRITEBACK]).pages[-1].code == "GROUP_WRITEBACK_DELETES"
    outcome = change(stage, server, off=[Feature.GROUP_WRITEBACK], accept=True)
    assert [warning.code for page in outcome.pages for warning in page.warnings] == ["GROUP_WRITEBACK_DELETES"]


def test_a_tenant_that_cannot_be_reached_is_a_refusal(stage, server) -> None:
    stage.sign_in_refusal = EngineError("REALM_DISCOVERY_FAILED", "no answer")
    outcome = change(stage, server, [Feature.EXCHANGE_HYBRID])
    assert outcome.refused
    assert server.global_settings[HYBRID] == "False"
