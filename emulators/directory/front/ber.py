"""BER as LDAP uses it: definite lengths, one-octet tags; strict reading by offsets, writing by joining.

Reading never copies more than the value asked for and never looks past the end it was given, so hostile lengths cost
nothing. Source: RFC 4511 section 5.1; X.690 for the encodings.
"""

from __future__ import annotations

INTEGER = 0x02
OCTET_STRING = 0x04
BOOLEAN = 0x01
ENUMERATED = 0x0A
SEQUENCE = 0x30
SET = 0x31

#: lengths below 128 as the one octet they are
_SHORT = tuple(bytes((n,)) for n in range(128))


class Malformed(ValueError):
    """The octets are not the BER that was expected here: the structure of the message cannot be trusted."""


def length(n: int) -> bytes:
    """Encode a definite length in the fewest octets."""
    if n < 128:
        return _SHORT[n]
    if n < 256:
        return bytes((0x81, n))
    if n < 65536:
        return bytes((0x82, n >> 8, n & 255))
    body = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(body),)) + body


def tlv(tag: int, content: bytes) -> bytes:
    return bytes((tag,)) + length(len(content)) + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    return tlv(
        tag,
        value.to_bytes(
            value.bit_length() // 8 + 1 if value >= 0 else (~value).bit_length() // 8 + 1, "big", signed=True
        ),
    )


def octets(value: bytes, tag: int = OCTET_STRING) -> bytes:
    return tlv(tag, value)


def boolean(value: bool, tag: int = BOOLEAN) -> bytes:
    return bytes((tag, 1, 255 if value else 0))


def sequence(*parts: bytes, tag: int = SEQUENCE) -> bytes:
    return tlv(tag, b"".join(parts))


def read(data: bytes, pos: int, end: int) -> tuple[int, int, int]:
    """Read one header at pos: (tag, start of content, end of content); Malformed when it does not fit before end."""
    start = pos + 2
    if start > end:
        raise Malformed("a header is cut short")
    size = data[pos + 1]
    if size >= 128:
        count = size & 127
        if not 1 <= count <= 4:
            raise Malformed("a length is indefinite or too long")
        size = int.from_bytes(data[start : start + count], "big")
        start += count
    stop = start + size
    if stop > end:
        raise Malformed("a value reaches past its container")
    return data[pos], start, stop


def expect(data: bytes, pos: int, end: int, tag: int) -> tuple[int, int]:
    """Read one header that must carry the tag: (start, end) of its content."""
    start = pos + 2
    if start <= end and data[pos] == tag:
        stop = start + data[pos + 1]
        if stop <= end and stop - start < 128:  # the short form, by far the most frequent
            return start, stop
    found, start, stop = read(data, pos, end)
    if found != tag:
        raise Malformed(f"tag {found:#04x} where {tag:#04x} belongs")
    return start, stop


def children(data: bytes, pos: int, end: int) -> list[tuple[int, int, int]]:
    """Read every header between pos and end, side by side."""
    found = []
    while pos < end:
        tag, start, pos = read(data, pos, end)
        found.append((tag, start, pos))
    return found


def read_integer(data: bytes, start: int, stop: int) -> int:
    if not 1 <= stop - start <= 8:
        raise Malformed("an integer is empty or too long")
    return int.from_bytes(data[start:stop], "big", signed=True)


def read_boolean(data: bytes, start: int, stop: int) -> bool:
    if stop - start != 1:
        raise Malformed("a boolean is not one octet long")
    return data[start] != 0
