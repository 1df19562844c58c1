"""Active, soft-deleted, purged: which kinds pass through the deleted items, who moves them, and when time does.

``TRANSITIONS`` is the truth; a pair that is not listed is an error. Source: facts "tenant" section 8.1.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Any

from emulators.tenant.core import references
from emulators.tenant.core.identities import CloudObject, Group, Kind, User
from emulators.tenant.core.licences import release
from emulators.tenant.core.moments import earlier, graph_time, moment_of
from emulators.tenant.core.recalculation import Case, Trigger, compute
from emulators.tenant.core.refusals import ObjectRefusal, bad_request
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.core.uniqueness import notify


class Life(Enum):
    ACTIVE = "active"
    SOFT_DELETED = "soft-deleted"
    PURGED = "purged"


class Event(Enum):
    SYNC_DELETE = "the sync client deletes it"
    CLOUD_DELETE = "an administrator deletes it"
    RESTORE = "an administrator restores it"
    SAME_ANCHOR = "its anchor is exported again"
    PURGE = "an administrator removes it for good"
    THIRTY_DAYS = "its time in the deleted items is over"


#: for users and Microsoft 365 groups; every other kind goes from active to purged at once
TRANSITIONS: dict[tuple[Life, Event], Life] = {
    (Life.ACTIVE, Event.SYNC_DELETE): Life.SOFT_DELETED,
    (Life.ACTIVE, Event.CLOUD_DELETE): Life.SOFT_DELETED,
    (Life.SOFT_DELETED, Event.RESTORE): Life.ACTIVE,
    (Life.SOFT_DELETED, Event.SAME_ANCHOR): Life.ACTIVE,
    (Life.SOFT_DELETED, Event.PURGE): Life.PURGED,
    (Life.SOFT_DELETED, Event.THIRTY_DAYS): Life.PURGED,
}


def life(obj: CloudObject) -> Life:
    return Life.ACTIVE if obj.deleted is None else Life.SOFT_DELETED


def restorable(obj: CloudObject) -> bool:
    """Users and Microsoft 365 groups wait in the deleted items."""
    if obj.kind is Kind.USER:
        return True
    return isinstance(obj, Group) and "Unified" in (obj.own.get("groupTypes") or ())


def delete(tenant: Tenant, obj: CloudObject, event: Event) -> Life:
    """Delete an active object the way its kind is deleted; a user that was synchronised stops being so."""
    after = TRANSITIONS[(life(obj), event)] if restorable(obj) else Life.PURGED
    if after is Life.PURGED:
        purge(tenant, obj)
        return after
    changes: dict[str, Any] = {"deleted": tenant.stamp()}
    if obj.dirsync:
        changes["dirsync"] = False
    tenant.recycle(obj, changes)
    tenant.record("tenant.object.deleted", id=obj.id, type=obj.kind.value, state=after.value, event=event.value)
    return after


def restore(tenant: Tenant, obj: CloudObject, event: Event) -> CloudObject:
    """Bring an object back under its old id. A synchronised one stays unsynchronised until its anchor is exported
    again.
    """
    if TRANSITIONS.get((life(obj), event)) is not Life.ACTIVE:
        raise bad_request(f"The object {obj.id} is not in the deleted items.")
    changes = compute(tenant, obj, Case(Trigger.RESTORE))
    if isinstance(changes, ObjectRefusal):
        raise bad_request(changes.text)
    if event is Event.RESTORE and isinstance(obj, User) and changes.get("upn") != obj.upn:
        holder = tenant.by_upn.get((obj.upn or "").lower())
        if holder is not None:
            raise bad_request("Another object with the same value for property userPrincipalName already exists.")
    notify(tenant, obj, changes.get("errors", ()))
    tenant.revive(obj, {**changes, "deleted": None})
    tenant.record("tenant.object.restored", id=obj.id, type=obj.kind.value, event=event.value)
    return obj


def purge(tenant: Tenant, obj: CloudObject) -> None:
    """Remove an object for good, with everything that hangs on its id."""
    if isinstance(obj, User):
        release(tenant, obj)
        for assignment_id in [a for a, (_, who) in tenant.role_assignments.items() if who == obj.id]:
            del tenant.role_assignments[assignment_id]
    references.gone(tenant, obj)
    tenant.remove(obj)
    tenant.record("tenant.object.deleted", id=obj.id, type=obj.kind.value, state=Life.PURGED.value)


def purge_expired(tenant: Tenant) -> int:
    """Remove what has been in the deleted items for its thirty days."""
    limit = earlier(tenant.now(), days=tenant.settings.soft_delete_days)
    due = [obj for obj in tenant.recycled.values() if obj.deleted is not None and obj.deleted <= limit]
    for obj in due:
        purge(tenant, obj)
    return len(due)


def next_purge(tenant: Tenant) -> str | None:
    """When the oldest deleted item goes."""
    oldest = min((obj.deleted for obj in tenant.recycled.values() if obj.deleted is not None), default=None)
    if oldest is None:
        return None
    return graph_time(moment_of(oldest) + timedelta(days=tenant.settings.soft_delete_days))
