"""The stand-in for reading password hashes by replication: one extended operation in place of the RPC service.

A real domain controller hands hashes out by DRSUAPI, which is no LDAP; this operation keeps its rights and its secrecy
(TLS only), not its wire form. Source: facts "directory" sections 10 and 11; decided, see the fidelity ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core.requests import ReadPasswordHashes
from emulators.directory.front import ber
from emulators.directory.front.ber import expect, read_integer
from emulators.directory.front.search_request import Unacceptable, text

if TYPE_CHECKING:
    from emulators.directory.core.password_hashes import PasswordHashes

HASHES_OPERATION = "2.25.310985046285573426317218014612340192311"


def read_request(value: bytes) -> ReadPasswordHashes:
    """Decode SEQUENCE {namingContext, cookie, objectsMax}."""
    start, stop = expect(value, 0, len(value), 0x30)
    name, pos = expect(value, start, stop, 0x04)
    naming_context = text(value, name, pos)
    cookie, end = expect(value, pos, stop, 0x04)
    number, last = expect(value, end, stop, 0x02)
    if last != stop or stop != len(value):
        raise Unacceptable("octets after the request")
    objects_max = read_integer(value, number, last)
    if not 0 <= objects_max <= 0x7FFFFFFF:
        raise Unacceptable("a number of objects out of range")
    return ReadPasswordHashes(naming_context, value[cookie:end], objects_max)


def answer_value(answer: PasswordHashes) -> bytes:
    """Encode SEQUENCE {more, cookie, objects}."""
    objects = [
        ber.sequence(
            ber.octets(row.dn.encode()),
            ber.octets(row.object_guid),
            ber.octets(row.object_sid),
            ber.octets(row.nt_hash),
            ber.integer(row.pwd_last_set),
            ber.integer(row.user_account_control),
        )
        for row in answer.objects
    ]
    return ber.sequence(ber.boolean(answer.more), ber.octets(answer.cookie), ber.sequence(*objects))
