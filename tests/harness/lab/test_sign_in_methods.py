"""Agents on machines of their own: names, who starts and stops them, and what a snapshot puts back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.lab.sign_in_methods import install_agent, set_agent
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError


@pytest.fixture
def lab() -> Iterator[Lab]:
    tenants = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
    with Lab(make_world(forests={"contoso.com": {"users": ["Ana Lopez"]}}, tenants=tenants)) as one:
        yield one


def status(lab: Lab) -> dict[str, str]:
    agents = lab.tenant().graph().get("onPremisesPublishingProfiles/authentication/agents", version="beta")["value"]
    return {one["machineName"]: one["status"] for one in agents}


def test_a_name_is_taken_once(lab: Lab) -> None:
    install_agent(lab, "PTA1", (), None)
    with pytest.raises(ScenarioError, match="already"):
        install_agent(lab, "PTA1", (), None)


def test_a_server_without_an_agent_has_none_to_stop(lab: Lab) -> None:
    install_server(lab, "SYNC1", Choices(mode="custom"))
    with pytest.raises(ScenarioError, match="no Authentication Agent"):
        set_agent(lab, "SYNC1", running=False)


def test_a_snapshot_puts_agents_back(lab: Lab) -> None:
    install_agent(lab, "PTA1", (), None)
    lab.keep("before")
    install_agent(lab, "PTA2", (), None)
    set_agent(lab, "PTA1", running=False)
    assert status(lab) == {"PTA1": "inactive", "PTA2": "active"}
    lab.go_back("before")
    assert status(lab) == {"PTA1": "active"}
    assert list(lab.agents) == ["PTA1"]
    install_agent(lab, "PTA2", (), None)
    assert status(lab) == {"PTA1": "active", "PTA2": "active"}
