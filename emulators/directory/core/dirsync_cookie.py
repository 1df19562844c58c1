"""The DirSync cookie: where a client stands in a controller's changes, in the layout Microsoft's own cookies have.

Two USNs are kept apart: up to where objects were looked at in the pass under way, and from where changes count.
Source: MS-ADTS 3.1.1.3.4.1.3 (opaque), layout as published in Samba's IDL; facts "directory" section 4.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from emulators.directory.core import refusals

_HEAD = struct.Struct("<4sIQIII")  # "MSDS", 3, time, 0, 0, length of the vector
_MARK = struct.Struct("<QQQ16s")  # object USN, reserved (ours: where a first pass began), attribute USN, invocation
_VECTOR = struct.Struct("<IIII")  # version, reserved, count, reserved
_CURSOR = struct.Struct("<16sQ")
_CURSOR2 = struct.Struct("<16sQQ")
_MAGIC = b"MSDS"


@dataclass(frozen=True, slots=True)
class Cookie:
    """position: USN of the last object looked at; floor: changes after this USN count; seen: invocation -> USN.

    begun: while a first pass is under way, the USN the controller had reached when it began; else 0.
    """

    position: int
    floor: int
    invocation: bytes
    seen: dict[bytes, int]
    begun: int = 0

    def pack(self, ticks: int) -> bytes:
        vector = b""
        if self.seen:
            vector = _VECTOR.pack(1, 0, len(self.seen), 0)
            vector += b"".join(_CURSOR.pack(invocation, usn) for invocation, usn in sorted(self.seen.items()))
        head = _HEAD.pack(_MAGIC, 3, ticks, 0, 0, len(vector))
        return head + _MARK.pack(self.position, self.begun, self.floor, self.invocation) + vector

    def on(self, invocation: bytes) -> tuple[int, int]:
        """(position, floor) on a controller: its own mark, else what the vector says, else the beginning."""
        if invocation == self.invocation:
            return self.position, self.floor
        known = self.seen.get(invocation, 0)
        return known, known


def unpack(octets: bytes) -> Cookie:
    """Read a cookie; garbage is refused as AD refuses it."""
    size = _HEAD.size + _MARK.size
    if len(octets) < size:
        raise refusals.bad_cookie()
    magic, version, _ticks, _zero, _zero2, length = _HEAD.unpack_from(octets)
    if magic != _MAGIC or version != 3 or len(octets) != size + length:
        raise refusals.bad_cookie()
    position, begun, floor, invocation = _MARK.unpack_from(octets, _HEAD.size)
    return Cookie(position, floor, invocation, _read_vector(octets[size:]), begun)


def _read_vector(octets: bytes) -> dict[bytes, int]:
    if not octets:
        return {}
    if len(octets) < _VECTOR.size:
        raise refusals.bad_cookie()
    version, _zero, count, _zero2 = _VECTOR.unpack_from(octets)
    cursor = {1: _CURSOR, 2: _CURSOR2}.get(version)
    if cursor is None or len(octets) != _VECTOR.size + count * cursor.size:
        raise refusals.bad_cookie()
    rows = (cursor.unpack_from(octets, _VECTOR.size + index * cursor.size) for index in range(count))
    return {row[0]: row[1] for row in rows}
