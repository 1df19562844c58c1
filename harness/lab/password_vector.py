"""What password hash synchronization must have sent, worked out again from the clear text by code of its own.

Source: RFC 1320 (MD4), RFC 8018 (PBKDF2); facts "tenant" 9.1: MD4 of UTF-16LE, its 32 hexadecimal characters in
UTF-16LE (64 bytes), a salt of 10 bytes, PBKDF2-HMAC-SHA256 of 1,000 rounds, 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

_MASK = 0xFFFFFFFF
SALT_BYTES, ROUNDS, HASH_BYTES = 10, 1000, 32


def md4(data: bytes) -> bytes:
    """RFC 1320, written after its reference steps."""
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "little")
    a, b, c, d = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476
    for start in range(0, len(data), 64):
        x = [int.from_bytes(data[start + i : start + i + 4], "little") for i in range(0, 64, 4)]
        kept = a, b, c, d
        for i in range(48):
            if i < 16:
                k, s, f, add = i, (3, 7, 11, 19)[i % 4], (b & c) | (~b & d), 0
            elif i < 32:
                j = i - 16
                k, s, f, add = j % 4 * 4 + j // 4, (3, 5, 9, 13)[i % 4], (b & c) | (b & d) | (c & d), 0x5A827999
            else:
                j = i - 32
                k, s, f, add = int(f"{j:04b}"[::-1], 2), (3, 9, 11, 15)[i % 4], b ^ c ^ d, 0x6ED9EBA1
            t = (a + f + x[k] + add) & _MASK
            a, b, c, d = d, (t << s | t >> (32 - s)) & _MASK, b, c
        a, b, c, d = ((old + new) & _MASK for old, new in zip(kept, (a, b, c, d), strict=True))
    return b"".join(word.to_bytes(4, "little") for word in (a, b, c, d))


def vector(password: str, salt: bytes, rounds: int = ROUNDS) -> dict[str, Any]:
    """Every stage of the pipeline."""
    digest = md4(password.encode("utf-16-le"))
    characters = digest.hex().upper()
    octets = characters.encode("utf-16-le")
    return {
        "md4": digest,
        "characters": characters,
        "octets": octets,
        "hash": hashlib.pbkdf2_hmac("sha256", octets, salt, rounds, HASH_BYTES),
    }


def told(records: Iterable[Any], password: str, digest: bytes) -> int:
    """How many records of a log give the clear text or its MD4 hash away, in any usual spelling."""
    hexadecimal = digest.hex()
    secrets = (password, hexadecimal, hexadecimal.upper())
    return sum(1 for record in records if any(secret in repr(record) for secret in secrets))


def shown(password: str, salt: bytes, rounds: int, stored: bytes, records: Iterable[Any]) -> dict[str, Any]:
    """What a scenario compares."""
    stages = vector(password, salt, rounds)
    return {
        "same": stages["hash"] == stored,
        "md4_bytes": len(stages["md4"]),
        "characters": len(stages["characters"]),
        "utf16_bytes": len(stages["octets"]),
        "salt_bytes": len(salt),
        "rounds": rounds,
        "hash_bytes": len(stored),
        "told_in_logs": told(records, password, stages["md4"]),
    }
