"""Security descriptors: self-relative octets, SDDL, and what a new object inherits from its parent.

A descriptor is immutable and interned per forest, so that access decisions can be kept by its identity.
Source: MS-DTYP 2.4.4-2.4.6 and 2.5.1, MS-ADTS 6.1.3; facts "directory" section 11.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from emulators.directory.core import identity

# ACE kinds
ALLOW, DENY, AUDIT, ALLOW_OBJECT, DENY_OBJECT, AUDIT_OBJECT = 0, 1, 2, 5, 6, 7
_OBJECT_KINDS = (ALLOW_OBJECT, DENY_OBJECT, AUDIT_OBJECT)
_DENIES = (DENY, DENY_OBJECT)
# ACE flags
OBJECT_INHERIT, CONTAINER_INHERIT, NO_PROPAGATE, INHERIT_ONLY, INHERITED = 0x1, 0x2, 0x4, 0x8, 0x10
# control bits
DACL_PRESENT, SACL_PRESENT, DACL_AUTO_INHERITED, DACL_PROTECTED, SACL_PROTECTED = 0x4, 0x10, 0x400, 0x1000, 0x2000
SELF_RELATIVE = 0x8000
# sd flags control
OWNER_PART, GROUP_PART, DACL_PART, SACL_PART = 1, 2, 4, 8

CREATOR_OWNER = identity.sid("S-1-3-0")
CREATOR_GROUP = identity.sid("S-1-3-1")

_GENERIC = ((0x10000000, 0xF01FF), (0x80000000, 0x20094), (0x40000000, 0x20028), (0x20000000, 0x20004))


class BadDescriptor(ValueError):
    """The octets or the text are not a security descriptor."""


class Ace(NamedTuple):
    kind: int
    flags: int
    mask: int
    sid: bytes
    object_type: bytes = b""
    inherited_type: bytes = b""

    def octets(self) -> bytes:
        if self.kind in _OBJECT_KINDS:
            present = (1 if self.object_type else 0) | (2 if self.inherited_type else 0)
            body = present.to_bytes(4, "little") + self.object_type + self.inherited_type + self.sid
        else:
            body = self.sid
        size = 8 + len(body)
        return bytes((self.kind, self.flags)) + size.to_bytes(2, "little") + self.mask.to_bytes(4, "little") + body


Acl = tuple[Ace, ...]


class SecurityDescriptor:
    """Owner, group, DACL and SACL. Two descriptors with the same octets are equal."""

    __slots__ = ("control", "dacl", "group", "octets", "owner", "sacl")

    def __init__(self, owner: bytes, group: bytes, dacl: Acl | None, sacl: Acl | None = None, control: int = 0) -> None:
        self.owner = owner
        self.group = group
        self.dacl = dacl
        self.sacl = sacl
        keep = control & (DACL_AUTO_INHERITED | DACL_PROTECTED | SACL_PROTECTED)
        self.control = (
            SELF_RELATIVE | keep | (DACL_PRESENT if dacl is not None else 0) | (SACL_PRESENT if sacl is not None else 0)
        )
        self.octets = self.part(OWNER_PART | GROUP_PART | DACL_PART | SACL_PART)

    @property
    def protected(self) -> bool:
        return bool(self.control & DACL_PROTECTED)

    def part(self, wanted: int) -> bytes:
        """Self-relative octets of the parts an SD flags control asks for."""
        control = SELF_RELATIVE
        tail = bytearray()
        places = [0, 0, 0, 0]
        if wanted & SACL_PART:
            control |= self.control & (SACL_PRESENT | SACL_PROTECTED)
            if self.sacl is not None:
                places[2] = 20 + len(tail)
                tail += _acl_octets(self.sacl)
        if wanted & DACL_PART:
            control |= self.control & (DACL_PRESENT | DACL_AUTO_INHERITED | DACL_PROTECTED)
            if self.dacl is not None:
                places[3] = 20 + len(tail)
                tail += _acl_octets(self.dacl)
        if wanted & OWNER_PART and self.owner:
            places[0] = 20 + len(tail)
            tail += self.owner
        if wanted & GROUP_PART and self.group:
            places[1] = 20 + len(tail)
            tail += self.group
        head = bytes((1, 0)) + control.to_bytes(2, "little") + b"".join(p.to_bytes(4, "little") for p in places)
        return head + bytes(tail)

    def with_parts(self, given: SecurityDescriptor, parts: int) -> SecurityDescriptor:
        """This descriptor with the named parts of another in their place (a write under SD flags)."""
        control = self.control
        for part, bits in ((DACL_PART, DACL_AUTO_INHERITED | DACL_PROTECTED), (SACL_PART, SACL_PROTECTED)):
            if parts & part:
                control = control & ~bits | given.control & bits
        return SecurityDescriptor(
            given.owner if parts & OWNER_PART and given.owner else self.owner,
            given.group if parts & GROUP_PART and given.group else self.group,
            given.dacl if parts & DACL_PART else self.dacl,
            given.sacl if parts & SACL_PART else self.sacl,
            control,
        )


def _acl_octets(acl: Acl) -> bytes:
    body = b"".join(ace.octets() for ace in acl)
    revision = 4 if any(ace.kind in _OBJECT_KINDS for ace in acl) else 2
    return (
        bytes((revision, 0)) + (8 + len(body)).to_bytes(2, "little") + len(acl).to_bytes(2, "little") + b"\0\0" + body
    )


def parse(octets: bytes) -> SecurityDescriptor:
    """Read self-relative octets; raises BadDescriptor."""
    if len(octets) < 20 or octets[0] != 1:
        raise BadDescriptor("not a self-relative security descriptor")
    control = int.from_bytes(octets[2:4], "little")
    owner, group, sacl, dacl = (int.from_bytes(octets[i : i + 4], "little") for i in (4, 8, 12, 16))
    if not control & SELF_RELATIVE or max(owner, group, sacl, dacl) >= len(octets):
        raise BadDescriptor("not a self-relative security descriptor")
    return SecurityDescriptor(
        _read_sid(octets, owner)[0] if owner else b"",
        _read_sid(octets, group)[0] if group else b"",
        _read_acl(octets, dacl) if control & DACL_PRESENT and dacl else None,
        _read_acl(octets, sacl) if control & SACL_PRESENT and sacl else None,
        control,
    )


def _read_sid(octets: bytes, at: int) -> tuple[bytes, int]:
    if at + 8 > len(octets):
        raise BadDescriptor("SID cut short")
    end = at + 8 + 4 * octets[at + 1]
    if octets[at] != 1 or octets[at + 1] > 15 or end > len(octets):
        raise BadDescriptor("bad SID")
    return octets[at:end], end


def _read_acl(octets: bytes, at: int) -> Acl:
    if at + 8 > len(octets):
        raise BadDescriptor("ACL cut short")
    end = at + int.from_bytes(octets[at + 2 : at + 4], "little")
    count = int.from_bytes(octets[at + 4 : at + 6], "little")
    if end > len(octets):
        raise BadDescriptor("ACL cut short")
    position = at + 8
    aces: list[Ace] = []
    for _ in range(count):
        if position + 16 > end:
            raise BadDescriptor("ACE cut short")
        size = int.from_bytes(octets[position + 2 : position + 4], "little")
        if size < 16 or position + size > end:
            raise BadDescriptor("bad ACE size")
        aces.append(_read_ace(octets[position : position + size]))
        position += size
    return tuple(aces)


def _read_ace(octets: bytes) -> Ace:
    kind, flags, mask = octets[0], octets[1], int.from_bytes(octets[4:8], "little")
    if kind in _OBJECT_KINDS:
        present = int.from_bytes(octets[8:12], "little")
        position = 12
        types = [b"", b""]
        for index in (0, 1):
            if present & (1 << index):
                types[index] = octets[position : position + 16]
                position += 16
        return Ace(kind, flags, _mapped(mask), _read_sid(octets, position)[0], types[0], types[1])
    if kind not in (ALLOW, DENY, AUDIT):
        raise BadDescriptor(f"ACE kind {kind} is not emulated")
    return Ace(kind, flags, _mapped(mask), _read_sid(octets, 8)[0])


def _mapped(mask: int) -> int:
    """Generic rights as the directory's own."""
    for generic, specific in _GENERIC:
        if mask & generic:
            mask = mask & ~generic | specific
    return mask


# ---- inheritance -----------------------------------------------------------------------------------------------------
def explicit(acl: Acl) -> Acl:
    return tuple(ace for ace in acl if not ace.flags & INHERITED)


def canonical(acl: Acl) -> Acl:
    """Explicit denies, explicit allows, then inherited ones in the order they came."""
    own = explicit(acl)
    return (
        *(ace for ace in own if ace.kind in _DENIES),
        *(ace for ace in own if ace.kind not in _DENIES),
        *(ace for ace in acl if ace.flags & INHERITED),
    )


def inherited(acl: Acl, class_guid: bytes, owner: bytes, group: bytes) -> Acl:
    """What an ACL hands down to a child of a class."""
    out: list[Ace] = []
    for ace in acl:
        if not ace.flags & CONTAINER_INHERIT:
            continue
        applies = not ace.inherited_type or ace.inherited_type == class_guid
        onward = not ace.flags & NO_PROPAGATE
        flags = (ace.flags & ~(INHERIT_ONLY | NO_PROPAGATE)) | INHERITED
        if ace.sid in (CREATOR_OWNER, CREATOR_GROUP):
            if applies:
                real = owner if ace.sid == CREATOR_OWNER else group
                out.append(ace._replace(flags=INHERITED, sid=real, inherited_type=b""))
            if onward:
                out.append(ace._replace(flags=flags | INHERIT_ONLY))
        elif applies:
            out.append(ace._replace(flags=flags if onward else INHERITED))
        elif onward:
            out.append(ace._replace(flags=flags | INHERIT_ONLY))
    return tuple(out)


def for_child(own: SecurityDescriptor, parent: SecurityDescriptor, class_guid: bytes) -> SecurityDescriptor:
    """A descriptor with its inherited part drawn anew from its parent's."""
    dacl = own.dacl
    control = own.control
    if dacl is not None and not own.protected and parent.dacl is not None:
        handed = inherited(parent.dacl, class_guid, own.owner, own.group)
        mine = explicit(dacl)
        dacl = canonical((*mine, *(ace for ace in handed if ace not in mine)))
        control |= DACL_AUTO_INHERITED
    sacl = own.sacl
    if parent.sacl is not None and not own.control & SACL_PROTECTED:
        sacl = (*explicit(sacl or ()), *inherited(parent.sacl, class_guid, own.owner, own.group))
    return SecurityDescriptor(own.owner, own.group, dacl, sacl, control)


# ---- SDDL ------------------------------------------------------------------------------------------------------------
_RIGHTS = {
    "CC": 0x1, "DC": 0x2, "LC": 0x4, "SW": 0x8, "RP": 0x10, "WP": 0x20, "DT": 0x40, "LO": 0x80, "CR": 0x100,
    "SD": 0x10000, "RC": 0x20000, "WD": 0x40000, "WO": 0x80000,
    "GA": 0xF01FF, "GR": 0x20094, "GW": 0x20028, "GX": 0x20004,
}  # fmt: skip
_FLAGS = {"OI": 0x1, "CI": 0x2, "NP": 0x4, "IO": 0x8, "ID": 0x10, "SA": 0x40, "FA": 0x80}
_KINDS = {"A": ALLOW, "D": DENY, "AU": AUDIT, "OA": ALLOW_OBJECT, "OD": DENY_OBJECT, "OU": AUDIT_OBJECT}
_DOMAIN_ALIASES = {
    "RO": 498, "LA": 500, "LG": 501, "DA": 512, "DU": 513, "DG": 514, "DC": 515, "DD": 516, "CA": 517, "PA": 520,
    "CN": 522, "AP": 525, "RS": 553, "KA": 526,
}  # fmt: skip
_ROOT_ALIASES = {"SA": 518, "EA": 519, "EK": 527}
_ALIASES = {
    "WD": "S-1-1-0", "CO": "S-1-3-0", "CG": "S-1-3-1", "OW": "S-1-3-4", "NU": "S-1-5-2", "IU": "S-1-5-4",
    "SU": "S-1-5-6", "AN": "S-1-5-7", "ED": "S-1-5-9", "PS": "S-1-5-10", "AU": "S-1-5-11", "RC": "S-1-5-12",
    "SY": "S-1-5-18", "LS": "S-1-5-19", "NS": "S-1-5-20", "BA": "S-1-5-32-544", "BU": "S-1-5-32-545",
    "BG": "S-1-5-32-546", "PU": "S-1-5-32-547", "AO": "S-1-5-32-548", "SO": "S-1-5-32-549", "PO": "S-1-5-32-550",
    "BO": "S-1-5-32-551", "RE": "S-1-5-32-552", "RU": "S-1-5-32-554", "RD": "S-1-5-32-555", "NO": "S-1-5-32-556",
    "MU": "S-1-5-32-558", "LU": "S-1-5-32-559", "IS": "S-1-5-32-568", "CY": "S-1-5-32-569", "ER": "S-1-5-32-573",
}  # fmt: skip
_ACE = re.compile(r"\(([^()]*)\)")
_SECTION = re.compile(r"([OGDS]):")


@lru_cache(maxsize=1024)
def from_sddl(text: str, domain: bytes, root: bytes) -> SecurityDescriptor:
    """Read SDDL with its aliases meant for a domain and its forest's root domain; raises BadDescriptor."""
    parts = _SECTION.split(text)
    sections = dict(zip(parts[1::2], parts[2::2], strict=False))
    control = 0
    acls: dict[str, Acl | None] = {"D": None, "S": None}
    for letter in ("D", "S"):
        if letter in sections:
            head = sections[letter].split("(", 1)[0]
            if letter == "D":
                control |= (DACL_PROTECTED if "P" in head else 0) | (DACL_AUTO_INHERITED if "AI" in head else 0)
            elif "P" in head:
                control |= SACL_PROTECTED
            acls[letter] = tuple(_sddl_ace(ace, domain, root) for ace in _ACE.findall(sections[letter]))
    owner = _sddl_sid(sections["O"], domain, root) if "O" in sections else b""
    group = _sddl_sid(sections["G"], domain, root) if "G" in sections else b""
    return SecurityDescriptor(owner, group, acls["D"], acls["S"], control)


def _sddl_ace(text: str, domain: bytes, root: bytes) -> Ace:
    kind, bits, mask, trustee, object_type, inherited_type = _ace_parts(text)
    return Ace(kind, bits, mask, _sddl_sid(trustee, domain, root), object_type, inherited_type)


@lru_cache(maxsize=1024)
def _ace_parts(text: str) -> tuple[int, int, int, str, bytes, bytes]:
    """What of an entry does not depend on the domain: the class defaults repeat in every forest."""
    cells = text.split(";")
    if len(cells) != 6 or cells[0] not in _KINDS:
        raise BadDescriptor(text)
    kind, flags, rights, object_type, inherited_type, trustee = cells
    try:
        mask = int(rights, 16) if rights[:2].lower() == "0x" else sum(_RIGHTS[r] for r in set(_pairs(rights)))
        bits = sum(_FLAGS[flag] for flag in _pairs(flags))
        types = [identity.guid(g) if g else b"" for g in (object_type, inherited_type)]
    except (KeyError, ValueError) as error:
        raise BadDescriptor(text) from error
    return _KINDS[kind], bits, mask, trustee, types[0], types[1]


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(0, len(text), 2)]


def _sddl_sid(text: str, domain: bytes, root: bytes) -> bytes:
    if text in _DOMAIN_ALIASES:
        return identity.with_rid(domain, _DOMAIN_ALIASES[text])
    if text in _ROOT_ALIASES:
        return identity.with_rid(root, _ROOT_ALIASES[text])
    found = identity.sid_bytes(_ALIASES.get(text, text))
    if found is None:
        raise BadDescriptor(text)
    return found
