"""Refusals of tenants and forests under the wizard's codes (facts "install" CTE, CYD-07)."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory.ldap_refusal import LdapRefused
from engine.connectors.entra.proxy import ProxyRefused
from engine.connectors.entra.service_refusal import ServiceFault, SignInRefused
from engine.errors import ConnectorError, EngineError
from engine.setup.reached_systems import bind_name, directory_refusal, tenant_refusal


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (SignInRefused("invalid_grant", "AADSTS50126: Error validating credentials."), "INVALID_GRANT"),
        (
            SignInRefused("invalid_grant", "AADSTS50055: The password is expired.", "user_password_expired"),
            "PASSWORD_EXPIRED",
        ),
        (SignInRefused("invalid_grant", "AADSTS50055: The password is expired."), "INVALID_GRANT"),
        (SignInRefused("access_denied", "AADSTS53003: Access has been blocked."), "AUTHORIZATION_FAILURE"),
        (ProxyRefused(407, "Proxy Authentication Required", "login"), "PROXY_AUTHENTICATION_REQUIRED"),
        (ProxyRefused(403, "Forbidden", "login.microsoftonline.com"), "PROXY_FORBIDDEN"),
        (ProxyRefused(502, "Bad Gateway", "login.microsoftonline.com"), "PROXY_REFUSED"),
        (SignInRefused("invalid_grant", "AADSTS50034: The user account does not exist."), "UNKNOWN_USER_TYPE"),
        (SignInRefused("interaction_required", "AADSTS50076: MFA."), "MFA_REQUIRED"),
        (SignInRefused("Authorization_RequestDenied", "Insufficient privileges"), "ROLE_MISSING"),
        (SignInRefused("invalid_grant", ""), "INVALID_GRANT"),
        (ServiceFault("SYNC_ACCOUNT_LIMIT", "20"), "SYNC_ACCOUNT_LIMIT"),
        (ServiceFault("403", "no"), "ROLE_MISSING"),
        (ServiceFault("81", "busy"), "SERVICE_BUSY"),
        (ConnectorError("failed-connection", "x", "y"), "REALM_DISCOVERY_FAILED"),
        (ConnectorError("server-busy", "x", "y"), "server-busy"),
    ],
)
def test_tenant(refusal: EngineError, code: str) -> None:
    assert tenant_refusal(refusal).code == code
    assert tenant_refusal(refusal).message == refusal.message


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (ConnectorError("failed-connection", "x", "y"), "DIR_NET_CONNECTION"),
        (ConnectorError("dropped-connection", "x", "y"), "DIR_NET_DROPPED"),
        (ConnectorError("failed-authentication", "x", "y"), "DIR_CREDENTIALS"),
        (ConnectorError("failed-search", "x", "y"), "DIRECTORY_REFUSED"),
        (LdapRefused(50, "00000005: SecErr"), "DIRECTORY_REFUSED"),
        (EngineError("OTHER", "x"), "OTHER"),
    ],
)
def test_forest(refusal: EngineError, code: str) -> None:
    assert directory_refusal(refusal, "contoso.com").code == code


@pytest.mark.parametrize(
    ("typed", "bound"),
    [
        ("FABRIKAM\\administrator", "FABRIKAM\\administrator"),
        ("fabrikam.com\\administrator", "administrator@fabrikam.com"),
        ("administrator@fabrikam.com", "administrator@fabrikam.com"),
        ("CN=Administrator,CN=Users,DC=fabrikam,DC=com", "CN=Administrator,CN=Users,DC=fabrikam,DC=com"),
    ],
)
def test_bind_name(typed: str, bound: str) -> None:
    assert bind_name(typed) == bound
