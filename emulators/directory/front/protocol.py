"""One LDAP connection: frames in, answers out in order, limits, disconnect notices, TLS in the middle.

Everything a client sends is decoded inside a guard: it ends in an answer, or in a Notice of Disconnection and a close.
Source: RFC 4511 sections 4.1.1, 4.4.1, 4.11, 4.14; facts "directory" sections 2, 9 and 10.
"""
# ruff: noqa: N802 - Twisted chose the names of its methods

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from socket import socket
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from emulators.directory.core.requests import Bind, Request, Search
from emulators.directory.core.results import DirectoryError, Result, ResultCode, SearchAnswer
from emulators.directory.front import codec, extended
from emulators.directory.front.ber import Malformed, expect, length, read
from emulators.directory.front.controls import BAD_VALUE, NO_CONTROLS, read_controls, response_controls
from emulators.directory.front.entries import CHUNK_BYTES, search_messages
from emulators.directory.front.journal_records import record
from emulators.directory.front.search_request import Unacceptable, read_search

if TYPE_CHECKING:
    from emulators.directory.front.listener import Front

UNDECODABLE = "00000057: LdapErr: DSID-0C0C0083, comment: Error decoding ldap message, data 0, v4f7c"
TOO_LARGE = "00000057: LdapErr: DSID-0C0C0084, comment: The message exceeds MaxReceiveBuffer, data 0, v4f7c"
BUSY = "0000200E: SvcErr: DSID-03210B0D, problem 5001 (BUSY), data 0"
GC_READ_ONLY = "00002035: LdapErr: DSID-0C090E81, comment: Operation not allowed through GC port, data 0, v4f7c"
NO_MECHANISM = "00002027: LdapErr: DSID-0C0905DE, comment: Invalid Authentication method, data 0, v4f7c"
INTERNAL = "00000001: LdapErr: DSID-0C090000, comment: The emulator failed on this request, data 0, v4f7c"

_WRITES = frozenset({codec.ADD, codec.MODIFY, codec.MODIFY_DN, codec.DELETE})

#: SearchResultDone with success and nothing else, the end of most answers
_DONE = codec.result_operation(0x65, Result())
_DONE_SHORT = len(_DONE)


class LDAPConnection(Protocol):
    """The server's side of one connection; also the producer of answers that the peer takes slowly."""

    log = Logger()
    transport: Any  # a TCP or TLS transport; Twisted's own interface does not say all they can do

    def __init__(self, front: Front, *, secure: bool, global_catalog: bool) -> None:
        self.front = front
        self.secure = secure
        self.global_catalog = global_catalog
        self.session = front.new_session(secure, global_catalog)
        self.silent_since: datetime | None = None
        self._buffer = bytearray()
        self._needed = 0  # octets the buffer must hold before another look at it is worth while
        self._out: list[bytes] = []
        self._stream: Iterator[bytes] | None = None  # the rest of an answer that the peer is slow to take
        self._waiting = False  # the peer has not taken what was sent: no further request is looked at
        self._closing = False
        self._begin_tls = False
        self._socket: socket | None = None  # a plain connection writes to its socket at once when it can

    # ---- life of the connection --------------------------------------------------------------------------------------
    def connectionMade(self) -> None:
        self.front.connections.add(self)
        self.silent_since = self.front.clock.now()
        self.transport.setTcpNoDelay(True)
        if self.secure:
            self.transport.registerProducer(self, True)
        else:
            self._socket = self.transport.getHandle()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.front.connections.discard(self)
        self._closing = True
        self._socket = self._stream = None
        self._buffer.clear()

    def break_off(self) -> None:
        """End the connection without a word."""
        self._closing = True
        self.transport.abortConnection()

    def _close(self) -> None:
        self._closing = True
        self._buffer.clear()
        self.transport.loseConnection()
        if self._socket is None and self._stream is None:
            self.transport.unregisterProducer()  # TLS closes when nobody has more to send

    def _disconnect(self, message: str) -> None:
        """Say why in a Notice of Disconnection, then close."""
        self._out.append(codec.notice_of_disconnection(ResultCode.PROTOCOL_ERROR, message))
        self._flush()
        self._close()

    # ---- frames ------------------------------------------------------------------------------------------------------
    def dataReceived(self, data: bytes) -> None:
        if self._closing:
            return
        buffer = self._buffer
        if buffer or self._waiting:
            buffer += data
            if self._waiting or len(buffer) < self._needed:
                return
            data = bytes(buffer)
            buffer.clear()
        self._take(data)

    def _take(self, data: bytes) -> None:
        """Answer every whole message of the data, keep the rest."""
        pos = 0
        size = len(data)
        self._needed = 0
        try:
            while pos < size:
                start = pos + 2
                if start > size:
                    self._needed = 2
                    break
                if data[pos] != 0x30:
                    raise Malformed("no LDAPMessage")
                end = data[pos + 1]
                if end >= 128:
                    count = end & 127
                    if not 1 <= count <= 4:
                        raise Malformed("an indefinite or overlong length")
                    start += count
                    if start > size:
                        self._needed = 2 + count
                        break
                    end = int.from_bytes(data[pos + 2 : start], "big")
                    if end > self.front.limits.receive_buffer_max:
                        self._disconnect(TOO_LARGE)
                        return
                end += start
                if end > size:
                    self._needed = end - pos
                    break
                self._message(data, start, end)
                pos = end
                if self._waiting or self._closing or self._begin_tls:
                    break
        except Malformed:
            self._disconnect(UNDECODABLE)
            return
        if self._out:
            self._flush()
        if self._begin_tls:
            self._switch_to_tls()
        elif pos < size and not self._closing:
            self._buffer += data[pos:]

    def _message(self, data: bytes, start: int, end: int) -> None:
        """Answer one LDAPMessage. Malformed leaves here when nothing sensible can be answered to."""
        self.silent_since = None
        first, stop = expect(data, start, end, 0x02)
        if not 1 <= stop - first <= 4 or data[first] > 127:
            raise Malformed("a message id out of range")
        unsolicited = not any(data[first:stop])
        message_id = data[start:stop]
        tag, first, last = read(data, stop, end)
        if tag not in codec.ANSWER_TAGS:
            if tag == codec.UNBIND:
                self._flush()
                self._close()
            elif tag != codec.ABANDON:  # an answer is complete before the next message is read: nothing to abandon
                raise Malformed("no request has this tag")
            return
        if unsolicited:
            raise Malformed("message id 0 belongs to the server")
        try:
            if last == end:
                controls = NO_CONTROLS
            else:
                pos, stop = expect(data, last, end, 0xA0)
                if stop != end:
                    raise Malformed("octets after the controls")
                controls = read_controls(data, pos, stop)
            if tag == codec.SEARCH:
                self._search(message_id, read_search(data, first, last, controls))
            elif tag == codec.BIND:
                self._bind(message_id, codec.read_bind(data, first, last))
            elif tag == codec.EXTENDED:
                self._extended(message_id, codec.read_extended(data, first, last), alone=end == len(data))
            else:
                self._verb(message_id, tag, codec.read_request(tag, data, first, last, controls))
        except Unacceptable:
            self._refuse(message_id, tag, Result(ResultCode.PROTOCOL_ERROR, UNDECODABLE))
        except DirectoryError as exc:
            self._refuse(message_id, tag, Result(exc.code, exc.text, exc.matched_dn, exc.referrals))
        except Malformed:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must not hang the client; it is logged as such
            self.log.failure("a request of kind {tag} failed", tag=hex(tag))
            self._refuse(message_id, tag, Result(ResultCode.OTHER, INTERNAL))

    # ---- verbs -------------------------------------------------------------------------------------------------------
    def _refuse(self, message_id: bytes, tag: int, result: Result) -> None:
        if tag == codec.EXTENDED:
            operation = codec.extended_operation(result)
        else:
            operation = codec.result_operation(codec.ANSWER_TAGS[tag], result)
        self.front.journal.record("ldap.refused", code=int(result.code), text=result.text)
        self._out.append(codec.envelope(message_id, operation))

    def _search(self, message_id: bytes, request: Search) -> None:
        front = self.front
        if front.faults.armed:
            self._search_faults(request)
        answer = front.answer(self.session, request)
        assert isinstance(answer, SearchAnswer)
        done = answer.done
        if front.journal.sink is not None:
            record(front.journal, request, done, len(answer.items))
        if done.code or done.text or done.page_cookie is not None or done.dirsync_more is not None or done.sort_result:
            end = codec.envelope(message_id, codec.result_operation(0x65, done), response_controls(done))
        elif done.sort_result is not None:
            end = codec.envelope(message_id, _DONE, response_controls(done))
        else:
            end = b"".join((b"0", length(_DONE_SHORT + len(message_id)), message_id, _DONE))
        out = self._out
        if answer.items:
            messages = search_messages(front.encoder, message_id, answer.items, request.types_only)
            if front.faults.armed and front.faults.take("directory.drop_connection"):
                self._drop_within(next(messages))
                return
            if len(answer.items) > 16:
                self._send_all(chain(messages, (end,)))
                return
            out.extend(messages)
        out.append(end)

    def _search_faults(self, request: Search) -> None:
        faults = self.front.faults
        if faults.take("directory.busy"):
            raise DirectoryError(ResultCode.BUSY, BUSY)
        dirsync = request.controls.dirsync
        if dirsync is not None and dirsync.cookie and faults.take("directory.dirsync_cookie_refused"):
            raise DirectoryError(ResultCode.PROTOCOL_ERROR, BAD_VALUE)

    def _bind(self, message_id: bytes, request: Bind) -> None:
        if request.password is None:
            self.session.forget()
            result = Result(ResultCode.AUTH_METHOD_NOT_SUPPORTED, NO_MECHANISM)
        else:
            result = self._result(request)
        if self.front.journal.sink is not None:
            record(self.front.journal, request, result)
        self._out.append(codec.envelope(message_id, codec.result_operation(0x61, result)))

    def _verb(self, message_id: bytes, tag: int, request: Request) -> None:
        front = self.front
        if front.faults.armed and front.faults.take("directory.busy"):
            raise DirectoryError(ResultCode.BUSY, BUSY)
        if self.global_catalog and tag in _WRITES:
            result = Result(ResultCode.UNWILLING_TO_PERFORM, GC_READ_ONLY)
        else:
            result = self._result(request)
        if front.journal.sink is not None:
            record(front.journal, request, result)
        operation = codec.result_operation(codec.ANSWER_TAGS[tag], result)
        message = codec.envelope(message_id, operation, response_controls(result))
        if front.faults.armed and front.faults.take("directory.drop_connection"):
            self._drop_within(message)
        else:
            self._out.append(message)

    def _extended(self, message_id: bytes, request: codec.ExtendedRequest, *, alone: bool) -> None:
        if request.name == extended.START_TLS:
            available = self.front.tls is not None
            answer = extended.start_tls(secure=self.secure, available=available, alone=alone)
        else:
            answer = extended.answer_extended(request, partial(self.front.answer, self.session))
        self.front.journal.record("ldap.extended", operation=request.name, code=int(answer.result.code))
        self._out.append(codec.envelope(message_id, answer.operation))
        self._begin_tls = answer.begins_tls

    def _result(self, request: Request) -> Result:
        answer = self.front.answer(self.session, request)
        assert isinstance(answer, Result)
        return answer

    def _switch_to_tls(self) -> None:
        self._begin_tls = False
        self._socket = None
        self.secure = self.session.protected = True
        self.transport.startTLS(self.front.tls)
        self.transport.registerProducer(self, True)

    # ---- sending -----------------------------------------------------------------------------------------------------
    def _drop_within(self, message: bytes) -> None:
        """Send half a message and close: the fault of that name."""
        self._out.append(message[: len(message) // 2])
        self._flush()
        self._close()

    def _send_all(self, messages: Iterator[bytes]) -> None:
        """Send a large answer chunk by chunk, no faster than the peer takes it."""
        size = 0
        for message in messages:
            self._out.append(message)
            size += len(message)
            if size >= CHUNK_BYTES:
                size = 0
                if not self._flush():
                    self._stream = messages if self._stream is None else chain(self._stream, messages)
                    return

    def _flush(self) -> bool:
        """Send what is ready in one write; False when the peer must take it before more is made."""
        if not self._out:
            return not self._waiting
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out = []
        if self._waiting and self._stream is not None:
            self._stream = chain(self._stream, (data,))
            return False
        if self._socket is None:
            self.transport.write(data)
            return not self._waiting
        try:
            sent = self._socket.send(data)
        except OSError:  # it would block, or the peer is gone: the transport finds out which
            sent = 0
        if sent == len(data):
            return True
        self._stream = iter((data[sent:],))
        self._waiting = True
        self.transport.pauseProducing()
        self.transport.registerProducer(self, False)  # asks for the stream at once, and again whenever it is sent
        return False

    def pauseProducing(self) -> None:
        """The TLS transport holds enough: wait."""
        if not self._waiting:
            self._waiting = True
            self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The transport wants more: the next piece of the answer, and when there is none the next request."""
        plain = self._socket is not None
        if not plain:
            self._waiting = False
        for piece in self._stream or ():
            self.transport.write(piece)
            if plain or self._waiting:
                return
        self._stream = None
        if self._closing:
            self.transport.unregisterProducer()
            return
        if plain:
            self._waiting = False
            self.transport.unregisterProducer()
        self.transport.resumeProducing()
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            self._take(data)

    def stopProducing(self) -> None:
        self._stream = None
