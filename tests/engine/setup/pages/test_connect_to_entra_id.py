"""Connect to Microsoft Entra ID: the refusal of the sign-in is the refusal of the page; roles, company, warnings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.entra.administrator_sign_in import (
    GLOBAL_ADMINISTRATOR,
    HYBRID_IDENTITY_ADMINISTRATOR,
    AdministratorFacts,
)
from engine.errors import EngineError
from engine.setup.answers import Credential, SignIn
from engine.setup.page import PageOutcome
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id, health_agent

NOBODY = AdministratorFacts("oid", synced=False, roles=frozenset({"another role"}))
GLOBAL, HYBRID = frozenset({GLOBAL_ADMINISTRATOR}), frozenset({HYBRID_IDENTITY_ADMINISTRATOR})


def test_signed_in(stage) -> None:
    state = stage.state()
    outcome = connect_to_entra_id(stage.answers(), state)
    assert outcome.facts["tenant"] == "contoso.onmicrosoft.com"
    assert state.signed_in()[0] is stage.tenant
    assert stage.tenants_asked == ["contoso.onmicrosoft.com"]


def test_tenant_can_be_named(stage) -> None:
    connect_to_entra_id(stage.answers(tenant="Contoso.com"), stage.state())
    assert stage.tenants_asked == ["contoso.com"]


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        ("INVALID_GRANT", "AADSTS50126: wrong", "Invalid grant: AADSTS50126: wrong"),
        ("PASSWORD_EXPIRED", "AADSTS50055", "User password expired: AADSTS50055"),
        ("REALM_DISCOVERY_FAILED", "User realm discovery failed: 500", "User realm discovery failed: 500"),
        ("MFA_REQUIRED", "AADSTS50079", "AADSTS50079"),
    ],
)
def test_refused_under_the_heading_of_the_documents(stage, code: str, text: str, shown: str) -> None:
    stage.sign_in_refusal = EngineError(code, text)
    outcome = connect_to_entra_id(stage.answers(), stage.state())
    assert (outcome.code, outcome.message) == (code, shown)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (replace(NOBODY, roles=GLOBAL), ""),
        (replace(NOBODY, roles=HYBRID), ""),
        (NOBODY, "ROLE_MISSING"),
        (replace(NOBODY, eligible=HYBRID), "PIM_NOT_ACTIVATED"),
        (replace(NOBODY, through_groups=GLOBAL), "ROLE_NOT_DIRECT"),
        (replace(NOBODY, through_groups=frozenset({"another"}), eligible=frozenset({"another"})), "ROLE_MISSING"),
        (replace(NOBODY, roles=HYBRID, eligible=GLOBAL), ""),
    ],
)
def test_role(stage, who: AdministratorFacts, code: str) -> None:
    stage.tenant.who = who
    assert connect_to_entra_id(stage.answers(), stage.state()).code == code


@pytest.mark.parametrize(
    ("what", "code"),
    [("organization", "COMPANY_INFORMATION_UNAVAILABLE"), ("domains", "DOMAIN_INFORMATION_UNAVAILABLE")],
)
def test_company_that_cannot_be_read(stage, what: str, code: str) -> None:
    stage.tenant.refuses[what] = EngineError(code, "403")
    assert connect_to_entra_id(stage.answers(), stage.state()).code == code


@pytest.mark.parametrize(("roles", "agent"), [(GLOBAL, "enabled"), (HYBRID, "disabled"), (GLOBAL | HYBRID, "enabled")])
def test_health_agent(stage, roles: frozenset[str], agent: str) -> None:
    """PRE-13."""
    stage.tenant.who = replace(NOBODY, roles=roles)
    outcome = connect_to_entra_id(stage.answers(), stage.state())
    assert health_agent([PageOutcome("Welcome"), outcome]) == agent
    assert health_agent([PageOutcome("Welcome")]) == ""


@pytest.mark.parametrize(
    ("user", "sign_in", "synced", "codes"),
    [
        ("admin@contoso.onmicrosoft.com", SignIn.AD_FS, False, []),
        ("admin@contoso.com", SignIn.AD_FS, False, ["ADMIN_IN_FEDERATED_DOMAIN"]),
        ("admin@contoso.com", SignIn.PING_FEDERATE, False, ["ADMIN_IN_FEDERATED_DOMAIN"]),
        ("admin@contoso.com", SignIn.PASSWORD_HASH_SYNC, True, ["SYNCED_ADMIN"]),
    ],
)
def test_warnings(stage, user: str, sign_in: SignIn, synced: bool, codes: list[str]) -> None:
    """CTE-15, and the note of seed001 on synchronized accounts."""
    stage.tenant.who = replace(NOBODY, roles=GLOBAL, synced=synced)
    answers = stage.custom(entra_admin=Credential(user, "cloud secret"), sign_in=sign_in)
    outcome = connect_to_entra_id(answers, stage.state())
    assert [warned.code for warned in outcome.warnings] == codes
