"""What an administrator does in a tenant, over HTTPS against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.expecting import Looker
from harness.lab.graph_client import TenantRefusedError
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError
from harness.vocabulary import actions, checks

UPN = "cloud@contoso.com"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    tenant = {
        "verified_domains": ["contoso.com"],
        "anchor_policy": "objectGUID",
        "features": {"blockSoftMatchEnabled": True},
        "users": [{"upn": "first@contoso.com", "licence": "ENTERPRISEPACK", "role": "User Administrator"}],
    }
    with Lab(make_world(tenants={"contoso.onmicrosoft.com": tenant})) as one:
        one.keep("seeded")
        yield one


@pytest.fixture(autouse=True)
def _as_seeded(lab: Lab) -> None:
    lab.go_back("seeded")


def act(lab: Lab, verb: str, arguments: Any) -> None:
    actions()[f"tenant.{verb}"].call(lab, arguments)


def look(lab: Lab, query: str) -> Any:
    return Looker(lab, checks(), {}).find(query)


def test_what_the_world_asked_for(lab: Lab) -> None:
    assert look(lab, "tenant.policy")["source_anchor"] == "objectGUID"
    assert look(lab, "tenant.features")["blockSoftMatchEnabled"] is True
    assert [one["userPrincipalName"] for one in look(lab, "tenant.users")] == ["first@contoso.com"]
    assert look(lab, "tenant.licences(used, plan = ENTERPRISEPACK)") == [{"used": 1}]


def test_the_life_of_a_user(lab: Lab) -> None:
    act(lab, "add_user", {"upn": UPN, "name": "Cloud Only"})
    act(lab, "update_user", {"user": "Cloud Only", "set": {"jobTitle": "Clerk"}})
    assert look(lab, f"tenant.user({UPN}, jobTitle)") == {"jobTitle": "Clerk"}
    act(lab, "delete_user", UPN)
    assert look(lab, f"tenant.user({UPN})") is None
    assert len(look(lab, "tenant.deleted_users")) == 1
    act(lab, "restore_user", UPN)
    assert look(lab, f"tenant.user({UPN}, displayName)") == {"displayName": "Cloud Only"}
    act(lab, "delete_user", UPN)
    act(lab, "purge_user", UPN)
    assert look(lab, "tenant.deleted_users") == []


def test_licences_and_roles(lab: Lab) -> None:
    act(lab, "add_user", UPN)
    act(lab, "assign_licence", {"user": UPN})
    assert look(lab, "tenant.licences(used, plan = ENTERPRISEPACK)") == [{"used": 2}]
    with pytest.raises(ScenarioError, match="no licence plan"):
        act(lab, "assign_licence", {"user": UPN, "licence": "NOTHING"})
    act(lab, "assign_role", {"user": UPN, "role": "user administrator"})
    act(lab, "remove_role", {"user": UPN, "role": "User Administrator"})
    with pytest.raises(ScenarioError, match="does not hold"):
        act(lab, "remove_role", {"user": UPN, "role": "User Administrator"})


def test_domains_features_and_policy(lab: Lab) -> None:
    act(lab, "verify_domain", "fabrikam.com")
    assert look(lab, "tenant.domains(isVerified, id = fabrikam.com)") == [{"isVerified": True}]
    act(lab, "set_feature", {"set": {"blockSoftMatchEnabled": False}})
    assert look(lab, "tenant.features")["blockSoftMatchEnabled"] is False
    act(lab, "set_anchor_policy", {})
    assert look(lab, "tenant.policy")["source_anchor"] is None
    act(lab, "enable_dirsync", {})
    assert look(lab, "tenant.organization")["onPremisesSyncEnabled"] is True


def test_signing_in(lab: Lab) -> None:
    password = lab.seeds.password("contoso.onmicrosoft.com/first@contoso.com")
    act(lab, "sign_in", {"user": "first@contoso.com", "password": password})
    with pytest.raises(TenantRefusedError) as refused:
        act(lab, "sign_in", {"user": "first@contoso.com", "password": "wrong"})
    assert refused.value.code == "AADSTS50126"
    found = look(lab, f"tenant.sign_in(first@contoso.com, password = {password})")
    assert found["outcome"] == "success"


def test_refusals_keep_the_tenants_words(lab: Lab) -> None:
    with pytest.raises(TenantRefusedError) as refused:
        act(lab, "add_user", "first@contoso.com")
    assert (refused.value.status, refused.value.code) == (400, "Request_BadRequest")
    with pytest.raises(TenantRefusedError):
        act(lab, "graph", {"method": "GET", "path": "nowhere"})


def test_tokens_are_renewed_as_the_clock_says(lab: Lab) -> None:
    from datetime import timedelta

    look(lab, "tenant.users")
    lab.advance(timedelta(hours=3))
    assert look(lab, "tenant.users")
