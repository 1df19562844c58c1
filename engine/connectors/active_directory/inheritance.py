"""Which objects have permission inheritance disabled: the flag SE_DACL_PROTECTED of their security descriptors.

Source: MS-DTYP 2.4.6; reference of the module AdSyncConfig; facts "install" 20.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from engine.connectors.active_directory import controls
from engine.connectors.active_directory.ldap_client import Entry, LdapClient, Scope
from engine.connectors.active_directory.search_filter import escape
from engine.connectors.active_directory.security_descriptor import read_descriptor

DACL_PROTECTED = 0x1000
ANY_CLASS = "*"
_ATTRIBUTES = ("name", "objectClass", "objectGUID", "nTSecurityDescriptor")


@dataclass(frozen=True, slots=True)
class ProtectedObject:
    """readable False: whoever asked may not read the permissions, so nothing is known."""

    dn: str
    name: str
    object_class: str
    guid: str
    readable: bool = True


def inheritance_disabled(client: LdapClient, base_dn: str, object_class: str) -> Iterator[ProtectedObject]:
    """Objects from ``base_dn`` down whose DACL is protected, and those whose DACL cannot be read."""
    filter_text = f"(objectClass={ANY_CLASS if object_class == ANY_CLASS else escape(object_class)})"
    flags = (controls.sd_flags(controls.DACL),)
    for entry in client.search_all(base_dn, Scope.SUBTREE, filter_text, _ATTRIBUTES, controls=flags):
        octets = entry.first("nTSecurityDescriptor")
        if octets is None:
            yield _shown(entry, readable=False)
        elif read_descriptor(octets).control & DACL_PROTECTED:
            yield _shown(entry, readable=True)


def _shown(entry: Entry, *, readable: bool) -> ProtectedObject:
    guid = entry.first("objectGUID")
    return ProtectedObject(
        entry.dn,
        entry.text("name"),
        (entry.texts("objectClass") or [""])[-1],
        str(UUID(bytes_le=guid)) if guid else "",
        readable,
    )
