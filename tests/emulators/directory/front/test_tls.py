"""LDAPS and StartTLS over real sockets, with a certificate made for the test."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from ldaptor.protocols import pureldap

from emulators.directory.front.listener import Listener
from emulators.directory.front.tls import server_context

START_TLS = pureldap.LDAPMessage(pureldap.LDAPStartTLSRequest(), id=1).toWire()
BIND = bytes.fromhex("300c020102600702010304008000")
ALL = pureldap.LDAPMessage(pureldap.LDAPSearchRequest(baseObject="DC=c"), id=1).toWire()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def client_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def secured(served: Any, authority: trustme.CA) -> Iterator[Any]:
    own = authority.issue_cert("localhost", "127.0.0.1")
    chain = b"".join(blob.bytes() for blob in own.cert_chain_pems) + authority.cert_pem.bytes()
    served.front.tls = server_context(chain, own.private_key_pem.bytes())
    reactor = served.thread.reactor
    listener = Listener(served.front, secure=True)
    port = served.thread.call(reactor.listenSSL, 0, listener, served.front.tls, interface="127.0.0.1")
    served.ports["ldaps"] = port.getHost().port
    yield served
    served.thread.call(port.stopListening)


def wrap(conversation: Any, context: ssl.SSLContext) -> None:
    conversation.socket = context.wrap_socket(conversation.socket, server_hostname="localhost")


def test_ldaps(secured: Any, client_context: ssl.SSLContext) -> None:
    conversation = secured.connect("ldaps")
    wrap(conversation, client_context)
    assert conversation.ask(BIND)[5] == 0x61
    assert conversation.socket.version() in ("TLSv1.2", "TLSv1.3")


def test_start_tls_then_a_protected_session(secured: Any, client_context: ssl.SSLContext) -> None:
    conversation = secured.connect()
    answer = conversation.ask(START_TLS)
    assert answer == bytes.fromhex("3024 020101 781f 0a0100 0400 0400 8a16") + b"1.3.6.1.4.1.1466.20037"
    wrap(conversation, client_context)
    assert conversation.ask(BIND)[5] == 0x61
    (connection,) = secured.front.connections
    assert connection.session.protected
    again = conversation.ask(START_TLS)
    assert again[7:10] == b"\x0a\x01\x01"
    assert b"TLS or SSL already in effect" in again
    assert conversation.ask(BIND)[5] == 0x61


def test_start_tls_with_a_request_behind_it_is_refused(secured: Any) -> None:
    conversation = secured.connect()
    answer = conversation.ask(START_TLS + BIND)
    assert answer[7:10] == b"\x0a\x01\x01"
    assert conversation.message()[5] == 0x61
    (connection,) = secured.front.connections
    assert not connection.session.protected


def test_start_tls_without_a_certificate(served: Any) -> None:
    answer = served.connect().ask(START_TLS)
    assert answer[7:10] == b"\x0a\x01\x34"
    assert b"Error initializing SSL/TLS" in answer


def test_a_large_answer_over_tls_arrives_whole_in_order(
    secured: Any, client_context: ssl.SSLContext, entry_class: Any
) -> None:
    secured.core.entries = [entry_class(f"CN={n}", {"photo": (bytes((n % 256,)) * 40000,)}) for n in range(300)]
    conversation = secured.connect("ldaps")
    wrap(conversation, client_context)
    conversation.send(ALL + BIND)
    for number in range(300):
        assert bytes((number % 256,)) * 40000 in conversation.message()
    assert conversation.message()[5] == 0x65
    assert conversation.message()[5] == 0x61


def test_a_peer_that_does_not_read_holds_little_memory_over_tls(
    secured: Any, client_context: ssl.SSLContext, entry_class: Any
) -> None:
    secured.core.entries = [entry_class(f"CN={n}", {"photo": (b"x" * 40000,)}) for n in range(100)]
    conversation = secured.connect("ldaps")
    conversation.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wrap(conversation, client_context)
    for _ in range(50):
        conversation.send(ALL)
    assert secured.connect().ask(BIND)[5] == 0x61
    assert len(secured.core.asked) < 6


def test_old_tls_is_refused(secured: Any, client_context: ssl.SSLContext) -> None:
    conversation = secured.connect("ldaps")
    client_context.minimum_version = ssl.TLSVersion.TLSv1_2
    client_context.check_hostname = True
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        wrap(conversation, old)


def test_garbage_on_the_tls_port_is_no_event(secured: Any) -> None:
    conversation = secured.connect("ldaps")
    conversation.send(b"GET / HTTP/1.1\r\n\r\n")
    while conversation.socket.recv(4096):
        pass
    assert secured.connect().ask(BIND)[5] == 0x61


def test_a_refused_connection_on_the_tls_port_is_no_event(secured: Any, client_context: ssl.SSLContext) -> None:
    secured.front.faults.arm("directory.refuse_connection")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        wrap(secured.connect("ldaps"), client_context)
    conversation = secured.connect("ldaps")
    wrap(conversation, client_context)
    assert conversation.ask(BIND)[5] == 0x61


def test_a_chain_without_a_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="no PEM certificate"):
        server_context(b"", b"")
