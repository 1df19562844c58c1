"""Duplicate attributes: which value is withheld and kept on record, and when the object is refused instead.

Source: facts "tenant" section 6 (with its known issues 1 and 2), 2.3 rows 12 to 15; "decisions" D11, D12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from emulators.tenant.core.identities import CloudObject, Group, ProvisioningError, User
from emulators.tenant.core.refusals import DUPLICATE_VALUES, ObjectRefusal
from emulators.tenant.core.tenant import Tenant

UPN = "UserPrincipalName"
PROXIES = "ProxyAddresses"


@dataclass(slots=True)
class Conflicts:
    """What an object wants and others have: its UPN, and addresses with their owners."""

    upn: str | None = None
    upn_owner: CloudObject | None = None
    addresses: list[tuple[str, CloudObject]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.upn is not None or bool(self.addresses)


def resilient(tenant: Tenant, attribute: str) -> bool:
    """Whether a duplicate of this attribute is withheld rather than refused."""
    if tenant.settings.matching == "legacy":
        return False
    return tenant.sync.has("DuplicateUPNResiliency" if attribute == UPN else "DuplicateProxyAddressResiliency")


def duplicate(name: str, values: Sequence[str], code: str = "AttributeValueMustBeUnique") -> ObjectRefusal:
    listed = "".join(f"{name} {value};" for value in values)
    return ObjectRefusal(code, DUPLICATE_VALUES.format(values=listed), name, tuple(values))


def refusal(tenant: Tenant, obj: CloudObject, found: Conflicts, *, new: bool) -> ObjectRefusal | None:
    """Decide whether a client's change is refused for its duplicates; None means the values are withheld."""
    if not found:
        return None
    addresses = [address for address, _ in found.addresses]
    if found.addresses and not resilient(tenant, PROXIES):
        return duplicate(PROXIES, addresses)
    if found.upn is not None and not resilient(tenant, UPN):
        return duplicate(UPN, [found.upn])
    if isinstance(obj, User) and _hits_one_group(tenant, obj, found):
        return duplicate(PROXIES, addresses)
    if new and isinstance(obj, Group) and _same_session(tenant, found):
        return duplicate(PROXIES, addresses)
    if not new and tenant.settings.matching == "2025" and any(address.startswith("SMTP:") for address in addresses):
        return duplicate(PROXIES, addresses)
    return None


def _hits_one_group(tenant: Tenant, user: User, found: Conflicts) -> bool:
    """Known issue 1: UPN and an address both belong to one existing group."""
    upn = user.shadow.get("userPrincipalName")
    if not isinstance(upn, str):
        return False
    owner = tenant.by_address.get(upn.lower())
    return isinstance(owner, Group) and any(other is owner for _, other in found.addresses)


def _same_session(tenant: Tenant, found: Conflicts) -> bool:
    """Known issue 2: of two new groups with one address in one export, the second fails this time."""
    session = tenant.sync.export_session
    return any(
        isinstance(owner, Group) and owner.dirsync is True and owner.created_session == session
        for _, owner in found.addresses
    )


def errors_of(tenant: Tenant, obj: CloudObject, found: Conflicts, reason: str) -> tuple[ProvisioningError, ...]:
    """The records of what is withheld; one that was there already keeps its time."""
    wanted = [(UPN, found.upn)] if found.upn is not None else []
    wanted += [(PROXIES, proxy.partition(":")[2]) for proxy, _ in found.addresses]
    known = {(error.property, error.value): error for error in obj.errors}
    kept: dict[tuple[str, str | None], ProvisioningError] = {}
    for key in wanted:
        name, value = key
        if key not in kept and value is not None:
            kept[key] = known.get((name, value)) or ProvisioningError(name, value, tenant.stamp(), reason)
    return tuple(kept.values())


def notify(tenant: Tenant, obj: CloudObject, errors: Sequence[ProvisioningError]) -> None:
    """Mail the technical contact once for each withheld value."""
    known = {(error.property, error.value) for error in obj.errors}
    for error in errors:
        if (error.property, error.value) not in known:
            tenant.mails.append(
                {"at": error.occurred, "subject": "Identity synchronization error report", "object": obj.id,
                 "property": error.property, "value": error.value}
            )  # fmt: skip
            tenant.record(
                "tenant.uniqueness.withheld", id=obj.id, property=error.property, value=error.value, reason=error.reason
            )
