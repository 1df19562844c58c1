"""Seamless single sign-on: forests, their keys, the switch."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from emulators.tenant.core.passwords import nt_hash
from emulators.tenant.core.refusals import ServiceFault
from emulators.tenant.core.signing_in import seamless_sso


def test_a_forest_shares_its_key_while_feature_and_forest_are_on(tenant) -> None:
    seamless_sso.enable_forest(tenant, "Contoso.com", "AZUREADSSOACC", "secret", enable=True)
    assert seamless_sso.key_of(tenant, "contoso.com") is None
    seamless_sso.switch(tenant, enable=True)
    assert seamless_sso.key_of(tenant, "CONTOSO.com") == nt_hash("secret")
    assert seamless_sso.key_of(tenant, "fabrikam.com") is None
    seamless_sso.enable_forest(tenant, "contoso.com", "AZUREADSSOACC", "", enable=False)
    assert seamless_sso.key_of(tenant, "contoso.com") is None


def test_status_names_forests_and_no_key(bench) -> None:
    seamless_sso.enable_forest(bench.tenant, "contoso.com", "AZUREADSSOACC", "secret", enable=True)
    shown = seamless_sso.status(bench.tenant)
    assert shown["Enable"] is False
    assert [one["DomainName"] for one in shown["Domains"]] == ["contoso.com"]
    for text in (repr(shown), repr(bench.records)):
        assert "secret" not in text
        assert nt_hash("secret").hex() not in text


@pytest.mark.parametrize(("computer", "secret"), [("OTHER", "secret"), ("AZUREADSSOACC", "")])
def test_another_account_or_no_key_is_refused(tenant, computer: str, secret: str) -> None:
    with pytest.raises(ServiceFault):
        seamless_sso.enable_forest(tenant, "contoso.com", computer, secret, enable=True)
    assert tenant.sync.desktop_sso == {}


# ---- tickets ---------------------------------------------------------------------------------------------------------
SID = base64.b64encode(bytes.fromhex("010500000000000515000000010000000200000003000000e8030000")).decode()


def ticket(bench, secret: str = "secret", **changes: object) -> str:
    said = {
        "realm": "contoso.com",
        "service": "HOST/autologon.microsoftazuread-sso.com",
        "sid": SID,
        "issued": bench.clock.now().isoformat(),
    } | changes
    body = json.dumps(said).encode()
    proof = hmac.new(nt_hash(secret), body, hashlib.sha256).digest()
    return f"{base64.b64encode(body).decode()}.{base64.b64encode(proof).decode()}"


def refusal(bench, text: str) -> int:
    with pytest.raises(seamless_sso.TicketRefusedError) as refused:
        seamless_sso.user_of_ticket(bench.tenant, text)
    return refused.value.number


@pytest.fixture
def enabled(bench):
    bench.add("anchor", userPrincipalName="ana@contoso.com", onPremiseSecurityIdentifier=SID)
    seamless_sso.enable_forest(bench.tenant, "contoso.com", "AZUREADSSOACC", "secret", enable=True)
    seamless_sso.switch(bench.tenant, enable=True)
    return bench


def test_a_good_ticket_signs_its_user_in(enabled) -> None:
    assert seamless_sso.user_of_ticket(enabled.tenant, ticket(enabled)).upn == "ana@contoso.com"


@pytest.mark.parametrize(
    ("secret", "changes", "number"),
    [
        ("another key", {}, 81002),
        ("secret", {"realm": "fabrikam.com"}, 81002),
        ("secret", {"service": "HOST/other"}, 81010),
        ("secret", {"issued": "yesterday"}, 81010),
        ("secret", {"issued": "2026-01-05T08:00:00"}, 81010),
        ("secret", {"issued": "2026-01-04T20:00:00+00:00"}, 81010),
        ("secret", {"issued": "2026-01-05T09:00:00+00:00"}, 81010),
        ("secret", {"sid": "AAAA"}, 81011),
    ],
)
def test_what_is_wrong_with_a_ticket(enabled, secret: str, changes: dict[str, object], number: int) -> None:
    assert refusal(enabled, ticket(enabled, secret, **changes)) == number


@pytest.mark.parametrize("text", ["", "a.b", "!!!.!!!", "W10=.AA==", "e30=.AA=="])
def test_rubbish_is_no_ticket(enabled, text: str) -> None:
    assert refusal(enabled, text) == 81002


def test_a_tenant_without_the_feature(enabled) -> None:
    seamless_sso.switch(enabled.tenant, enable=False)
    assert refusal(enabled, ticket(enabled)) == 81007
