"""What the sync client reads back: its own shadow values and the facts the cloud added, whole or changed since a
cookie.

Source: facts "tenant" 1.2, 17.2. An object counts when it has a source anchor or is synchronised; one that has
neither is the cloud's alone and is read back only when its kind is written back on premises (inferred).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulators.tenant.core import device_writeback, group_writeback, references
from emulators.tenant.core.attributes import GRAPH_NAME_OF
from emulators.tenant.core.identities import CloudObject, Group, Kind, User
from emulators.tenant.core.refusals import ServiceFault
from emulators.tenant.core.tenant import Tenant, Tombstone

KINDS: tuple[Kind, ...] = tuple(Kind)
PAGE_MAX = 1000


@dataclass(frozen=True, slots=True)
class Page:
    objects: list[dict[str, Any]]
    cookie: str
    more: bool


def read_back(tenant: Tenant, *, full: bool, cookie: str | None, size: int) -> Page:
    """Answer one page. A full read walks every object, then its cookie continues with changes since the walk began."""
    size = max(1, min(size, PAGE_MAX))
    place = _read_cookie(tenant, cookie) if cookie else None
    if place is None or (full and place[0] == "d"):
        place = ("f", tenant.changes.sequence, 0, 0)
    if place[0] == "f":
        return _full(tenant, place, size)
    return _delta(tenant, place[1], size)


def _full(tenant: Tenant, place: tuple[str, int, int, int], size: int) -> Page:
    _, started, kind_index, position = place
    found: list[dict[str, Any]] = []
    while kind_index <= len(KINDS):
        line = _line(tenant, kind_index)
        while position < len(line):
            obj = line[position]
            if obj is not None and (kind_index == len(KINDS) or _counts(tenant, obj)):
                if len(found) == size:
                    return Page(found, _write_cookie(tenant, "f", started, kind_index, position), True)
                found.append(entry(tenant, obj, "Add"))
            position += 1
        kind_index, position = kind_index + 1, 0
    return Page(found, _write_cookie(tenant, "d", started), False)


def _line(tenant: Tenant, kind_index: int) -> Sequence[CloudObject | None]:
    """Objects of one kind in order of creation; last come groups that only stay on premises as they are."""
    if kind_index == len(KINDS):
        return list(group_writeback.kept(tenant))
    return tenant.order[KINDS[kind_index]]


def _counts(tenant: Tenant, obj: CloudObject) -> bool:
    """Whether the client reads the object at all."""
    if obj.anchor is not None or obj.dirsync is not None:
        return True
    return group_writeback.goes_back(tenant, obj) or device_writeback.goes_back(tenant, obj)


def _delta(tenant: Tenant, since: int, size: int) -> Page:
    found: list[dict[str, Any]] = []
    last = since
    for changed in tenant.changes.since(since):
        if len(found) == size:
            return Page(found, _write_cookie(tenant, "d", last), True)
        last = changed.changed
        if isinstance(changed, Tombstone):
            if changed.was_synced:
                found.append(_removed(changed.kind, changed.anchor, changed.id))
        elif group_writeback.went_back(tenant, changed) and not group_writeback.goes_back(tenant, changed):
            continue  # it stays on premises as it was
        elif changed.deleted is not None:
            found.append(_removed(changed.kind, changed.anchor, changed.id))
        elif _counts(tenant, changed):
            found.append(entry(tenant, changed, "Add" if changed.created_changed > since else "Set"))
        elif changed.shadow:
            found.append(_removed(changed.kind, None, changed.id))
    return Page(found, _write_cookie(tenant, "d", max(last, tenant.changes.sequence)), False)


def _removed(kind: Kind, anchor: str | None, object_id: str) -> dict[str, Any]:
    values = {"cloudAnchor": f"{kind.value}_{object_id}"}
    if anchor is not None:
        values["sourceAnchor"] = anchor
    return {"SyncObjectType": kind.value, "SyncOperation": "Delete", "PropertyValues": values}


def entry(tenant: Tenant, obj: CloudObject, operation: str) -> dict[str, Any]:
    """One object as the client reads it: non-empty values only."""
    values = dict(obj.shadow)
    if obj.own:
        _add_cloud_values(obj, values)
    if isinstance(obj, User):
        if "userPrincipalName" not in values:
            values["userPrincipalName"] = obj.upn
    elif isinstance(obj, Group):
        members = references.member_anchors(tenant, obj)
        if members:
            values["member"] = members
        if obj.dirsync is None:
            values.update(group_writeback.values(tenant, obj))
    elif obj.kind is Kind.DEVICE:
        values.update(device_writeback.values(obj))
    if obj.anchor is not None:
        values["sourceAnchor"] = obj.anchor
    values["cloudAnchor"] = f"{obj.kind.value}_{obj.id}"
    if obj.kind not in _NEVER_MASTERED_IN_CLOUD:
        values["cloudMastered"] = obj.dirsync is None or obj.cloud_managed
    return {"SyncObjectType": obj.kind.value, "SyncOperation": operation, "PropertyValues": values}


_NEVER_MASTERED_IN_CLOUD = frozenset({Kind.CONTACT, Kind.DEVICE, Kind.PUBLIC_FOLDER})


def _add_cloud_values(obj: CloudObject, values: dict[str, Any]) -> None:
    """Values only the cloud has, under the connector space's names; what the client wrote is never replaced."""
    own = obj.own
    for name, graph_name in GRAPH_NAME_OF[obj.kind].items():
        value = own.get(graph_name)
        if value is not None and name not in values:
            if name == "telephoneNumber":
                value = value[0] if value else None
            if value is not None:
                values[name] = value
    values.update({name: value for name, value in own.items() if name.startswith("cloud") and value is not None})


def _write_cookie(tenant: Tenant, *parts: object) -> str:
    text = ":".join(map(str, (tenant.tenant_id[:8], *parts)))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_cookie(tenant: Tenant, cookie: str) -> tuple[str, int, int, int]:
    """Read a cookie of this tenant; one from another tenant or from a later state than this one is refused."""
    try:
        words = base64.urlsafe_b64decode(cookie.encode()).decode().split(":")
        owner, mode, *numbers = words
        place = [int(number) for number in numbers]
    except (binascii.Error, ValueError, UnicodeError):
        raise ServiceFault("READBACK_COOKIE_REFUSED", "The cookie cannot be read; a full import is needed.") from None
    lengths = {"d": 1, "f": 3}
    if owner != tenant.tenant_id[:8] or lengths.get(mode) != len(place) or min(place) < 0:
        raise ServiceFault("READBACK_COOKIE_REFUSED", "The cookie is not one of this tenant; a full import is needed.")
    if place[0] > tenant.changes.sequence:
        raise ServiceFault("READBACK_COOKIE_REFUSED", "The cookie is newer than the tenant; a full import is needed.")
    return (mode, place[0], 0, 0) if mode == "d" else (mode, place[0], place[1], place[2])
