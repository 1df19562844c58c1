"""The domains of a tenant: unverified, verified, federated, and what verifying or removing one does to every user.

Source: facts "tenant" 1.4 and 3 (recalculation from shadow values, no action of the sync client), audit shape of its
VD.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from emulators.tenant.core.identities import Kind, User
from emulators.tenant.core.recalculation import Trigger, recalculate
from emulators.tenant.core.refusals import GraphError, bad_request, not_found
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.core.user_principal_name import suffix

NAME = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
NEVER_EXPIRES = 2147483647
VALIDITY_DAYS = 90


@dataclass
class Domain:
    """One domain name. ``federation`` holds the settings of the identity provider when it is federated."""

    name: str
    verified: bool = False
    initial: bool = False
    default: bool = False
    federation: dict[str, Any] | None = None
    services: list[str] = field(default_factory=lambda: ["Email", "OfficeCommunicationsOnline"])
    password_validity_days: int | None = None
    password_notification_days: int | None = None

    @property
    def authentication(self) -> str:
        return "Federated" if self.federation is not None else "Managed"


def plant(tenant: Tenant, initial: str, verified: tuple[str, ...]) -> None:
    """Give a new tenant its domains; the first verified custom domain becomes the default one."""
    tenant.domains[initial] = Domain(initial, verified=True, initial=True, default=not verified)
    for name in verified:
        tenant.domains.setdefault(name, Domain(name, verified=True, default=name == verified[0]))
    refresh_verified(tenant)


def refresh_verified(tenant: Tenant) -> None:
    tenant.verified = frozenset(name for name, domain in tenant.domains.items() if domain.verified)


def is_federated(tenant: Tenant, upn: str | None) -> bool:
    return federated_by(tenant, upn) is not None


def federated_by(tenant: Tenant, upn: str | None) -> dict[str, Any] | None:
    """The federation settings under which a name signs in: of its domain, or of the domain above, which it inherits."""
    name = suffix(upn) if upn else ""
    if name not in tenant.domains:
        return None
    while name:
        domain = tenant.domains.get(name)
        if domain is not None and domain.federation is not None:
            return domain.federation
        name = name.partition(".")[2]
    return None


def verification_text(name: str) -> str:
    """What a TXT record of the domain must say before the domain is verified."""
    return f"MS=ms{sum(name.encode()) % 10_000_000:08d}"


def get(tenant: Tenant, name: str) -> Domain:
    domain = tenant.domains.get(name.lower())
    if domain is None:
        raise not_found(name)
    return domain


def default_domain(tenant: Tenant) -> str:
    return next(name for name, domain in tenant.domains.items() if domain.default)


def create(tenant: Tenant, name: str) -> Domain:
    """Add a domain name, not yet verified."""
    low = name.lower()
    if not NAME.fullmatch(low):
        raise bad_request("Invalid value specified for property 'id' of resource 'Domain'.")
    if low in tenant.domains:
        raise bad_request(f"A domain with the name {low} already exists.")
    tenant.domains[low] = Domain(low)
    return tenant.domains[low]


def verify(tenant: Tenant, name: str) -> Domain:
    """Prove ownership by a TXT record, where the tenant can look one up, and give every user of the suffix the UPN and
    addresses it waited for.
    """
    domain = get(tenant, name)
    if domain.verified:
        raise bad_request(f"The domain {name} is already verified.")
    if tenant.lookup_txt is not None and verification_text(domain.name) not in tenant.lookup_txt(domain.name):
        raise bad_request(f"Domain verification failed: {domain.name} has no DNS record with the expected text.")
    domain.verified = True
    refresh_verified(tenant)
    _after_change(tenant, "Add verified domain", domain.name)
    return domain


def update(tenant: Tenant, name: str, wanted: dict[str, Any]) -> None:
    """Change the default flag, the services or the password life of a domain."""
    domain = get(tenant, name)
    for key, value in wanted.items():
        if key.startswith("@"):
            continue
        if key == "isDefault":
            if value is not True or not domain.verified:
                raise bad_request("Only a verified domain can be made the default domain.")
        elif key in ("passwordValidityPeriodInDays", "passwordNotificationWindowInDays"):
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise bad_request(f"Invalid value specified for property '{key}' of resource 'Domain'.")
        elif key != "supportedServices":
            raise bad_request(f"Property '{key}' is read-only and cannot be set.")
    if wanted.get("isDefault"):
        for other in tenant.domains.values():
            other.default = other is domain
    if "passwordValidityPeriodInDays" in wanted:
        domain.password_validity_days = wanted["passwordValidityPeriodInDays"]
    if "passwordNotificationWindowInDays" in wanted:
        domain.password_notification_days = wanted["passwordNotificationWindowInDays"]
    if "supportedServices" in wanted:
        domain.services = [str(service) for service in wanted["supportedServices"]]


def references(tenant: Tenant, name: str) -> list[Any]:
    """Objects whose UPN or address is in the domain."""
    low = get(tenant, name).name
    found = []
    for kind in (Kind.USER, Kind.GROUP):
        for obj in tenant.listed(kind):
            upn = obj.upn if isinstance(obj, User) else None
            if (upn and suffix(upn) == low) or any(suffix(p) == low for p in obj.proxies):
                found.append(obj)
    return found


def remove(tenant: Tenant, name: str, *, force: bool = False) -> None:
    """Take a domain out. Cloud-born users of it stop a plain delete; synchronised ones are recalculated from shadow
    values.
    """
    domain = get(tenant, name)
    if domain.initial:
        raise bad_request("The initial domain cannot be deleted.")
    if domain.default:
        raise bad_request("The default domain cannot be deleted.")
    if not force:
        held = [o for o in references(tenant, name) if o.dirsync is not True]
        if held:
            raise GraphError(
                400,
                "Request_BadRequest",
                f"The domain {domain.name} cannot be deleted: objects of the directory refer to it.",
            )
    del tenant.domains[domain.name]
    was_verified = domain.verified
    refresh_verified(tenant)
    if was_verified:
        _after_change(tenant, "Remove verified domain", domain.name)


def _after_change(tenant: Tenant, activity: str, name: str) -> None:
    tenant.audit.append({"activityDisplayName": activity, "target": name, "at": tenant.stamp(), "client": None})
    tenant.record("tenant.domain.changed", activity=activity, domain=name)
    for kind in (Kind.USER, Kind.GROUP, Kind.CONTACT):
        for obj in list(tenant.listed(kind)):
            if recalculate(tenant, obj, Trigger.DOMAIN):
                tenant.audit.append(
                    {
                        "activityDisplayName": f"Update {obj.kind.value.lower()}",
                        "target": obj.id,
                        "at": tenant.stamp(),
                        "client": "DirectorySync",
                    }
                )
