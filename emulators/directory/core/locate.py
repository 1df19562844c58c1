"""Finding the object a client means: a DN, ``<GUID=...>``, ``<SID=...>`` or ``<WKGUID=...,dn>``.

Source: MS-ADTS 3.1.1.3.1.2.4; facts "directory" section 10.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulators.directory.core import access, identity, refusals
from emulators.directory.core.entry import State

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.requests import Controls
    from emulators.directory.core.session import Session

_HEX32 = re.compile(r"[0-9a-fA-F]{32}")


def locate(session: Session, text: str, controls: Controls) -> tuple[Partition, Entry]:
    """The partition and object a name means, if the caller may know of it; raises AD's refusals."""
    entry = find(session, text)
    if entry is None or not shows(entry, controls) or not access.is_visible(session.token, entry):
        if text.startswith("<"):
            raise refusals.no_such_object("")
        raise refusals.missing(session, refusals.parse_name(text))
    partition = session.controller.partition_holding(entry)
    if not session.holds(partition):
        if text.startswith("<"):
            raise refusals.no_such_object("")
        raise refusals.referral(refusals.parse_name(entry.dn))
    return partition, entry


def find(session: Session, text: str) -> Entry | None:
    """The object a name means, whoever asks."""
    if text.startswith("<") and text.endswith(">"):
        return _special(session, text[1:-1])
    if text.startswith("<"):  # extended form: <GUID=...>;<SID=...>;CN=...
        head, _, _rest = text.partition(">")
        return _special(session, head[1:])
    return session.controller.find(refusals.parse_name(text))


def shows(entry: Entry, controls: Controls) -> bool:
    """Whether an object of this state is there for a request with these controls."""
    if entry.state == State.LIVE:
        return True
    if entry.state == State.DELETED:
        return controls.show_deleted or controls.show_recycled
    return controls.show_recycled


def _special(session: Session, text: str) -> Entry | None:
    kind, _, value = text.partition("=")
    match kind.strip().upper():
        case "GUID":
            octets = bytes.fromhex(value) if _HEX32.fullmatch(value) else identity.guid_bytes(value)
            if octets is None:
                raise refusals.bad_name(f"<{text}>")
            return session.controller.find_guid(octets)
        case "SID":
            return _by_sid(session, text, value)
        case "WKGUID":
            guid, _, dn = value.partition(",")
            partition = session.controller.partition_of(refusals.parse_name(dn))
            if partition is None or partition.name != refusals.parse_name(dn):
                return None
            return partition.well_known(guid)
        case _:
            raise refusals.bad_name(f"<{text}>")


def _by_sid(session: Session, text: str, value: str) -> Entry | None:
    octets = identity.sid_bytes(value)
    if octets is None:
        try:
            octets = bytes.fromhex(value)
        except ValueError:
            raise refusals.bad_name(f"<{text}>") from None
    for partition in session.controller.catalog:
        found = partition.indexes.find("objectsid", octets)
        if found:
            return found[0]
    return None
