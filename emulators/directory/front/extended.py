"""Extended operations: StartTLS, who am I, the stand-ins for RPC; the others are refused.

Source: RFC 4511 section 4.12 and 4.14, RFC 4532; facts "directory" sections 2 and 10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulators.directory.core.password_hashes import PasswordHashes
from emulators.directory.core.requests import Request, WhoAmI
from emulators.directory.core.results import Result, ResultCode
from emulators.directory.front import replication
from emulators.directory.front.ber import Malformed
from emulators.directory.front.codec import ExtendedRequest, extended_operation
from emulators.directory.front.controls import not_emulated
from emulators.directory.front.search_request import Unacceptable

if TYPE_CHECKING:
    from emulators.directory.core.dispatch import Answer

START_TLS = "1.3.6.1.4.1.1466.20037"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"
NOT_EMULATED = {
    "1.3.6.1.4.1.1466.101.119.1": "refreshing dynamic entries",
    "1.2.840.113556.1.4.1781": "fast bind",
    "1.2.840.113556.1.4.2212": "the batch request",
}

UNKNOWN_OPERATION = "0000203D: LdapErr: DSID-0C090C7D, comment: Unknown extended request OID, data 0, v4f7c"
BAD_REQUEST = "00000057: LdapErr: DSID-0C090C7F, comment: Error decoding ldap message, data 0, v4f7c"
TLS_IN_EFFECT = "00000000: LdapErr: DSID-0C090E09, comment: TLS or SSL already in effect, data 0, v4f7c"
TLS_NOT_NOW = "00000000: LdapErr: DSID-0C090E0B, comment: Requests are outstanding, data 0, v4f7c"
TLS_MISSING = "00000000: LdapErr: DSID-0C090E17, comment: Error initializing SSL/TLS, data 0, v4f7c"


@dataclass(frozen=True, slots=True)
class ExtendedAnswer:
    """The operation to send, its code for the journal, and whether TLS begins after it."""

    operation: bytes
    result: Result
    begins_tls: bool = False


def _plain(result: Result, name: str | None = None, value: bytes | None = None) -> ExtendedAnswer:
    return ExtendedAnswer(extended_operation(result, name, value), result)


def start_tls(*, secure: bool, available: bool, alone: bool) -> ExtendedAnswer:
    """Decide a StartTLS request: not twice, not with other requests in flight, not without a certificate."""
    if secure:
        return _plain(Result(ResultCode.OPERATIONS_ERROR, TLS_IN_EFFECT), START_TLS)
    if not alone:
        return _plain(Result(ResultCode.OPERATIONS_ERROR, TLS_NOT_NOW), START_TLS)
    if not available:
        return _plain(Result(ResultCode.UNAVAILABLE, TLS_MISSING), START_TLS)
    return ExtendedAnswer(extended_operation(Result(), START_TLS), Result(), begins_tls=True)


def answer_extended(request: ExtendedRequest, ask: Callable[[Request], Answer]) -> ExtendedAnswer:
    """Answer any extended operation but StartTLS."""
    if request.name == WHO_AM_I:
        answer = ask(WhoAmI())
        assert isinstance(answer, Result)
        return _plain(answer, None, (answer.value or b"") if answer.code == ResultCode.SUCCESS else None)
    if request.name == replication.HASHES_OPERATION:
        return _password_hashes(request, ask)
    if request.name == replication.MIGRATE_OPERATION:
        return _migration(request, ask)
    if request.name == replication.TICKET_OPERATION:
        return _ticket(request, ask)
    if request.name in NOT_EMULATED:
        refusal = not_emulated(NOT_EMULATED[request.name])
        return _plain(Result(refusal.code, refusal.text))
    return _plain(Result(ResultCode.PROTOCOL_ERROR, UNKNOWN_OPERATION))


def _password_hashes(request: ExtendedRequest, ask: Callable[[Request], Answer]) -> ExtendedAnswer:
    name = replication.HASHES_OPERATION
    try:
        wanted = replication.read_request(request.value or b"")
    except (Malformed, Unacceptable):
        return _plain(Result(ResultCode.PROTOCOL_ERROR, BAD_REQUEST), name)
    answer = ask(wanted)
    assert isinstance(answer, PasswordHashes)
    if answer.result.code != ResultCode.SUCCESS:
        return _plain(answer.result, name)
    return _plain(answer.result, name, replication.answer_value(answer))


def _migration(request: ExtendedRequest, ask: Callable[[Request], Answer]) -> ExtendedAnswer:
    name = replication.MIGRATE_OPERATION
    try:
        wanted = replication.read_migration(request.value or b"")
    except (Malformed, Unacceptable):
        return _plain(Result(ResultCode.PROTOCOL_ERROR, BAD_REQUEST), name)
    answer = ask(wanted)
    assert isinstance(answer, Result)
    return _plain(answer, name)


def _ticket(request: ExtendedRequest, ask: Callable[[Request], Answer]) -> ExtendedAnswer:
    name = replication.TICKET_OPERATION
    try:
        wanted = replication.read_ticket_request(request.value or b"")
    except (Malformed, Unacceptable):
        return _plain(Result(ResultCode.PROTOCOL_ERROR, BAD_REQUEST), name)
    answer = ask(wanted)
    assert isinstance(answer, Result)
    return _plain(answer, name, answer.value if answer.code == ResultCode.SUCCESS else None)
