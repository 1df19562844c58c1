"""The little of BER that an administrator's LDAP client needs: definite lengths, one octet tags."""

from __future__ import annotations

from collections.abc import Iterator

INTEGER, OCTETS, ENUMERATED, BOOLEAN, SEQUENCE, SET = 0x02, 0x04, 0x0A, 0x01, 0x30, 0x31


class BrokenBerError(ValueError):
    """Octets that are no BER, or end too early."""


def tlv(tag: int, content: bytes) -> bytes:
    """Return content with its tag and length."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def integer(number: int, tag: int = INTEGER) -> bytes:
    size = max(1, (number.bit_length() // 8) + 1)
    return tlv(tag, number.to_bytes(size, "big", signed=True))


def octets(value: bytes | str, tag: int = OCTETS) -> bytes:
    return tlv(tag, value.encode() if isinstance(value, str) else value)


def boolean(value: bool) -> bytes:
    return tlv(BOOLEAN, b"\xff" if value else b"\x00")


def sequence(*parts: bytes, tag: int = SEQUENCE) -> bytes:
    return tlv(tag, b"".join(parts))


def header(data: bytes, at: int = 0) -> tuple[int, int, int] | None:
    """Return (tag, start of content, end of content), or None when the octets end before the length is known."""
    if len(data) < at + 2:
        return None
    tag, first = data[at], data[at + 1]
    start = at + 2
    if first < 0x80:
        return tag, start, start + first
    count = first & 0x7F
    if not 1 <= count <= 4:
        raise BrokenBerError("a length that LDAP does not use")
    if len(data) < start + count:
        return None
    size = int.from_bytes(data[start : start + count], "big")
    return tag, start + count, start + count + size


def parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (tag, content) of everything in a constructed value."""
    at = 0
    while at < len(data):
        found = header(data, at)
        if found is None or found[2] > len(data):
            raise BrokenBerError("octets end inside a value")
        tag, start, end = found
        yield tag, data[start:end]
        at = end


def number(content: bytes) -> int:
    return int.from_bytes(content, "big", signed=True)
