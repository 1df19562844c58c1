"""The world's proxy: whom it lets through, and that it hangs up when its rules change."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from emulators.journal import Journal
from harness.lab.clock import VirtualClock
from harness.lab.lab import Lab
from harness.lab.proxy import Proxy, account_in
from harness.pytest_plugin import make_world
from harness.scenario.world_reader import START

LOGIN, SERVICE = "login.microsoftonline.com", "adminwebservice.microsoftonline.com"
WINDOWS = {"authentication": "windows"}


def proxy(rules: dict[str, Any]) -> Proxy:
    return Proxy(rules, Journal("proxy", VirtualClock(START)), lambda: {443})


@pytest.mark.parametrize(
    ("rules", "host", "port", "account", "status"),
    [
        ({}, LOGIN, 443, "", 200),
        ({}, "elsewhere.example", 443, "", 502),
        ({}, LOGIN, 22, "", 502),
        ({"refuses": ["everything"]}, LOGIN, 443, "", 403),
        ({"refuses": [SERVICE]}, SERVICE, 443, "", 403),
        ({"refuses": [SERVICE]}, LOGIN, 443, "", 200),
        (WINDOWS, LOGIN, 443, "", 407),
        (WINDOWS, LOGIN, 443, "CONTOSO\\ana", 200),
        (WINDOWS, LOGIN, 443, "CONTOSO\\SYNC1$", 407),
        (WINDOWS, LOGIN, 443, "NT SERVICE\\ADSync", 407),
        (WINDOWS, LOGIN, 443, "ana", 407),
        ({**WINDOWS, "accounts": ["CONTOSO\\SYNC1$"]}, LOGIN, 443, "contoso\\sync1$", 200),
        ({**WINDOWS, "accounts": ["CONTOSO\\svc"]}, LOGIN, 443, "CONTOSO\\ana", 407),
    ],
)
def test_decision(rules: dict[str, Any], host: str, port: int, account: str, status: int) -> None:
    assert proxy(rules).decide(host, port, account) == status


@pytest.mark.parametrize(
    ("header", "account"),
    [
        (f"Negotiate {b64encode(b'CONTOSO/ana').decode()}", "CONTOSO/ana"),
        ("Basic YTpi", ""),
        ("Negotiate not base64!", ""),
        ("Negotiate \xff\xfe", ""),
        ("", ""),
    ],
)
def test_account(header: str, account: str) -> None:
    assert account_in(header) == account


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    world = make_world(network={"proxy": "windows"}, tenants={"contoso.onmicrosoft.com": {}})
    with Lab(world) as one:
        yield one


def say(lab: Lab, *lines: str) -> tuple[socket.socket, str]:
    assert lab.proxy is not None
    connection = socket.create_connection(("127.0.0.1", int(lab.proxy.url.rpartition(":")[2])), 5)
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return connection, connection.recv(4096).decode().split("\r\n")[0]


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (("GET / HTTP/1.1",), "HTTP/1.1 400 Bad Request"),
        (("CONNECT nowhere HTTP/1.1",), "HTTP/1.1 400 Bad Request"),
        ((f"CONNECT {LOGIN}:{'1' * 5000} HTTP/1.1",), "HTTP/1.1 400 Bad Request"),
        ((f"CONNECT {LOGIN}:1 HTTP/1.1",), "HTTP/1.1 502 Bad Gateway"),
    ],
)
def test_what_is_no_connect_to_the_cloud(lab: Lab, lines: tuple[str, ...], answer: str) -> None:
    connection, found = say(lab, *lines)
    connection.close()
    assert found == answer


def test_new_rules_cut_who_is_connected(lab: Lab) -> None:
    port = lab.tenant().service.endpoints["https"]
    ticket = f"Proxy-Authorization: Negotiate {b64encode(b'CONTOSO' + bytes([92]) + b'ana').decode()}"
    connection, found = say(lab, f"CONNECT {LOGIN}:{port} HTTP/1.1", ticket)
    assert found == "HTTP/1.1 200 Connection established"
    lab.set_proxy_rules({"refuses": ["everything"]})
    with connection, suppress(ConnectionResetError):
        assert connection.recv(1) == b""
    again, found = say(lab, f"CONNECT {LOGIN}:{port} HTTP/1.1", ticket)
    again.close()
    assert found == "HTTP/1.1 403 Forbidden"


def test_a_machine_that_was_not_told(lab: Lab) -> None:
    from harness.lab.addresses import network

    told = network(lab)
    assert told.route("CONTOSO\\ana") is not None
    untold = told.without_proxy()
    assert (untold.route("CONTOSO\\ana"), untold.tenants) == (None, {})


def test_what_comes_with_the_connect_goes_on_to_the_tenant(lab: Lab) -> None:
    assert lab.proxy is not None
    lab.set_proxy_rules({})
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=LOGIN).do_handshake()
    head = f"CONNECT {LOGIN}:{lab.tenant().service.endpoints['https']} HTTP/1.1\r\n\r\n".encode()
    found = b""
    with socket.create_connection(("127.0.0.1", int(lab.proxy.url.rpartition(":")[2])), 5) as connection:
        connection.sendall(head + outgoing.read())
        while b"\r\n\r\n\x16\x03" not in found:
            found += connection.recv(4096) or pytest.fail("the tenant did not answer")
