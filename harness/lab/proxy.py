"""The proxy of a world: a real one, that servers reach by HTTP CONNECT and that lets them out to the tenants or not.

It knows the cloud's names and the tenants' ports, nothing else. Who calls stands in ``Proxy-Authorization`` (see
engine/connectors/entra/proxy.py for the stand-in). Source: facts "install" section 1, CTE-13, CTE-14.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.protocol import ClientFactory, Factory, Protocol

from emulators.journal import Journal
from harness.scenario.proxy_shape import CLOUD_NAMES, EVERYTHING

HOST = "127.0.0.1"
_HEAD_BYTES_MAX = 16 * 1024
_PORT_DIGITS_MAX = 5
REASONS: Mapping[int, str] = {
    200: "Connection established",
    400: "Bad Request",
    403: "Forbidden",
    407: "Proxy Authentication Required",
    502: "Bad Gateway",
}


class Proxy:
    """One listener. ``rules``: as the world or a step says; they count for the next connection."""

    def __init__(self, rules: Mapping[str, Any], journal: Journal, ports: Callable[[], set[int]]) -> None:
        self.rules = dict(rules)
        self.journal = journal
        self.ports = ports
        self.open: set[Protocol] = set()
        self._listener: Any = None
        self.reactor: Any = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._listener.getHost().port}"

    def start(self, reactor: Any) -> None:
        factory = Factory.forProtocol(_Caller)
        factory.proxy = self  # type: ignore[attr-defined]
        self.reactor = reactor
        self._listener = reactor.listenTCP(0, factory, interface=HOST)

    def stop(self) -> Any:
        self.cut()
        listener, self._listener = self._listener, None
        return listener.stopListening() if listener is not None else None

    def cut(self) -> None:
        """Hang up on everybody, so that new rules count at once."""
        for one in list(self.open):
            one.transport.abortConnection()  # type: ignore[union-attr]

    def decide(self, host: str, port: int, account: str) -> int:
        """The status a CONNECT is answered with."""
        if host not in CLOUD_NAMES or port not in self.ports():
            return 502
        if self.rules.get("authentication", "none") == "windows" and not self._passes(account):
            return 407
        refused = self.rules.get("refuses") or ()
        return 403 if EVERYTHING in refused or host in refused else 200

    def _passes(self, account: str) -> bool:
        """A user of a domain, or one that is listed; a machine's account, which ends in $, only when it is listed."""
        listed = self.rules.get("accounts")
        if listed:
            return account.lower() in {one.lower() for one in listed}
        domain, backslash, name = account.partition("\\")
        return bool(backslash and domain and name) and not name.endswith("$") and " " not in domain


class _Caller(Protocol):
    """A server's side of one connection: the head of its CONNECT, then bytes both ways."""

    factory: Any
    transport: Any

    def __init__(self) -> None:
        self._head = b""
        self._onward: _Onward | None = None
        self._waiting = b""
        self._connecting = False

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        self.transport.setTcpNoDelay(True)
        self.factory.proxy.open.add(self)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 - Twisted's name
        self.factory.proxy.open.discard(self)
        if self._onward is not None:
            self._onward.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._onward is not None:
            self._onward.transport.write(data)
        elif self._connecting:
            self._waiting += data
        else:
            self._head += data
            if b"\r\n\r\n" in self._head:
                self._connect()
            elif len(self._head) > _HEAD_BYTES_MAX:
                self._answer(400)

    def _connect(self) -> None:
        head, _, self._waiting = self._head.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        host, _, port = rest.partition(" ")[0].rpartition(":")
        fields = (line.partition(":") for line in lines[1:])
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        if method != "CONNECT" or not host or not port.isdecimal() or len(port) > _PORT_DIGITS_MAX:
            self._answer(400)
            return
        account = account_in(headers.get("proxy-authorization", ""))
        proxy = self.factory.proxy
        status = proxy.decide(host.lower(), int(port), account)
        proxy.journal.record("proxy.connect", host=host, account=account, status=status)
        if status != 200:
            self._answer(status)
            return
        self._connecting = True
        proxy.reactor.connectTCP(HOST, int(port), _OnwardFactory(self))

    def _answer(self, status: int) -> None:
        authenticate = "Proxy-Authenticate: Negotiate\r\n" if status == 407 else ""
        head = f"HTTP/1.1 {status} {REASONS[status]}\r\n{authenticate}Content-Length: 0\r\nConnection: close\r\n\r\n"
        self.transport.write(head.encode())
        self.transport.loseConnection()

    def reached(self, onward: _Onward) -> None:
        if self not in self.factory.proxy.open:  # the caller has hung up meanwhile
            onward.transport.loseConnection()
            return
        self._onward = onward
        self.transport.write(f"HTTP/1.1 200 {REASONS[200]}\r\n\r\n".encode())
        if self._waiting:
            onward.transport.write(self._waiting)

    def not_reached(self) -> None:
        self._answer(502)


class _Onward(Protocol):
    """The tenant's side."""

    transport: Any

    def __init__(self, caller: _Caller) -> None:
        self._caller = caller

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        self.transport.setTcpNoDelay(True)
        self._caller.reached(self)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self._caller.transport.write(data)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 - Twisted's name
        self._caller.transport.loseConnection()


class _OnwardFactory(ClientFactory):
    noisy = False

    def __init__(self, caller: _Caller) -> None:
        self._caller = caller

    def buildProtocol(self, addr: Any) -> _Onward:  # noqa: N802 - Twisted's name
        return _Onward(self._caller)

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: N802 - Twisted's name
        self._caller.not_reached()


def account_in(header: str) -> str:
    """The account a ``Negotiate`` header stands for; empty when there is none."""
    scheme, _, ticket = header.partition(" ")
    if scheme.lower() != "negotiate":
        return ""
    try:
        return b64decode(ticket, validate=True).decode()
    except ValueError:
        return ""
