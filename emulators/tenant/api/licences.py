"""/subscribedSkus: what the tenant bought and how much is used. Source: facts "tenant" 14."""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, ok
from emulators.tenant.api.rendering import context
from emulators.tenant.core.licences import Subscription, subscriptions
from emulators.tenant.core.refusals import not_found

READ = ("Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All",
        "LicenseAssignment.ReadWrite.All")  # fmt: skip


def _shown(tenant_id: str, owned: Subscription) -> dict[str, Any]:
    return {
        "accountId": tenant_id,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": owned.consumed,
        "id": f"{tenant_id}_{owned.sku.id}",
        "prepaidUnits": {"enabled": owned.units, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": [
            {
                "servicePlanId": plan.id,
                "servicePlanName": plan.name,
                "provisioningStatus": "Success",
                "appliesTo": "User",
            }
            for plan in owned.sku.plans
        ],
        "skuId": owned.sku.id,
        "skuPartNumber": owned.sku.part_number,
    }


def list_skus(desk: Desk, call: Call) -> Answer:
    rows = [_shown(desk.tenant.tenant_id, owned) for owned in subscriptions(desk.tenant)]
    return ok({"@odata.context": context(call, "subscribedSkus"), "value": rows})


def get_sku(desk: Desk, call: Call, key: str) -> Answer:
    for owned in subscriptions(desk.tenant):
        if key.lower().endswith(owned.sku.id):
            return ok(_shown(desk.tenant.tenant_id, owned))
    raise not_found(key)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/subscribedSkus", list_skus, READ),
    Route("GET", "/subscribedSkus/<key>", get_sku, READ),
)
