"""A scripted tenant: an HTTPS server that answers the prepared answers in order and keeps what it was sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qs

import pytest
import trustme

from engine.connectors.entra.tenant_client import TenantAccount, TenantAddress, TenantClient

Answer = tuple[int, dict[str, Any] | bytes, dict[str, str]] | None


@dataclass
class Call:
    operation: str
    body: Any
    headers: dict[str, str]
    connection: int


@dataclass
class WorldClock:
    moment: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass
class ScriptedTenant:
    """``script``: (operation, answer) in order; an answer of None cuts the connection."""

    ca_bundle: str
    script: list[tuple[str, Answer]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    clock: WorldClock = field(default_factory=WorldClock)
    url: str = ""

    def expect(self, operation: str, body: Any = None, status: int = 200, **headers: str) -> ScriptedTenant:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.script.append((operation, (status, {} if body is None else body, named)))
        return self

    def cut(self, operation: str) -> ScriptedTenant:
        self.script.append((operation, None))
        return self

    def signed_in(self, token: str = "t1") -> ScriptedTenant:
        return self.expect("token", {"access_token": token, "expires_in": "3599"})

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.moment += timedelta(seconds=seconds)

    def client(self, **settings: Any) -> TenantClient:
        return TenantClient(
            TenantAddress(self.url, "contoso.onmicrosoft.com"),
            TenantAccount("Sync_SYNC1_0123456789ab@contoso.onmicrosoft.com", "pass word&"),
            clock=self.clock,
            ca_bundle=self.ca_bundle,
            server_name="SYNC1",
            wait=self.wait,
            identifiers=Random("seed/requests"),
            **settings,
        )

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        if not self.script:
            self.complaints.append(f"unexpected {call.operation}")
            return 500, {}, {}
        operation, answer = self.script.pop(0)
        if operation != call.operation:
            self.complaints.append(f"{call.operation} came where {operation} was expected")
            return 500, {}, {}
        return answer


def _handler(tenant: ScriptedTenant) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            octets = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.path.rpartition("/")[2]
            body = parse_qs(octets.decode()) if operation == "token" else json.loads(octets)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = tenant.answer(Call(operation, body, headers, self.client_address[1]))
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, content, more = answer
            sent = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(sent)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


class _Server(HTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the script."""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return context, str(path)


@pytest.fixture
def tenant(authority: tuple[ssl.SSLContext, str]) -> Iterator[ScriptedTenant]:
    """A scripted tenant; the test fails when the conversation was not the written one."""
    context, bundle = authority
    scripted = ScriptedTenant(bundle)
    server = _Server(("127.0.0.1", 0), _handler(scripted))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    scripted.url = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    yield scripted
    server.shutdown()
    server.server_close()
    thread.join(5)
    assert scripted.complaints == []
    assert scripted.script == [], "the script was not played to its end"


@pytest.fixture
def client(tenant: ScriptedTenant) -> Iterator[TenantClient]:
    made = tenant.client()
    yield made
    made.close()


@pytest.fixture
def later(tenant: ScriptedTenant) -> Callable[[float], None]:
    """Let virtual seconds pass."""

    def pass_seconds(seconds: float) -> None:
        tenant.clock.moment += timedelta(seconds=seconds)

    return pass_seconds
