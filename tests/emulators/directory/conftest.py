"""A reactor thread for conversations over real loopback sockets, and plain-socket conversations."""

from __future__ import annotations

import contextlib
import socket
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme
from twisted.logger import globalLogPublisher

from emulators.directory.service import DirectoryService, DomainDescription, ForestDescription, TlsMaterial
from emulators.faults import FaultPlan
from emulators.journal import Journal
from harness.lab.reactor import in_reactor, the_reactor


@dataclass
class StillClock:
    """A clock that stands until it is moved."""

    moment: datetime = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class ReactorThread:
    """The process's one reactor thread, and the failures anybody logs in it."""

    def __init__(self) -> None:
        self.reactor: Any = the_reactor()
        self.failures: list[Any] = []
        globalLogPublisher.addObserver(self._observe)

    def _observe(self, event: dict[str, Any]) -> None:
        if event.get("log_failure") is not None or event.get("isError"):
            self.failures.append(event)

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a function in the reactor thread and give its result here."""
        return in_reactor(function, *args, **kwargs)


@pytest.fixture(scope="session")
def reactor_thread() -> ReactorThread:
    return ReactorThread()


@pytest.fixture(autouse=True)
def nothing_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test of the front may leave a failure in the log, unless it takes it out itself."""
    if "reactor_thread" not in request.fixturenames:
        yield
        return
    thread = request.getfixturevalue("reactor_thread")
    thread.failures.clear()
    yield
    assert thread.failures == []


# ---- a conversation --------------------------------------------------------------------------------------------------
class Conversation:
    """A plain socket that sends octets and collects whole LDAP messages."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.received = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def message(self) -> bytes:
        """The next whole message, or nothing when the server closed."""
        while True:
            size = message_size(self.received)
            if size is not None and size <= len(self.received):
                message, self.received = self.received[:size], self.received[size:]
                return message
            chunk = self.socket.recv(1 << 16)
            if not chunk:
                assert not self.received, f"the server closed within a message: {self.received[:40]!r}"
                return b""
            self.received += chunk

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.message()

    def close(self) -> None:
        self.socket.close()


def message_size(data: bytes) -> int | None:
    if len(data) < 2:
        return None
    if data[1] < 128:
        return 2 + data[1]
    count = data[1] & 127
    if len(data) < 2 + count:
        return None
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")


@pytest.fixture
def still_clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="session")
def conversation_class() -> type[Conversation]:
    return Conversation


# ---- the whole directory ---------------------------------------------------------------------------------------------
with warnings.catch_warnings():  # ldap3 uses names of pyasn1 that are on their way out
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPException

PASSWORD = "Pa$$w0rd-of-the-world"
CONTOSO = ForestDescription("contoso.com", (DomainDescription("contoso.com", "CONTOSO"),))


@pytest.fixture(scope="session")
def world_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def material(world_authority: trustme.CA) -> TlsMaterial:
    own = world_authority.issue_cert("localhost", "127.0.0.1")
    return TlsMaterial(b"".join(blob.bytes() for blob in own.cert_chain_pems), own.private_key_pem.bytes())


class World:
    """A started service and ldap3 connections to it."""

    def __init__(
        self,
        thread: Any,
        clock: Any,
        material: TlsMaterial | None,
        description: ForestDescription | None = None,
        **options: Any,
    ) -> None:
        self.thread = thread
        self.password = PASSWORD
        self.clock = clock
        self.records: list[dict[str, Any]] = []
        self.faults = FaultPlan()
        self.opened: list[ldap3.Connection] = []
        self.service = thread.call(
            DirectoryService,
            description or CONTOSO,
            clock=clock,
            seed="a seed",
            journal=Journal("DC1", clock, self.records.append),
            faults=self.faults,
            tls=material,
            admin_password=self.password,
            options=options,
        )
        thread.call(self.service.start, thread.reactor)

    def server(self, endpoint: str = "ldap", **options: Any) -> ldap3.Server:
        options.setdefault("get_info", ldap3.NONE)
        return ldap3.Server("127.0.0.1", self.service.endpoints[endpoint], use_ssl=endpoint == "ldaps", **options)

    def open(self, user: str | None, password: str | None, server: ldap3.Server | None = None) -> ldap3.Connection:
        connection = ldap3.Connection(
            server or self.server(), user, password, receive_timeout=10, return_empty_attributes=False
        )
        self.opened.append(connection)
        return connection

    def connect(self, user: str | None = None, server: ldap3.Server | None = None) -> ldap3.Connection:
        connection = self.open(user or self.service.admin_dn, self.password, server)
        assert connection.bind(), connection.result
        return connection

    def close(self) -> None:
        for connection in self.opened:
            with contextlib.suppress(LDAPException, OSError):
                connection.unbind()
            if connection.socket is not None:
                connection.socket.close()
        self.thread.call(self.service.stop)


@pytest.fixture
def world(reactor_thread: Any, still_clock: Any, material: TlsMaterial) -> Iterator[World]:
    made = World(reactor_thread, still_clock, material, max_page_size=100)
    yield made
    made.close()


@pytest.fixture(scope="session")
def world_class() -> type[World]:
    return World
