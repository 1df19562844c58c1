"""The socket under an LDAP conversation: connect, TLS, send, and cut what arrives into answers.

Nothing is decoded here but message lengths, identifiers and the final result of an operation; the entries of a search
are handed on as one block of octets. Source: RFC 4511 4.1.1, 4.4.1, 5.1.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from engine.connectors.active_directory import ber
from engine.connectors.active_directory.controls import read_controls
from engine.connectors.active_directory.distinguished_name import dns_name
from engine.connectors.active_directory.ldap_refusal import dropped_connection, failed_connection

#: SearchResultEntry, SearchResultReference, IntermediateResponse: more is to come for the same request
_MORE_TO_COME = frozenset((0x64, 0x73, 0x79))
_RESULTS = frozenset((0x61, 0x65, 0x67, 0x69, 0x6B, 0x6D, 0x6F, 0x78))
_BUFFER_OCTETS = 1 << 20
_MESSAGE_OCTETS_MAX = 1 << 28


class Security(StrEnum):
    """How a connection is protected."""

    LDAPS = "ldaps"
    START_TLS = "start-tls"
    CLEAR = "clear"  # loopback only; stands in for the sealed Kerberos bind of the product


@dataclass(frozen=True, slots=True)
class ForestAddress:
    """Where a forest's directory answers: a controller of its root domain, and of each further domain by DNS name.

    services: what else the controller is asked for before the directory is used, ``tcp/88`` and the like, by port.
    """

    host: str
    ldap_port: int
    ldaps_port: int
    gc_port: int = 0
    base_dn: str = ""
    domains: Mapping[str, ForestAddress] = field(default_factory=dict, hash=False)
    services: Mapping[str, int] = field(default_factory=dict, hash=False)

    def holding(self, dn: str) -> ForestAddress:
        """The controller of the domain a DN lies in; of a DN in no further domain, and of others, the root's."""
        return self.domains.get(dns_name(dn).lower(), self) if self.domains else self


@dataclass(slots=True)
class Answer:
    """The final result of one request; ``block``: the octets of the messages that came before it."""

    operation: int
    result: int
    matched_dn: str
    text: str
    value: bytes | None = None
    controls: dict[str, bytes] = field(default_factory=dict)
    block: bytes = b""


class LdapChannel:
    """A connected socket that hands out whole answers by message identifier."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket: socket.socket | None = connection
        self._buffer = bytearray(_BUFFER_OCTETS)
        self._used = 0  # octets received
        self._position = 0  # first octet not yet scanned
        self._start = 0  # first octet of the run of messages not yet taken out
        self._run_identifier = 0
        self._blocks: dict[int, list[bytes]] = {}
        self._answers: dict[int, Answer] = {}
        self._forgotten: set[int] = set()

    @property
    def open(self) -> bool:
        return self._socket is not None

    def protect(self, ca_bundle: str, host: str) -> None:
        """Put TLS under the conversation; the certificate must be the host's and signed by the world's authority."""
        assert self._socket is not None
        self._socket = _tls(self._socket, ca_bundle, host)

    def send(self, message: bytes) -> None:
        if self._socket is None:
            raise dropped_connection("The connection to the directory is closed.")
        try:
            self._socket.sendall(message)
        except OSError as error:
            raise self._broken(error) from error

    def wait(self, identifier: int) -> Answer:
        """The answer to one request; others that arrive before it are kept."""
        while identifier not in self._answers:
            if not self._scan():
                self._receive()
        return self._answers.pop(identifier)

    def forget(self, identifier: int) -> None:
        """Nobody will ask for this answer: drop it when it arrives."""
        if self._answers.pop(identifier, None) is None:
            self._forgotten.add(identifier)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _receive(self) -> None:
        if self._socket is None:
            raise dropped_connection("The connection to the directory is closed.")
        if self._start == self._used:
            self._start = self._position = self._used = 0
        elif self._used == len(self._buffer):
            self._make_room()
        try:
            received = self._socket.recv_into(memoryview(self._buffer)[self._used :])
        except OSError as error:
            raise self._broken(error) from error
        if not received:
            raise self._broken("The directory closed the connection.")
        self._used += received

    def _make_room(self) -> None:
        start = self._start
        if start:
            self._buffer[: self._used - start] = self._buffer[start : self._used]
            self._used -= start
            self._position -= start
            self._start = 0
        if self._used > len(self._buffer) // 2:
            self._buffer.extend(bytes(len(self._buffer)))

    def _broken(self, reason: object) -> Exception:
        self.close()
        return dropped_connection(f"The connection to the directory was lost: {reason}")

    def _scan(self) -> bool:
        """Walk over complete messages; True when a final result was taken out."""
        buffer, used, position = self._buffer, self._used, self._position
        while position + 2 <= used:
            if buffer[position] != ber.SEQUENCE:
                raise self._broken("the directory sent something that is not LDAP")
            length = buffer[position + 1]
            content = position + 2
            if length >= 0x80:
                content += length & 0x7F
                if content > used:
                    break
                length = int.from_bytes(buffer[position + 2 : content], "big")
                if length > _MESSAGE_OCTETS_MAX:
                    raise self._broken("the directory announced a message larger than any allowed")
            end = content + length
            if end > used:
                break
            mark = content + 2 + buffer[content + 1] if length > 2 else end
            if mark >= end or buffer[content] != ber.INTEGER:
                raise self._broken("the directory sent a message without identifier")
            identifier = int.from_bytes(buffer[content + 2 : mark], "big")
            if identifier != self._run_identifier:
                self._take_run(position)
                self._run_identifier = identifier
            if buffer[mark] not in _MORE_TO_COME:
                self._take_run(position)
                self._start = self._position = end
                self._finish(identifier, bytes(buffer[position:end]))
                return True
            position = end
        self._position = position
        return False

    def _take_run(self, end: int) -> None:
        if end > self._start:
            self._blocks.setdefault(self._run_identifier, []).append(bytes(self._buffer[self._start : end]))
        self._start = end

    def _finish(self, identifier: int, message: bytes) -> None:
        blocks = self._blocks.pop(identifier, [])
        try:
            answer = read_answer(message)
        except (ValueError, IndexError) as error:
            raise self._broken(f"the directory sent a result that cannot be read ({error})") from error
        if identifier == 0:
            raise self._broken(f"the directory said goodbye: {answer.text}")
        if identifier in self._forgotten:
            self._forgotten.discard(identifier)
            return
        answer.block = blocks[0] if len(blocks) == 1 else b"".join(blocks)
        self._answers[identifier] = answer


def open_channel(
    address: ForestAddress, security: Security, ca_bundle: str, timeout_seconds: float, port: int | None = None
) -> LdapChannel:
    """Connect; with LDAPS the channel is already protected."""
    port = port or (address.ldaps_port if security is Security.LDAPS else address.ldap_port)
    try:
        connection = socket.create_connection((address.host, port), timeout=timeout_seconds)
    except OSError as error:
        raise failed_connection(f"No domain controller answers at {address.host}:{port}: {error}") from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if security is Security.LDAPS:
        connection = _tls(connection, ca_bundle, address.host)
    return LdapChannel(connection)


@lru_cache(maxsize=8)
def _trusting(ca_bundle: str, content: bytes) -> ssl.SSLContext:
    """A client's side that trusts a bundle, as its content stands; never changed, so connections share it."""
    return ssl.create_default_context(cafile=ca_bundle)


def _tls(connection: socket.socket, ca_bundle: str, host: str) -> socket.socket:
    try:
        context = _trusting(ca_bundle, Path(ca_bundle).read_bytes())
        connection.getpeername()  # one that was cut already fails here, where it is still ours to close
        return context.wrap_socket(connection, server_hostname=host)
    except OSError as error:  # ssl.SSLError, a missing bundle and a closed connection alike
        connection.close()
        raise failed_connection(f"No protected connection to {host}: {error}") from error


def read_answer(message: bytes) -> Answer:
    """Read the LDAPResult of a whole message."""
    _, operation, *rest = ber.read(message).children()
    if operation.tag not in _RESULTS:
        raise ber.BerError(f"operation 0x{operation.tag:02x} is not a result")
    code, matched_dn, text, *more = operation.children()
    value = next((part.octets for part in more if part.tag == 0x8B), None)
    controls = next((read_controls(part) for part in rest if part.tag == 0xA0), {})
    return Answer(operation.tag, code.integer, matched_dn.text, text.text, value, controls)
