"""Password records over the replication stand-in: the wire form, rights, and silence about the hashes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.password_reader import REPLICATION_STAND_IN, PasswordReader
from engine.connectors.active_directory.session import DirectoryAccount
from engine.errors import ConnectorError

DN = "DC=contoso,DC=com"
HASH = bytes.fromhex("8846f7eaee8fb117ad06bdd830b7586c")


def tlv(tag: int, content: bytes) -> bytes:
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def page(more: bool, cookie: bytes, names: list[str]) -> bytes:
    records = b"".join(
        tlv(
            0x30,
            tlv(4, name.encode())
            + tlv(4, bytes(16))
            + tlv(4, b"\1\1")
            + tlv(4, HASH)
            + tlv(2, bytes.fromhex("01d9"))
            + tlv(2, bytes.fromhex("0200")),
        )
        for name in names
    )
    return tlv(0x30, tlv(1, b"\xff" if more else b"\0") + tlv(4, cookie) + tlv(0x30, records))


@pytest.fixture
def reader(directory: Any) -> Any:
    made = PasswordReader(
        ForestAddress("127.0.0.1", directory.port, directory.secure_port),
        DirectoryAccount("MSOL_1@contoso.com", "secret"),
        ca_bundle=directory.ca_bundle,
        security=Security.LDAPS,
        timeout_seconds=5,
    )
    yield made
    made.close()


def test_a_page_of_records(directory: Any, reader: PasswordReader) -> None:
    directory.bound().expect("extended", lambda r: r.done(value=page(True, b"c1", [f"CN=a,{DN}"])))
    found = next(reader.read(DN, b"", 500))
    (record,) = found.records
    assert (found.more, found.cookie) == (True, b"c1")
    assert (record.dn, record.anchor, record.sid) == (f"CN=a,{DN}", bytes(16), b"\1\1")
    assert (record.nt_hash, record.password_last_set, record.user_account_control) == (HASH, 473, 512)
    request = directory.requests[1]
    assert request.parts[0] == (0x80, REPLICATION_STAND_IN.encode())
    assert request.parts[1][1].hex() == "30190411" + DN.encode().hex() + "0400" + "020201f4"


def test_hashes_never_show_themselves(directory: Any, reader: PasswordReader) -> None:
    directory.bound().expect("extended", lambda r: r.done(value=page(False, b"", ["CN=a"])))
    shown = repr(list(reader.read(DN, b"")))
    assert "8846" not in shown
    assert repr(HASH)[2:10] not in shown


@pytest.mark.parametrize(
    ("code", "text", "message", "run_result"),
    [
        (
            50,
            "00002105: SecErr: DSID-1, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0",
            "8453 Replication access was denied.",
            "stopped-connectivity",
        ),
        (53, "0000203D: SvcErr: DSID-1", "0000203D: SvcErr: DSID-1", "no-start-full-import-required"),
        (
            13,
            "0000200E: a protected connection is needed",
            "0000200E: a protected connection is needed",
            "stopped-connectivity",
        ),
    ],
)
def test_refusals(directory: Any, reader: PasswordReader, code: int, text: str, message: str, run_result: str) -> None:
    directory.bound().expect("extended", lambda r: r.done(code, text))
    with pytest.raises(ConnectorError) as caught:
        list(reader.read(DN, b"c"))
    assert (caught.value.code, str(caught.value), caught.value.run_result) == ("failed-search", message, run_result)


def test_reading_goes_on_while_there_is_more(directory: Any, reader: PasswordReader) -> None:
    directory.bound().expect("extended", lambda r: r.done(value=page(True, b"c1", ["CN=a"])))
    directory.expect("extended", lambda r: r.done(value=page(False, b"c2", ["CN=b"])))
    pages = list(reader.read(DN, b""))
    assert [(p.cookie, [r.dn for r in p.records]) for p in pages] == [(b"c1", ["CN=a"]), (b"c2", ["CN=b"])]
    assert b"\x04\x02c1" in directory.requests[2].parts[1][1]


def test_the_bound_connection_serves_the_next_beat(directory: Any, reader: PasswordReader) -> None:
    directory.bound().expect("extended", lambda r: r.done(value=page(False, b"c1", ["CN=a"])))
    directory.expect("extended", lambda r: r.done(value=page(False, b"c2", [])))
    assert [p.cookie for p in reader.read(DN, b"")] == [b"c1"]
    assert [p.cookie for p in reader.read(DN, b"c1")] == [b"c2"]


def test_a_lost_connection_is_made_anew(directory: Any, reader: PasswordReader) -> None:
    directory.bound().expect("extended", lambda r: r.done(value=page(False, b"c1", ["CN=a"])))
    directory.expect("extended", lambda r: None)
    directory.bound().expect("extended", lambda r: r.done(value=page(False, b"c2", [])))
    assert [p.cookie for p in reader.read(DN, b"")] == [b"c1"]
    assert [p.cookie for p in reader.read(DN, b"c1")] == [b"c2"]


@pytest.mark.parametrize("value", [b"", b"\x30\x00", b"\x30\x05\x01\x01\x00\x04\x00", b"garbage"])
def test_unreadable_records(directory: Any, reader: PasswordReader, value: bytes) -> None:
    directory.bound().expect("extended", lambda r: r.done(value=value))
    with pytest.raises(ConnectorError) as caught:
        list(reader.read(DN, b""))
    assert caught.value.code == "dropped-connection"
