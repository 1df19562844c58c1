"""Which name serves a path, and what a proxy's refusal says."""

from __future__ import annotations

import pytest
import urllib3

from engine.connectors.entra.proxy import (
    GRAPH,
    LOGIN,
    SCRIPTS,
    SERVICE,
    ProxyRefused,
    ProxyRoute,
    public_name,
    refusal_of,
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/contoso.onmicrosoft.com/oauth2/token", LOGIN),
        ("/contoso.onmicrosoft.com/oauth2/v2.0/token", LOGIN),
        ("/common/userrealm/a@b?api-version=1.0", LOGIN),
        ("/common/GetCredentialType", LOGIN),
        ("/contoso.onmicrosoft.com/login", LOGIN),
        ("/contoso.onmicrosoft.com/SAS/BeginAuth", LOGIN),
        ("/provisioningservice/Capabilities", SERVICE),
        ("/provisioningservice/login", SERVICE),
        ("/register/Agents", SERVICE),
        ("/v1.0/organization", GRAPH),
        ("/beta/users", GRAPH),
        ("/ests/2.1/content/cdnbundles/login.js", SCRIPTS),
    ],
)
def test_public_name(path: str, name: str) -> None:
    assert public_name(path) == name


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ("Tunnel connection failed: 407 Proxy Authentication Required", 407, "407 Proxy Authentication Required"),
        ("Tunnel connection failed: 403 Forbidden", 403, "403 Forbidden"),
    ],
)
def test_refused(said: str, status: int, words: str) -> None:
    error = urllib3.exceptions.ProxyError("Unable to connect to proxy", OSError(said))
    refusal = refusal_of(error, LOGIN)
    assert isinstance(refusal, ProxyRefused)
    assert (refusal.status, refusal.host, refusal.code) == (status, LOGIN, "failed-connection")
    assert words in refusal.message


def test_nobody_there() -> None:
    error = urllib3.exceptions.ProxyError("Unable to connect to proxy", OSError("refused"))
    refusal = refusal_of(error, SERVICE)
    assert not isinstance(refusal, ProxyRefused)
    assert refusal.code == "failed-connection"


def test_the_account_stands_for_the_ticket(tmp_path) -> None:
    pool = ProxyRoute("http://127.0.0.1:1", "CONTOSO\\svc").pool(LOGIN, 443, str(tmp_path / "ca"), urllib3.Timeout(1))
    assert pool.proxy_headers["Proxy-Authorization"] == "Negotiate Q09OVE9TT1xzdmM="
