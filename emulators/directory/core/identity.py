"""GUIDs and SIDs: their octets, their text, and making new ones from the world's seed.

Source: MS-DTYP 2.3.4 and 2.4.2; facts "directory" sections 3 and 8.
"""

from __future__ import annotations

import re
from functools import lru_cache
from random import Random

_DASHED = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_SID = re.compile(r"S-1-(\d+|0x[0-9a-fA-F]+)((?:-\d+)*)", re.IGNORECASE)


def guid_bytes(text: str) -> bytes | None:
    """The little-endian octets of a dashed GUID (braces allowed); None when it is not one."""
    if text[:1] == "{" and text[-1:] == "}":
        text = text[1:-1]
    if not _DASHED.fullmatch(text):
        return None
    raw = bytes.fromhex(text.replace("-", ""))
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


def guid(text: str) -> bytes:
    """The octets of a GUID constant of the specification."""
    octets = guid_bytes(text)
    if octets is None:
        raise ValueError(f"not a GUID: {text!r}")
    return octets


def guid_text(octets: bytes) -> str:
    big = (octets[3::-1] + octets[5:3:-1] + octets[7:5:-1] + octets[8:16]).hex()
    return f"{big[:8]}-{big[8:12]}-{big[12:16]}-{big[16:20]}-{big[20:]}"


def new_guid(random: Random) -> bytes:
    """A version 4 GUID from the seeded stream."""
    octets = bytearray(random.getrandbits(128).to_bytes(16, "big"))
    octets[7] = octets[7] & 0x0F | 0x40
    octets[8] = octets[8] & 0x3F | 0x80
    return bytes(octets)


@lru_cache(maxsize=4096)
def sid_bytes(text: str) -> bytes | None:
    """The octets of ``S-1-5-...``; None when it is not a SID."""
    match = _SID.fullmatch(text)
    if match is None:
        return None
    authority = int(match[1], 0) if match[1].lower().startswith("0x") else int(match[1])
    parts = [int(part) for part in match[2].split("-")[1:]]
    if authority >= 1 << 48 or len(parts) > 15 or any(part >= 1 << 32 for part in parts):
        return None
    return bytes((1, len(parts))) + authority.to_bytes(6, "big") + b"".join(p.to_bytes(4, "little") for p in parts)


def sid(text: str) -> bytes:
    """The octets of a SID constant of the specification."""
    octets = sid_bytes(text)
    if octets is None:
        raise ValueError(f"not a SID: {text!r}")
    return octets


def is_sid(octets: bytes) -> bool:
    return len(octets) >= 8 and octets[0] == 1 and octets[1] <= 15 and len(octets) == 8 + 4 * octets[1]


def sid_text(octets: bytes) -> str:
    authority = int.from_bytes(octets[2:8], "big")
    parts = (int.from_bytes(octets[i : i + 4], "little") for i in range(8, 8 + 4 * octets[1], 4))
    return "-".join(("S-1", str(authority), *map(str, parts)))


def with_rid(domain: bytes, rid: int) -> bytes:
    """The SID of a relative identifier in a domain."""
    return bytes((1, domain[1] + 1)) + domain[2:] + rid.to_bytes(4, "little")


def rid_of(octets: bytes) -> int:
    return int.from_bytes(octets[-4:], "little")


def new_domain_sid(random: Random) -> bytes:
    """S-1-5-21-a-b-c from the seeded stream."""
    parts = b"".join(random.randrange(1 << 28, 1 << 32).to_bytes(4, "little") for _ in range(3))
    return bytes((1, 4)) + (5).to_bytes(6, "big") + (21).to_bytes(4, "little") + parts
