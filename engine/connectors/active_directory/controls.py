"""LDAP controls, the client's reading: what goes with a request, what comes back with its result.

Source: MS-ADTS 3.1.1.3.4.1; facts "directory" section 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from ldaptor.protocols.pureber import BERInteger, BEROctetString, BERSequence

from engine.connectors.active_directory import ber

PAGED = "1.2.840.113556.1.4.319"
SHOW_DELETED = "1.2.840.113556.1.4.417"
SD_FLAGS = "1.2.840.113556.1.4.801"
DIRSYNC = "1.2.840.113556.1.4.841"
PERMISSIVE_MODIFY = "1.2.840.113556.1.4.1413"
POLICY_HINTS = "1.2.840.113556.1.4.2239"

OBJECT_SECURITY = 0x1
ANCESTORS_FIRST = 0x800
#: 0x80000000 travels as the negative 32-bit number
INCREMENTAL_VALUES = -0x80000000

DACL = 4


@dataclass(frozen=True, slots=True)
class Control:
    """One control of a request or of a result."""

    oid: str
    critical: bool = False
    value: bytes | None = None


def paged(size: int, cookie: bytes = b"") -> Control:
    """Simple paged results."""
    return Control(PAGED, True, BERSequence([BERInteger(size), BEROctetString(cookie)]).toWire())


def dirsync(flags: int, bytes_max: int, cookie: bytes = b"") -> Control:
    """DirSync: what changed since the cookie; always critical."""
    value = BERSequence([BERInteger(flags), BERInteger(bytes_max), BEROctetString(cookie)])
    return Control(DIRSYNC, True, value.toWire())


def show_deleted() -> Control:
    """Tombstones and deleted-objects too."""
    return Control(SHOW_DELETED, True)


def sd_flags(parts: int) -> Control:
    """Which parts of nTSecurityDescriptor are read or written."""
    return Control(SD_FLAGS, True, BERSequence([BERInteger(parts)]).toWire())


def permissive_modify() -> Control:
    """Adding a present value and deleting an absent one succeed."""
    return Control(PERMISSIVE_MODIFY, False)


def policy_hints() -> Control:
    """A reset password must keep to the password history too."""
    return Control(POLICY_HINTS, True, BERSequence([BERInteger(1)]).toWire())


def read_controls(element: ber.Element) -> dict[str, bytes]:
    """The controls of an answer: OID to value (empty when it carries none)."""
    found: dict[str, bytes] = {}
    for control in element.children():
        oid, *rest = control.children()
        found[oid.text] = next((part.octets for part in rest if part.tag == ber.OCTET_STRING), b"")
    return found


def page_cookie(answer: dict[str, bytes]) -> bytes:
    """The cookie of a paged answer; empty on the last page or when the server did not page."""
    value = answer.get(PAGED)
    if value is None:
        return b""
    _, cookie = ber.read(value).children()
    return cookie.octets


def dirsync_answer(answer: dict[str, bytes]) -> tuple[bool, bytes] | None:
    """(more to come, cookie) of a DirSync answer, None when the server sent no such control."""
    value = answer.get(DIRSYNC)
    if value is None:
        return None
    more, _, cookie = ber.read(value).children()
    return more.integer != 0, cookie.octets
