"""What the connections of a forest share."""

from __future__ import annotations

import contextlib
from typing import Any

BIND = bytes.fromhex("300c020101600702010304008000")


def test_connections_are_counted_and_let_go(served: Any) -> None:
    conversation = served.connect()
    conversation.ask(BIND)
    assert len(served.front.connections) == 1
    conversation.send(bytes.fromhex("30050201034200"))
    assert conversation.message() == b""
    served.thread.call(lambda: None)
    assert len(served.front.connections) == 0


def test_closing_all_connections(served: Any) -> None:
    conversations = [served.connect() for _ in range(3)]
    for conversation in conversations:
        conversation.ask(BIND)
    served.thread.call(served.front.close_connections)
    for conversation in conversations:
        with contextlib.suppress(ConnectionResetError):
            assert conversation.socket.recv(1) == b""
    served.thread.call(lambda: None)
    assert not served.front.connections
