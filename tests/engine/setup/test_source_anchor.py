"""Every row of facts "install" 12, 15.4 and 18, and the two installation routes of seed002."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.setup.source_anchor import (
    CONSISTENCY_GUID,
    OBJECT_GUID,
    Operation,
    PolicyKind,
    Predecessor,
    Route,
    Scan,
    SourceAnchorFacts,
    TenantPolicy,
    classify_policy,
    decide,
    switch_offered,
    write_back_lost,
)

CASES = Path(__file__).parents[2] / "cases" / "anchors" / "source_anchor_decisions.yaml"
ROWS = yaml.safe_load(CASES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_decision(row: dict) -> None:
    given = row["given"]
    facts = SourceAnchorFacts(
        version=given.get("version", "2.5.79.0"),
        route=Route(given.get("route", "custom")),
        policy=classify_policy(given.get("policy"), ["employeeID"]),
        scan=Scan(given.get("scan", "not-done")),
        predecessor=Predecessor(given.get("predecessor", "none")),
        operation=Operation(given.get("operation", "new-install")),
        chosen=given.get("chosen"),
        configured=given.get("configured"),
    )
    decision = decide(facts)
    found = {
        "attribute": decision.attribute,
        "code": decision.code,
        "warnings": [code for code, _ in decision.warnings],
        "scan_needed": decision.scan_needed,
        "write_policy": decision.write_policy,
    }
    assert found == {"warnings": [], "scan_needed": False, "write_policy": False, **row["then"]}
    assert decision.refused is (decision.attribute is None and not decision.scan_needed)
    assert decision.reason


def test_every_combination_ends_in_a_decision() -> None:
    """No combination of facts falls through: each has an attribute, a refusal or the wish for a search."""
    policies = (
        TenantPolicy(),
        TenantPolicy(PolicyKind.ATTRIBUTE, OBJECT_GUID),
        TenantPolicy(PolicyKind.UNEXPECTED, "x"),
    )
    for operation in Operation:
        for policy in policies:
            for scan in Scan:
                for configured in (CONSISTENCY_GUID, OBJECT_GUID, "employeeID"):
                    for predecessor in Predecessor:
                        facts = SourceAnchorFacts(
                            "2.5.79.0", Route.CUSTOM, policy, scan, predecessor, operation, configured=configured
                        )
                        decision = decide(facts)
                        assert decision.code
                        assert not decision.scan_needed or scan is Scan.NOT_DONE


@pytest.mark.parametrize("operation", [Operation.ADD_DIRECTORY, Operation.SWITCH])
def test_search_is_asked_for(operation: Operation) -> None:
    configured = CONSISTENCY_GUID if operation is Operation.ADD_DIRECTORY else OBJECT_GUID
    decision = decide(SourceAnchorFacts("2.5.79.0", operation=operation, configured=configured))
    assert decision.scan_needed
    assert not decision.refused


POLICIES = [
    (None, PolicyKind.ABSENT, None),
    ("", PolicyKind.ABSENT, None),
    ("objectGUID", PolicyKind.ATTRIBUTE, OBJECT_GUID),
    ("ms-DS-ConsistencyGuid", PolicyKind.ATTRIBUTE, CONSISTENCY_GUID),
    ("EMPLOYEEID", PolicyKind.ATTRIBUTE, "employeeID"),
    ("foo-attr", PolicyKind.UNEXPECTED, "foo-attr"),
    ("mail", PolicyKind.UNEXPECTED, "mail"),
]


@pytest.mark.parametrize(("text", "kind", "attribute"), POLICIES)
def test_policy_is_classified(text: str | None, kind: PolicyKind, attribute: str | None) -> None:
    assert classify_policy(text, ["employeeID", "mail"]) == TenantPolicy(kind, attribute)


@pytest.mark.parametrize(
    ("version", "configured", "offered"),
    [
        ("1.1.524.0", OBJECT_GUID, False),
        ("1.1.552.0", OBJECT_GUID, True),
        ("1.1.553.0", "OBJECTGUID", True),
        ("1.1.553.0", "employeeID", False),
        ("2.5.79.0", CONSISTENCY_GUID, False),
        ("2.5.79.0", None, False),
    ],
)
def test_where_the_switch_is_offered(version, configured, offered) -> None:
    assert switch_offered(version, configured) is offered


@pytest.mark.parametrize(("version", "lost"), [("1.1.553.0", True), ("1.1.557.9", True), ("1.1.558.0", False)])
def test_which_releases_lose_the_write_back(version, lost) -> None:
    assert write_back_lost(version) is lost
