"""What an exported change does to the tenant, object by object: one bad object fails alone.

Source: facts "tenant" 2, 8.1, 11, 17.2, 17.3. Values a client wrote are kept as shadow values under its own names,
known or not, and given back as they were; what the cloud makes of them is ``recalculation``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulators.tenant.core import lifecycle, matching, object_quota, references, uniqueness
from emulators.tenant.core.anchors import split_cloud_anchor, unacceptable
from emulators.tenant.core.attributes import GRAPH_NAME_OF, SHARED_VALUES, as_list
from emulators.tenant.core.identities import CloudObject, Device, Group, Kind, User
from emulators.tenant.core.matching import Decision, Outcome
from emulators.tenant.core.recalculation import Case, Trigger, compute
from emulators.tenant.core.refusals import (
    DELETE_NOT_VALID,
    OBJECT_TOO_LARGE,
    USER_NOT_FOUND,
    ObjectRefusal,
)
from emulators.tenant.core.tenant import Tenant, make

OPERATIONS = ("Add", "Set", "Delete")
KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Change:
    """One exported object, shapes already checked."""

    kind: Kind
    operation: str
    anchor: str
    cloud_anchor: str | None
    values: dict[str, Any]
    added_members: tuple[str, ...] | None = None
    removed_members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one exported object. ``refusal`` None is success."""

    change: Change
    target: CloudObject | None = None
    refusal: ObjectRefusal | None = None
    decision: Decision | None = None
    category: str | None = None


def provision(tenant: Tenant, change: Change) -> Result:
    """Carry one exported change out."""
    if change.operation == "Delete":
        return _delete(tenant, change)
    seen = matching.incoming(change.kind, change.anchor, change.values)
    if change.operation == "Add":
        refused = unacceptable(change.anchor)
        if refused is not None:
            return Result(change, refusal=refused)
        decision = matching.decide(tenant, seen)
    else:
        holder = _find(tenant, change)
        if holder is None:
            return Result(change, refusal=ObjectRefusal("ObjectNotFound", USER_NOT_FOUND))
        decision = matching.decide_change(tenant, holder, seen)
    return _carry_out(tenant, change, decision)


def _carry_out(tenant: Tenant, change: Change, decision: Decision) -> Result:
    if decision.outcome is Outcome.REFUSE:
        return Result(change, decision.target, decision.refusal, decision)
    if decision.outcome is Outcome.IGNORE:
        return Result(change, decision.target, None, decision)
    target = decision.target
    new = target is None
    if target is None:
        no_room = object_quota.refusal(tenant)
        if no_room is not None:
            return Result(change, None, no_room, decision)
        target = make(tenant, change.kind)
    no_members = _over_member_limit(tenant, change, target) or _public_folder_member(tenant, change, target)
    if no_members is not None:
        return Result(change, target, no_members, decision)
    if target.anchor is not None and target.anchor != change.anchor:
        return Result(change, target, _anchor_moved(change), decision)
    first = decision.outcome in (Outcome.CREATE, Outcome.SOFT_MATCH, Outcome.HARD_MATCH)
    before = target.shadow
    target.shadow, touched = _merged(tenant, target, change.values, everything=first)
    if decision.outcome is Outcome.UPDATE and not touched and change.added_members is None:
        return Result(change, target, None, decision)
    trigger = Trigger.FIRST if first else Trigger.UPDATE
    computed = _compute(tenant, target, trigger, touched, decision)
    if isinstance(computed, ObjectRefusal):
        target.shadow = before
        return Result(change, target if not new else None, computed, decision)
    _write(tenant, change, target, decision, computed, touched)
    category = "Existing Admin Role Conflict" if decision.reason == "ExistingAdminRoleConflict" else None
    return Result(change, target, None, decision, category)


def _anchor_moved(change: Change) -> ObjectRefusal:
    return ObjectRefusal(
        "DataValidationFailed", "The source anchor of an object cannot be changed.", "SourceAnchor", (change.anchor,)
    )


_CALCULATED = frozenset(
    {"userPrincipalName", "proxyAddresses", "mail", "alias", "msExchRemoteRecipientType", "msExchRecipientTypeDetails"}
)


def _compute(
    tenant: Tenant, target: CloudObject, trigger: Trigger, touched: Mapping[str, Any], decision: Decision
) -> dict[str, Any] | ObjectRefusal:
    """Calculate only when something it depends on moved."""
    if trigger is Trigger.UPDATE and target.deleted is None and _CALCULATED.isdisjoint(touched):
        return {}
    return compute(tenant, target, Case(trigger, touched, decision.reason))


def _write(
    tenant: Tenant,
    change: Change,
    target: CloudObject,
    decision: Decision,
    computed: dict[str, Any],
    touched: Mapping[str, Any],
) -> None:
    """Commit what was settled: identity slots, computed values, references; then tell those who waited."""
    writes = computed
    writes["dirsync"] = True
    writes["last_sync"] = tenant.stamp()
    writes["anchor"] = change.anchor if target.anchor is None else target.anchor
    if "onPremiseSecurityIdentifier" in touched:
        writes["sid"] = target.shadow.get("onPremiseSecurityIdentifier")
    if "onPremisesObjectIdentifier" in touched and isinstance(target, User):
        writes["object_identifier"] = target.shadow.get("onPremisesObjectIdentifier")
    if "deviceId" in touched and isinstance(target, Device):
        writes["device_id"] = target.shadow.get("deviceId")
    if target.own:
        takeover = decision.outcome in (Outcome.SOFT_MATCH, Outcome.HARD_MATCH)
        writes["own"] = _without_overwritten(tenant, target, touched, takeover=takeover)
    if "errors" in writes:
        uniqueness.notify(tenant, target, writes["errors"])
    if tenant.settings.proxycalc == "queued" and "proxies" in writes:
        for name in ("proxies", "mail", "moera"):
            writes.pop(name, None)
        tenant.recalculation_queue.setdefault(target.id, (tenant.stamp(), Trigger.SWEEP.name))
    created = decision.outcome is Outcome.CREATE
    if created:
        target.created_session = tenant.sync.export_session
        tenant.add(target, writes)
    elif target.deleted is not None:
        writes["deleted"] = None
        tenant.revive(target, writes)
    if "manager" in touched:
        references.set_manager(tenant, target, target.shadow.get("manager"))
    if isinstance(target, Group):
        _write_members(tenant, change, target)
        if created:
            target.member_log.clear()
    if not created:
        tenant.commit(target, writes)
    if tenant.waiting and (created or decision.outcome is not Outcome.UPDATE):
        references.arrived(tenant, target)


def _write_members(tenant: Tenant, change: Change, group: Group) -> None:
    if references.MEMBER in change.values:
        references.replace_members(tenant, group, as_list(change.values[references.MEMBER]))
    if change.added_members is not None:
        references.change_members(tenant, group, change.added_members, change.removed_members)


def _over_member_limit(tenant: Tenant, change: Change, target: CloudObject) -> ObjectRefusal | None:
    if not isinstance(target, Group):
        return None
    wanted = change.values.get(references.MEMBER)
    size = len(wanted) if isinstance(wanted, list) else len(target.members)
    size += len(change.added_members or ()) - len(change.removed_members)
    if size <= tenant.settings.group_member_limit:
        return None
    return ObjectRefusal("LargeObject", OBJECT_TOO_LARGE, "member", (str(size),))


def _public_folder_member(tenant: Tenant, change: Change, target: CloudObject) -> ObjectRefusal | None:
    """A group cannot be exported with a mail-enabled public folder among its members (OPT-02)."""
    if not isinstance(target, Group) or not tenant.count[Kind.PUBLIC_FOLDER]:
        return None
    wanted = (*as_list(change.values.get(references.MEMBER)), *(change.added_members or ()))
    for anchor in wanted:
        member = references.resolve(tenant, anchor)
        if member is not None and member.kind is Kind.PUBLIC_FOLDER:
            text = "A public folder cannot be a member of a group."
            return ObjectRefusal("PublicFolderMember", text, "member", (anchor,))
    return None


def _merged(
    tenant: Tenant, target: CloudObject, values: dict[str, Any], *, everything: bool
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Lay exported values over the shadow values and answer what differs; null or nothing takes a value away.

    ``member`` is kept as links, not as a value. ``everything`` calls all exported values touched: the object is new
    or taken over.
    """
    shared = tenant.shared
    for name in SHARED_VALUES:
        value = values.get(name)
        if value is not None:
            values[name] = shared.setdefault(value, value)
    before = target.shadow
    if not before and references.MEMBER not in values and None not in values.values() and [] not in values.values():
        return values, values
    merged = dict(before)
    touched: dict[str, Any] = {}
    for name, value in values.items():
        if name == references.MEMBER:
            touched[name] = value
        elif value is None or value == []:
            if merged.pop(name, None) is not None or everything:
                touched[name] = None
        elif everything or merged.get(name) != value:
            merged[name] = value
            touched[name] = value
    return merged, touched


def _without_overwritten(
    tenant: Tenant, target: CloudObject, touched: Mapping[str, Any], *, takeover: bool
) -> dict[str, Any]:
    """What stays of the values set in the cloud: not those the client now writes, unless an override protects them."""
    kept = dict(target.own)
    names = GRAPH_NAME_OF[target.kind]
    protected = target.overrides if isinstance(target, User) else ()
    if tenant.sync.graph_only.get("bypassDirSyncOverridesEnabled"):
        protected = ()
    for name in touched:
        graph_name = names.get(name)
        if graph_name is not None and graph_name not in protected:
            kept.pop(graph_name, None)
    if takeover:
        kept.pop("mail", None)
        kept.pop("proxyAddresses", None)
    return kept


def _find(tenant: Tenant, change: Change) -> CloudObject | None:
    """The object a Set or Delete means: by cloud anchor if given, else by source anchor, deleted items included."""
    if change.cloud_anchor:
        parts = split_cloud_anchor(change.cloud_anchor)
        found = tenant.objects.get(parts[1]) or tenant.recycled.get(parts[1]) if parts is not None else None
        if found is not None:
            return found
    return tenant.by_anchor.get(change.anchor) or tenant.recycled_by_anchor.get(change.anchor)


def _delete(tenant: Tenant, change: Change) -> Result:
    target = _find(tenant, change)
    if target is None or target.deleted is not None or target.dirsync is not True or target.kind is not change.kind:
        text = DELETE_NOT_VALID.format(tracking=tenant.tracking_id())
        return Result(change, target, ObjectRefusal("DeletingCloudOnlyObjectNotAllowed", text, error_type=114))
    lifecycle.delete(tenant, target, lifecycle.Event.SYNC_DELETE)
    return Result(change, target)
