"""The stand-ins for what a domain controller does by RPC: hand out password hashes, take over an account's past.

Hashes are read by DRSUAPI, migrated accounts get their SID history by DsAddSidHistory and their password by an export
server; these extended operations keep the rights and the secrecy (TLS only), not the wire form.
Source: facts "directory" sections 10 to 12; decided, see the fidelity ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core.requests import AskTicket, MigrateAccount, ReadPasswordHashes
from emulators.directory.front import ber
from emulators.directory.front.ber import expect, read_integer
from emulators.directory.front.search_request import Unacceptable, text

if TYPE_CHECKING:
    from emulators.directory.core.password_hashes import PasswordHashes

HASHES_OPERATION = "2.25.310985046285573426317218014612340192311"
TICKET_OPERATION = "2.25.271093465178231906524170823649510387"
MIGRATE_OPERATION = "2.25.3894762966283924903723249596171186977"


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


def read_migration(value: bytes) -> MigrateAccount:
    """Decode SEQUENCE {dn, sourceSid, ntHash}; an empty part is left as it is."""
    start, stop = expect(value, 0, len(value), 0x30)
    name, end = expect(value, start, stop, 0x04)
    sid, after_sid = expect(value, end, stop, 0x04)
    digest, last = expect(value, after_sid, stop, 0x04)
    if last != stop or stop != len(value):
        raise Unacceptable("octets after the request")
    return MigrateAccount(text(value, name, end), value[sid:after_sid], value[digest:last])


def read_ticket_request(value: bytes) -> AskTicket:
    """Decode SEQUENCE {servicePrincipalName}."""
    start, stop = expect(value, 0, len(value), 0x30)
    name, end = expect(value, start, stop, 0x04)
    if end != stop or stop != len(value):
        raise Unacceptable("octets after the request")
    return AskTicket(text(value, name, end))


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
