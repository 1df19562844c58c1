"""Change user sign-in: every method but two refusals, conversion of federated domains, the box that prevents it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.actions.sign_in_methods import change_sign_in
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import StepRefusedError

TENANTS = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests={"contoso.com": {"users": ["Ana Lopez"]}}, tenants=TENANTS)) as one:
        install_server(one, "SYNC1", Choices(mode="custom", sign_in="do-not-configure"))
        yield one


def federate(lab: Lab) -> None:
    body = {"issuerUri": "http://sts", "passiveSignInUri": "https://sts/ls", "preferredAuthenticationProtocol": "wsFed"}
    lab.tenant().graph().post("domains/contoso.com/federationConfiguration", body)


def kind(lab: Lab) -> str:
    return str(lab.tenant().graph().get("domains/contoso.com")["authenticationType"])


@pytest.mark.parametrize(
    ("method", "single_sign_on", "code"),
    [
        ("do-not-configure", None, "SIGN_IN_METHOD_NOT_OFFERED"),
        ("ad-fs", {}, "SINGLE_SIGN_ON_NOT_OFFERED"),
        ("ping-federate", {}, "SINGLE_SIGN_ON_NOT_OFFERED"),
    ],
)
def test_what_is_refused_changes_nothing(lab: Lab, method: str, single_sign_on, code: str) -> None:
    with pytest.raises(StepRefusedError, match=code):
        change_sign_in(lab, "SYNC1", method, single_sign_on)
    assert lab.server("SYNC1").engine.requests.memory.method == "do-not-configure"


def test_to_password_hashes_every_directory_sends_them(lab: Lab) -> None:
    engine = lab.server("SYNC1").engine
    assert not any(one.password_hash_sync for one in engine.connectors.values())
    change_sign_in(lab, "SYNC1", "password-hash-sync")
    assert [one.password_hash_sync for one in engine.connectors.values() if one.name == "contoso.com"] == [True]
    assert lab.tenant().service.tenant.sync.has("PasswordHashSync")


def test_there_and_back_keeps_the_agent(lab: Lab) -> None:
    change_sign_in(lab, "SYNC1", "pass-through")
    first = lab.server("SYNC1").engine.requests.memory.agent
    change_sign_in(lab, "SYNC1", "password-hash-sync")
    assert not lab.tenant().service.tenant.sync.has("PassThroughAuthentication")
    change_sign_in(lab, "SYNC1", "pass-through")
    assert lab.server("SYNC1").engine.requests.memory.agent == first
    assert len(lab.tenant().service.tenant.sync.agents) == 1


@pytest.mark.parametrize(("keep", "expected"), [(False, "Managed"), (True, "Federated")])
def test_a_federated_domain_is_converted_unless_told_otherwise(lab: Lab, keep: bool, expected: str) -> None:
    federate(lab)
    assert kind(lab) == "Federated"
    change_sign_in(lab, "SYNC1", "password-hash-sync", keep_users=keep)
    assert kind(lab) == expected


def test_single_sign_on_goes_on_and_off(lab: Lab) -> None:
    change_sign_in(lab, "SYNC1", "password-hash-sync", {})
    sync = lab.tenant().service.tenant.sync
    assert sync.desktop_sso_enabled
    change_sign_in(lab, "SYNC1", "password-hash-sync")
    assert sync.desktop_sso_enabled
    change_sign_in(lab, "SYNC1", "password-hash-sync", {"enabled": False})
    assert not sync.desktop_sso_enabled


def test_a_running_cycle_keeps_the_wizard_out(lab: Lab) -> None:
    from engine.scheduler import SchedulerState

    engine = lab.server("SYNC1").engine
    engine.cycle._state = SchedulerState.RUNNING
    with pytest.raises(StepRefusedError, match="SYNC_IN_PROGRESS"):
        change_sign_in(lab, "SYNC1", "pass-through")
    engine.cycle._state = SchedulerState.IDLE
