"""Which groups of the cloud go back on premises, and how the sync client reads them.

Microsoft 365 groups do while the feature UnifiedGroupWriteback is on, unless one was excluded by its
writebackConfiguration before it ever went. What went once stays as it is until it is gone for good.
Source: facts "tenant" 10; "install" OPT-06 to OPT-08.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulators.tenant.core.identities import CloudObject, Group
from emulators.tenant.core.refusals import bad_request, not_emulated
from emulators.tenant.core.tenant import Tenant

FEATURE = "UnifiedGroupWriteback"
CONFIGURATION = "writebackConfiguration"
_PARTS = frozenset({"isEnabled", "onPremisesGroupType"})


def is_unified(obj: CloudObject) -> bool:
    return isinstance(obj, Group) and "Unified" in (obj.own.get("groupTypes") or ())


def goes_back(tenant: Tenant, obj: CloudObject) -> bool:
    """Whether the client reads the group as it stands now."""
    if not tenant.sync.has(FEATURE) or obj.dirsync is not None or obj.deleted is not None or not is_unified(obj):
        return False
    return (obj.own.get(CONFIGURATION) or {}).get("isEnabled") is not False


def went_back(tenant: Tenant, obj: CloudObject) -> bool:
    """Whether a client has read the group and may have written it on premises."""
    return obj.id in tenant.sync.written_back


def kept(tenant: Tenant) -> Iterator[Group]:
    """Groups that went back and do not any more, but are not gone for good: they stay on premises unchanged."""
    if not tenant.sync.has(FEATURE):
        return
    for object_id in tenant.sync.written_back:
        obj = tenant.objects.get(object_id) or tenant.recycled.get(object_id)
        if isinstance(obj, Group) and not goes_back(tenant, obj):
            yield obj


def values(tenant: Tenant, group: CloudObject) -> dict[str, Any]:
    """What only a group of the cloud has to say; from now on it counts as gone back."""
    tenant.sync.written_back[group.id] = group.own.get("displayName") or ""
    found = {"alias": group.nickname, "mail": group.mail, "proxyAddresses": list(group.proxies)}
    return {name: value for name, value in found.items() if value}


def configuration(group: Group) -> dict[str, Any]:
    """``writebackConfiguration`` as Graph shows it; null where nobody has set it."""
    held = group.own.get(CONFIGURATION) or {}
    return {"isEnabled": held.get("isEnabled"), "onPremisesGroupType": held.get("onPremisesGroupType")}


def checked(group_types: object, value: object) -> dict[str, Any]:
    """A ``writebackConfiguration`` an administrator sends; what only the withdrawn second version did is refused."""
    if not isinstance(value, Mapping) or not _PARTS.issuperset(value):
        raise bad_request("Invalid value specified for property 'writebackConfiguration' of resource 'Group'.")
    enabled, kind = value.get("isEnabled"), value.get("onPremisesGroupType")
    if enabled is not None and not isinstance(enabled, bool):
        raise bad_request("Invalid value specified for property 'isEnabled' of resource 'groupWritebackConfiguration'.")
    unified = isinstance(group_types, list | tuple) and "Unified" in group_types
    if (enabled and not unified) or kind not in (None, "universalDistributionGroup"):
        raise not_emulated("Group writeback V2 (cloud security groups, written back as security groups)")
    return {"isEnabled": enabled, "onPremisesGroupType": kind}
