"""Cutting distinguished names where their text allows it; escapes are kept as written.

Source: RFC 4514; facts "directory" section 10.
"""

from __future__ import annotations

import uuid


def split_dn(dn: str) -> list[str]:
    """The RDNs of a DN, left to right."""
    parts: list[str] = []
    start = position = 0
    while position < len(dn):
        if dn[position] == "\\":
            position += 1
        elif dn[position] == ",":
            parts.append(dn[start:position].strip())
            start = position + 1
        position += 1
    parts.append(dn[start:].strip())
    return [part for part in parts if part]


def rdn_and_parent(dn: str) -> tuple[str, str]:
    """(first RDN, DN of the parent); the parent of a one-part DN is empty."""
    first, *rest = split_dn(dn)
    return first, ",".join(rest)


def dns_name(dn: str) -> str:
    """``contoso.com`` of ``DC=contoso,DC=com``."""
    return ".".join(part[3:] for part in split_dn(dn) if part[:3].upper() == "DC=")


def guid_dn(anchor: bytes) -> str:
    """The name by which an object is found wherever it is: ``<GUID=...>``."""
    return f"<GUID={uuid.UUID(bytes_le=anchor)}>"
