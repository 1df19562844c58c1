"""Requests from octets to the core's records, and results back to octets.

Short verbs are read by ldaptor's classes once their outline is checked (ldaptor trusts its input); bind, add, modify
and search, whose size or number the client decides, are read by offsets. Source: RFC 4511; endings of the diagnostic
message: facts "directory" section 9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ldaptor.protocols import pureber, pureldap

from emulators.directory.core.requests import (
    Add,
    Bind,
    Compare,
    Controls,
    Delete,
    Modification,
    Modify,
    ModifyDN,
    ModifyOperation,
    Request,
)
from emulators.directory.core.results import Reference, Result, ResultCode
from emulators.directory.front import ber
from emulators.directory.front.ber import Malformed, children, expect, read, read_integer
from emulators.directory.front.search_request import Unacceptable, read_search, text

BIND, UNBIND, SEARCH, MODIFY, ADD, DELETE = 0x60, 0x42, 0x63, 0x66, 0x68, 0x4A
MODIFY_DN, COMPARE, ABANDON, EXTENDED = 0x6C, 0x6E, 0x50, 0x77

#: request tag -> tag of its final answer
ANSWER_TAGS = {
    BIND: 0x61,
    SEARCH: 0x65,
    MODIFY: 0x67,
    ADD: 0x69,
    DELETE: 0x6B,
    MODIFY_DN: 0x6D,
    COMPARE: 0x6F,
    EXTENDED: 0x78,
}
NOTICE_OF_DISCONNECTION = "1.3.6.1.4.1.1466.20036"

#: SASL and Sicily choices of the bind request by tag; only the simple one is emulated
_SICILY = {0x89: "Sicily package discovery", 0x8A: "Sicily negotiate", 0x8B: "Sicily response"}
_CONTEXT = pureldap.LDAPBERDecoderContext(fallback=pureber.BERDecoderContext())


@dataclass(frozen=True, slots=True)
class ExtendedRequest:
    """An extended operation as it came: its object identifier and its value."""

    name: str
    value: bytes | None


def outline(data: bytes, start: int, stop: int, tags: tuple[int, ...], optional: tuple[int, ...] = ()) -> None:
    """Check that the content consists of exactly these tags, then at most the optional ones in order."""
    found = tuple(tag for tag, _, _ in children(data, start, stop))
    if found[: len(tags)] != tags or found[len(tags) :] != optional[: len(found) - len(tags)]:
        raise Malformed("the fields of the request are not those of its kind")


def read_bind(data: bytes, start: int, stop: int) -> Bind:
    number, pos = expect(data, start, stop, 0x02)
    if read_integer(data, number, pos) not in (2, 3):
        raise Unacceptable("a protocol version other than 2 and 3")
    name, pos = expect(data, pos, stop, 0x04)
    name_text = text(data, name, pos)
    tag, first, last = read(data, pos, stop)
    if last != stop:
        raise Malformed("octets after the credentials")
    if tag == 0x80:
        return Bind(name_text, data[first:last])
    if tag == 0xA3:
        mechanism, pos = expect(data, first, last, 0x04)
        credentials = b""
        if pos < last:
            begin, end = expect(data, pos, last, 0x04)
            credentials = data[begin:end]
        return Bind(name_text, None, text(data, mechanism, pos), credentials)
    if tag in _SICILY:
        return Bind(name_text, None, _SICILY[tag], data[first:last])
    raise Unacceptable("an unknown authentication choice")


def _read_values(data: bytes, start: int, stop: int) -> tuple[bytes, ...]:
    values = []
    while start < stop:
        value, start = expect(data, start, stop, 0x04)
        values.append(data[value:start])
    return tuple(values)


def _read_attribute(data: bytes, start: int, stop: int) -> tuple[str, tuple[bytes, ...]]:
    name, pos = expect(data, start, stop, 0x04)
    first, last = expect(data, pos, stop, 0x31)
    if last != stop:
        raise Malformed("octets after the values of an attribute")
    return text(data, name, pos), _read_values(data, first, last)


def _read_add(data: bytes, start: int, stop: int, controls: Controls) -> Add:
    name, pos = expect(data, start, stop, 0x04)
    dn = text(data, name, pos)
    item, end = expect(data, pos, stop, 0x30)
    if end != stop:
        raise Malformed("octets after the attributes")
    attributes = []
    while item < end:
        first, item = expect(data, item, end, 0x30)
        attributes.append(_read_attribute(data, first, item))
    return Add(dn, tuple(attributes), controls)


def _read_modify(data: bytes, start: int, stop: int, controls: Controls) -> Modify:
    name, pos = expect(data, start, stop, 0x04)
    dn = text(data, name, pos)
    item, end = expect(data, pos, stop, 0x30)
    if end != stop:
        raise Malformed("octets after the changes")
    changes = []
    while item < end:
        first, item = expect(data, item, end, 0x30)
        number, pos = expect(data, first, item, 0x0A)
        operation = read_integer(data, number, pos)
        if not 0 <= operation <= 2:
            raise Unacceptable("a change that is neither add, delete nor replace")
        first, last = expect(data, pos, item, 0x30)
        if last != item:
            raise Malformed("octets after a change")
        attribute, values = _read_attribute(data, first, last)
        changes.append(Modification(ModifyOperation(operation), attribute, values))
    return Modify(dn, tuple(changes), controls)


def _utf8(value: bytes) -> str:
    return text(value, 0, len(value))


def _read_delete(data: bytes, start: int, stop: int, controls: Controls) -> Delete:
    request = pureldap.LDAPDelRequest.fromBER(DELETE, data[start:stop], _CONTEXT)
    return Delete(_utf8(request.value), controls)


def _read_modify_dn(data: bytes, start: int, stop: int, controls: Controls) -> ModifyDN:
    outline(data, start, stop, (0x04, 0x04, 0x01), (0x80,))
    _, first, last = children(data, start, stop)[2]
    ber.read_boolean(data, first, last)
    request = pureldap.LDAPModifyDNRequest.fromBER(MODIFY_DN, data[start:stop], _CONTEXT)
    superior = None if request.newSuperior is None else _utf8(request.newSuperior)
    return ModifyDN(_utf8(request.entry), _utf8(request.newrdn), bool(request.deleteoldrdn), superior, controls)


def _read_compare(data: bytes, start: int, stop: int, controls: Controls) -> Compare:
    outline(data, start, stop, (0x04, 0x30))
    _, first, last = children(data, start, stop)[1]
    outline(data, first, last, (0x04, 0x04))
    request = pureldap.LDAPCompareRequest.fromBER(COMPARE, data[start:stop], _CONTEXT)
    assertion = request.ava
    return Compare(_utf8(request.entry), _utf8(assertion.attributeDesc.value), assertion.assertionValue.value, controls)


def read_extended(data: bytes, start: int, stop: int) -> ExtendedRequest:
    outline(data, start, stop, (0x80,), (0x81,))
    request = pureldap.LDAPExtendedRequest.fromBER(EXTENDED, data[start:stop], _CONTEXT)
    return ExtendedRequest(_utf8(request.requestName), request.requestValue)


_READERS: dict[int, Callable[[bytes, int, int, Controls], Request]] = {
    SEARCH: read_search,
    MODIFY: _read_modify,
    ADD: _read_add,
    DELETE: _read_delete,
    MODIFY_DN: _read_modify_dn,
    COMPARE: _read_compare,
}


def read_request(tag: int, data: bytes, start: int, stop: int, controls: Controls) -> Request:
    """Decode one operation that the core answers, bind and extended operations apart."""
    return _READERS[tag](data, start, stop, controls)


# ---- results ---------------------------------------------------------------------------------------------------------
def diagnostic(message: str) -> bytes:
    """End a diagnostic message as a domain controller does: NUL, and a line feed before it except for LdapErr."""
    if not message:
        return b""
    if ": LdapErr: " not in message and message[8:10] == ": " and "Err: " in message and message[-1] != "\n":
        message += "\n"
    return message.encode() + b"\0"


def result_operation(tag: int, result: Result, tail: bytes = b"") -> bytes:
    """Encode an LDAPResult under the tag of its verb; tail holds the fields of the verb that follow it."""
    referral = b""
    if result.referrals:
        referral = ber.sequence(*(ber.octets(url.encode()) for url in result.referrals), tag=0xA3)
    return ber.tlv(
        tag,
        ber.integer(int(result.code), ber.ENUMERATED)
        + ber.octets(result.matched_dn.encode())
        + ber.octets(diagnostic(result.text))
        + referral
        + tail,
    )


def extended_operation(result: Result, name: str | None = None, value: bytes | None = None) -> bytes:
    """Encode an ExtendedResponse, through ldaptor's class."""
    response = pureldap.LDAPExtendedResponse(
        resultCode=int(result.code),
        matchedDN=result.matched_dn.encode(),
        errorMessage=diagnostic(result.text),
        responseName=None if name is None else name.encode(),
        response=value,
    )
    return bytes(response.toWire())


def reference_operation(reference: Reference) -> bytes:
    return ber.sequence(*(ber.octets(url.encode()) for url in reference.urls), tag=0x73)


def notice_of_disconnection(code: ResultCode, message: str) -> bytes:
    """The whole unsolicited message that announces the end of a connection (RFC 4511 section 4.4.1)."""
    return envelope(ber.integer(0), extended_operation(Result(code, message), NOTICE_OF_DISCONNECTION))


def envelope(message_id: bytes, operation: bytes, controls: bytes = b"") -> bytes:
    """Wrap an operation as LDAPMessage; message_id is the encoded INTEGER of the request."""
    body = len(message_id) + len(operation) + len(controls)
    return b"".join((b"0", ber.length(body), message_id, operation, controls))
