"""The drift report of two servers set up by the wizard: what is no difference, and what each difference is called."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.rules.rule import AttributeFlow, FlowType, JoinClause, ScopeClause, SyncRule
from engine.setup.answers import Identification, OuSelection
from engine.setup.drift_report import Configured, Drift, drift_report
from engine.setup.wizard_run import run_wizard

JOIN = "In from AD - User Join"


@pytest.fixture
def install(stage) -> Callable[..., Configured]:
    """Set a server up; each gets identifiers of its own."""
    made = []

    def run(**changes: object) -> Configured:
        made.append(None)
        state = stage.state()
        state.random = random.Random(f"server {len(made)}")
        _, blueprint = run_wizard(stage.custom(**changes), state)
        assert blueprint is not None
        stage.change_company(anchor_attribute="mS-DS-ConsistencyGuid")
        return Configured(blueprint.connectors, blueprint.rules, dict(blueprint.global_settings))

    return run


def told(first: Configured, second: Configured) -> list[tuple[Drift, str]]:
    return [(one.drift, one.about) for one in drift_report(first, second)]


def changed(server: Configured, name: str, **parts: object) -> Configured:
    rules = tuple(replace(rule, **parts) if rule.name == name else rule for rule in server.rules)
    return replace(server, rules=rules)


def custom(server: Configured, precedence: int = 50, name: str = "Mine") -> Configured:
    connector = next(rule.connector for rule in server.rules if rule.name == JOIN)
    shift = [r if r.precedence < precedence else replace(r, precedence=r.precedence + 1) for r in server.rules]
    pattern = server.rules[0]
    rule = SyncRule(
        f"{name} {precedence}", name, pattern.direction, connector, "user", "person", pattern.link_type, precedence,
        flows=(AttributeFlow("department", FlowType.DIRECT, ("extensionAttribute1",)),),
    )  # fmt: skip
    return replace(server, rules=(*(shift if precedence >= 100 else server.rules), rule))


def test_identifiers_and_times_are_no_drift(install) -> None:
    first, second = install(), install()
    assert {c.identifier for c in first.connectors} != {c.identifier for c in second.connectors}
    assert {r.identifier for r in first.rules} != {r.identifier for r in second.rules}
    later = tuple(c.with_(created="2027-01-01T00:00:00+00:00") for c in second.connectors)
    settings = {**second.global_settings, "Microsoft.Synchronize.NextStartTime": "later"}
    settings |= {"Microsoft.Synchronize.StagingMode": "True"}
    assert told(first, replace(second, connectors=later, global_settings=settings)) == []


@pytest.mark.parametrize(
    ("parts", "drift"),
    [
        ({"disabled": True}, Drift.RULE_DISABLED),
        ({"scope": ((ScopeClause("adminDescription", "NOTSTARTSWITH", "Svc_"),),)}, Drift.SCOPE),
        ({"joins": ((JoinClause("mail", "mail"),),)}, Drift.RULE),
        ({"flows": ()}, Drift.FLOW),
        ({"enable_password_sync": True}, Drift.RULE),
        ({"precedence": 130}, Drift.PRECEDENCE),
        ({"precedence": 99}, Drift.PRECEDENCE),
    ],
)
def test_a_rule_that_differs_is_one_finding(install, parts: dict, drift: Drift) -> None:
    first, second = install(), install()
    assert told(first, changed(second, JOIN, **parts)) == [(drift, JOIN)]


def test_enabled_again_reads_the_other_way_round(install) -> None:
    first, second = install(), install()
    assert told(changed(first, JOIN, disabled=True), second) == [(Drift.RULE_ENABLED, JOIN)]


def test_missing_and_extra_rules_shift_no_other(install) -> None:
    first, second = install(), install()
    assert told(custom(first), second) == [(Drift.MISSING_RULE, "Mine")]
    assert told(first, custom(second)) == [(Drift.EXTRA_RULE, "Mine")]
    assert told(custom(first, 105), second) == [(Drift.MISSING_RULE, "Mine")]
    assert told(custom(first, 50), custom(second, 60)) == [(Drift.PRECEDENCE, "Mine")]


def test_ou_lists_whatever_their_order(install) -> None:
    both = {"contoso.com": OuSelection(included=("OU=Staff,DC=contoso,DC=com", "OU=Office,DC=contoso,DC=com"))}
    turned = {"contoso.com": OuSelection(included=("OU=office,DC=contoso,DC=com", "OU=Staff,DC=contoso,DC=com"))}
    fewer = {"contoso.com": OuSelection(included=("OU=Staff,DC=contoso,DC=com",))}

    def server(selection: dict[str, OuSelection]) -> Configured:
        made = install()
        part = made.connectors[0].partitions[0]
        chosen = selection["contoso.com"]
        part = replace(part, included=chosen.included, excluded=chosen.excluded)
        return replace(made, connectors=(made.connectors[0].with_(partitions=(part,)), made.connectors[1]))

    assert told(server(both), server(turned)) == []
    found = drift_report(server(both), server(fewer))
    assert [(one.drift, one.about, one.connector) for one in found] == [(Drift.OU_LIST, "contoso.com", "contoso.com")]
    assert "OU=Office" in found[0].before
    assert "OU=Office" not in found[0].after


def test_attributes_count_unless_a_rule_explains_them(install) -> None:
    first, second = install(), install()
    extended = first.connectors[0].with_(attributes=(*first.connectors[0].attributes, "extensionAttribute1"))
    more = replace(first, connectors=(extended, first.connectors[1]))
    with_rule = custom(more)
    assert told(with_rule, second) == [(Drift.MISSING_RULE, "Mine")]
    without = replace(second, connectors=(second.connectors[0].with_(attributes=("mail",)), second.connectors[1]))
    assert told(first, without) == [(Drift.SELECTION, "attributes")]


def test_password_synchronization_of_a_forest(install) -> None:
    first, second = install(), install()
    forest, tenant = second.connectors
    other = replace(second, connectors=(forest.with_(password_hash_sync=not forest.password_hash_sync), tenant))
    assert told(first, other) == [(Drift.FEATURE, "password hash synchronization")]


def test_rules_of_one_name_are_told_apart_by_their_order(install) -> None:
    first, second = (custom(custom(server, 50), 60) for server in (install(), install()))
    assert told(first, second) == []
    kept = tuple(rule for rule in second.rules if (rule.name, rule.precedence) != ("Mine", 60))
    assert told(first, replace(second, rules=kept)) == [(Drift.MISSING_RULE, "Mine")]
    emptied = tuple(replace(r, flows=()) if (r.name, r.precedence) == ("Mine", 50) else r for r in second.rules)
    assert told(first, replace(second, rules=emptied)) == [(Drift.FLOW, "Mine")]


def test_a_forest_that_is_not_connected_is_told_once(install) -> None:
    first, second = install(), install()
    only = replace(second, connectors=second.connectors[1:])
    missing = [(Drift.MISSING_CONNECTOR, "contoso.com")]
    assert told(first, only) == missing
    assert told(only, first) == [(Drift.EXTRA_CONNECTOR, "contoso.com")]


@pytest.mark.parametrize(
    ("name", "drift"),
    [
        ("Microsoft.OptionalFeature.GroupWriteBack", Drift.FEATURE),
        ("Microsoft.AADFilter.AttributeExclusionList", Drift.FEATURE),
        ("Microsoft.SynchronizationOption.AnchorAttribute", Drift.ANCHOR),
        ("Microsoft.SynchronizationOption.UPNAttribute", Drift.UPN_ATTRIBUTE),
        ("Microsoft.OptionalFeature.AutoUpgradeState", None),
        ("Microsoft.Synchronize.TimeInterval", None),
    ],
)
def test_settings(install, name: str, drift: Drift | None) -> None:
    first, second = install(), install()
    other = replace(second, global_settings={**second.global_settings, name: "something else"})
    assert told(first, other) == ([(drift, name)] if drift else [])
    assert all(one.drift.hard is (drift is not Drift.FEATURE) for one in drift_report(first, other))


def test_the_join_method_is_hard(install) -> None:
    first = install()
    second = install(identification=Identification.MAIL)
    found = [one.drift for one in drift_report(first, second)]
    assert Drift.JOIN_METHOD in found
    assert Drift.JOIN_METHOD.hard


def test_one_line_for_a_person(install) -> None:
    first, second = install(), install()
    assert [str(one) for one in drift_report(custom(first), second)] == ["missing rule: Mine of contoso.com"]
    moved = [str(one) for one in drift_report(custom(first, 50), custom(second, 60))]
    assert moved == ["precedence differs: Mine of contoso.com: 50 -> 60"]
