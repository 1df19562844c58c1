"""Entries of the access list of an object: those an administrator puts in, and what the list gives an account.

Source: MS-DTYP 2.4.4 (entries), 2.4.5 (lists), 2.4.6 (descriptors); facts "directory" section 11.
"""

from __future__ import annotations

import struct
import uuid

READ_PROPERTY, WRITE_PROPERTY = 0x10, 0x20
_CONTROL_ACCESS = 0x100
_ALLOW, _ALLOW_OBJECT = 0x00, 0x05
_INHERITED_TYPE_PRESENT = 0x2
_INHERIT, _INHERIT_ONLY = 0x02, 0x08
#: control access rights and classes by the names the Security tab gives them (facts "directory" sections 7 and 11)
_RIGHTS = {
    "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2": "Replicating Directory Changes",
    "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2": "Replicating Directory Changes All",
    "00299570-246d-11d0-a768-00aa006e0529": "Reset password",
}
_CLASSES = {
    "bf967aba-0de6-11d0-a285-00aa003049e2": "user",
    "4828cc14-1437-45bc-9b07-ad6f015e5f28": "inetOrgPerson",
    "bf967a9c-0de6-11d0-a285-00aa003049e2": "group",
    "5cb41ed0-0e4c-11d0-a286-00aa003049e2": "contact",
}
_DENY_OBJECT, _OBJECT_TYPE_PRESENT = 0x06, 0x1
_LIST_HEAD = struct.Struct("<BBHHH")
_DESCRIPTOR_HEAD = struct.Struct("<BBHIIII")
_DACL_PRESENT, _OBJECT_REVISION = 0x4, 4


def denied(descriptor: bytes, attribute: bytes, account: bytes, rights: int) -> bytes:
    """Return a descriptor of the access list alone, in which an account is denied rights on one attribute.

    attribute: its schemaIDGUID; account: its SID. Denials stand before everything else.
    """
    revision, reserved, control, _, _, _, at = _DESCRIPTOR_HEAD.unpack_from(descriptor)
    if not control & _DACL_PRESENT or not at:
        raise ValueError("the descriptor holds no access list")
    _, _, size, count, _ = _LIST_HEAD.unpack_from(descriptor, at)
    entries = descriptor[at + _LIST_HEAD.size : at + size]
    body = struct.pack("<II", rights, _OBJECT_TYPE_PRESENT) + attribute + account
    entry = struct.pack("<BBH", _DENY_OBJECT, 0, len(body) + 4) + body
    whole = _LIST_HEAD.size + len(entry) + len(entries)
    listed = _LIST_HEAD.pack(_OBJECT_REVISION, 0, whole, count + 1, 0) + entry + entries
    return _DESCRIPTOR_HEAD.pack(revision, reserved, control, 0, 0, 0, _DESCRIPTOR_HEAD.size) + listed


def allowed(descriptor: bytes, account: bytes) -> list[dict[str, str]]:
    """Return what the entries of a descriptor give an account by name: right, and below which it counts."""
    at = _DESCRIPTOR_HEAD.unpack_from(descriptor)[6]
    _, _, _, count, _ = _LIST_HEAD.unpack_from(descriptor, at)
    start = at + _LIST_HEAD.size
    found = []
    for _ in range(count):
        kind, flags, size = struct.unpack_from("<BBH", descriptor, start)
        entry, start = descriptor[start + 4 : start + size], start + size
        if kind not in (_ALLOW, _ALLOW_OBJECT) or not entry.endswith(account):
            continue
        mask = int.from_bytes(entry[:4], "little")
        right, below = _object_types(entry[4:]) if kind == _ALLOW_OBJECT else (None, None)
        found.append({"right": _named_right(mask, right), "on": _place(flags, below)})
    return found


def _object_types(entry: bytes) -> tuple[str | None, str | None]:
    """The two GUIDs an object entry may carry: what it is about, and below which class it is inherited."""
    present, types, start = int.from_bytes(entry[:4], "little"), [], 4
    for bit in (_OBJECT_TYPE_PRESENT, _INHERITED_TYPE_PRESENT):
        types.append(str(uuid.UUID(bytes_le=entry[start : start + 16])) if present & bit else None)
        start += 16 if present & bit else 0
    return types[0], types[1]


def _named_right(mask: int, right: str | None) -> str:
    if mask == _CONTROL_ACCESS and right is not None:
        return _RIGHTS.get(right, right)
    properties = {
        READ_PROPERTY: "Read", WRITE_PROPERTY: "Write", READ_PROPERTY | WRITE_PROPERTY: "Read/write",
    }.get(mask)  # fmt: skip
    if properties is not None:
        return f"{properties} {right or 'all properties'}"
    return f"{mask:#x} {right or ''}".strip()


def _place(flags: int, below: str | None) -> str:
    if not flags & _INHERIT:
        return "this object only"
    kind = _CLASSES.get(below or "", below or "all")
    return f"descendant {kind} objects" if flags & _INHERIT_ONLY else f"this object and descendant {kind} objects"


def without(descriptor: bytes, account: bytes, right: str) -> bytes:
    """Return a descriptor of the access list alone, without the entries that give an account a right of this name.

    Raises ValueError when there is no such entry, and LookupError for a name that is no right.
    """
    wanted = next((guid for guid, name in _RIGHTS.items() if name.lower() == right.lower()), None)
    if wanted is None:
        raise LookupError(f"there is no right {right}; known are {', '.join(_RIGHTS.values())}")
    revision, reserved, control, _, _, _, at = _DESCRIPTOR_HEAD.unpack_from(descriptor)
    listed, _, _, count, _ = _LIST_HEAD.unpack_from(descriptor, at)
    start = at + _LIST_HEAD.size
    kept: list[bytes] = []
    for _ in range(count):
        kind, _flags, size = struct.unpack_from("<BBH", descriptor, start)
        entry, start = descriptor[start : start + size], start + size
        given = kind == _ALLOW_OBJECT and entry.endswith(account) and _object_types(entry[8:])[0] == wanted
        if not given:
            kept.append(entry)
    if len(kept) == count:
        raise ValueError(f"the account has no {right} here")
    body = b"".join(kept)
    whole = _LIST_HEAD.pack(listed, 0, _LIST_HEAD.size + len(body), len(kept), 0) + body
    return _DESCRIPTOR_HEAD.pack(revision, reserved, control, 0, 0, 0, _DESCRIPTOR_HEAD.size) + whole
