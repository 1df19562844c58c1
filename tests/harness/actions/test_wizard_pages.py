"""The wizard's window in a world: what its verbs refuse an author, and that a world closes and goes back around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError, StepRefusedError
from harness.vocabulary import actions, checks

FORESTS = {"contoso.com": {"users": [{"name": "Ana Lopez", "in": "Staff"}]}}
TENANT = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests=FORESTS, tenants=TENANT)) as one:
        yield one


def act(lab: Lab, verb: str, arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def shown(lab: Lab, machine: str) -> Any:
    from harness.expecting import Looker

    return Looker(lab, checks(), {}).find(f"{machine}.wizard")


def test_from_opening_to_the_end(lab: Lab) -> None:
    act(lab, "wizard.open", {"server": "ONE", "mode": "custom"})
    with pytest.raises(ScenarioError, match="stands open on ONE already"):
        act(lab, "wizard.open", {"server": "ONE"})
    with pytest.raises(ScenarioError, match="there is no server on ONE yet: its wizard stands at Welcome"):
        _ = lab.wizards["ONE"].engine
    answers = {"Optional features": {"features": []}}
    with pytest.raises(ScenarioError, match="did not come past Optional features; it stands at Express settings"):
        act(lab, "wizard.next", {"server": "ONE", "answers": answers})
    act(lab, "wizard.next", {"server": "ONE", "to": "Ready to configure"})
    act(lab, "wizard.back", "ONE")
    assert shown(lab, "ONE")["page"] == "Optional features"
    act(lab, "wizard.next", {"server": "ONE", "answers": {"Ready to configure": {"start_sync": False}}, "to": "end"})
    assert (shown(lab, "ONE")["standing"], lab.server("ONE").engine.cycle.last) == ("configured", None)
    with pytest.raises(Exception, match="The wizard is closed"):
        act(lab, "wizard.cancel", "ONE")


def test_a_page_that_is_never_shown(lab: Lab) -> None:
    act(lab, "wizard.open", {"server": "TWO", "mode": "custom"})
    with pytest.raises(ScenarioError, match="went to its end and showed no page AD FS Farm"):
        lab.wizards["TWO"].next({}, "AD FS Farm")


def test_answers_in_the_step_and_by_page_may_not_both_say_it(lab: Lab) -> None:
    answers = {"Express settings": {"mode": "custom"}}
    with pytest.raises(ScenarioError, match="mode stands in the step and among the answers"):
        act(lab, "install", {"server": "THREE", "mode": "custom", "answers": answers})
    with pytest.raises(ScenarioError, match=r"nowhere\.yaml: the file cannot be read"):
        act(lab, "install", {"server": "THREE", "answers": "nowhere.yaml"})


def test_over_a_configured_server(lab: Lab) -> None:
    act(lab, "install", {"server": "FOUR", "mode": "custom", "staging": True, "start_sync": False})
    assert (shown(lab, "FOUR")["open"], shown(lab, "FOUR")["standing"]) == (False, "configured")
    act(lab, "wizard.open", "FOUR")
    assert (shown(lab, "FOUR")["page"], "Configure staging mode" in shown(lab, "FOUR")["tasks"]) == (
        "Additional tasks",
        True,
    )
    for verb in ("wizard.next", "wizard.back"):
        with pytest.raises(ScenarioError):
            act(lab, verb, "FOUR")
    act(lab, "wizard.cancel", "FOUR")
    with pytest.raises(ScenarioError, match="the wizard on FOUR is closed"):
        act(lab, "wizard.cancel", "FOUR")


def test_nobody_opened_one(lab: Lab) -> None:
    with pytest.raises(ScenarioError, match="no wizard was opened on FIVE"):
        act(lab, "wizard.next", "FIVE")


def test_a_world_that_goes_back_closes_every_window(lab: Lab) -> None:
    before = lab.snapshot()
    act(lab, "wizard.open", {"server": "SIX"})
    act(lab, "wizard.open", "FOUR")
    lab.restore(before)
    assert lab.wizards == {}
    act(lab, "cycle", "FOUR")


def test_a_cycle_that_stands_in_the_middle(lab: Lab) -> None:
    with pytest.raises(ScenarioError, match="no cycle was begun on FOUR"):
        act(lab, "cycle.finish", "FOUR")
    act(lab, "cycle.begin", {"server": "FOUR", "policy": "Delta"})
    with pytest.raises(Exception, match="Sync is already running"):
        act(lab, "cycle", "FOUR")
    act(lab, "cycle.finish", "FOUR")
    act(lab, "cycle", "FOUR")
    with pytest.raises(ScenarioError, match="has fewer runs than that"):
        act(lab, "cycle.begin", {"server": "FOUR", "policy": "Delta", "runs": 50})


def test_a_refused_page_is_a_refusal_of_the_step(lab: Lab) -> None:
    act(lab, "wizard.open", {"server": "SEVEN", "host": {"dcom_registry_intact": False}})
    with pytest.raises(StepRefusedError) as refused:
        act(lab, "wizard.next", "SEVEN")
    assert (refused.value.refusal.page, refused.value.refusal.code) == ("Welcome", "DCOM_PREREQ")


def test_a_proxy_is_needed_for_its_rules(lab: Lab) -> None:
    with pytest.raises(ScenarioError, match="this world has no proxy"):
        act(lab, "network.proxy", {"authentication": "windows"})
