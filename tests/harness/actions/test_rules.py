"""The verbs of the rules editor against a real server: a description and a script give the same rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError
from harness.vocabulary import actions

FOREST = {"contoso.com": {"users": ["Ana Lopez"]}}
TENANT = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
RULE = {
    "name": "In from AD - User Sales",
    "precedence": 50,
    "scope": [["department EQUAL Sales North", "title ISNOTNULL"], "company EQUAL Contoso"],
    "joins": "mail = mail",
    "flows": {"cloudFiltered": {"constant": True}, "description": "title", "sn": {"expression": "Trim([sn])"}},
}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests=FOREST, tenants=TENANT)) as one:
        act(one, "install", {"server": "SYNC1", "start_sync": False})
        yield one


def act(lab: Lab, verb: str, arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def rule(lab: Lab, name: str) -> Any:
    return next(one for one in lab.server("SYNC1").engine.rules().values() if one.name == name)


def test_a_description_becomes_a_rule_and_a_script_gives_it_again(lab: Lab, tmp_path: Path) -> None:
    from engine.rules.rule_script import write_script

    act(lab, "rules.add", {"server": "SYNC1", "connector": "contoso.com", "rules": RULE})
    made = rule(lab, RULE["name"])
    assert [[(c.attribute, c.operator, c.value) for c in group] for group in made.scope] == [
        [("department", "EQUAL", "Sales North"), ("title", "ISNOTNULL", "")],
        [("company", "EQUAL", "Contoso")],
    ]
    assert [(flow.target, flow.sources, flow.constant, flow.expression) for flow in made.flows] == [
        ("cloudFiltered", (), "True", None),
        ("description", ("title",), None, None),
        ("sn", (), None, "Trim([sn])"),
    ]
    script = write_script([made]).replace(made.connector, "contoso.com")
    act(lab, "rules.remove", {"server": "SYNC1", "rule": RULE["name"]})
    act(lab, "rules.add", {"server": "SYNC1", "script": script})
    assert rule(lab, RULE["name"]) == made
    act(
        lab,
        "rules.change",
        {"server": "SYNC1", "rule": RULE["name"], "set": {"scope": "title ISNULL", "link": "Provision"}},
    )
    assert [c.operator for group in rule(lab, RULE["name"]).scope for c in group] == ["ISNULL"]
    act(lab, "rules.disable", {"server": "SYNC1", "rule": RULE["name"]})
    assert rule(lab, RULE["name"]).disabled
    act(lab, "rules.enable", {"server": "SYNC1", "rule": RULE["name"], "connector": "contoso.com"})
    assert not rule(lab, RULE["name"]).disabled


def test_a_rule_finds_its_place_before_a_standard_one(lab: Lab) -> None:
    before = rule(lab, "In from AD - User Join").precedence
    one = {"name": "In from AD - First", "before": "In from AD - User Join"}
    act(lab, "rules.add", {"server": "SYNC1", "connector": "contoso.com", "rules": one})
    assert (rule(lab, "In from AD - First").precedence, rule(lab, "In from AD - User Join").precedence) == (
        before,
        before + 1,
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, "either rules or script"),
        ({"rules": {"name": "X", "precedence": 1}}, "needs the connector"),
        ({"connector": "contoso.com", "rules": {"name": "X"}}, "needs a place"),
        (
            {"connector": "contoso.com", "rules": {"name": "X", "precedence": 1, "scope": "department"}},
            "a clause reads",
        ),
        ({"connector": "contoso.com", "rules": {"name": "X", "precedence": 1, "joins": "mail"}}, "a join reads"),
        ({"connector": "contoso.com", "rules": {"name": "X", "precedence": 1, "flows": {"sn": {}}}}, "exactly one"),
        ({"script": "nowhere.ps1"}, "no file nowhere.ps1"),
    ],
)
def test_what_cannot_be_read_is_the_authors_fault(lab: Lab, given: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ScenarioError, match=wanted):
        act(lab, "rules.add", {"server": "SYNC1", **given})


def test_an_unsound_rule_is_refused(lab: Lab) -> None:
    one = {"name": "X", "precedence": 1, "flows": {"cloudFiltered": {"constant": "perhaps"}}}
    with pytest.raises(EngineError, match="takes True or False") as refusal:
        act(lab, "rules.add", {"server": "SYNC1", "connector": "contoso.com", "rules": one})
    assert refusal.value.code == "flow-constant-invalid"
