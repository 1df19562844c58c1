"""Waiting for the first answer of a server that was just started."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from harness.bench.first_bind import HOST, NoAnswerError, await_bind, await_echo, bind_request, connect, free_port
from harness.lab import ber

Answering = Callable[[list[bytes]], int]


def answer(code: int, tag: int = 0x61) -> bytes:
    result = ber.sequence(ber.integer(code, ber.ENUMERATED), ber.octets(""), ber.octets(""), tag=tag)
    return ber.sequence(ber.integer(1), result)


@pytest.fixture
def answering() -> Iterator[Answering]:
    """A server that answers the first octets it gets with some pieces and hangs up."""
    threads: list[threading.Thread] = []

    def start(pieces: list[bytes]) -> int:
        held = socket.create_server((HOST, 0))

        def serve() -> None:
            with held:
                peer, _ = held.accept()
            with peer:
                peer.recv(65536)
                for piece in pieces:
                    peer.sendall(piece)

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        return int(held.getsockname()[1])

    yield start
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_the_bind_is_simple_and_version_3() -> None:
    assert bind_request("cn=a", "s").hex() == "3011020101600c020103040" + "4636e3d61" + "800173"


def test_success_in_pieces(answering: Answering) -> None:
    whole = answer(0)
    await_bind(answering([whole[:1], whole[1:7], whole[7:]]), "cn=a", "s")


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([answer(49)], "refused with result 49"),
        ([answer(0, tag=0x65)], "has tag 0x65"),
        ([answer(0)[:5]], "without an answer"),
    ],
)
def test_anything_but_success_is_an_error(answering: Answering, pieces: list[bytes], words: str) -> None:
    with pytest.raises(NoAnswerError, match=words):
        await_bind(answering(pieces), "cn=a", "s")


def test_an_echo_may_come_in_pieces(answering: Answering) -> None:
    await_echo(answering([b"fi", b"rst"]))


def test_patience_ends() -> None:
    with pytest.raises(NoAnswerError, match="nothing listens"):
        connect(free_port(), patience=0.01)
