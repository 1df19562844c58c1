"""What administrators do to groups in the cloud: create, change, add and remove members and owners.

Source: facts "tenant" 1.3, 14; "graph_clients" 3 rows 13, 22.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulators.tenant.core import group_writeback, object_quota, references
from emulators.tenant.core.cloud_users import conflict
from emulators.tenant.core.identities import CloudObject, Group, Kind
from emulators.tenant.core.properties import READERS
from emulators.tenant.core.recalculation import Trigger, recalculate
from emulators.tenant.core.refusals import (
    ALREADY_MEMBER,
    MASTERED_ON_PREMISES,
    bad_request,
    not_emulated,
    not_found,
    read_only,
)
from emulators.tenant.core.tenant import Tenant, make

TEXTS = frozenset(
    {
        "description",
        "displayName",
        "mailNickname",
        "visibility",
        "preferredDataLocation",
        "preferredLanguage",
        "classification",
        "membershipRule",
        "membershipRuleProcessingState",
    }
)
TRUTHS = frozenset({"mailEnabled", "securityEnabled", "isAssignableToRole"})
NEEDED = ("displayName", "mailEnabled", "mailNickname", "securityEnabled")


def create_group(tenant: Tenant, body: Mapping[str, Any], default_domain: str) -> Group:
    """POST /groups: security groups and Microsoft 365 groups."""
    wanted = _checked(body)
    for name in NEEDED:
        if wanted.get(name) is None:
            raise bad_request(f"A value is required for property '{name}' of resource 'Group'.")
    unified = "Unified" in wanted.get("groupTypes", ())
    if wanted["mailEnabled"] and not unified:
        raise bad_request(
            "The service does not currently support writes of mail-enabled groups. Please ensure that "
            "the mail-enablement property is unset and the security-enablement property is set."
        )
    object_quota.require_room(tenant)
    group = make(tenant, Kind.GROUP)
    assert isinstance(group, Group)
    nickname = wanted.pop("mailNickname")
    if unified and wanted["mailEnabled"]:
        address = f"{nickname}@{default_domain}"
        if tenant.address_owner(address.lower()) is not None:
            raise conflict("proxyAddresses")
        wanted["proxyAddresses"] = [f"SMTP:{address}"]
    members = [target(tenant, url) for url in _bound(body, "members")]
    owners = [target(tenant, url) for url in _bound(body, "owners")]
    tenant.add(group, {"nickname": nickname, "own": {name: v for name, v in wanted.items() if v is not None}})
    for member in members:
        references.put_member(tenant, group, member.id)
    for owner in owners:
        group.owners[owner.id] = None
    recalculate(tenant, group, Trigger.LICENCE)
    tenant.record("tenant.group.created", id=group.id, changed=sorted(body))
    return group


def change_group(tenant: Tenant, group: Group, body: Mapping[str, Any]) -> None:
    """PATCH /groups/{id}; ``members@odata.bind`` adds up to twenty members."""
    wanted = _checked(body, group)
    bound = _bound(body, "members")
    if group.dirsync is not None and (wanted or bound):
        raise bad_request(MASTERED_ON_PREMISES)
    if len(bound) > 20:
        raise bad_request("The number of references to add is limited to 20.")
    members = [target(tenant, url) for url in bound]
    if any(member.id in group.members for member in members):
        raise bad_request(ALREADY_MEMBER)
    writes: dict[str, Any] = {}
    if "mailNickname" in wanted:
        writes["nickname"] = wanted.pop("mailNickname")
    if wanted:
        writes["own"] = {**group.own, **wanted}
    for member in members:
        references.put_member(tenant, group, member.id)
    tenant.commit(group, writes)
    tenant.record("tenant.group.changed", id=group.id, changed=sorted(body))


def add_member(tenant: Tenant, group: Group, url: object) -> None:
    """POST /groups/{id}/members/$ref."""
    member = target(tenant, url)
    if group.dirsync is not None:
        raise bad_request(MASTERED_ON_PREMISES)
    if not references.put_member(tenant, group, member.id):
        raise bad_request(ALREADY_MEMBER)
    tenant.touch(group)
    tenant.record("tenant.group.member-added", id=group.id, member=member.id)


def remove_member(tenant: Tenant, group: Group, member_id: str) -> None:
    if group.dirsync is not None:
        raise bad_request(MASTERED_ON_PREMISES)
    if not references.drop_member(tenant, group, member_id):
        raise not_found(member_id)
    tenant.touch(group)
    tenant.record("tenant.group.member-removed", id=group.id, member=member_id)


def add_owner(tenant: Tenant, group: Group, url: object) -> None:
    owner = target(tenant, url)
    if owner.id in group.owners:
        raise bad_request(ALREADY_MEMBER.replace("'members'", "'owners'"))
    group.owners[owner.id] = None
    tenant.touch(group)


def remove_owner(tenant: Tenant, group: Group, owner_id: str) -> None:
    if owner_id not in group.owners:
        raise not_found(owner_id)
    del group.owners[owner_id]
    tenant.touch(group)


def target(tenant: Tenant, url: object) -> CloudObject:
    """The object an ``@odata.id`` names by the last segment of its address, whatever host stands before it."""
    if not isinstance(url, str) or "/" not in url:
        raise bad_request("The reference link is not valid.")
    key = url.rstrip("/").rpartition("/")[2]
    if key.endswith("')"):
        key = key.rpartition("('")[2][:-2]
    found = tenant.find(key) or tenant.by_upn.get(key.lower())
    if found is None:
        raise not_found(key)
    return found


def is_nested(tenant: Tenant, object_id: str) -> list[str]:
    """Every group an object is in, directly or through others; nearest first."""
    found: dict[str, None] = {}
    waiting = list(tenant.member_of.get(object_id, ()))
    while waiting:
        group_id = waiting.pop(0)
        if group_id not in found and group_id in tenant.objects:
            found[group_id] = None
            waiting += tenant.member_of.get(group_id, ())
    return list(found)


def all_members(tenant: Tenant, group: Group) -> list[CloudObject]:
    """Members, and members of members."""
    found: dict[str, CloudObject] = {}
    waiting = list(group.members)
    while waiting:
        member = tenant.objects.get(waiting.pop(0))
        if member is not None and member.id not in found and member is not group:
            found[member.id] = member
            if isinstance(member, Group):
                waiting += member.members
    return list(found.values())


def _bound(body: Mapping[str, Any], name: str) -> list[Any]:
    given = body.get(f"{name}@odata.bind", [])
    return given if isinstance(given, list) else [given]


def _checked(body: Mapping[str, Any], group: Group | None = None) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    types = body.get("groupTypes") if group is None else group.own.get("groupTypes")
    for name, value in body.items():
        if name.startswith("@") or "@odata" in name:
            continue
        if name in TEXTS:
            fits = value is None or isinstance(value, str)
        elif name in TRUTHS:
            fits = isinstance(value, bool)
        elif name == group_writeback.CONFIGURATION:
            value, fits = group_writeback.checked(types, value), True
        elif name == "groupTypes":
            fits = isinstance(value, list) and all(item in ("Unified", "DynamicMembership") for item in value)
            if fits and "DynamicMembership" in value:
                raise not_emulated("A group with dynamic membership")
        elif name in READERS[Kind.GROUP]:
            raise read_only(name)
        else:
            raise bad_request(f"Property '{name}' does not exist as a declared property or extension property.")
        if not fits:
            raise bad_request(f"Invalid value specified for property '{name}' of resource 'Group'.")
        wanted[name] = value
    return wanted
