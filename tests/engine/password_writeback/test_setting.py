"""One password set over the wire: policy, history, rights, protected accounts, and what is written beside it."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory.session import DirectoryAccount
from engine.password_writeback.setting import NewPassword, set_password
from harness.lab.addresses import network

PASSWORD = "Aa1-harbour-2026"


@pytest.fixture
def one(lab):
    users = [{"name": "Ana Lopez", "password": PASSWORD}, {"name": "Svc Sync", "password": PASSWORD}]
    return lab(forests={"contoso.com": {"users": users}}, tenants={"contoso.onmicrosoft.com": {}})


def attempt(one, password: NewPassword, *, user: str = "Ana Lopez", account: str = "", version: str = "2.5.79.0"):
    forest = one.forest()
    bound = DirectoryAccount(forest.service.admin_upn, forest.admin_password)
    if account:
        bound = DirectoryAccount(f"{account}@contoso.com", PASSWORD)
    dn = forest.find(user, ["1.1"]).dn if "=" not in user else user
    found = network(one)
    return set_password(
        found.forest("contoso.com"), bound, dn, password, version=version, ca_bundle=found.ca_bundle
    ).word


def last_set(one) -> str:
    return (one.forest().find("Ana Lopez", ["pwdLastSet"]).first("pwdLastSet") or b"").decode()


def test_a_reset_sets_it_and_may_demand_a_change(one) -> None:
    assert attempt(one, NewPassword("Aa1-second-2026")) == "set"
    assert last_set(one) != "0"
    assert attempt(one, NewPassword("Aa1-third-2026", must_change=True)) == "set"
    assert last_set(one) == "0"


def test_no_change_is_demanded_of_a_password_that_never_expires(one) -> None:
    forest = one.forest()
    forest.ldap().modify(forest.find("Ana Lopez", ["1.1"]).dn, [(2, "userAccountControl", [b"66048"])])
    assert attempt(one, NewPassword("Aa1-third-2026", must_change=True)) == "set"
    assert last_set(one) != "0"


@pytest.mark.parametrize(
    ("password", "word"),
    [
        (NewPassword("short"), "policy"),
        (NewPassword("alllowercaseletters"), "policy"),
        (NewPassword(PASSWORD), "policy"),  # the history, by the policy hints
        (NewPassword("Aa1-second-2026", "Aa1-wrong-2026"), "wrong-password"),
    ],
)
def test_what_the_domain_refuses(one, password: NewPassword, word: str) -> None:
    assert attempt(one, password) == word


def test_a_change_keeps_to_the_minimum_age(one) -> None:
    from datetime import timedelta

    assert attempt(one, NewPassword("Aa1-second-2026", PASSWORD)) == "policy"
    one.advance(timedelta(days=2))
    assert attempt(one, NewPassword("Aa1-second-2026", PASSWORD)) == "set"


def test_without_the_right_it_is_denied(one) -> None:
    assert attempt(one, NewPassword("Aa1-second-2026"), account="svc.sync") == "denied"


def test_a_privileged_account_is_not_reset_since_1_1_553(one) -> None:
    forest = one.forest()
    forest.ldap().modify(forest.find("Ana Lopez", ["1.1"]).dn, [(2, "adminCount", [b"1"])])
    assert attempt(one, NewPassword("Aa1-second-2026")) == "privileged"
    assert attempt(one, NewPassword("Aa1-second-2026"), version="1.1.552.0") == "set"


def test_gone_or_out_of_reach(one) -> None:
    assert attempt(one, NewPassword("Aa1-second-2026"), user="CN=Nobody,DC=contoso,DC=com") == "not-found"
    one.faults.arm("directory.refuse_connection")
    found = network(one)
    account = DirectoryAccount("x", "y")
    written = set_password(
        found.forest("contoso.com"), account, "CN=x", NewPassword("p"), version="2.5.79.0", ca_bundle=found.ca_bundle
    )
    assert written.word == "unavailable"


def test_no_password_shows_itself() -> None:
    assert "Aa1" not in repr(NewPassword("Aa1-new", "Aa1-old"))
