"""Delta queries of Graph: a token is a place in the change sequence together with what was asked for.

Source: facts "tenant" 16, "graph_clients" 3 row 17. ``$select`` lives in the token; each object appears once; a soft
delete is reason ``changed``, a final one ``deleted``; a place this tenant has not reached yet (it was reset) is 410.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from emulators.tenant.core.identities import CloudObject, Group, Kind
from emulators.tenant.core.properties import ODATA_TYPES, view
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.tenant import Tenant, Tombstone

PAGE = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a delta reader stands. ``walking`` is the next position of the first full walk, None once that is over."""

    kind: Kind
    since: int
    walking: int | None
    select: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class DeltaPage:
    rows: list[dict[str, Any]]
    place: Place
    more: bool


def write_token(tenant: Tenant, place: Place) -> str:
    packed = [tenant.tenant_id[:8], place.kind.value, place.since, place.walking, place.select]
    return base64.urlsafe_b64encode(json.dumps(packed, separators=(",", ":")).encode()).decode().rstrip("=")


def read_token(tenant: Tenant, kind: Kind, text: str) -> Place:
    """Read a token; one of another tenant, kind or future is expired."""
    try:
        padded = text + "=" * (-len(text) % 4)
        owner, word, since, walking, select = json.loads(base64.urlsafe_b64decode(padded.encode()))
        chosen = tuple(str(name) for name in select) if select is not None else None
        place = Place(Kind(word), int(since), None if walking is None else int(walking), chosen)
    except (binascii.Error, ValueError, TypeError, UnicodeError):
        raise GraphError(400, "BadRequest", "The delta token is not valid.") from None
    if owner != tenant.tenant_id[:8] or place.kind is not kind or not 0 <= place.since <= tenant.changes.sequence:
        raise GraphError(410, "syncStateNotFound", "The sync state generation is not found; restart with a full read.")
    return place


def read_delta(tenant: Tenant, place: Place, size: int = PAGE) -> DeltaPage:
    """One page of a delta query."""
    if place.walking is not None:
        return _walk(tenant, place, size)
    rows: list[dict[str, Any]] = []
    last = place.since
    for changed in tenant.changes.since(place.since):
        if changed.kind is not place.kind:
            continue
        if len(rows) == size:
            return DeltaPage(rows, Place(place.kind, last, None, place.select), True)
        last = changed.changed
        rows.append(_row(changed, place))
    return DeltaPage(rows, Place(place.kind, tenant.changes.sequence, None, place.select), False)


def _walk(tenant: Tenant, place: Place, size: int) -> DeltaPage:
    """The first read of everything; the place in the sequence is the one from before the walk."""
    line = tenant.order[place.kind]
    rows: list[dict[str, Any]] = []
    for position in range(place.walking or 0, len(line)):
        obj = line[position]
        if obj is None:
            continue
        if len(rows) == size:
            return DeltaPage(rows, Place(place.kind, place.since, position, place.select), True)
        rows.append(_whole(obj, place))
    return DeltaPage(rows, Place(place.kind, place.since, None, place.select), False)


def _row(changed: CloudObject | Tombstone, place: Place) -> dict[str, Any]:
    if isinstance(changed, Tombstone):
        return {"id": changed.id, "@removed": {"reason": "deleted"}}
    if changed.deleted is not None:
        return {"id": changed.id, "@removed": {"reason": "changed"}}
    row = _shown(changed, place)
    if isinstance(changed, Group) and _wants_members(place):
        members = _moved_members(changed, place.since)
        if members:
            row["members@delta"] = members
    return row


def _whole(obj: CloudObject, place: Place) -> dict[str, Any]:
    row = _shown(obj, place)
    if isinstance(obj, Group) and obj.members and _wants_members(place):
        row["members@delta"] = [{"@odata.type": ODATA_TYPES[Kind.USER], "id": member} for member in obj.members]
    return row


def _shown(obj: CloudObject, place: Place) -> dict[str, Any]:
    names = tuple(name for name in place.select if name != "members") if place.select is not None else None
    shown = view(obj, names)
    return {key: value for key, value in shown.items() if value is not None} | {"id": obj.id}


def _wants_members(place: Place) -> bool:
    return place.select is None or "members" in place.select


def _moved_members(group: Group, since: int) -> list[dict[str, Any]]:
    if group.created_changed > since:
        return [{"@odata.type": ODATA_TYPES[Kind.USER], "id": member} for member in group.members]
    state = {member: added for number, member, added in group.member_log if number > since}
    moved: list[dict[str, Any]] = []
    for member, added in state.items():
        row: dict[str, Any] = {"@odata.type": ODATA_TYPES[Kind.USER], "id": member}
        if not added:
            row["@removed"] = {"reason": "deleted"}
        moved.append(row)
    return moved
