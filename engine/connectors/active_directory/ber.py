"""BER, the small part LDAP uses: definite lengths and low tag numbers; checked reading, and writing.

Source: X.690 8.1, 8.3; RFC 4511 5.1. The hot reading of search entries lies in entry_reading.py.
"""

from __future__ import annotations

BOOLEAN = 0x01
INTEGER = 0x02
OCTET_STRING = 0x04
ENUMERATED = 0x0A
SEQUENCE = 0x30
SET = 0x31


class BerError(ValueError):
    """Octets that are not BER as LDAP allows it, or that break off."""


class Element:
    """One tag-length-value: the tag and where its content lies in the buffer."""

    __slots__ = ("buffer", "end", "start", "tag")

    def __init__(self, buffer: bytes, tag: int, start: int, end: int) -> None:
        self.buffer = buffer
        self.tag = tag
        self.start = start
        self.end = end

    @property
    def octets(self) -> bytes:
        return self.buffer[self.start : self.end]

    @property
    def text(self) -> str:
        return self.octets.decode("utf-8", "replace")

    @property
    def integer(self) -> int:
        if self.end == self.start:
            raise BerError("an INTEGER without octets")
        return int.from_bytes(self.octets, "big", signed=True)

    @property
    def boolean(self) -> bool:
        return any(self.octets)

    def children(self) -> list[Element]:
        """The elements inside a constructed one."""
        found: list[Element] = []
        position = self.start
        while position < self.end:
            element = read(self.buffer, position, self.end)
            found.append(element)
            position = element.end
        return found


def read(buffer: bytes, position: int = 0, limit: int | None = None) -> Element:
    """Read the element that begins at ``position``; it must end before ``limit``."""
    limit = len(buffer) if limit is None else limit
    if position + 2 > limit:
        raise BerError("the message breaks off in a header")
    tag = buffer[position]
    length = buffer[position + 1]
    start = position + 2
    if tag & 0x1F == 0x1F:
        raise BerError("a high tag number, which LDAP does not use")
    if length >= 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4 or start + octets > limit:
            raise BerError("a length LDAP does not allow")
        length = int.from_bytes(buffer[start : start + octets], "big")
        start += octets
    if start + length > limit:
        raise BerError("the message breaks off in a value")
    return Element(buffer, tag, start, start + length)


def write(tag: int, *parts: bytes) -> bytes:
    """One element from its content's parts."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def write_integer(value: int, tag: int = INTEGER) -> bytes:
    """The shortest two's complement form."""
    length = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return write(tag, value.to_bytes(length, "big", signed=True))
