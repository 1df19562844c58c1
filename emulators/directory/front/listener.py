"""What all connections of one domain controller share, and the factory behind each of its ports.

Source: facts "directory" section 2 for the limits (MaxReceiveBuffer, MaxConnections, InitRecvTimeout).
"""
# ruff: noqa: N802 - Twisted chose the names of its methods

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol

from emulators.clock import Clock
from emulators.directory.front.entries import EntryEncoder
from emulators.directory.front.protocol import LDAPConnection
from emulators.faults import FaultPlan
from emulators.journal import Journal

if TYPE_CHECKING:
    from twisted.internet.ssl import CertificateOptions

    from emulators.directory.core.dispatch import Answer
    from emulators.directory.core.requests import Request
    from emulators.directory.core.session import Session


@dataclass(frozen=True, slots=True)
class Limits:
    """The LDAP policies of a domain controller that the front enforces."""

    receive_buffer_max: int = 10485760
    connections_max: int = 5000
    init_receive_seconds: int = 120


@dataclass
class Front:
    """Shared by all connections of a domain controller: the way to the core, the encoder, faults, journal, limits."""

    answer: Callable[[Session, Request], Answer]
    new_session: Callable[[bool, bool], Session]  # secure, global catalog
    encoder: EntryEncoder
    clock: Clock
    faults: FaultPlan
    journal: Journal
    limits: Limits = field(default_factory=Limits)
    tls: CertificateOptions | None = None
    connections: set[LDAPConnection] = field(default_factory=set)
    down: bool = False  # the controller cannot be reached

    def close_connections(self) -> None:
        """Break every connection off, for a server that goes away."""
        for connection in list(self.connections):
            connection.break_off()

    def close_silent(self, now: datetime) -> None:
        """Close connections that sent nothing within InitRecvTimeout."""
        latest = now - timedelta(seconds=self.limits.init_receive_seconds)
        for connection in list(self.connections):
            if connection.silent_since is not None and connection.silent_since <= latest:
                connection.break_off()


class Refusal(Protocol):
    """A connection that is closed as soon as it stands (under TLS, None in its place would be an error)."""

    transport: Any

    def connectionMade(self) -> None:
        self.transport.loseConnection()


class Listener(Factory):
    """Makes the connections of one port. secure: TLS from the first octet; global_catalog: the read-only port."""

    noisy = False

    def __init__(self, front: Front, *, secure: bool = False, global_catalog: bool = False) -> None:
        self.front = front
        self.secure = secure
        self.global_catalog = global_catalog

    def buildProtocol(self, addr: IAddress | None) -> LDAPConnection | Refusal:
        front = self.front
        if (
            front.down
            or front.faults.take("directory.refuse_connection")
            or len(front.connections) >= front.limits.connections_max
        ):
            return Refusal()
        return LDAPConnection(front, secure=self.secure, global_catalog=self.global_catalog)
