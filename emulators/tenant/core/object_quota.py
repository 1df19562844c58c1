"""How many objects a tenant may hold: 50,000, or 300,000 once a domain of its own is verified, or what was bought.

A deleted object counts a quarter while it can be restored. Source: facts "install" PRE-10; Graph directorySizeQuota.
"""

from __future__ import annotations

from emulators.tenant.core.refusals import GraphError, ObjectRefusal
from emulators.tenant.core.tenant import Tenant

WITHOUT_DOMAIN = 50_000
WITH_DOMAIN = 300_000
DELETED_FOR_ONE = 4
EXCEEDED = (
    "The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the "
    "quota limit or delete objects to reduce the used quota."
)


def quota(tenant: Tenant) -> int:
    """The tenant's own number, or the documented one."""
    if tenant.settings.object_quota:
        return tenant.settings.object_quota
    return WITH_DOMAIN if len(tenant.verified) > 1 else WITHOUT_DOMAIN


def used(tenant: Tenant) -> int:
    return len(tenant.objects) + len(tenant.recycled) // DELETED_FOR_ONE


def exceeded(tenant: Tenant) -> bool:
    """Whether one more object is one too many."""
    return used(tenant) >= quota(tenant)


def refusal(tenant: Tenant) -> ObjectRefusal | None:
    """Why an exported object cannot be created."""
    return ObjectRefusal("QuotaExceeded", EXCEEDED) if exceeded(tenant) else None


def require_room(tenant: Tenant) -> None:
    """Raises the refusal of Graph."""
    if exceeded(tenant):
        raise GraphError(403, "Directory_QuotaExceeded", EXCEEDED)
