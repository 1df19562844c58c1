"""The Authentication Agent: an LDAP bind decides, its data code is the Win32 reason, nothing secret is written down."""

from __future__ import annotations

import pytest

from emulators.tenant.sealing import seal
from engine.connectors.entra.sealed_password import PasswordKey
from engine.pass_through.agent import LOG_MAX, AgentIdentity, AuthenticationAgent, logon
from harness.lab.addresses import network

PASSWORD = "Aa1-harbour-2026"
KEY = PasswordKey(bytes(range(32)))
TENANT = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}


def world(lab, **forests):
    users = [{"name": "Ana Lopez", "password": PASSWORD}, {"name": "Dora Off", "password": PASSWORD, "enabled": False}]
    return lab(forests={"contoso.com": {"users": users}, **forests}, tenants=TENANT)


def agent(one, forests: tuple[str, ...] = ("contoso.com",)) -> AuthenticationAgent:
    identity = AgentIdentity("a", "secret", KEY.stored, "contoso.onmicrosoft.com", forests)
    return AuthenticationAgent(identity, network(one))


def ask(one, user: str, password: str, forests: tuple[str, ...] = ("contoso.com",)) -> tuple[dict, list[str]]:
    asked = agent(one, forests)
    return asked._validate({"Id": "7", "UserName": user, "Password": seal(KEY.public, password)}), asked.log


@pytest.mark.parametrize(
    ("user", "password", "reason"),
    [
        ("ana.lopez@contoso.com", PASSWORD, 0),
        ("ana.lopez@contoso.com", "wrong", 1326),
        ("ana.lopez@contoso.com", "", 1326),
        ("nobody@contoso.com", PASSWORD, 1326),
        ("", PASSWORD, 1326),
        ("dora.off@contoso.com", PASSWORD, 1331),
        ("dora.off@contoso.com", "wrong", 1326),
    ],
)
def test_reasons(lab, user: str, password: str, reason: int) -> None:
    answer, log = ask(world(lab), user, password)
    assert answer == {"Reason": reason}
    expected = f"Passthrough Authentication request failed. RequestId: '7'. Reason: '{reason}'."
    assert log == ([] if reason == 0 else [expected])
    assert PASSWORD not in repr(log)


def test_the_forest_of_the_name_is_asked_first_and_the_others_after_it(lab) -> None:
    one = world(lab, **{"fabrikam.com": {"users": [{"name": "Finn Berg", "password": PASSWORD}]}})
    both = ("contoso.com", "fabrikam.com")
    assert ask(one, "finn.berg@fabrikam.com", PASSWORD, both)[0] == {"Reason": 0}
    assert ask(one, "finn.berg@fabrikam.com", PASSWORD, ("contoso.com",))[0] == {"Reason": 1326}
    asked = agent(one, both)._forests_for("finn.berg@emea.fabrikam.com")
    assert asked == ["fabrikam.com", "contoso.com"]
    one.timeline.records.clear()
    ask(one, "ana.lopez@contoso.com", PASSWORD, both)
    assert {r["actor"] for r in one.timeline.records if r["kind"] == "ldap.bind"} == {"contoso.com"}


def test_an_unreachable_directory_and_a_broken_seal_are_failures(lab) -> None:
    one = world(lab)
    one.faults.arm("directory.refuse_connection")
    assert ask(one, "ana.lopez@contoso.com", PASSWORD)[0] == {"Failure": "directory-unreachable"}
    asked = agent(one)
    assert asked._validate({"Id": "7", "UserName": "x", "Password": "rubbish"}) == {"Failure": "not-decrypted"}
    assert agent(one, ("nowhere.example",))._validate(
        {"Id": "7", "UserName": "x@y", "Password": seal(KEY.public, "p")}
    ) == {"Failure": "directory-unreachable"}


def test_the_log_keeps_the_last_lines(lab) -> None:
    asked = agent(world(lab))
    for number in range(LOG_MAX + 5):
        asked._note(str(number))
    assert (len(asked.log), asked.log[-1]) == (LOG_MAX, str(LOG_MAX + 4))


def test_an_empty_password_binds_nobody(lab) -> None:
    one = world(lab)
    assert logon(network(one).forest("contoso.com"), "ana.lopez@contoso.com", "", network(one).ca_bundle) == 1326


def test_identity_comes_back_and_hides_its_secrets() -> None:
    identity = AgentIdentity("a", "secret", "key", "t", ("contoso.com",))
    assert AgentIdentity.of(identity.as_document()) == identity
    assert "secret" not in repr(identity)
