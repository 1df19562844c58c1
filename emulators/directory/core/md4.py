"""The NT hash: MD4 (RFC 1320) over the UTF-16 password. OpenSSL 3 no longer offers MD4, so it is computed here.

Source: RFC 1320; MS-NLMP 3.3.1.
"""

from __future__ import annotations

import struct

_MASK = 0xFFFFFFFF
_ROUND2 = (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
_ROUND3 = (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)
_SHIFTS1, _SHIFTS2, _SHIFTS3 = (3, 7, 11, 19), (3, 5, 9, 13), (3, 9, 11, 15)


def md4(message: bytes) -> bytes:
    """The MD4 digest of a message."""
    padded = message + b"\x80" + bytes((55 - len(message)) % 64) + struct.pack("<Q", len(message) * 8)
    a, b, c, d = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476
    for offset in range(0, len(padded), 64):
        words = struct.unpack_from("<16I", padded, offset)
        start = a, b, c, d
        for i in range(16):
            mixed = a + (b & c | ~b & d) + words[i] & _MASK
            shift = _SHIFTS1[i & 3]
            a, b, c, d = d, (mixed << shift | mixed >> 32 - shift) & _MASK, b, c
        for i in range(16):
            mixed = a + (b & c | b & d | c & d) + words[_ROUND2[i]] + 0x5A827999 & _MASK
            shift = _SHIFTS2[i & 3]
            a, b, c, d = d, (mixed << shift | mixed >> 32 - shift) & _MASK, b, c
        for i in range(16):
            mixed = a + (b ^ c ^ d) + words[_ROUND3[i]] + 0x6ED9EBA1 & _MASK
            shift = _SHIFTS3[i & 3]
            a, b, c, d = d, (mixed << shift | mixed >> 32 - shift) & _MASK, b, c
        a, b, c, d = (x + y & _MASK for x, y in zip(start, (a, b, c, d), strict=True))
    return struct.pack("<4I", a, b, c, d)


def nt_hash(password: str) -> bytes:
    """The hash Windows keeps of a password."""
    return md4(password.encode("utf-16-le"))
