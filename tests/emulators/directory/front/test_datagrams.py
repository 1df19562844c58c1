"""LDAP over UDP: the rootDSE, and nothing else."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Any

import pytest
from ldaptor.protocols.pureldap import LDAPBindRequest, LDAPMessage, LDAPSearchRequest

from emulators.directory.core.results import DirectoryError, ResultCode
from emulators.directory.front.ber import tlv
from emulators.directory.front.datagrams import Datagrams, answer_to


def asked(base: str = "", scope: int = 0) -> bytes:
    return bytes(LDAPMessage(LDAPSearchRequest(baseObject=base, scope=scope), id=7).toWire())


def result_code(answer: bytes | None) -> int:
    assert answer is not None
    return answer[answer.rindex(b"\x0a\x01") + 2]


def test_the_root_is_shown(served: Any, entry_class: Any) -> None:
    served.core.entries = [entry_class("", {"dNSHostName": (b"DC1.contoso.com",)})]
    answer = answer_to(served.front, asked())
    assert answer is not None
    assert b"DC1.contoso.com" in answer
    assert answer[:2] != b""
    assert result_code(answer) == 0
    assert served.records[-1]["kind"] == "ldap.locator"


@pytest.mark.parametrize(("base", "scope"), [("DC=contoso,DC=com", 0), ("", 2), ("", 1)])
def test_nothing_else_is_searched(served: Any, base: str, scope: int) -> None:
    assert result_code(answer_to(served.front, asked(base, scope))) == ResultCode.UNWILLING_TO_PERFORM
    assert served.core.asked == []


def test_a_refusal_of_the_core_is_answered(served: Any) -> None:
    from emulators.directory.core.requests import Search

    served.core.replies[Search] = DirectoryError(ResultCode.BUSY, "busy")
    assert result_code(answer_to(served.front, asked())) == ResultCode.BUSY


@pytest.mark.parametrize(
    "datagram",
    [b"", b"0", b"hello", asked()[:-3], tlv(0x30, b""), bytes(LDAPMessage(LDAPBindRequest(), id=1).toWire())],
)
def test_what_is_no_search_gets_no_answer(served: Any, datagram: bytes) -> None:
    assert answer_to(served.front, datagram) is None


def test_over_a_socket_and_not_when_the_controller_is_down(served: Any) -> None:
    thread = served.thread
    port = thread.call(thread.reactor.listenUDP, 0, Datagrams(served.front), interface="127.0.0.1")
    try:
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as client:
            client.settimeout(5)
            client.connect(("127.0.0.1", port.getHost().port))
            client.send(asked())
            assert result_code(client.recv(65535)) == 0
            thread.call(setattr, served.front, "down", True)
            client.settimeout(0.05)
            client.send(asked())
            with pytest.raises(TimeoutError):
                client.recv(65535)
    finally:
        thread.call(port.stopListening)
