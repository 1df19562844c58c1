"""The independent computation: RFC 1320's own vectors, the known end results, and what a log gives away."""

from __future__ import annotations

import pytest

from engine.password_sync.hashing import credential_data
from harness.lab.password_vector import md4, shown, told, vector

SALT = bytes.fromhex("0102030405060708090a")


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        ("a", "bde52cb31de33e46245e05fbdbd6fb24"),
        ("abc", "a448017aaf21d8525fc10ae87aa6729d"),
        ("message digest", "d9130a8164549fe818874806e1c7014b"),
        ("1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536"),
    ],
)
def test_md4_of_rfc_1320(text: str, digest: str) -> None:
    assert md4(text.encode()).hex() == digest


@pytest.mark.parametrize(
    ("password", "end"),
    [
        ("password", "86a8194e60929aca01ac903df82e30afaea0279741d442d98e01f9600912f005"),
        ("P@ssw0rd1", "74ab560266a9881a95a5ede2464ce96f7fa1633093707800077c33b22bf87c7e"),
    ],
)
def test_vectors(password: str, end: str) -> None:
    stages = vector(password, SALT)
    assert stages["hash"].hex() == end
    assert (len(stages["md4"]), len(stages["characters"]), len(stages["octets"])) == (16, 32, 64)


@pytest.mark.parametrize("password", ["Pässwörd-Ünïque-2026", "Aa1-Καλημέρα", "Aa1-🔑-Schlüssel"])
def test_the_engine_sends_what_is_worked_out_here(password: str) -> None:
    sent = credential_data(md4(password.encode("utf-16-le")), SALT)
    assert sent == f"v1;PPH1_MD4,{SALT.hex()},1000,{vector(password, SALT)['hash'].hex()};"


def test_a_log_that_tells_is_found() -> None:
    digest = md4("geheim".encode("utf-16-le"))
    records = [{"user": "ana"}, {"note": "geheim"}, {"hash": digest.hex().upper()}]
    assert told(records, "geheim", digest) == 2
    assert told(records[:1], "geheim", digest) == 0


def test_shown_compares() -> None:
    stored = vector("geheim", SALT)["hash"]
    assert shown("geheim", SALT, 1000, stored, [])["same"]
    assert not shown("Geheim", SALT, 1000, stored, [])["same"]
