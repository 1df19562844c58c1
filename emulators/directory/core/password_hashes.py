"""The stand-in for reading password hashes by replication: changed hashes of a domain since a cookie.

Needs both replication rights on the domain head and a protected session. The cookie is this controller's invocation and
the USN reached. Source: contract of the engine's wire; facts "directory" section 10 (end), MS-DRSR 4.1.10.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from emulators.directory.core import access, refusals
from emulators.directory.core.forest import Forest
from emulators.directory.core.requests import ReadPasswordHashes
from emulators.directory.core.results import DirectoryError, Result, ResultCode
from emulators.directory.core.session import Session

#: magic, invocation, USN up to which every password was told, USN of the last object looked at
_COOKIE = struct.Struct("<4s16sQQ")
_MAGIC = b"APHC"


@dataclass(frozen=True, slots=True)
class HashRecord:
    dn: str
    object_guid: bytes
    object_sid: bytes
    nt_hash: bytes
    pwd_last_set: int
    user_account_control: int


@dataclass(frozen=True, slots=True)
class PasswordHashes:
    """The answer of ReadPasswordHashes: its result, and on success what changed and the cookie to come back with."""

    result: Result
    more: bool = False
    cookie: bytes = b""
    objects: tuple[HashRecord, ...] = ()


def read_password_hashes(forest: Forest, session: Session, request: ReadPasswordHashes) -> PasswordHashes:
    if not session.protected:
        raise DirectoryError(ResultCode.CONFIDENTIALITY_REQUIRED, "the password channel needs a protected connection")
    refusals.demand_bind(session)
    partition = refusals.naming_context(session, request.naming_context)
    if partition is not session.controller.domain_partition:
        raise refusals.unwilling("only a domain has passwords", 0x2015)
    for right in (access.GET_CHANGES, access.GET_CHANGES_ALL):
        if not access.has_control_right(session.token, partition.head, right):
            raise refusals.replication_denied()
    since, position = _read_cookie(session, request.cookie)
    limit = request.objects_max if request.objects_max > 0 else 1000
    records: list[HashRecord] = []
    more = False
    for usn, entry in partition.changes_after(position):
        if entry.state or entry.secrets is None:
            continue
        password = entry.secrets.get("unicodepwd")
        stamp = entry.stamp_of("unicodepwd")
        if password is None or stamp is None or stamp.local_usn <= since or entry.sid is None:
            continue
        if len(records) == limit:
            more = True
            break
        position = usn
        records.append(
            HashRecord(
                entry.dn,
                entry.guid,
                entry.sid,
                password[0],
                entry.number("pwdlastset"),
                entry.number("useraccountcontrol"),
            )
        )
    if not more:
        since = position = session.controller.usn
    cookie = _COOKIE.pack(_MAGIC, session.controller.invocation, since, position)
    return PasswordHashes(Result(), more, cookie, tuple(records))


def _read_cookie(session: Session, cookie: bytes) -> tuple[int, int]:
    """Where the last answer ended; the beginning for none or for one of another invocation."""
    if not cookie:
        return 0, 0
    if len(cookie) != _COOKIE.size or cookie[:4] != _MAGIC:
        raise refusals.bad_cookie()
    _magic, invocation, since, position = _COOKIE.unpack(cookie)
    return (int(since), int(position)) if invocation == session.controller.invocation else (0, 0)
