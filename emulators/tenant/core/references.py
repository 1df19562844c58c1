"""Who points at whom: members, owners and managers, and references whose target has not arrived yet.

A reference names its target by source anchor or cloud anchor. An unknown one waits under its text and is resolved
when an object with that anchor is taken in. Source: facts "tenant" 1.3, 17.2, 17.3.
"""

from __future__ import annotations

from collections.abc import Iterable

from emulators.tenant.core.anchors import split_cloud_anchor
from emulators.tenant.core.identities import CloudObject, Contact, Group, Kind, User
from emulators.tenant.core.tenant import Tenant

MEMBER = "member"
MANAGER = "manager"


def resolve(tenant: Tenant, anchor: str) -> CloudObject | None:
    """Find the target of a reference, active or in the deleted items."""
    found = tenant.by_anchor.get(anchor) or tenant.recycled_by_anchor.get(anchor)
    if found is not None:
        return found
    parts = split_cloud_anchor(anchor)
    if parts is None:
        return None
    return tenant.objects.get(parts[1]) or tenant.recycled.get(parts[1])


def set_manager(tenant: Tenant, obj: CloudObject, anchor: str | None) -> None:
    """Point an object at its manager as a client wrote it; the caller commits."""
    if not isinstance(obj, (User, Contact)):
        return
    _stop_waiting(tenant, obj.id, MANAGER)
    target = resolve(tenant, anchor) if anchor else None
    place_manager(tenant, obj, target.id if target is not None else None)
    if anchor and target is None:
        _wait(tenant, obj, MANAGER, anchor)


def place_manager(tenant: Tenant, obj: User | Contact, manager_id: str | None) -> None:
    if obj.manager is not None:
        tenant.reports.get(obj.manager, {}).pop(obj.id, None)
    obj.manager = manager_id
    if manager_id is not None:
        tenant.reports.setdefault(manager_id, {})[obj.id] = None


def replace_members(tenant: Tenant, group: Group, anchors: Iterable[str]) -> None:
    """Make the full list of a group's members what a client sent; the caller commits."""
    wanted: dict[str, None] = {}
    _stop_waiting(tenant, group.id, MEMBER)
    for anchor in anchors:
        target = resolve(tenant, anchor)
        if target is None:
            _wait(tenant, group, MEMBER, anchor)
        else:
            wanted[target.id] = None
    for member_id in [m for m in group.members if m not in wanted]:
        drop_member(tenant, group, member_id)
    for member_id in wanted:
        put_member(tenant, group, member_id)


def change_members(tenant: Tenant, group: Group, added: Iterable[str], removed: Iterable[str]) -> None:
    """Carry an incremental membership change out; the caller commits."""
    for anchor in removed:
        target = resolve(tenant, anchor)
        if target is not None:
            drop_member(tenant, group, target.id)
        _unwait(tenant, group, MEMBER, anchor)
    for anchor in added:
        target = resolve(tenant, anchor)
        if target is None:
            _wait(tenant, group, MEMBER, anchor)
        else:
            put_member(tenant, group, target.id)


def put_member(tenant: Tenant, group: Group, member_id: str) -> bool:
    if member_id in group.members:
        return False
    group.members[member_id] = None
    tenant.member_of.setdefault(member_id, {})[group.id] = None
    group.member_log.append((tenant.changes.sequence + 1, member_id, True))
    return True


def drop_member(tenant: Tenant, group: Group, member_id: str) -> bool:
    if member_id not in group.members:
        return False
    del group.members[member_id]
    tenant.member_of.get(member_id, {}).pop(group.id, None)
    group.member_log.append((tenant.changes.sequence + 1, member_id, False))
    return True


def arrived(tenant: Tenant, obj: CloudObject) -> None:
    """An object with an anchor is here: give it to everybody who waited for it."""
    if not tenant.waiting or obj.anchor is None:
        return
    for anchor in (obj.anchor, obj.cloud_anchor):
        for holder_id, name in tenant.waiting.pop(anchor, {}):
            _forget_pending(tenant, holder_id, name, anchor)
            holder = tenant.objects.get(holder_id) or tenant.recycled.get(holder_id)
            if holder is None:
                continue
            if name == MEMBER and isinstance(holder, Group):
                if obj.kind is not Kind.PUBLIC_FOLDER:
                    put_member(tenant, holder, obj.id)
            elif isinstance(holder, (User, Contact)):
                place_manager(tenant, holder, obj.id)
            tenant.touch(holder)
            tenant.record("tenant.reference.resolved", holder=holder.id, name=name, target=obj.id)


def gone(tenant: Tenant, obj: CloudObject) -> None:
    """An object is removed for good: nobody points at it any more, and it waits for nobody."""
    for group_id in list(tenant.member_of.pop(obj.id, {})):
        group = tenant.objects.get(group_id) or tenant.recycled.get(group_id)
        if isinstance(group, Group):
            group.members.pop(obj.id, None)
            group.owners.pop(obj.id, None)
            group.member_log.append((tenant.changes.sequence + 1, obj.id, False))
            tenant.touch(group)
    for report_id in list(tenant.reports.pop(obj.id, {})):
        report = tenant.objects.get(report_id) or tenant.recycled.get(report_id)
        if isinstance(report, (User, Contact)):
            report.manager = None
            if "manager" in report.shadow:
                report.shadow = {name: value for name, value in report.shadow.items() if name != "manager"}
            tenant.touch(report)
    _stop_waiting(tenant, obj.id, MEMBER)
    _stop_waiting(tenant, obj.id, MANAGER)
    if isinstance(obj, Group):
        for member_id in obj.members:
            tenant.member_of.get(member_id, {}).pop(obj.id, None)
    if isinstance(obj, (User, Contact)):
        place_manager(tenant, obj, None)


def pending(tenant: Tenant, obj: CloudObject, name: str) -> list[str]:
    """The anchors an object still waits for."""
    mark = name + "\0"
    return [key[len(mark) :] for key in tenant.pending_of.get(obj.id, ()) if key.startswith(mark)]


def member_anchors(tenant: Tenant, group: Group) -> list[str]:
    """The members as a sync client reads them: source anchors of active ones, then what is still awaited."""
    found = []
    for member_id in group.members:
        member = tenant.objects.get(member_id)
        if member is not None and member.anchor is not None:
            found.append(member.anchor)
    if group.id in tenant.pending_of:
        found += pending(tenant, group, MEMBER)
    return found


def _wait(tenant: Tenant, holder: CloudObject, name: str, anchor: str) -> None:
    tenant.waiting.setdefault(anchor, {})[(holder.id, name)] = None
    tenant.pending_of.setdefault(holder.id, {})[f"{name}\0{anchor}"] = None
    tenant.record("tenant.reference.pending", holder=holder.id, name=name, anchor=anchor)


def _unwait(tenant: Tenant, holder: CloudObject, name: str, anchor: str) -> None:
    waiters = tenant.waiting.get(anchor)
    if waiters is not None:
        waiters.pop((holder.id, name), None)
        if not waiters:
            del tenant.waiting[anchor]
    _forget_pending(tenant, holder.id, name, anchor)


def _forget_pending(tenant: Tenant, holder_id: str, name: str, anchor: str) -> None:
    awaited = tenant.pending_of.get(holder_id)
    if awaited is not None:
        awaited.pop(f"{name}\0{anchor}", None)
        if not awaited:
            del tenant.pending_of[holder_id]


def _stop_waiting(tenant: Tenant, holder_id: str, name: str) -> None:
    if holder_id not in tenant.pending_of:
        return
    mark = name + "\0"
    for key in [k for k in tenant.pending_of[holder_id] if k.startswith(mark)]:
        anchor = key[len(mark) :]
        waiters = tenant.waiting.get(anchor)
        if waiters is not None:
            waiters.pop((holder_id, name), None)
            if not waiters:
                del tenant.waiting[anchor]
        _forget_pending(tenant, holder_id, name, anchor)
