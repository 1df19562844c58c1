"""Ports are tried, not looked up: who listens, who refuses, who keeps silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from engine.connectors.active_directory import reachability
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.reachability import closed_services


class Ports:
    """Sockets of a test: listening, refusing, and one that answers datagrams."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def _bound(self, kind: socket.SocketKind) -> socket.socket:
        one = self._stack.enter_context(closing(socket.socket(socket.AF_INET, kind)))
        one.bind(("127.0.0.1", 0))
        return one

    def listening(self) -> int:
        one = self._bound(socket.SOCK_STREAM)
        one.listen()
        return int(one.getsockname()[1])

    def refusing(self, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
        one = self._bound(kind)
        if kind == socket.SOCK_DGRAM:
            one.connect(one.getsockname())
        return int(one.getsockname()[1])

    def answering(self) -> int:
        one = self._bound(socket.SOCK_DGRAM)

        def answer() -> None:
            octets, peer = one.recvfrom(65535)
            assert octets.startswith(b"0")
            one.sendto(b"0\x0c", peer)

        threading.Thread(target=answer, daemon=True).start()
        return int(one.getsockname()[1])

    def silent(self) -> int:
        return int(self._bound(socket.SOCK_DGRAM).getsockname()[1])


@pytest.fixture
def ports() -> Iterator[Ports]:
    with ExitStack() as stack:
        yield Ports(stack)


def address(ports: Ports, ldaps: int | None = None, **services: int) -> ForestAddress:
    named = {name.replace("_", "/"): port for name, port in services.items()}
    return ForestAddress("127.0.0.1", ports.refusing(), ldaps or ports.listening(), services=named)


def test_all_answer(ports: Ports) -> None:
    open_ = address(ports, udp_389=ports.answering(), tcp_53=ports.listening(), tcp_88=ports.listening())
    assert closed_services(open_) == ()


def test_each_that_does_not_is_named(ports: Ports) -> None:
    shut = address(
        ports,
        ports.refusing(),
        udp_389=ports.refusing(socket.SOCK_DGRAM),
        tcp_53=ports.refusing(),
        tcp_88=ports.refusing(),
    )
    assert closed_services(shut) == ("tcp/389", "tcp/53", "tcp/88", "udp/389")


def test_nothing_is_tried_that_is_not_asked_for(ports: Ports) -> None:
    assert closed_services(address(ports, ports.refusing())) == ()


def test_the_port_that_is_dialled_is_the_one_that_is_tried(ports: Ports) -> None:
    clear = address(ports, tcp_88=ports.listening())  # its port without protection refuses
    assert closed_services(clear) == ()
    assert closed_services(clear, Security.CLEAR) == ("tcp/389",)


def test_silence_is_a_closed_port(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachability, "_TIMEOUT_SECONDS", 0.05)
    assert closed_services(address(ports, udp_389=ports.silent())) == ("udp/389",)
