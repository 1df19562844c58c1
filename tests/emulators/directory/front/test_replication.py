"""The password hash operation: its request and its answer as octets."""

from __future__ import annotations

from typing import Any

import pytest
from ldaptor.protocols import pureldap

from emulators.directory.core.password_hashes import HashRecord, PasswordHashes
from emulators.directory.core.requests import MigrateAccount, ReadPasswordHashes
from emulators.directory.core.results import Result, ResultCode
from emulators.directory.front import replication
from emulators.directory.front.ber import Malformed
from emulators.directory.front.search_request import Unacceptable

REQUEST = bytes.fromhex("300c 0404 44433d63 0401 78 0201 64".replace(" ", ""))


def test_the_request() -> None:
    assert replication.read_request(REQUEST) == ReadPasswordHashes("DC=c", b"x", 100)


@pytest.mark.parametrize(
    "value", ["", "3000", "300c 0404 44433d63 0401 78 0201", "300c 0404 44433d63 0401 78 0201 ff", REQUEST.hex() + "00"]
)
def test_damaged_requests(value: str) -> None:
    with pytest.raises((Malformed, Unacceptable)):
        replication.read_request(bytes.fromhex(value))


def test_the_answer() -> None:
    row = HashRecord("CN=a", b"G" * 16, b"S" * 2, b"H" * 16, 256, 512)
    value = replication.answer_value(PasswordHashes(Result(), True, b"c", (row,)))
    expected = (
        "3040 0101ff 040163 3038 3036 0404434e3d61 0410"
        + "47" * 16
        + "04025353"
        + "0410"
        + "48" * 16
        + "02020100 02020200"
    )
    assert value.hex() == expected.replace(" ", "")


def hashes_request() -> bytes:
    operation = pureldap.LDAPExtendedRequest(requestName=replication.HASHES_OPERATION, requestValue=REQUEST)
    return bytes(pureldap.LDAPMessage(operation, id=1).toWire())


def test_over_the_wire(served: Any) -> None:
    answer = served.connect().ask(hashes_request())
    assert b"\x8a\x2c" + replication.HASHES_OPERATION.encode() + b"\x8b" in answer
    assert answer.endswith(b"\x02\x02\x02\x00")
    assert served.core.asked == [ReadPasswordHashes("DC=c", b"x", 100)]


def test_a_refusal_of_the_core_has_no_value(served: Any) -> None:
    text = "00002105: LdapErr: DSID-0C090E3A, comment: Error processing control, data 0, v4f7c"
    refusal = PasswordHashes(Result(ResultCode.INSUFFICIENT_ACCESS_RIGHTS, text))
    served.core.replies[ReadPasswordHashes] = refusal
    answer = served.connect().ask(hashes_request())
    assert answer.endswith(b"\0\x8a\x2c" + replication.HASHES_OPERATION.encode())


MIGRATION = bytes.fromhex("300b 0404 434e3d61 0401 53 0400".replace(" ", ""))


def test_the_migration_request() -> None:
    assert replication.read_migration(MIGRATION) == MigrateAccount("CN=a", b"S", b"")


@pytest.mark.parametrize("value", ["", "3000", "300b 0404 434e3d61 0401 53", MIGRATION.hex() + "00"])
def test_damaged_migration_requests(value: str) -> None:
    with pytest.raises((Malformed, Unacceptable)):
        replication.read_migration(bytes.fromhex(value))
