"""Which existing cloud object an exported one means: hard match, soft match, a new object, or a refusal with its
reason.

``ROWS`` is the whole decision, read top to bottom, first row that holds wins; the numbers are those of facts "tenant"
2.3. Matching happens for additions only; a change finds its object by anchor and passes the first part of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from emulators.tenant.core import uniqueness
from emulators.tenant.core.attributes import as_list
from emulators.tenant.core.identities import CloudObject, Kind, User
from emulators.tenant.core.mail_nickname import primary_smtp
from emulators.tenant.core.refusals import HARD_MATCH_BLOCKED, ObjectRefusal
from emulators.tenant.core.tenant import Tenant, address_key
from emulators.tenant.core.user_principal_name import is_verified


class Outcome(Enum):
    """What becomes of an exported object."""

    UPDATE = "update"
    HARD_MATCH = "hard_match_takeover"
    SOFT_MATCH = "soft_match_takeover"
    RESTORE = "restore"
    CREATE = "provision_new"
    REFUSE = "error"
    IGNORE = "ignored"


@dataclass(frozen=True, slots=True)
class Incoming:
    """What of an exported object takes part in matching. Addresses are keys: lower case, no ``smtp:``."""

    kind: Kind
    anchor: str
    primary: str | None = None
    upn: str | None = None
    addresses: tuple[str, ...] = ()
    sid: str | None = None
    object_identifier: str | None = None
    device_id: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, the object it concerns, the row of the table that decided, and what was compared."""

    outcome: Outcome
    target: CloudObject | None = None
    row: str = "17"
    matched_on: str | None = None
    refusal: ObjectRefusal | None = None
    reason: str = "PropertyConflict"


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the rows look at."""

    tenant: Tenant
    incoming: Incoming
    holder: CloudObject | None
    candidate: CloudObject | None
    matched_on: str | None
    sid_owner: CloudObject | None
    rivals: tuple[CloudObject, ...]

    @property
    def free(self) -> bool:
        """A soft candidate that nothing is bound to yet."""
        return self.candidate is not None and self.candidate.anchor is None and self.candidate.dirsync is not True

    def has_role(self, obj: CloudObject | None) -> bool:
        return obj is not None and self.tenant.holds_role(obj.id)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the facts, when it holds, what follows."""

    number: str
    holds: Callable[[Situation], bool]
    outcome: Outcome
    refuse: Callable[[Situation], ObjectRefusal] | None = None
    reason: str = "PropertyConflict"


def _type_mismatch(_: Situation) -> ObjectRefusal:
    return ObjectRefusal("ObjectTypeMismatch", "The matching object in the directory is of another object type.")


def _invalid_hard_match(_: Situation) -> ObjectRefusal:
    return ObjectRefusal(
        "InvalidHardMatch",
        "The source anchor matches an object of the cloud, and taking such objects over by hard match is blocked.",
    )


def _hardened(_: Situation) -> ObjectRefusal:
    return ObjectRefusal("HardMatchBlocked", HARD_MATCH_BLOCKED)


def _invalid_soft_match(s: Situation) -> ObjectRefusal:
    if s.incoming.kind is Kind.DEVICE:
        return uniqueness.duplicate("DeviceId", [s.incoming.device_id or ""], "InvalidSoftMatch")
    taken = [a for a in s.incoming.addresses if s.tenant.by_address.get(a) in s.rivals]
    if taken:
        return uniqueness.duplicate(uniqueness.PROXIES, taken, "InvalidSoftMatch")
    return uniqueness.duplicate(uniqueness.UPN, [s.incoming.upn or ""], "InvalidSoftMatch")


def _duplicate_sid(s: Situation) -> ObjectRefusal:
    return uniqueness.duplicate("OnPremiseSecurityIdentifier", [s.incoming.sid or ""])


def _duplicate_primary(s: Situation) -> ObjectRefusal:
    return uniqueness.duplicate(uniqueness.PROXIES, [f"SMTP:{s.incoming.primary}"])


def _admin_role(_: Situation) -> ObjectRefusal:
    return ObjectRefusal(
        "ExistingAdminRoleConflict",
        "Existing Admin Role Conflict: the matching user of the cloud holds an administrator role.",
    )


def _not_resilient(s: Situation) -> bool:
    by_address = s.matched_on == "proxyAddresses" or any(
        s.tenant.by_address.get(address) in s.rivals for address in s.incoming.addresses
    )
    return not uniqueness.resilient(s.tenant, uniqueness.PROXIES if by_address else uniqueness.UPN)


def _remapped(s: Situation) -> bool:
    known = s.holder.object_identifier if isinstance(s.holder, User) else None
    new = s.incoming.object_identifier
    return known is not None and new is not None and known != new and s.tenant.settings.hardens_remapping


def _blocked_hard(s: Situation) -> bool:
    blocked = s.tenant.sync.has("BlockCloudObjectTakeoverThroughHardMatch")
    return s.holder is not None and s.holder.dirsync is not True and blocked


ROWS: tuple[Row, ...] = (
    # the anchor is known
    Row("9a", lambda s: s.holder is not None and s.holder.kind is not s.incoming.kind, Outcome.REFUSE, _type_mismatch),
    Row("7", lambda s: s.holder is not None and s.holder.cloud_managed, Outcome.IGNORE),
    Row("2", _remapped, Outcome.REFUSE, _hardened),
    Row("1", lambda s: s.holder is not None and s.holder.dirsync is True, Outcome.UPDATE),
    Row("3", _blocked_hard, Outcome.REFUSE, _invalid_hard_match),
    Row(
        "4",
        lambda s: (
            s.holder is not None
            and s.holder.dirsync is None
            and s.tenant.settings.hardens_roles
            and s.has_role(s.holder)
        ),
        Outcome.REFUSE,
        _hardened,
    ),
    Row("6", lambda s: s.holder is not None and s.holder.deleted is not None, Outcome.RESTORE),
    Row("5", lambda s: s.holder is not None, Outcome.HARD_MATCH),
    # nobody has the anchor
    Row("12", lambda s: bool(s.rivals) and _not_resilient(s), Outcome.REFUSE, _invalid_soft_match),
    Row("13", lambda s: s.sid_owner is not None, Outcome.REFUSE, _duplicate_sid),
    Row(
        "9",
        lambda s: s.free and s.candidate is not None and s.candidate.kind is not s.incoming.kind,
        Outcome.REFUSE,
        _type_mismatch,
    ),
    Row("11", lambda s: s.free and s.tenant.sync.has("BlockSoftMatch"), Outcome.REFUSE, _invalid_soft_match),
    Row("10a", lambda s: s.free and s.has_role(s.candidate) and _not_resilient(s), Outcome.REFUSE, _admin_role),
    Row("10", lambda s: s.free and s.has_role(s.candidate), Outcome.CREATE, reason="ExistingAdminRoleConflict"),
    Row("8", lambda s: s.free, Outcome.SOFT_MATCH),
    Row(
        "14",
        lambda s: s.candidate is not None and s.matched_on == "proxyAddresses" and s.tenant.settings.matching == "2025",
        Outcome.REFUSE,
        _duplicate_primary,
    ),
    Row("15", lambda s: s.candidate is not None or bool(s.rivals), Outcome.CREATE),
    Row("17", lambda s: True, Outcome.CREATE),
)


def incoming(kind: Kind, anchor: str, values: dict[str, Any]) -> Incoming:
    """Pick out of exported values what takes part in matching."""
    proxies = as_list(values.get("proxyAddresses"))
    primary = primary_smtp(proxies)
    if primary is None and not any(p[:5].lower() == "smtp:" for p in proxies):
        primary = values.get("mail")
    return Incoming(
        kind,
        anchor,
        primary.lower() if primary else None,
        values.get("userPrincipalName") if kind is Kind.USER else None,
        tuple(map(address_key, proxies)),
        values.get("onPremiseSecurityIdentifier"),
        values.get("onPremisesObjectIdentifier"),
        values.get("deviceId") if kind is Kind.DEVICE else None,
    )


def decide(tenant: Tenant, new: Incoming) -> Decision:
    """Run the table for an addition."""
    holder = tenant.by_anchor.get(new.anchor) or tenant.recycled_by_anchor.get(new.anchor)
    if holder is not None:
        return _judge(Situation(tenant, new, holder, None, None, None, ()))
    candidate, matched_on = _soft_candidate(tenant, new)
    sid_owner = tenant.by_sid.get(new.sid) if new.sid is not None else None
    rivals = _rivals(tenant, new)
    if candidate is None and sid_owner is None and not rivals:
        return _NEW
    return _judge(Situation(tenant, new, None, candidate, matched_on, sid_owner, rivals))


def decide_change(tenant: Tenant, holder: CloudObject, new: Incoming) -> Decision:
    """Run the first part of the table for a change of the object that was found."""
    return _judge(Situation(tenant, new, holder, None, None, None, ()))


def _judge(situation: Situation) -> Decision:
    for row in ROWS:
        if row.holds(situation):
            target = situation.holder or (situation.candidate if row.outcome is Outcome.SOFT_MATCH else None)
            refused = row.refuse(situation) if row.refuse is not None else None
            matched = "sourceAnchor" if situation.holder is not None else situation.matched_on
            return Decision(row.outcome, target, row.number, matched, refused, row.reason)
    raise AssertionError("the last row always holds")


def _soft_candidate(tenant: Tenant, new: Incoming) -> tuple[CloudObject | None, str | None]:
    """Primary SMTP first; the UPN only when that found nothing and the feature is on; devices by their device id."""
    if new.kind is Kind.DEVICE:
        found = tenant.by_device.get(new.device_id) if new.device_id else None
        return found, "deviceId" if found is not None else None
    if new.primary is not None:
        owner = tenant.by_address.get(new.primary)
        if owner is not None and owner.mail is not None and owner.mail.lower() == new.primary:
            return owner, "proxyAddresses"
    if new.upn and tenant.sync.has("EnableSoftMatchOnUpn") and is_verified(new.upn, tenant.verified):
        user = tenant.by_upn.get(new.upn.lower())
        if user is not None:
            return user, "userPrincipalName"
    return None, None


def _rivals(tenant: Tenant, new: Incoming) -> tuple[CloudObject, ...]:
    """Objects bound to another anchor that own a UPN or address of the new one."""
    found: list[CloudObject] = []
    if new.upn:
        user = tenant.by_upn.get(new.upn.lower())
        if user is not None and user.anchor is not None:
            found.append(user)
    for key in new.addresses:
        owner = tenant.by_address.get(key)
        if owner is not None and owner.anchor is not None and owner not in found:
            found.append(owner)
    return tuple(found)


_NEW = Decision(Outcome.CREATE)
