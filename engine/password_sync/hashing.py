"""NT hash to the salted form that is sent to the tenant. Pure.

Source: password hash synchronization page, facts "tenant" 9.1: 32 upper-case hexadecimal characters of the NT hash as
UTF-16LE, a 10-byte salt per user, PBKDF2-HMAC-SHA256 with 1,000 iterations, 32 bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

SALT_BYTES = 10
ITERATIONS = 1000
HASH_BYTES = 32

#: objectGUID and pwdLastSet to a salt; the same change always gets the same salt, so a retry sends the same credential.
Salts = Callable[[bytes, int], bytes]


def seeded_salts(seed: str) -> Salts:
    """Salts from the world's seed, without a state that would have to be kept."""

    def salt(object_guid: bytes, password_last_set: int) -> bytes:
        text = f"{seed}/password-salt/{object_guid.hex()}/{password_last_set}"
        return hashlib.sha256(text.encode("utf-8")).digest()[:SALT_BYTES]

    return salt


def salted_hash(nt_hash: bytes, salt: bytes) -> bytes:
    """Derive the 32 bytes the tenant compares with."""
    if len(nt_hash) != 16 or len(salt) != SALT_BYTES:
        raise ValueError("an NT hash has 16 bytes and a salt 10")
    secret = nt_hash.hex().upper().encode("utf-16-le")
    return hashlib.pbkdf2_hmac("sha256", secret, salt, ITERATIONS, HASH_BYTES)


def credential_data(nt_hash: bytes, salt: bytes) -> str:
    """Write the credential as it crosses the wire."""
    return f"v1;PPH1_MD4,{salt.hex()},{ITERATIONS},{salted_hash(nt_hash, salt).hex()};"


def credential_data_of_many(pairs: Sequence[tuple[bytes, bytes]], workers: int | None = None) -> list[str]:
    """Derive many credentials, in order, on all cores: PBKDF2 runs outside the interpreter lock."""
    if not pairs:
        return []
    count = min(workers or os.cpu_count() or 1, max(1, len(pairs) // 8))
    if count == 1:
        return [credential_data(nt_hash, salt) for nt_hash, salt in pairs]
    with ThreadPoolExecutor(count, thread_name_prefix="password-hashing") as pool:
        slices = [pairs[start::count] for start in range(count)]
        parts = list(pool.map(lambda part: [credential_data(h, s) for h, s in part], slices))
    ordered = [""] * len(pairs)
    for start, part in enumerate(parts):
        ordered[start::count] = part
    return ordered
