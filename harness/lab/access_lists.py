"""Entries an administrator puts into the access list of an object, in the octets a security descriptor has.

Source: MS-DTYP 2.4.4 (entries), 2.4.5 (lists), 2.4.6 (descriptors); facts "directory" section 11.
"""

from __future__ import annotations

import struct

READ_PROPERTY, WRITE_PROPERTY = 0x10, 0x20
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
