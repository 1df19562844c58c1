"""Conversations with the front over real sockets: octets in, octets out; hostile octets; slow peers; faults; limits."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ldaptor.protocols import pureldap

from emulators.directory.core.requests import Delete, Search
from emulators.directory.core.results import DirectoryError, Result, ResultCode
from emulators.directory.front import protocol

WIRE = Path(__file__).parents[3] / "wire" / "ldap_conversations.yaml"
CONVERSATIONS = yaml.safe_load(WIRE.read_text())


def octets(written: str, text: str = "") -> bytes:
    return b"".join(text.encode() if word == "{text}" else bytes.fromhex(word) for word in written.split())


def search(message_id: int = 1, base: str = "DC=c", attribute: str = "sAMAccountName", value: str = "ana") -> bytes:
    condition = pureldap.LDAPFilter_equalityMatch(
        attributeDesc=pureldap.LDAPAttributeDescription(attribute),
        assertionValue=pureldap.LDAPAssertionValue(value),
    )
    request = pureldap.LDAPSearchRequest(baseObject=base, filter=condition)
    return bytes(pureldap.LDAPMessage(request, id=message_id).toWire())


ALL = pureldap.LDAPMessage(pureldap.LDAPSearchRequest(baseObject="DC=c"), id=1).toWire()
BIND = bytes.fromhex("300c020101600702010304008000")
DELETE = bytes.fromhex("30090201024a04434e3d61")
NOTICE_OID = b"1.3.6.1.4.1.1466.20036"


@pytest.mark.parametrize("case", CONVERSATIONS, ids=[case["name"] for case in CONVERSATIONS])
def test_octets_in_and_octets_out(served: Any, entry_class: Any, case: dict[str, Any]) -> None:
    for entry in case.get("entries", ()):
        values = {name: tuple(v.encode() for v in vs) for name, vs in entry["attributes"].items()}
        served.core.entries.append(entry_class(entry["dn"], values))
    conversation = served.connect()
    conversation.send(octets(case["send"]))
    if case["answer"] == "close":
        assert conversation.message() == b""
        return
    expected = octets(case["answer"], case.get("text", ""))
    received = b""
    while len(received) < len(expected):
        message = conversation.message()
        assert message, f"closed after {received.hex(' ')}"
        received += message
    assert received.hex(" ") == expected.hex(" ")
    if case.get("closes"):
        assert conversation.message() == b""


def test_a_message_may_arrive_octet_by_octet(served: Any) -> None:
    conversation = served.connect()
    for octet in search(5):
        conversation.send(bytes((octet,)))
    assert conversation.message()[5] == 0x65
    assert served.core.asked[-1].base == "DC=c"


def test_many_requests_in_one_segment_are_answered_in_order(served: Any) -> None:
    conversation = served.connect()
    conversation.send(b"".join(search(number) for number in range(1, 101)))
    assert [conversation.message()[4] for _ in range(100)] == list(range(1, 101))


def test_a_large_add_is_read_whole(served: Any) -> None:
    conversation = served.connect()
    values = [f"CN=member {number},OU=People,DC=contoso,DC=com" for number in range(20000)]
    content = b"".join(bytes(pureldap.LDAPAttributeValue(v).toWire()) for v in values)
    conversation.send(add_message(content))
    assert conversation.message()[5:6] == b"\x69"
    assert served.core.asked[-1].attributes[0][1] == tuple(v.encode() for v in values)


def add_message(content: bytes) -> bytes:
    from emulators.directory.front import ber

    attribute = ber.sequence(ber.octets(b"member"), ber.tlv(0x31, content))
    operation = ber.sequence(ber.octets(b"CN=g"), ber.sequence(attribute), tag=0x68)
    return ber.sequence(ber.integer(1), operation)


def test_an_answer_larger_than_any_socket_buffer_arrives_whole(served: Any, entry_class: Any) -> None:
    served.core.entries = [entry_class(f"CN={n}", {"photo": (bytes((n % 256,)) * 40000,)}) for n in range(600)]
    conversation = served.connect()
    conversation.send(ALL + DELETE)
    for number in range(600):
        message = conversation.message()
        assert bytes((number % 256,)) * 40000 in message
    assert conversation.message()[5] == 0x65
    assert conversation.message()[5] == 0x6B


def test_a_peer_that_does_not_read_holds_little_memory(served: Any, entry_class: Any) -> None:
    served.core.entries = [entry_class(f"CN={n}", {"photo": (b"x" * 40000,)}) for n in range(100)]
    conversation = served.connect()
    conversation.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(50):
        conversation.send(ALL)
    answered = served.connect().ask(BIND)
    assert answered[5] == 0x61
    assert sum(isinstance(request, Search) for request in served.core.asked) < 5
    conversation.close()


def test_refusals_raised_by_the_core_keep_code_text_and_matched_dn(served: Any) -> None:
    text = "0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'DC=c'\n"
    served.core.replies[Delete] = DirectoryError(ResultCode.NO_SUCH_OBJECT, text, "DC=c")
    answer = served.connect().ask(DELETE)
    assert answer[5] == 0x6B
    assert b"\x04\x04DC=c" in answer
    assert answer.endswith(text.encode() + b"\0")


def test_a_referral_carries_its_urls(served: Any) -> None:
    text = "0000202B: RefErr: DSID-0310084B, data 0, 1 access points\n\tref 1: 'x.example'\n"
    url = "ldap://x.example/DC=x"
    served.core.replies[Delete] = Result(ResultCode.REFERRAL, text, referrals=(url,))
    answer = served.connect().ask(DELETE)
    assert answer.endswith(b"\xa3\x17\x04\x15" + url.encode())


def test_a_fault_of_ours_is_answered_and_logged(served: Any) -> None:
    served.core.replies[Delete] = ZeroDivisionError("a bug")
    conversation = served.connect()
    answer = conversation.ask(DELETE)
    assert answer[7:10] == b"\x0a\x01\x50"
    assert b"failed on this request" in answer
    assert len(served.thread.failures) == 1
    served.thread.failures.clear()
    assert conversation.ask(BIND)[5] == 0x61


def test_a_failed_sasl_bind_makes_the_connection_anonymous(served: Any) -> None:
    conversation = served.connect()
    who = pureldap.LDAPMessage(pureldap.LDAPExtendedRequest(requestName=b"1.3.6.1.4.1.4203.1.11.3"), id=3).toWire()
    conversation.ask(bytes(pureldap.LDAPMessage(pureldap.LDAPBindRequest(dn=b"ana", auth=b"pw"), id=1).toWire()))
    assert conversation.ask(who).endswith(b"u:ana")
    sasl = pureldap.LDAPBindRequest(dn=b"", auth=(b"GSS-SPNEGO", b"blob"), sasl=True)
    conversation.ask(bytes(pureldap.LDAPMessage(sasl, id=2).toWire()))
    assert conversation.ask(who).endswith(b"\x8b\x00")


def test_abandon_has_no_answer(served: Any) -> None:
    conversation = served.connect()
    conversation.send(bytes.fromhex("3006020105500104"))
    assert conversation.ask(BIND)[5] == 0x61


@pytest.mark.parametrize("request_octets", [DELETE, add_message(b"")])
def test_the_global_catalog_port_refuses_writes(served: Any, request_octets: bytes) -> None:
    answer = served.connect("gc").ask(request_octets)
    assert answer[7:10] == b"\x0a\x01\x35"
    assert b"Operation not allowed through GC port" in answer
    assert served.core.asked == []
    assert served.connect("gc").ask(search())[5] == 0x65


def closed_at_once(conversation: Any) -> bool:
    try:
        return bool(conversation.socket.recv(1) == b"")
    except ConnectionResetError:
        return True


# ---- limits ----------------------------------------------------------------------------------------------------------
def test_connections_beyond_the_limit_are_closed(served: Any) -> None:
    kept = [served.connect() for _ in range(20)]
    assert kept[-1].ask(BIND)
    assert closed_at_once(served.connect())
    kept[0].close()
    assert kept[1].ask(BIND)


def test_a_silent_connection_is_closed_after_the_time_to_speak(served: Any) -> None:
    from datetime import timedelta

    silent, spoken = served.connect(), served.connect()
    spoken.ask(BIND)
    served.thread.call(served.front.close_silent, served.clock.now() + timedelta(seconds=119))
    silent.send(BIND[:3])
    later = served.clock.now() + timedelta(seconds=120)
    served.thread.call(served.front.close_silent, later)
    with pytest.raises((ConnectionError, AssertionError)):
        assert silent.message(), "closed"
    assert spoken.ask(BIND)


# ---- faults ----------------------------------------------------------------------------------------------------------
def test_fault_refuse_connection(served: Any) -> None:
    served.front.faults.arm("directory.refuse_connection")
    assert closed_at_once(served.connect())
    assert served.connect().ask(BIND)


def test_fault_busy_strikes_an_operation_not_a_bind(served: Any) -> None:
    served.front.faults.arm("directory.busy")
    conversation = served.connect()
    assert conversation.ask(BIND)[7:10] == b"\x0a\x01\x00"
    answer = conversation.ask(search())
    assert answer[5] == 0x65
    assert answer[7:10] == b"\x0a\x01\x33"
    assert conversation.ask(search())[7:10] == b"\x0a\x01\x00"


def test_fault_drop_connection_cuts_an_answer(served: Any, entry_class: Any) -> None:
    served.core.entries = [entry_class("CN=Ana", {"cn": (b"Ana",)})]
    served.front.faults.arm("directory.drop_connection")
    conversation = served.connect()
    conversation.send(ALL)
    with pytest.raises(AssertionError, match="within a message"):
        conversation.message()


def test_fault_dirsync_cookie_refused(served: Any) -> None:
    served.front.faults.arm("directory.dirsync_cookie_refused")
    conversation = served.connect()
    assert conversation.ask(dirsync(b""))[7:10] == b"\x0a\x01\x00"
    answer = conversation.ask(dirsync(b"MSDS"))
    assert answer[7:10] == b"\x0a\x01\x02"
    assert b"0000203D: LdapErr: " in answer
    assert conversation.ask(dirsync(b"MSDS"))[7:10] == b"\x0a\x01\x00"


def dirsync(cookie: bytes) -> bytes:
    from emulators.directory.front import ber

    value = ber.sequence(ber.integer(-0x80000000), ber.integer(0x7FFFFFFF), ber.octets(cookie))
    control = (b"1.2.840.113556.1.4.841", True, value)
    request = pureldap.LDAPSearchRequest(baseObject="DC=c")
    return bytes(pureldap.LDAPMessage(request, controls=[control], id=1).toWire())


# ---- journal ---------------------------------------------------------------------------------------------------------
def test_the_journal_names_what_was_asked(served: Any) -> None:
    conversation = served.connect()
    conversation.ask(BIND)
    conversation.ask(search())
    kinds = [(record["kind"], record["code"]) for record in served.records]
    assert kinds == [("ldap.bind", 0), ("ldap.search", 0)]


# ---- hostile octets --------------------------------------------------------------------------------------------------
VALID = [octets(case["send"]) for case in CONVERSATIONS] + [ALL, search(), dirsync(b"x"), add_message(b"\x04\x01a")]
hostile = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    message = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(message) - 1))
        match draw(st.sampled_from(["flip", "insert", "cut"])):
            case "flip":
                message[place] = draw(st.integers(0, 255))
            case "insert":
                message[place:place] = draw(st.binary(min_size=1, max_size=4))
            case "cut" if len(message) > 4:
                del message[place : place + draw(st.integers(1, 3))]
        if not message:
            message += b"0"
    return bytes(message)


@hostile
@given(data=st.one_of(st.binary(min_size=1, max_size=200), mutated()))
def test_hostile_octets_end_in_an_answer_or_a_close(served: Any, data: bytes) -> None:
    conversation = served.connect()
    try:
        conversation.send(data)
        conversation.socket.shutdown(socket.SHUT_WR)
        conversation.socket.settimeout(5)
        while chunk := conversation.socket.recv(65536):
            assert chunk[0] == 0x30
    except ConnectionError:
        pass
    finally:
        conversation.close()
        served.conversations.remove(conversation)
    again = served.connect()
    assert again.ask(BIND)[7:10] == b"\x0a\x01\x00"
    again.close()
    served.conversations.remove(again)
    assert served.thread.failures == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a filter nested 50,000 deep", None),
        ("control values nested deep", b"\x30\x84\x00\x00\x00\x10" * 2000),
    ],
)
def test_deep_nesting_is_refused(served: Any, name: str, data: bytes | None) -> None:
    from emulators.directory.front import ber

    if data is None:
        condition = b"\x87\x02cn"
        for _ in range(20000):
            condition = b"\xa2" + b"\x84" + len(condition).to_bytes(4, "big") + condition
        head = ber.octets(b"") + bytes.fromhex("0a01000a0100020100020100010100")
        data = ber.sequence(ber.integer(1), ber.tlv(0x63, head + condition + b"\x30\x00"))
    answer = served.connect().ask(data)
    assert answer[5] in (0x65, 0x78), name
    assert b"Error decoding ldap message" in answer
    assert protocol.UNDECODABLE.encode() in answer
