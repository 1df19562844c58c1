"""What a caller may read, write, create, delete and replicate: the access check over real security descriptors.

Decisions are kept per token and interned descriptor, so that a scan of ten thousand alike objects checks once.
Source: MS-ADTS 5.1.3; facts "directory" section 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.identity import guid, sid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.directory.core.entry import Entry
    from emulators.directory.core.schema import AttributeType, ObjectClass
    from emulators.directory.core.security_descriptor import SecurityDescriptor

# rights
CREATE_CHILD, DELETE_CHILD, LIST, SELF_WRITE = 0x1, 0x2, 0x4, 0x8
READ_PROPERTY, WRITE_PROPERTY, DELETE_TREE, LIST_OBJECT = 0x10, 0x20, 0x40, 0x80
CONTROL_ACCESS, DELETE, READ_CONTROL, WRITE_DAC, WRITE_OWNER = 0x100, 0x10000, 0x20000, 0x40000, 0x80000

# control access rights
GET_CHANGES = guid("1131f6aa-9c07-11d1-f79f-00c04fc2dcd2")
GET_CHANGES_ALL = guid("1131f6ad-9c07-11d1-f79f-00c04fc2dcd2")
GET_CHANGES_FILTERED = guid("89e95b76-444d-4c62-991a-0facbeda640c")
RESET_PASSWORD = guid("00299570-246d-11d0-a768-00aa006e0529")
CHANGE_PASSWORD = guid("ab721a53-1e2f-11d0-9819-00aa0040529b")
MIGRATE_SID_HISTORY = guid("ba33815a-4f93-4c76-87f3-57574bff8109")
REANIMATE = guid("45ec5156-db7e-47bb-b53f-dbeb2d03c40f")
SELF_MEMBERSHIP = guid("bf9679c0-0de6-11d0-a285-00aa003049e2")

PRINCIPAL_SELF = sid("S-1-5-10")
OWNER_RIGHTS = sid("S-1-3-4")
EVERYONE = sid("S-1-1-0")
AUTHENTICATED_USERS = sid("S-1-5-11")
ADMINISTRATORS = sid("S-1-5-32-544")
NETWORK = sid("S-1-5-2")

#: never handed out, whoever asks
SECRET = frozenset(
    {
        "unicodepwd", "dbcspwd", "ntpwdhistory", "lmpwdhistory", "supplementalcredentials", "initialauthincoming",
        "initialauthoutgoing", "trustauthincoming", "trustauthoutgoing", "currentvalue", "priorvalue",
    }
)  # fmt: skip


class Token:
    """The SIDs a caller holds, and what they were found to open."""

    __slots__ = ("_read", "_rights", "sids", "system", "user")

    def __init__(self, user: bytes, sids: Iterable[bytes], system: bool = False) -> None:
        self.user = user
        self.sids = frozenset(sids)
        self.system = system
        self._read: dict[SecurityDescriptor, Readable] = {}
        self._rights: dict[tuple[SecurityDescriptor, int, tuple[bytes, ...], bool], bool] = {}

    def holds(self, group: bytes) -> bool:
        return group in self.sids

    def readable(self, descriptor: SecurityDescriptor) -> Readable:
        """What this caller may read of an object that is not itself."""
        found = self._read.get(descriptor)
        if found is None:
            found = self._read[descriptor] = Readable(self, descriptor, own=False)
        return found

    def has(self, descriptor: SecurityDescriptor, mask: int, types: tuple[bytes, ...], own: bool = False) -> bool:
        """Whether every right of the mask is granted, for an object type, its property set, or without one."""
        key = (descriptor, mask, types, own)
        found = self._rights.get(key)
        if found is None:
            found = self._rights[key] = self.system or _check(self, descriptor, mask, types, own)
        return found


class Readable:
    """Read access of one token to one descriptor: all properties at once, or name by name."""

    __slots__ = ("_descriptor", "_known", "_own", "_token", "all", "control", "list", "secure")

    def __init__(self, token: Token, descriptor: SecurityDescriptor, own: bool) -> None:
        self._token = token
        self._descriptor = descriptor
        self._own = own
        self._known: dict[str, bool] = {}
        self.list = token.has(descriptor, LIST, (), own)
        self.control = token.has(descriptor, CONTROL_ACCESS, (), own)
        self.secure = token.has(descriptor, READ_CONTROL, (), own)
        self.all = token.has(descriptor, READ_PROPERTY, (), own) and not _denies_some(token, descriptor, own)

    def property(self, attribute: AttributeType) -> bool:
        """Whether one attribute may be read (confidential ones need control access besides)."""
        lower = attribute.lower
        known = self._known.get(lower)
        if known is None:
            types = _types(attribute)
            has = self._token.has
            known = self.all or has(self._descriptor, READ_PROPERTY, types, self._own)
            if known and attribute.confidential:
                known = has(self._descriptor, CONTROL_ACCESS, types, self._own)
            self._known[lower] = known
        return known


ANONYMOUS = Token(b"", (EVERYONE, NETWORK, sid("S-1-5-7")))
SYSTEM = Token(sid("S-1-5-18"), (sid("S-1-5-18"),), system=True)


def _types(attribute: AttributeType) -> tuple[bytes, ...]:
    return (attribute.guid, attribute.property_set) if attribute.property_set else (attribute.guid,)


def _check(token: Token, descriptor: SecurityDescriptor, mask: int, types: tuple[bytes, ...], own: bool) -> bool:
    """Walk the DACL in order until every right is granted or one is denied."""
    if descriptor.dacl is None:
        return True
    sids = token.sids
    wanted = mask
    is_owner = descriptor.owner in sids
    if is_owner and not any(a.sid == OWNER_RIGHTS and not a.flags & sd.INHERIT_ONLY for a in descriptor.dacl):
        wanted &= ~(READ_CONTROL | WRITE_DAC)
    for ace in descriptor.dacl:
        if not wanted:
            break
        if ace.flags & sd.INHERIT_ONLY or not ace.mask & wanted:
            continue
        if (
            ace.sid not in sids
            and not (own and ace.sid == PRINCIPAL_SELF)
            and not (is_owner and ace.sid == OWNER_RIGHTS)
        ):
            continue
        if ace.object_type and ace.object_type not in types:
            continue
        if ace.kind in (sd.DENY, sd.DENY_OBJECT):
            return False
        if ace.kind in (sd.ALLOW, sd.ALLOW_OBJECT):
            wanted &= ~ace.mask
    return not wanted


def _denies_some(token: Token, descriptor: SecurityDescriptor, own: bool) -> bool:
    """Whether some property may be denied although reading in general is granted."""
    if token.system or descriptor.dacl is None:
        return False
    return any(
        ace.kind == sd.DENY_OBJECT
        and ace.mask & READ_PROPERTY
        and not ace.flags & sd.INHERIT_ONLY
        and (ace.sid in token.sids or (own and ace.sid == PRINCIPAL_SELF))
        for ace in descriptor.dacl
    )


# ---- questions the verbs ask -----------------------------------------------------------------------------------------
def is_self(token: Token, entry: Entry) -> bool:
    return entry.sid is not None and entry.sid == token.user


def readable(token: Token, entry: Entry) -> Readable:
    """What a caller may read of an object; being the object itself counts."""
    if entry.sid is not None and entry.sid == token.user:
        return Readable(token, entry.sd, own=True)
    return token.readable(entry.sd)


def is_visible(token: Token, entry: Entry) -> bool:
    """Whether an object shows at all: its parent's list right, or anything of its own for a naming context's head."""
    if token.system:
        return True
    parent = entry.parent
    if parent is None:
        return token.readable(entry.sd).all or token.has(entry.sd, READ_PROPERTY, ())
    return token.readable(parent.sd).list


def may_write(token: Token, entry: Entry, attribute: AttributeType) -> bool:
    return token.has(entry.sd, WRITE_PROPERTY, _types(attribute), is_self(token, entry))


def may_add_self(token: Token, entry: Entry) -> bool:
    """The validated write that lets a caller add or remove itself as a member."""
    return token.has(entry.sd, SELF_WRITE, (SELF_MEMBERSHIP,))


def may_write_sd(token: Token, entry: Entry, parts: int) -> bool:
    own = is_self(token, entry)
    if parts & (sd.OWNER_PART | sd.GROUP_PART) and not token.has(entry.sd, WRITE_OWNER, (), own):
        return False
    if parts & sd.DACL_PART and not token.has(entry.sd, WRITE_DAC, (), own):
        return False
    return not parts & sd.SACL_PART or has_security_privilege(token)


def has_security_privilege(token: Token) -> bool:
    """SeSecurityPrivilege, which the default policy gives to Administrators."""
    return token.system or ADMINISTRATORS in token.sids


def may_create(token: Token, parent: Entry, kind: ObjectClass) -> bool:
    return token.has(parent.sd, CREATE_CHILD, (kind.guid,))


def may_delete(token: Token, entry: Entry, kind: ObjectClass) -> bool:
    """Delete on the object, or delete-child of its class on the parent."""
    if token.has(entry.sd, DELETE, ()):
        return True
    return entry.parent is not None and token.has(entry.parent.sd, DELETE_CHILD, (kind.guid,))


def may_delete_tree(token: Token, entry: Entry) -> bool:
    return token.has(entry.sd, DELETE_TREE, ())


def has_control_right(token: Token, entry: Entry, right: bytes) -> bool:
    return token.has(entry.sd, CONTROL_ACCESS, (right,), is_self(token, entry))
