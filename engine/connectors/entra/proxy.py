"""The proxy between a machine and the cloud: which names are dialled through it, and as whom.

Windows proves the account a process runs as to a proxy that asks; here its name stands for that proof, base64 after
``Negotiate`` (a stand-in: no ticket is made). Source: facts "install" section 1 (security contexts), CTE-13, CTE-14, 7.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

import urllib3
from urllib3.connection import HTTPConnection

from engine.errors import ConnectorError

LOGIN = "login.microsoftonline.com"
SERVICE = "adminwebservice.microsoftonline.com"
GRAPH = "graph.microsoft.com"
SCRIPTS = "secure.aadcdn.microsoftonline-p.com"
_STATUS = re.compile(r"Tunnel connection failed: (\d{3}) ?(.*)")
_SIGN_IN = re.compile(r"/[^/]+/(oauth2|userrealm|GetCredentialType|login|SAS|discovery)(/|$)")


@dataclass(frozen=True, slots=True)
class ProxyRoute:
    """url: of the proxy. account: the Windows account the process runs as, DOMAIN\\name."""

    url: str
    account: str

    def pool(self, host: str, port: int, ca_bundle: str, timeout: urllib3.Timeout) -> urllib3.HTTPConnectionPool:
        """A kept connection through the proxy to one of the cloud's names."""
        ticket = b64encode(self.account.encode()).decode()
        proxied = urllib3.ProxyManager(
            self.url,
            proxy_headers={"Proxy-Authorization": f"Negotiate {ticket}"},
            cert_reqs="CERT_REQUIRED",
            ca_certs=ca_bundle,
            maxsize=1,
            timeout=timeout,
            retries=False,
            socket_options=HTTPConnection.default_socket_options,  # through a proxy they would be left out: no waiting
        )
        return proxied.connection_from_host(host, port, "https")


class ProxyRefused(ConnectorError):
    """The proxy let the call not through; ``status``: 403 or 407 as it answered."""

    def __init__(self, status: int, reason: str, host: str) -> None:
        text = f"The proxy answered {status} {reason} for {host}."
        super().__init__("failed-connection", text, "stopped-extension-dll-exception")
        self.status = status
        self.host = host


def public_name(path: str) -> str:
    """Which of the cloud's names serves a path."""
    if path.startswith("/ests/"):
        return SCRIPTS
    if path.startswith(("/provisioningservice/", "/register/")):
        return SERVICE
    if path.startswith(("/v1.0/", "/beta/")):
        return GRAPH
    return LOGIN if _SIGN_IN.match(path) else SERVICE


def refusal_of(error: urllib3.exceptions.ProxyError, host: str) -> ConnectorError:
    """What the proxy said, or that nobody is there."""
    found = _STATUS.search(str(error))
    if found is None:
        text = f"The proxy cannot be reached for {host}."
        return ConnectorError("failed-connection", text, "stopped-extension-dll-exception")
    return ProxyRefused(int(found[1]), found[2].strip(" '\")"), host)
