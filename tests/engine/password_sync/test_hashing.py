"""The vectors of facts "tenant" 9.1, and that many credentials come out in order whatever the number of workers."""

from __future__ import annotations

import hashlib

import pytest

from engine.password_sync.hashing import credential_data, credential_data_of_many, salted_hash, seeded_salts

SALT = bytes.fromhex("0102030405060708090a")
VECTORS = [
    ("8846F7EAEE8FB117AD06BDD830B7586C", "86a8194e60929aca01ac903df82e30afaea0279741d442d98e01f9600912f005"),
    ("AE974876D974ABD805A989EBEAD86846", "74ab560266a9881a95a5ede2464ce96f7fa1633093707800077c33b22bf87c7e"),
]


@pytest.mark.parametrize(("nt_hash", "expected"), VECTORS)
def test_vectors(nt_hash: str, expected: str) -> None:
    assert salted_hash(bytes.fromhex(nt_hash), SALT).hex() == expected
    assert credential_data(bytes.fromhex(nt_hash), SALT) == f"v1;PPH1_MD4,0102030405060708090a,1000,{expected};"


def test_upper_case_matters() -> None:
    nt_hash = bytes.fromhex(VECTORS[0][0])
    lower = hashlib.pbkdf2_hmac("sha256", nt_hash.hex().encode("utf-16-le"), SALT, 1000, 32)
    assert lower != salted_hash(nt_hash, SALT)


@pytest.mark.parametrize(("nt_hash", "salt"), [(b"x" * 15, SALT), (b"x" * 16, b"short")])
def test_wrong_lengths_are_refused(nt_hash: bytes, salt: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        salted_hash(nt_hash, salt)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_many_keep_their_order(workers: int) -> None:
    pairs = [(bytes([n]) * 16, bytes([n]) * 10) for n in range(29)]
    assert credential_data_of_many(pairs, workers) == [credential_data(h, s) for h, s in pairs]


def test_salts_follow_from_seed_object_and_change() -> None:
    salts = seeded_salts("7")
    assert salts(b"a" * 16, 1) == seeded_salts("7")(b"a" * 16, 1)
    assert len(salts(b"a" * 16, 1)) == 10
    assert len({salts(b"a" * 16, 1), salts(b"a" * 16, 2), salts(b"b" * 16, 1), seeded_salts("8")(b"a" * 16, 1)}) == 4
