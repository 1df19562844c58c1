"""The first answered bind: how long a server that was just started keeps a client waiting. Source: RFC 4511, 4.2."""

from __future__ import annotations

import socket
from time import perf_counter, sleep

from harness.lab import ber

HOST = "127.0.0.1"
_BIND_REQUEST, _BIND_RESPONSE, _SIMPLE = 0x60, 0x61, 0x80
_PATIENCE_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.0005


class NoAnswerError(RuntimeError):
    """A server did not answer in time, or refused the bind."""


def bind_request(dn: str, password: str) -> bytes:
    bind = ber.sequence(ber.integer(3), ber.octets(dn), ber.octets(password, _SIMPLE), tag=_BIND_REQUEST)
    return ber.sequence(ber.integer(1), bind)


def connect(port: int, patience: float = _PATIENCE_SECONDS) -> socket.socket:
    """Return a connection; a server that does not listen yet is asked again and again."""
    until = perf_counter() + patience
    while True:
        try:
            return socket.create_connection((HOST, port), timeout=patience)
        except ConnectionRefusedError:
            if perf_counter() > until:
                raise NoAnswerError(f"nothing listens on port {port} after {patience:g} s") from None
            sleep(_LOOK_EVERY_SECONDS)


def await_bind(port: int, dn: str, password: str) -> None:
    """Come back once the server has answered a simple bind with success."""
    with connect(port) as connection:
        connection.sendall(bind_request(dn, password))
        code = _result_code(_message(connection))
    if code:
        raise NoAnswerError(f"the bind as {dn} was refused with result {code}")


def await_echo(port: int) -> None:
    """Come back once the server has sent back what it was sent."""
    with connect(port) as connection:
        connection.sendall(b"first")
        received = b""
        while len(received) < 5:
            received += _some(connection)


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.create_server((HOST, 0)) as held:
        return int(held.getsockname()[1])


def _some(connection: socket.socket) -> bytes:
    octets = connection.recv(65536)
    if not octets:
        raise NoAnswerError("the server closed the connection without an answer")
    return octets


def _message(connection: socket.socket) -> bytes:
    octets = b""
    while (found := ber.header(octets)) is None or found[2] > len(octets):
        octets += _some(connection)
    return octets[found[1] : found[2]]


def _result_code(message: bytes) -> int:
    _, (tag, answer) = ber.parts(message)
    if tag != _BIND_RESPONSE:
        raise NoAnswerError(f"the answer to a bind has tag {tag:#x}")
    return ber.number(next(ber.parts(answer))[1])
