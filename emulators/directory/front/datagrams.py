"""LDAP over UDP, by which a client finds out that a domain controller is there: one request, one answer, no session.

Only the rootDSE can be searched this way; anything else gets no answer but a refusal, and what is no LDAP gets none.
Source: MS-ADTS 3.1.1.3.3 (LDAP over UDP); facts "ldap_clients" section 3.
"""
# ruff: noqa: N802 - Twisted chose the names of its methods

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.protocol import DatagramProtocol

from emulators.directory.core.requests import Scope
from emulators.directory.core.results import DirectoryError, Result, ResultCode, SearchAnswer
from emulators.directory.front import codec
from emulators.directory.front.ber import Malformed, expect, read
from emulators.directory.front.controls import NO_CONTROLS
from emulators.directory.front.entries import search_messages
from emulators.directory.front.search_request import Unacceptable, read_search

if TYPE_CHECKING:
    from emulators.directory.front.listener import Front

ROOTDSE_ONLY = "00002035: LdapErr: DSID-0C090E82, comment: Only the rootDSE is searched over UDP, data 0, v4f7c"
_SEARCH_DONE = 0x65


class Datagrams(DatagramProtocol):
    """The UDP port of one domain controller."""

    noisy = False

    def __init__(self, front: Front) -> None:
        self.front = front

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        if self.front.down:
            return
        answer = answer_to(self.front, datagram)
        if answer is not None and self.transport is not None:
            self.transport.write(answer, addr)


def answer_to(front: Front, datagram: bytes) -> bytes | None:
    """The datagram that answers this one; None when there is nothing to answer."""
    try:
        start, end = expect(datagram, 0, len(datagram), 0x30)
        _, stop = expect(datagram, start, end, 0x02)
        message_id = datagram[start:stop]
        tag, first, last = read(datagram, stop, end)
        if tag != codec.SEARCH:
            return None
        request = read_search(datagram, first, last, NO_CONTROLS)
    except (Malformed, Unacceptable, IndexError):
        return None
    if request.base or request.scope is not Scope.BASE:
        refusal = Result(ResultCode.UNWILLING_TO_PERFORM, ROOTDSE_ONLY)
        return codec.envelope(message_id, codec.result_operation(_SEARCH_DONE, refusal))
    try:
        found = front.answer(front.new_session(False, False), request)
    except DirectoryError as exc:
        return codec.envelope(message_id, codec.result_operation(_SEARCH_DONE, Result(exc.code, exc.text)))
    assert isinstance(found, SearchAnswer)
    front.journal.record("ldap.locator", code=int(found.done.code))
    messages = search_messages(front.encoder, message_id, found.items, request.types_only)
    return b"".join((*messages, codec.envelope(message_id, codec.result_operation(_SEARCH_DONE, found.done))))
