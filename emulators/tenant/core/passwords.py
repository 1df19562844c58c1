"""How the cloud keeps and checks a password: the hash the sync client made, stretched again from what is typed at
sign-in.

NT hash -> 32 upper-case hex digits in UTF-16LE -> PBKDF2-HMAC-SHA256, 10-byte salt, 1,000 rounds, 32 bytes. Source:
facts "tenant" section 9. The standard library's OpenSSL lacks MD4, so RFC 1320 is written out here.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import re
import struct
from collections.abc import Callable

from emulators.tenant.core.identities import Credential

ITERATIONS = 1000
ITERATIONS_MAX = 100_000
WIRE = re.compile(r"v1;PPH1_MD4,([0-9A-Fa-f]{2,128}),([0-9]{1,6}),([0-9A-Fa-f]{64});")
DISABLE_EXPIRATION = "DisablePasswordExpiration"
DISABLE_STRONG = "DisableStrongPassword"

_Mix = Callable[[int, int, int], int]
_ROUNDS: tuple[tuple[_Mix, int, tuple[int, ...], tuple[int, ...]], ...] = (
    (lambda x, y, z: (x & y) | (~x & z), 0, tuple(range(16)), (3, 7, 11, 19)),
    (
        lambda x, y, z: (x & y) | (x & z) | (y & z),
        0x5A827999,
        (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
        (3, 5, 9, 13),
    ),
    (lambda x, y, z: x ^ y ^ z, 0x6ED9EBA1, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)),
)


def md4(data: bytes) -> bytes:
    """RFC 1320."""
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack("<Q", 8 * len(data))
    for start in range(0, len(padded), 64):
        words = struct.unpack("<16I", padded[start : start + 64])
        a, b, c, d = state
        for mix, constant, order, shifts in _ROUNDS:
            for step, index in enumerate(order):
                turned = (a + (mix(b, c, d) & 0xFFFFFFFF) + words[index] + constant) & 0xFFFFFFFF
                shift = shifts[step & 3]
                a, b, c, d = d, ((turned << shift) | (turned >> (32 - shift))) & 0xFFFFFFFF, b, c
        state = [(old + new) & 0xFFFFFFFF for old, new in zip(state, (a, b, c, d), strict=True)]
    return struct.pack("<4I", *state)


def nt_hash(password: str) -> bytes:
    return md4(password.encode("utf-16-le", "surrogatepass"))


def stretch(nt: bytes, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", nt.hex().upper().encode("utf-16-le"), salt, iterations, 32)


def read_credential(text: str, changed: str, *, force_change: bool) -> Credential | None:
    """Read ``v1;PPH1_MD4,<salt>,1000,<hash>;``; None when it is no such text."""
    match = WIRE.fullmatch(text)
    if match is None or len(match.group(1)) % 2 or not 0 < int(match.group(2)) <= ITERATIONS_MAX:
        return None
    salt, iterations, digest = bytes.fromhex(match.group(1)), int(match.group(2)), bytes.fromhex(match.group(3))
    return Credential(salt, iterations, digest, changed, force_change, synced=True)


def make_credential(password: str, changed: str, draw: random.Random, *, force_change: bool = False) -> Credential:
    """The record of a password that was set in the cloud."""
    salt = draw.getrandbits(80).to_bytes(10, "big")
    return Credential(salt, ITERATIONS, stretch(nt_hash(password), salt, ITERATIONS), changed, force_change)


def matches(credential: Credential, password: str) -> bool:
    """Compare a typed password with the record."""
    return hmac.compare_digest(stretch(nt_hash(password), credential.salt, credential.iterations), credential.digest)


def policies_after_hash_sync(before: str | None, *, cloud_policy: bool) -> str | None:
    """What passwordPolicies reads after a hash arrived (facts 9.3): the expiry switch goes on, or off with the
    feature.
    """
    words = [word.strip() for word in (before or "").split(",") if word.strip() and word.strip() != "None"]
    if cloud_policy:
        words = [word for word in words if word != DISABLE_EXPIRATION]
    elif DISABLE_EXPIRATION not in words:
        words.append(DISABLE_EXPIRATION)
    return ", ".join(words) or None


def legal_policies(text: str | None) -> bool:
    if text is None or text == "None":
        return True
    words = [word.strip() for word in text.split(",")]
    return bool(words) and all(word in (DISABLE_EXPIRATION, DISABLE_STRONG) for word in words)


def acceptable(password: str) -> bool:
    """The cloud's rule for a password set there: 8 to 256 characters, three of four kinds."""
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return 8 <= len(password) <= 256 and sum(any(kind(c) for c in password) for kind in kinds) >= 3
