"""The SKUs an emulated tenant can own and the service plans in them. Source: the public licensing reference."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.tenant.core.identities import User


@dataclass(frozen=True, slots=True)
class Plan:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Sku:
    id: str
    part_number: str
    plans: tuple[Plan, ...]


EXCHANGE_ENTERPRISE = Plan("efb87545-963c-4e0d-99df-69c6916d9eb0", "EXCHANGE_S_ENTERPRISE")
EXCHANGE_STANDARD = Plan("9aaf7827-d63c-4b61-89c3-182f06f82e5c", "EXCHANGE_S_STANDARD")
SHAREPOINT = Plan("5dbe027f-2339-4123-9542-606e4d348a72", "SHAREPOINTENTERPRISE")
TEAMS = Plan("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1")
PREMIUM = Plan("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AAD_PREMIUM")
EXCHANGE_PLANS = frozenset({EXCHANGE_ENTERPRISE.id, EXCHANGE_STANDARD.id})

SKUS: dict[str, Sku] = {
    sku.part_number: sku
    for sku in (
        Sku("6fd2c87f-b296-42f0-b197-1e91e994b900", "ENTERPRISEPACK", (EXCHANGE_ENTERPRISE, SHAREPOINT, TEAMS)),
        Sku("4b9405b0-7788-4568-add1-99614e613b69", "EXCHANGESTANDARD", (EXCHANGE_STANDARD,)),
        Sku("078d2b04-f1bd-4111-bbd4-b4b1b354cef4", "AAD_PREMIUM", (PREMIUM,)),
    )
}
BY_ID: dict[str, Sku] = {sku.id: sku for sku in SKUS.values()}


def has_exchange(user: User) -> bool:
    """Whether an Exchange Online plan is enabled for the user."""
    for sku_id, disabled in user.licences.items():
        for plan in BY_ID[sku_id].plans:
            if plan.id in EXCHANGE_PLANS and plan.id not in disabled:
                return True
    return False
