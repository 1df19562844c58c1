"""A scripted domain controller: answers prepared octets over a real socket, in the order the test wrote them.

It knows nothing of the engine's codec: its own few lines write BER, so one mistake cannot agree with itself.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

OPERATIONS = {
    0x60: "bind",
    0x42: "unbind",
    0x63: "search",
    0x66: "modify",
    0x68: "add",
    0x4A: "delete",
    0x6C: "modifyDN",
    0x77: "extended",
}
RESULTS = {
    "bind": 0x61,
    "search": 0x65,
    "modify": 0x67,
    "add": 0x69,
    "delete": 0x6B,
    "modifyDN": 0x6D,
    "extended": 0x78,
}


def tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    return bytes([tag, 0x84]) + len(content).to_bytes(4, "big") + content  # the long form Active Directory writes


def text(value: str | bytes) -> bytes:
    return tlv(4, value.encode() if isinstance(value, str) else value)


def number(value: int) -> bytes:
    return tlv(2, value.to_bytes(5, "big", signed=True).lstrip(b"\0") or b"\0")


def cut(data: bytes) -> list[tuple[int, bytes]]:
    """(tag, content) of every element in a row."""
    found, position = [], 0
    while position < len(data):
        length, start = data[position + 1], position + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[position + 2 : start], "big")
        found.append((data[position], data[start : start + length]))
        position = start + length
    return found


@dataclass
class Request:
    identifier: int
    operation: str
    parts: list[tuple[int, bytes]]
    controls: dict[str, bytes | None]
    critical: set[str] = field(default_factory=set)

    def entry(self, dn: str | bytes, attributes: dict[str, list[str | bytes]]) -> bytes:
        rows = [tlv(0x30, text(name), tlv(0x31, *map(text, values))) for name, values in attributes.items()]
        return self._message(tlv(0x64, text(dn), tlv(0x30, *rows)))

    def reference(self, url: str) -> bytes:
        return self._message(tlv(0x73, text(url)))

    def done(self, code: int = 0, message: str = "", controls: dict[str, bytes] | None = None, **more: bytes) -> bytes:
        body = [tlv(10, bytes([code])), text(""), text(message)]
        if "value" in more:
            body.append(tlv(0x8B, more["value"]))
        listed = [tlv(0x30, text(oid), text(value)) for oid, value in (controls or {}).items()]
        return self._message(tlv(RESULTS[self.operation], *body), tlv(0xA0, *listed) if listed else b"")

    def page(self, cookie: bytes) -> bytes:
        return self.done(controls={"1.2.840.113556.1.4.319": tlv(0x30, number(0), text(cookie))})

    def dirsync(self, cookie: bytes, more: bool = False) -> bytes:
        value = tlv(0x30, number(int(more)), number(0), text(cookie))
        return self.done(controls={"1.2.840.113556.1.4.841": value})

    def _message(self, operation: bytes, rest: bytes = b"") -> bytes:
        return tlv(0x30, number(self.identifier), operation, rest)

    @property
    def asked(self) -> list[str]:
        """The attribute names of a search."""
        return [name.decode() for _, name in cut(self.parts[7][1])]

    @property
    def base(self) -> str:
        return self.parts[0][1].decode()


Answer = Callable[[Request], "bytes | list[bytes] | None"]


def _decode(message: bytes) -> Request:
    (_, identifier), (tag, content), *rest = cut(message)
    controls: dict[str, bytes | None] = {}
    critical = set()
    for _, listed in rest:
        for _, control in cut(listed):
            oid, *others = cut(control)
            controls[oid[1].decode()] = next((c for t, c in others if t == 4), None)
            if any(t == 1 and any(c) for t, c in others):
                critical.add(oid[1].decode())
    parts = [(tag, content)] if tag in (0x42, 0x4A) else cut(content)
    return Request(int.from_bytes(identifier, "big"), OPERATIONS[tag], parts, controls, critical)


class ScriptedDirectory:
    """``script``: (operation, answer) in order; an answer of None closes the connection."""

    def __init__(self, tls: ssl.SSLContext | None = None, ca_bundle: str = "") -> None:
        self.script: list[tuple[str, Answer]] = []
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        self.ca_bundle = ca_bundle
        self.chunk = 0
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._secure = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.secure_port = self._secure.getsockname()[1]
        self._threads = [
            threading.Thread(target=self._serve, args=(listener, secure), daemon=True)
            for listener, secure in ((self._listener, False), (self._secure, True))
        ]
        for thread in self._threads:
            thread.start()

    def expect(self, operation: str, answer: Answer) -> ScriptedDirectory:
        self.script.append((operation, answer))
        return self

    def bound(self) -> ScriptedDirectory:
        return self.expect("bind", lambda request: request.done())

    def stop(self) -> None:
        for listener in (self._listener, self._secure):
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join(5)

    def _serve(self, listener: socket.socket, secure: bool) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                if secure and self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                connection = self._converse(connection)
            except (OSError, ssl.SSLError):
                pass
            finally:
                connection.close()

    def _converse(self, connection: socket.socket) -> socket.socket:
        """Play the script; answers the socket to close (StartTLS changes it)."""
        buffer = b""
        while True:
            while (message := _first(buffer)) is None:
                received = connection.recv(65536)
                if not received:
                    return connection
                buffer += received
            buffer = buffer[message[1] :]
            request = _decode(message[0])
            if request.operation == "unbind":
                return connection
            self.requests.append(request)
            if not self.script:
                self.complaints.append(f"unexpected {request.operation}")
                return connection
            operation, answer = self.script.pop(0)
            if operation != request.operation:
                self.complaints.append(f"{request.operation} came where {operation} was expected")
                return connection
            octets = answer(request)
            if octets is None:
                return connection
            octets = b"".join(octets) if isinstance(octets, list) else octets
            for start in range(0, len(octets), self.chunk or len(octets)):
                connection.sendall(octets[start : start + (self.chunk or len(octets))])
            if request.operation == "extended" and request.parts[0][1] == b"1.3.6.1.4.1.1466.20037" and self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)


def _first(buffer: bytes) -> tuple[bytes, int] | None:
    if len(buffer) < 2:
        return None
    length, start = buffer[1], 2
    if length & 0x80:
        start += length & 0x7F
        if len(buffer) < start:
            return None
        length = int.from_bytes(buffer[2:start], "big")
    return (buffer[start : start + length], start + length) if len(buffer) >= start + length else None


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """(server context for 127.0.0.1, path of the authority's certificate)."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    path: Path = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return context, str(path)


@pytest.fixture
def directory(authority: tuple[ssl.SSLContext, str]) -> Iterator[ScriptedDirectory]:
    """A scripted domain controller; the test fails when the conversation was not the written one."""
    scripted = ScriptedDirectory(*authority)
    yield scripted
    scripted.stop()
    assert scripted.complaints == []
    assert scripted.script == [], "the script was not played to its end"


@pytest.fixture
def child(authority: tuple[ssl.SSLContext, str]) -> Iterator[ScriptedDirectory]:
    """A second one, for another domain of the forest."""
    scripted = ScriptedDirectory(*authority)
    yield scripted
    scripted.stop()
    assert scripted.complaints == []
    assert scripted.script == [], "the script was not played to its end"
