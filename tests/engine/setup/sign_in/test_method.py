"""How users sign in, at installation: what older releases add, what is registered, what an interrupted try leaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.errors import EngineError
from engine.pass_through.agent import AuthenticationAgent
from engine.setup.answers import Feature, SignIn
from engine.setup.sign_in.method import with_password_hash_sync, withdraw_unconfigured
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import StepRefusedError

TENANTS = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests={"contoso.com": {"users": ["Ana Lopez"]}}, tenants=TENANTS)) as one:
        yield one


@pytest.mark.parametrize(
    ("version", "method", "on"),
    [
        ("1.1.553.0", SignIn.PASS_THROUGH, True),
        ("1.1.557.0", SignIn.PASS_THROUGH, False),
        ("2.5.79.0", SignIn.PASS_THROUGH, False),
        ("1.1.553.0", SignIn.DO_NOT_CONFIGURE, False),
    ],
)
def test_older_releases_switched_hashes_on_with_pass_through(stage, version: str, method: SignIn, on: bool) -> None:
    answers = with_password_hash_sync(stage.custom(sign_in=method), version)
    assert (Feature.PASSWORD_HASH_SYNC in answers.features) is on
    assert answers.password_hash_sync is on


def test_express_has_no_such_choice(stage) -> None:
    answers = stage.answers(sign_in=SignIn.PASS_THROUGH)
    assert with_password_hash_sync(answers, "1.1.553.0") is answers


def test_pass_through_registers_an_agent_and_enables_the_feature(lab: Lab) -> None:
    server = install_server(lab, "SYNC1", Choices(mode="custom", sign_in="pass-through"))
    memory = server.engine.requests.memory
    assert (memory.method, memory.set_up_here) == ("pass-through", True)
    assert server.engine.requests.agent is not None
    assert server.engine.requests.agent.running
    assert memory.agent is not None
    assert memory.agent.forests == ("contoso.com",)
    stored = server.engine.database.path.read_bytes()
    assert memory.agent.secret.encode() not in stored
    assert memory.agent.secret not in repr(lab.timeline.records)


def test_an_attempt_that_fails_at_configure_leaves_nothing_to_trip_over(lab: Lab, monkeypatch) -> None:
    choices = Choices(mode="custom", sign_in="pass-through", single_sign_on={})

    def lost(agent: AuthenticationAgent) -> None:
        raise EngineError("dropped-connection", "the network went away")

    with monkeypatch.context() as broken, pytest.raises(StepRefusedError, match="dropped-connection"):
        broken.setattr(AuthenticationAgent, "start", lost)
        install_server(lab, "SYNC1", choices)
    assert not lab.tenant().service.tenant.sync.has("PassThroughAuthentication")
    server = install_server(lab, "SYNC1", choices)
    assert server.engine.requests.memory.single_sign_on
    agents = lab.tenant().graph().get("onPremisesPublishingProfiles/authentication/agents", version="beta")["value"]
    assert sorted(one["status"] for one in agents) == ["active", "inactive"]
    account = lab.forest().find("AZUREADSSOACC$", ["servicePrincipalName"])
    assert len(account.values("servicePrincipalName")) == 2


def test_single_sign_on_makes_a_computer_with_two_service_principal_names(lab: Lab) -> None:
    install_server(lab, "SYNC1", Choices(mode="custom", single_sign_on={}))
    account = lab.forest().find("AZUREADSSOACC$", ["servicePrincipalName"])
    assert account.dn == "CN=AZUREADSSOACC,CN=Computers,DC=contoso,DC=com"
    assert {one.decode() for one in account.attributes["servicePrincipalName"]} == {
        "HOST/autologon.microsoftazuread-sso.com",
        "HOST/aadg.windows.net.nsatc.net",
    }


def test_single_sign_on_twice_renews_the_key_and_keeps_one_account(lab: Lab) -> None:
    install_server(lab, "SYNC1", Choices(mode="custom", single_sign_on={}))
    before = lab.forest().find("AZUREADSSOACC$", ["objectGUID", "pwdLastSet"])
    kept = dict(lab.tenant().service.tenant.sync.desktop_sso["contoso.com"])
    install_server(lab, "SYNC2", Choices(mode="custom", staging=True, single_sign_on={}))
    after = lab.forest().find("AZUREADSSOACC$", ["objectGUID", "pwdLastSet"])
    assert before.first("objectGUID") == after.first("objectGUID")
    assert lab.tenant().service.tenant.sync.desktop_sso["contoso.com"]["key"] != kept["key"]


def test_a_server_without_memory_has_nothing_to_withdraw() -> None:
    assert withdraw_unconfigured(object(), None) == ()  # type: ignore[arg-type]
