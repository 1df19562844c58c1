"""Subscriptions of the tenant and the licences users hold; an Exchange plan makes a user a mail recipient.

Source: facts "tenant" 5, 8.3; "graph_clients" 3 row 20. SKU and plan ids are those of the public licensing reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulators.tenant.core.identities import User
from emulators.tenant.core.recalculation import Trigger, recalculate
from emulators.tenant.core.refusals import INVALID_USAGE_LOCATION, bad_request
from emulators.tenant.core.service_plans import SKUS, Sku
from emulators.tenant.core.tenant import Tenant

DEFAULT_UNITS: Mapping[str, int] = {"ENTERPRISEPACK": 1000, "EXCHANGESTANDARD": 100, "AAD_PREMIUM": 1000}


@dataclass(frozen=True, slots=True)
class Subscription:
    """A SKU this tenant bought, and how many units of it are free."""

    sku: Sku
    units: int
    consumed: int


def subscriptions(tenant: Tenant) -> list[Subscription]:
    bought = tenant.settings.licences or DEFAULT_UNITS
    return [
        Subscription(sku, bought[sku.part_number], tenant.consumed_licences.get(sku.id, 0))
        for sku in SKUS.values()
        if sku.part_number in bought
    ]


def _subscription(tenant: Tenant, sku_id: object) -> Subscription:
    for owned in subscriptions(tenant):
        if owned.sku.id == sku_id or owned.sku.part_number == sku_id:
            return owned
    raise bad_request(f"License {sku_id} does not correspond to a valid company License.")


def assign(tenant: Tenant, user: User, add: Sequence[Mapping[str, Any]], remove: Sequence[Any]) -> None:
    """Carry an assignLicense call out as a whole or not at all."""
    held = dict(user.licences)
    moved: dict[str, int] = {}
    for sku_id in remove:
        owned = _subscription(tenant, sku_id)
        if owned.sku.id not in held:
            raise bad_request("User does not have a corresponding license.")
        del held[owned.sku.id]
        moved[owned.sku.id] = moved.get(owned.sku.id, 0) - 1
    for wanted in add:
        owned = _subscription(tenant, wanted.get("skuId"))
        disabled = wanted.get("disabledPlans") or []
        plan_ids = {plan.id for plan in owned.sku.plans}
        if not isinstance(disabled, list) or not plan_ids.issuperset(p for p in disabled if isinstance(p, str)):
            raise bad_request("License assignment contains service plans that do not belong to the license.")
        if not user.value("usageLocation", "usageLocation"):
            raise bad_request(INVALID_USAGE_LOCATION)
        if owned.sku.id not in held:
            if owned.consumed + moved.get(owned.sku.id, 0) >= owned.units:
                raise bad_request(f"Subscription with SKU {owned.sku.id} does not have any available licenses.")
            moved[owned.sku.id] = moved.get(owned.sku.id, 0) + 1
        held[owned.sku.id] = tuple(disabled)
    for sku_id, step in moved.items():
        tenant.consumed_licences[sku_id] = tenant.consumed_licences.get(sku_id, 0) + step
    tenant.commit(user, {"licences": held})
    tenant.record("tenant.licence.assigned", id=user.id, skus=sorted(held))
    recalculate(tenant, user, Trigger.LICENCE)


def release(tenant: Tenant, user: User) -> None:
    """Give back the units of a user that is gone for good."""
    for sku_id in user.licences:
        tenant.consumed_licences[sku_id] = tenant.consumed_licences.get(sku_id, 1) - 1


def orphans(tenant: Tenant) -> list[str]:
    """Users that keep a licence although nothing synchronises them any more: once synced, no longer, not deleted."""
    return [
        user.id
        for user in tenant.objects.values()
        if isinstance(user, User) and user.licences and user.dirsync is False
    ]
