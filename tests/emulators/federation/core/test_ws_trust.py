"""Requests for tokens: both versions, and what is no request."""

from __future__ import annotations

import pytest

from emulators.federation.core.documents import AD_FS, exchange
from emulators.federation.core.ws_trust import Fault, answer, fault_answer, not_authenticated, read_request

pytest.importorskip("msal", reason="a foreign client writes the requests of these tests")
from msal import wstrust_request, wstrust_response
from msal.mex import Mex

AUDIENCE = "urn:federation:MicrosoftOnline"


@pytest.mark.parametrize("version", ["13", "2005"])
def test_what_msal_writes_is_read_and_what_is_answered_msal_reads(version: str) -> None:
    action = Mex.ACTION_13 if version == "13" else Mex.ACTION_2005
    text = wstrust_request._build_rst("ana@contoso.com", "p<&'\"w", AUDIENCE, "https://sts/x", action)
    request = read_request(text)
    assert (request.username, request.password, request.applies_to, request.version) == (
        "ana@contoso.com",
        "p<&'\"w",
        AUDIENCE,
        version,
    )
    assert "p<&" not in repr(request)
    token = wstrust_response.parse_response(answer(request, "<saml:Assertion>x</saml:Assertion>", "a", "b"))
    assert token["token"] == b"<saml:Assertion>x</saml:Assertion>"
    assert token["type"] == "urn:oasis:names:tc:SAML:1.0:assertion"


def test_a_refusal_is_a_fault_msal_reads() -> None:
    found = wstrust_response.parse_error(fault_answer(not_authenticated()))
    assert found["code"] == "o:FailedAuthentication"
    assert found["reason"].startswith("ID3242")


def test_msal_finds_the_endpoint_in_the_metadata_exchange() -> None:
    found = Mex(exchange("https://sts.contoso.com", AD_FS)).get_wstrust_username_password_endpoint()
    assert found == {
        "address": "https://sts.contoso.com/adfs/services/trust/13/usernamemixed",
        "action": Mex.ACTION_13,
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: "<broken", "InvalidRequest"),
        (lambda text: "<!DOCTYPE x []>" + text, "InvalidRequest"),
        (lambda text: text.replace("UsernameToken", "BinaryToken"), "FailedAuthentication"),
        (lambda text: text.replace("200512/Issue", "200512/Cancel"), "InvalidRequest"),
        (lambda text: text.replace("RequestSecurityToken", "RequestNothing"), "InvalidRequest"),
        (lambda text: text + " " * 200_000, "InvalidRequest"),
    ],
)
def test_what_is_no_request(change: object, code: str) -> None:
    text = wstrust_request._build_rst("a", "b", AUDIENCE, "https://sts/x", Mex.ACTION_13)
    with pytest.raises(Fault) as refused:
        read_request(change(text))  # type: ignore[operator]
    assert refused.value.code == code
