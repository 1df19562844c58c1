"""Self-relative security descriptors: read, add access rights to the DACL, write; nothing is judged here.

Source: MS-DTYP 2.4.2-2.4.6; MS-ADTS 5.1.3; facts "directory" section 11 (masks, flags, order of a DACL).
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

ACCESS_ALLOWED, ACCESS_DENIED, ACCESS_ALLOWED_OBJECT, ACCESS_DENIED_OBJECT = 0, 1, 5, 6
CONTAINER_INHERIT, INHERIT_ONLY, INHERITED = 0x02, 0x08, 0x10

CREATE_CHILD, DELETE_CHILD, READ_PROPERTY, WRITE_PROPERTY, DELETE_TREE = 0x1, 0x2, 0x10, 0x20, 0x40
CONTROL_ACCESS, DELETE = 0x100, 0x10000

_DACL_PRESENT = 0x0004
_SELF_RELATIVE = 0x8000
_OBJECT_TYPE, _INHERITED_OBJECT_TYPE = 1, 2


@dataclass(frozen=True, slots=True)
class Ace:
    """One access control entry. ``raw``: the whole entry as it was read, kept for kinds that are not taken apart."""

    type: int
    flags: int
    mask: int
    sid: bytes
    object_type: str | None = None
    inherited_object_type: str | None = None
    raw: bytes | None = None

    def octets(self) -> bytes:
        if self.raw is not None:
            return self.raw
        body = struct.pack("<I", self.mask)
        if self.type in (ACCESS_ALLOWED_OBJECT, ACCESS_DENIED_OBJECT):
            present = _OBJECT_TYPE * bool(self.object_type) | _INHERITED_OBJECT_TYPE * bool(self.inherited_object_type)
            body += struct.pack("<I", present)
            body += b"".join(uuid.UUID(g).bytes_le for g in (self.object_type, self.inherited_object_type) if g)
        body += self.sid
        body += bytes(-len(body) % 4)
        return struct.pack("<BBH", self.type, self.flags, 4 + len(body)) + body


@dataclass(frozen=True, slots=True)
class SecurityDescriptor:
    """control: the flags but for the self-relative and present bits; dacl None: no DACL at all (everything allowed)."""

    control: int
    owner: bytes | None
    group: bytes | None
    sacl: bytes | None
    dacl: tuple[Ace, ...] | None
    revision: int = 4


def allow(sid: bytes, mask: int, right: str | None = None, descendants: str | None = None) -> Ace:
    """Allow ``mask`` for one right or property (GUID text); ``descendants``: on every object of this class below."""
    flags = CONTAINER_INHERIT | INHERIT_ONLY if descendants else 0
    kind = ACCESS_ALLOWED_OBJECT if right or descendants else ACCESS_ALLOWED
    return Ace(kind, flags, mask, sid, right, descendants)


def with_rights(descriptor: SecurityDescriptor, aces: Iterable[Ace]) -> SecurityDescriptor:
    """Add entries where the canonical order wants them; entries that are there already are not repeated."""
    present = list(descriptor.dacl or ())
    known = {ace.octets() for ace in present}
    for ace in aces:
        if ace.octets() not in known:
            known.add(ace.octets())
            present.append(ace)
    return replace(descriptor, dacl=tuple(sorted(present, key=_rank)))


def _rank(ace: Ace) -> int:
    inherited = bool(ace.flags & INHERITED)
    denied = ace.type in (ACCESS_DENIED, ACCESS_DENIED_OBJECT)
    return (2 if inherited else 0) + (0 if denied else 1)


def read_descriptor(octets: bytes) -> SecurityDescriptor:
    """Read a self-relative descriptor; raises ValueError when it is not one."""
    try:
        revision, _, control, owner, group, sacl, dacl = struct.unpack_from("<BBHIIII", octets)
        if revision != 1 or not control & _SELF_RELATIVE:
            raise ValueError("not a self-relative security descriptor")
        acl_revision, aces = _read_acl(octets, dacl) if control & _DACL_PRESENT and dacl else (4, None)
        return SecurityDescriptor(
            control & ~(_SELF_RELATIVE | _DACL_PRESENT),
            _read_sid(octets, owner) if owner else None,
            _read_sid(octets, group) if group else None,
            octets[sacl : sacl + struct.unpack_from("<H", octets, sacl + 2)[0]] if sacl else None,
            aces,
            acl_revision,
        )
    except (struct.error, IndexError) as error:
        raise ValueError(f"a security descriptor that breaks off ({error})") from error


def write_descriptor(descriptor: SecurityDescriptor) -> bytes:
    """Write a self-relative descriptor."""
    control = descriptor.control | _SELF_RELATIVE
    parts = b""
    offsets = {"owner": 0, "group": 0, "sacl": 0, "dacl": 0}
    if descriptor.dacl is not None:
        control |= _DACL_PRESENT
    written = {
        "sacl": descriptor.sacl,
        "dacl": None if descriptor.dacl is None else _write_acl(descriptor.dacl, descriptor.revision),
        "owner": descriptor.owner,
        "group": descriptor.group,
    }
    for name, part in written.items():
        if part is not None:
            offsets[name] = 20 + len(parts)
            parts += part + bytes(-len(part) % 4)
    header = struct.pack(
        "<BBHIIII", 1, 0, control, offsets["owner"], offsets["group"], offsets["sacl"], offsets["dacl"]
    )
    return header + parts


def _read_sid(octets: bytes, start: int) -> bytes:
    end = start + 8 + 4 * octets[start + 1]
    if end > len(octets):
        raise ValueError("a SID that breaks off")
    return octets[start:end]


def _read_acl(octets: bytes, start: int) -> tuple[int, tuple[Ace, ...]]:
    revision, _, _, count, _ = struct.unpack_from("<BBHHH", octets, start)
    position = start + 8
    aces: list[Ace] = []
    for _ in range(count):
        kind, flags, size = struct.unpack_from("<BBH", octets, position)
        if size < 8 or position + size > len(octets):
            raise ValueError("an access control entry that breaks off")
        aces.append(_read_ace(octets[position : position + size], kind, flags))
        position += size
    return revision, tuple(aces)


def _read_ace(octets: bytes, kind: int, flags: int) -> Ace:
    (mask,) = struct.unpack_from("<I", octets, 4)
    if kind in (ACCESS_ALLOWED, ACCESS_DENIED):
        return Ace(kind, flags, mask, _read_sid(octets, 8), raw=octets)
    if kind not in (ACCESS_ALLOWED_OBJECT, ACCESS_DENIED_OBJECT):
        return Ace(kind, flags, mask, b"", raw=octets)
    (present,) = struct.unpack_from("<I", octets, 8)
    position = 12
    guids: list[str | None] = []
    for bit in (_OBJECT_TYPE, _INHERITED_OBJECT_TYPE):
        if present & bit:
            guids.append(str(uuid.UUID(bytes_le=octets[position : position + 16])))
            position += 16
        else:
            guids.append(None)
    return Ace(kind, flags, mask, _read_sid(octets, position), guids[0], guids[1], raw=octets)


def _write_acl(aces: tuple[Ace, ...], revision: int) -> bytes:
    body = b"".join(ace.octets() for ace in aces)
    if any(ace.type in (ACCESS_ALLOWED_OBJECT, ACCESS_DENIED_OBJECT) for ace in aces):
        revision = 4
    return struct.pack("<BBHHH", revision, 0, 8 + len(body), len(aces), 0) + body


def sid_text(sid: bytes) -> str:
    """``S-1-5-21-...`` of a binary SID."""
    authority = int.from_bytes(sid[2:8], "big")
    parts = struct.unpack_from(f"<{sid[1]}I", sid, 8)
    return "-".join(["S", str(sid[0]), str(authority), *map(str, parts)])
