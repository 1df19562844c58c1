"""Whom a token of an identity provider signs in: the issuer of a domain, its certificate, the immutable ID."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from emulators.federation.core.assertion import Ticket, assertion
from emulators.federation.core.claims import IMMUTABLE_ID, ISSUER_ID, NAME_IDENTIFIER, UPN, Claim
from emulators.federation.core.signing import signing_key
from emulators.tenant.core.domains import Domain, federated_by
from emulators.tenant.core.signing_in.federated_sign_in import AssertionRefused, user_of_assertion
from emulators.tenant.core.signing_in.sign_in import SignInError, grant_token

KEY = signing_key("sts.contoso.com", 0)
ISSUER = "http://sts.contoso.com/adfs/services/trust"
ANCHOR = "MyIRAFVEd2aImaq7zN3u/w=="
CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


@pytest.fixture
def federated(bench: Any) -> Any:
    bench.add(ANCHOR, userPrincipalName="ana@contoso.com", accountEnabled=True)
    bench.add("other==", userPrincipalName="bo@contoso.com", accountEnabled=False)
    bench.tenant.domains["contoso.com"].federation = {
        "id": "f",
        "issuerUri": ISSUER,
        "signingCertificate": KEY.certificate,
    }
    return bench


def form(bench: Any, *claims: Claim, issuer: str = ISSUER, key: Any = KEY, audience: str = "") -> dict[str, str]:
    ticket = Ticket("1", issuer, bench.tenant.now())
    if audience:
        ticket = Ticket("1", issuer, bench.tenant.now(), audience)
    encoded = base64.urlsafe_b64encode(assertion(claims, ticket, key).encode()).decode().rstrip("=")
    return {"assertion": encoded}


def test_the_immutable_id_is_who_it_is_whatever_the_upn_says(federated: Any) -> None:
    asked = form(federated, Claim(UPN, "nobody@elsewhere.example"), Claim(IMMUTABLE_ID, ANCHOR))
    assert user_of_assertion(federated.tenant, asked).upn == "ana@contoso.com"
    assert user_of_assertion(federated.tenant, form(federated, Claim(NAME_IDENTIFIER, ANCHOR))).upn == "ana@contoso.com"


@pytest.mark.parametrize(
    ("claims", "changes", "number"),
    [
        ((Claim(UPN, "ana@contoso.com"), Claim(IMMUTABLE_ID, "X+QUj+rOf0ag5iscm38NEQ==")), {}, 51004),
        ((Claim(IMMUTABLE_ID, ANCHOR.lower()),), {}, 51004),
        ((Claim(IMMUTABLE_ID, "other=="),), {}, 50057),
        ((Claim(UPN, "ana@contoso.com"),), {}, 50008),
        ((Claim(IMMUTABLE_ID, ANCHOR), Claim(IMMUTABLE_ID, "other==")), {}, 50008),
        ((Claim(IMMUTABLE_ID, ANCHOR),), {"issuer": "http://elsewhere/"}, 50107),
        ((Claim(IMMUTABLE_ID, ANCHOR), Claim(ISSUER_ID, "http://fabrikam.com/adfs/services/trust/")), {}, 50107),
        ((Claim(IMMUTABLE_ID, ANCHOR),), {"key": signing_key("sts.contoso.com", 1)}, 50008),
        ((Claim(IMMUTABLE_ID, ANCHOR),), {"audience": "urn:other"}, 50008),
    ],
)
def test_refusals(federated: Any, claims: tuple[Claim, ...], changes: dict[str, Any], number: int) -> None:
    with pytest.raises(AssertionRefused) as refused:
        user_of_assertion(federated.tenant, form(federated, *claims, **changes))
    assert refused.value.number == number


def test_a_token_lives_an_hour(federated: Any) -> None:
    asked = form(federated, Claim(IMMUTABLE_ID, ANCHOR))
    federated.clock.moment += timedelta(minutes=64)
    assert user_of_assertion(federated.tenant, asked)
    federated.clock.moment += timedelta(minutes=2)
    with pytest.raises(AssertionRefused, match="50008"):
        user_of_assertion(federated.tenant, asked)


@pytest.mark.parametrize("text", ["", "%%%", "AAAA"])
def test_what_is_no_token(federated: Any, text: str) -> None:
    with pytest.raises(AssertionRefused, match="50008"):
        user_of_assertion(federated.tenant, {"assertion": text})


def test_the_next_certificate_is_believed_too(federated: Any) -> None:
    following = signing_key("sts.contoso.com", 1)
    federated.tenant.domains["contoso.com"].federation["nextSigningCertificate"] = following.certificate
    assert user_of_assertion(federated.tenant, form(federated, Claim(IMMUTABLE_ID, ANCHOR), key=following))


def test_a_password_given_to_the_cloud_is_of_no_use(federated: Any) -> None:
    asked = {
        "grant_type": "password",
        "client_id": CLIENT,
        "username": "ana@contoso.com",
        "password": "x",
        "scope": "openid",
    }
    with pytest.raises(SignInError) as refused:
        grant_token(federated.tenant, "common", asked, version=2, own_host="127.0.0.1")
    assert refused.value.number == 50126
    grant = "urn:ietf:params:oauth:grant-type:saml1_1-bearer"
    asked = {
        "grant_type": grant,
        "client_id": CLIENT,
        "scope": "openid",
        **form(federated, Claim(IMMUTABLE_ID, ANCHOR)),
    }
    granted = grant_token(federated.tenant, "common", asked, version=2, own_host="127.0.0.1")
    assert granted.user is not None
    assert granted.user.upn == "ana@contoso.com"


def test_a_subdomain_inherits(federated: Any) -> None:
    tenant = federated.tenant
    assert federated_by(tenant, "x@emea.contoso.com") is None
    tenant.domains["emea.contoso.com"] = Domain("emea.contoso.com", verified=True)
    assert (federated_by(tenant, "x@emea.contoso.com") or {})["issuerUri"] == ISSUER
