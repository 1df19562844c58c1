"""Octets that no client means: an error answer each, nothing on the log, and the farm lives on."""

from __future__ import annotations

import base64
import json
import socket
import ssl
from collections.abc import Iterator

import pytest
from twisted.logger import globalLogPublisher

from harness.lab.lab import Lab
from harness.pytest_plugin import make_world

FARM = "sts.contoso.com"
TRUST = "/adfs/services/trust/13/usernamemixed"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    federation = {
        "machines": {"ADFS1": {"domain": "contoso.com"}},
        "farms": {FARM: {"servers": ["ADFS1"], "trust": {"domains": ["contoso.com"]}}},
    }
    tenants = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
    with Lab(make_world(forests={"contoso.com": {}}, federation=federation, tenants=tenants)) as made:
        yield made


@pytest.fixture
def logged() -> Iterator[list[object]]:
    found: list[object] = []
    globalLogPublisher.addObserver(found.append)
    yield found
    globalLogPublisher.removeObserver(found.append)


def ask(lab: Lab, head: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    """The status line of the answer to a raw request."""
    assert lab.federation is not None
    context = ssl.create_default_context(cafile=str(lab.certificates.ca_bundle))
    address = ("127.0.0.1", lab.federation.service.endpoints["https"])
    size = len(body) if length is None else length
    with (
        socket.create_connection(address, 10) as plain,
        context.wrap_socket(plain, server_hostname=FARM) as connection,
    ):
        connection.sendall(head + b"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size + body)
        return bytes(connection.recv(65536).split(b"\r\n")[0])


def managed(lab: Lab, body: bytes) -> bytes:
    admin = lab.forest("contoso.com")
    name, password = admin.service.admin_upn, admin.admin_password
    secret = base64.b64encode(f"{name}:{password}".encode())
    return ask(lab, b"POST /wsman HTTP/1.1\r\nHost: ADFS1\r\nAuthorization: Basic " + secret, body)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: \xff\xfe", b"404"),
        (b"POST /wsman HTTP/1.1\r\nHost: ADFS1\r\nAuthorization: Basic \xff\xfe", b"401"),
    ],
)
def test_headers_that_are_no_utf_8(lab: Lab, logged: list[object], head: bytes, status: bytes) -> None:
    assert status in ask(lab, head)
    assert logged == []


def test_a_body_that_is_too_large_is_not_read(lab: Lab) -> None:
    head = b"POST %b HTTP/1.1\r\nHost: %b" % (TRUST.encode(), FARM.encode())
    assert b"413" in ask(lab, head, length=1 << 40)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 50_000, b"400"),
        (b'{"Command": "Set-AdfsSslCertificate", "Parameters": {"CertificateNames": 5}}', b"409"),
        (
            b'{"Command": "Install-WebApplicationProxy", "Parameters": {"FederationServiceTrustCredential": "x"}}',
            b"409",
        ),
        (json.dumps({"Command": "Get-ComputerInfo"}).encode(), b"200"),
    ],
    ids=["deep", "list", "credential", "sound"],
)
def test_commands(lab: Lab, body: bytes, status: bytes) -> None:
    assert status in managed(lab, body)
