"""Administrators as a world makes them, with the phone beside the person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.lab.cloud_administrators import phone_of
from harness.lab.installation import Choices, read_answers
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world

USERS = [
    {"upn": "ga@contoso.com", "role": "Global Administrator", "second_factor": "registered"},
    {"upn": "pim@contoso.com", "eligible_role": "Global Administrator"},
    {"upn": "held@contoso.com", "role_through": "Global Administrator"},
    {"upn": "fresh@contoso.com", "temporary_password": True},
]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    tenants = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"], "users": USERS, "sync_accounts": 2}}
    with Lab(make_world(tenants=tenants)) as one:
        yield one


def identifier(lab: Lab, upn: str) -> str:
    return str(lab.tenant().find_user(upn)["id"])


def answers(lab: Lab, **admin: Any) -> Any:
    return read_answers(lab, Choices(mode="custom", entra_admin=admin, interactive_auth=bool(admin)))


def test_what_the_tenant_holds_of_them(lab: Lab) -> None:
    access = lab.tenant().service.tenant.access
    assert [one["conditions"]["users"]["includeUsers"] for one in access.policies.values()] == [
        [identifier(lab, "ga@contoso.com")]
    ]
    assert [who for _, who in access.eligible.values()] == [identifier(lab, "pim@contoso.com")]
    roles = lab.tenant().service.tenant.roles_of
    assert identifier(lab, "held@contoso.com") not in roles
    assert len(lab.tenant().service.tenant.sync.service_accounts) == 2


def test_who_signs_in(lab: Lab) -> None:
    plain = answers(lab)
    assert plain.entra_admin.username == lab.tenant().service.admin_upn
    assert not plain.switches.interactive_auth
    chosen = answers(lab, user="ga@contoso.com")
    assert chosen.entra_admin.password == lab.tenant().password_of("ga@contoso.com")
    assert chosen.switches.interactive_auth
    assert answers(lab, user="ga@contoso.com", password="typed").entra_admin.password == "typed"


@pytest.mark.parametrize("does", ["answer", "wrong-code", "cancel"])
def test_what_the_person_does_with_the_text(lab: Lab, does: str) -> None:
    from emulators.tenant.core.signing_in import conditional_access

    tenant = lab.tenant().service.tenant
    code = conditional_access.send_code(tenant, tenant.objects[identifier(lab, "ga@contoso.com")])
    typed = answers(lab, user="ga@contoso.com", challenge=does).challenge("+1XX")
    assert (typed == code) is (does == "answer")
    assert (typed is None) is (does == "cancel")


def test_phones_are_their_own(lab: Lab) -> None:
    assert len({phone_of(identifier(lab, one["upn"])) for one in USERS}) == len(USERS)
