"""The access control entries each feature needs of the connector account, as tables, and how they are granted.

Source: configure AD DS connector account permissions (tables of the module AdSyncConfig); facts "install" 20,
"directory" 11.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.connectors.active_directory.inheritance import DACL_PROTECTED
from engine.connectors.active_directory.ldap_client import LdapClient
from engine.connectors.active_directory.partitions import (
    CLASS_GUIDS,
    GET_CHANGES,
    GET_CHANGES_ALL,
    RESET_PASSWORD,
    change_dacl,
)
from engine.connectors.active_directory.security_descriptor import (
    ACCESS_ALLOWED,
    ACCESS_ALLOWED_OBJECT,
    CONTAINER_INHERIT,
    CONTROL_ACCESS,
    CREATE_CHILD,
    DELETE,
    DELETE_CHILD,
    DELETE_TREE,
    READ_PROPERTY,
    WRITE_PROPERTY,
    Ace,
    SecurityDescriptor,
    allow,
)

LIST_CONTENTS, READ_CONTROL, FULL_CONTROL = 0x4, 0x20000, 0xF01FF
GENERIC_READ_WRITE = READ_CONTROL | LIST_CONTENTS | 0x80 | 0x8 | READ_PROPERTY | WRITE_PROPERTY
CONSISTENCY_GUID = "23773dc2-b63a-11d2-90e1-00c04fd91ab1"
LOCKOUT_TIME = "28630ebf-41d5-11d1-a9c1-0000f80367c1"
PASSWORD_LAST_SET = "bf967a0a-0de6-11d0-a285-00aa003049e2"  # noqa: S105 - the GUID of an attribute
UNEXPIRE_PASSWORD = "ccc2dc7d-a6ad-4a7a-8846-c04e3cc53501"  # noqa: S105 - the GUID of a right
DEVICE = "5df2b673-6d41-4774-b3e8-d52e8ee9ff99"
_FURTHER_CLASSES = {
    "computer": "bf967a86-0de6-11d0-a285-00aa003049e2",
    "foreignSecurityPrincipal": "89e31c12-8530-11d0-afda-00c04fd930c9",
    "msDS-Device": DEVICE,
}
PUBLIC_FOLDER = "f0f8ffac-1191-11d0-a060-00aa006c33ed"
_USER, _GROUP = CLASS_GUIDS["user"], CLASS_GUIDS["group"]

#: SID of the connector account to the entries on a domain's head, or on the one object that is named
Rights = Callable[[bytes], tuple[Ace, ...]]


def basic_read(sid: bytes) -> tuple[Ace, ...]:
    """Read everything of the classes that are imported, and replicate changes."""
    classes = (*CLASS_GUIDS.values(), *_FURTHER_CLASSES.values())
    return allow(sid, CONTROL_ACCESS, GET_CHANGES), *(allow(sid, READ_PROPERTY, None, one) for one in classes)


def consistency_guid(sid: bytes) -> tuple[Ace, ...]:
    return (allow(sid, READ_PROPERTY | WRITE_PROPERTY, CONSISTENCY_GUID, _USER),)


def password_hash_sync(sid: bytes) -> tuple[Ace, ...]:
    return allow(sid, CONTROL_ACCESS, GET_CHANGES), allow(sid, CONTROL_ACCESS, GET_CHANGES_ALL)


def password_writeback(sid: bytes) -> tuple[Ace, ...]:
    """Reset passwords; a later release added the right to unexpire them, on the head of the domain."""
    return (
        allow(sid, CONTROL_ACCESS, RESET_PASSWORD, _USER),
        allow(sid, WRITE_PROPERTY, LOCKOUT_TIME, _USER),
        allow(sid, WRITE_PROPERTY, PASSWORD_LAST_SET, _USER),
        allow(sid, CONTROL_ACCESS, UNEXPIRE_PASSWORD),
    )


def exchange_hybrid(sid: bytes) -> tuple[Ace, ...]:
    return tuple(allow(sid, READ_PROPERTY | WRITE_PROPERTY, None, one) for one in CLASS_GUIDS.values())


def group_writeback(sid: bytes) -> tuple[Ace, ...]:
    """Everything about groups: make and remove them anywhere below, read and write them, delete them."""
    children = Ace(ACCESS_ALLOWED_OBJECT, CONTAINER_INHERIT, CREATE_CHILD | DELETE_CHILD, sid, _GROUP)
    return (
        children,
        allow(sid, GENERIC_READ_WRITE, None, _GROUP),
        allow(sid, DELETE | DELETE_TREE, None, _GROUP),
    )


def mail_public_folders(sid: bytes) -> tuple[Ace, ...]:
    return (allow(sid, READ_PROPERTY, None, PUBLIC_FOLDER),)


def devices(sid: bytes) -> tuple[Ace, ...]:
    """Full control of a container of device write-back and of what stands in it."""
    return (Ace(ACCESS_ALLOWED, CONTAINER_INHERIT, FULL_CONTROL, sid),)


# ---- the account's own object ----------------------------------------------------------------------------------------
def restrict(client: LdapClient, dn: str, domain_sid: bytes, root_sid: bytes) -> None:
    """Leave the account's object to administrators: no inheritance, only the entries of SELF and of these."""
    change_dacl(client, dn, lambda descriptor: restricted(descriptor, domain_sid, root_sid))


def restricted(descriptor: SecurityDescriptor, domain_sid: bytes, root_sid: bytes) -> SecurityDescriptor:
    """The descriptor with nothing but what SELF has and what administrators need."""
    everything = (SYSTEM, relative(root_sid, 519), relative(domain_sid, 512), ADMINISTRATORS)
    readers = (ENTERPRISE_CONTROLLERS, AUTHENTICATED_USERS)
    own = tuple(ace for ace in descriptor.dacl or () if ace.sid == SELF)
    aces = (
        *(Ace(ACCESS_ALLOWED, 0, FULL_CONTROL, sid) for sid in everything),
        *(Ace(ACCESS_ALLOWED, 0, LIST_CONTENTS | READ_PROPERTY | READ_CONTROL, sid) for sid in readers),
        *own,
    )
    return replace(descriptor, control=descriptor.control | DACL_PROTECTED, dacl=aces)


def sid_of(text: str) -> bytes:
    """The octets of ``S-1-5-...``."""
    authority, *parts = [int(part) for part in text.split("-")[2:]]
    return bytes((1, len(parts))) + authority.to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts)


def relative(domain: bytes, rid: int) -> bytes:
    return bytes((1, domain[1] + 1)) + domain[2:] + struct.pack("<I", rid)


SELF, SYSTEM = sid_of("S-1-5-10"), sid_of("S-1-5-18")
ENTERPRISE_CONTROLLERS, AUTHENTICATED_USERS = sid_of("S-1-5-9"), sid_of("S-1-5-11")
ADMINISTRATORS = sid_of("S-1-5-32-544")

#: the noun of ``Set-ADSync...Permissions`` to what it grants
BY_CMDLET: Mapping[str, Rights] = {
    "BasicRead": basic_read,
    "MsDsConsistencyGuid": consistency_guid,
    "PasswordHashSync": password_hash_sync,
    "PasswordWriteback": password_writeback,
    "UnifiedGroupWriteback": group_writeback,
    "ExchangeHybrid": exchange_hybrid,
    "ExchangeMailPublicFolder": mail_public_folders,
}
