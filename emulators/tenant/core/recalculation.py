"""What the cloud computes for one object from its shadow values: nickname, UPN, addresses, withheld duplicates.

Called when a client writes, a licence moves, a domain comes or goes, and by the hourly sweep. Source: facts "tenant"
3 to 6.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

from emulators.tenant.core import mail_nickname, proxy_addresses, uniqueness, user_principal_name
from emulators.tenant.core.attributes import as_list
from emulators.tenant.core.identities import CloudObject, Device, User
from emulators.tenant.core.proxy_addresses import Addresses, Recipient
from emulators.tenant.core.refusals import ObjectRefusal
from emulators.tenant.core.service_plans import has_exchange
from emulators.tenant.core.tenant import Tenant, address_key
from emulators.tenant.core.uniqueness import Conflicts


class Trigger(Enum):
    """Why an object is calculated again."""

    FIRST = "first synchronisation"
    UPDATE = "change of a shadow value"
    LICENCE = "licence change"
    DOMAIN = "verified domain added or removed"
    SWEEP = "hourly sweep or queue"
    RESTORE = "restored from the deleted items"

    @property
    def by_client(self) -> bool:
        return self in (Trigger.FIRST, Trigger.UPDATE)


@dataclass(frozen=True, slots=True)
class Case:
    """One calculation: the object, why, which shadow names changed, and the reason noted on withheld values."""

    trigger: Trigger
    touched: Collection[str] = ()
    reason: str = "PropertyConflict"


def compute(tenant: Tenant, obj: CloudObject, case: Case) -> dict[str, Any] | ObjectRefusal:
    """Answer the slots to write, or why a client's change cannot be taken. Nothing is written here."""
    if isinstance(obj, Device):
        return {}
    found = Conflicts()
    if not isinstance(obj, User):
        nickname = mail_nickname.next_nickname(obj.nickname, obj.shadow, alias_changed="alias" in case.touched)
        addresses = _addresses(tenant, obj, Recipient(moera=obj.own.get("moera")), found)
        changes: dict[str, Any] = {"nickname": nickname}
    else:
        worked = _user(tenant, obj, case, found)
        if isinstance(worked, ObjectRefusal):
            return worked
        changes, addresses = worked
    if found and case.trigger.by_client:
        refused = uniqueness.refusal(tenant, obj, found, new=case.trigger is Trigger.FIRST)
        if refused is not None:
            return refused
    changes["proxies"] = addresses.proxies
    changes["mail"] = addresses.mail
    if found or obj.errors:
        changes["errors"] = uniqueness.errors_of(tenant, obj, found, case.reason)
    return changes


def recalculate(tenant: Tenant, obj: CloudObject, trigger: Trigger, touched: Collection[str] = ()) -> bool:
    """Calculate on the service's own account and write what differs; answer whether anything did."""
    if tenant.settings.proxycalc == "queued" and trigger in (Trigger.LICENCE, Trigger.DOMAIN) and obj.deleted is None:
        tenant.recalculation_queue[obj.id] = (tenant.stamp(), trigger.name)
        return False
    return recalculate_now(tenant, obj, trigger, touched)


def recalculate_now(tenant: Tenant, obj: CloudObject, trigger: Trigger, touched: Collection[str] = ()) -> bool:
    """The same without the queue."""
    changes = compute(tenant, obj, Case(trigger, touched))
    if isinstance(changes, ObjectRefusal):
        return False
    differing = {name: value for name, value in changes.items() if getattr(obj, name) != value}
    if differing:
        if "errors" in differing:
            uniqueness.notify(tenant, obj, differing["errors"])
        tenant.commit(obj, differing)
        tenant.record("tenant.recalculated", id=obj.id, trigger=trigger.value, changed=sorted(differing))
    return bool(differing)


def _user(tenant: Tenant, user: User, case: Case, found: Conflicts) -> tuple[dict[str, Any], Addresses] | ObjectRefusal:
    nickname = mail_nickname.next_nickname(user.nickname, user.shadow, alias_changed="alias" in case.touched)
    if nickname is None:
        return ObjectRefusal(
            "IdentityDataValidationFailed",
            "Identity data validation failed: no mailNickname, address or userPrincipalName to name the user by.",
        )
    licensed = has_exchange(user)
    mailbox = licensed or _is_mailbox(user)
    upn = _upn(tenant, user, nickname, case, found)
    if isinstance(upn, ObjectRefusal):
        return upn
    moera = user.moera
    if moera is None and mailbox:
        moera = _free_moera(tenant, user, nickname)
    elif (
        moera is not None
        and upn != user.upn
        and upn.lower().endswith("@" + tenant.initial_domain)
        and found.upn is None
    ):
        moera = upn
    keeps = moera is not None and (
        case.trigger.by_client or (case.trigger is not Trigger.LICENCE and _has_address(user, user.upn))
    )
    who = Recipient(upn, moera, licensed, mailbox, keeps)
    addresses = _addresses(tenant, user, who, found)
    return {"nickname": nickname, "upn": upn, "moera": moera}, addresses


def _is_mailbox(user: User) -> bool:
    if user.shadow.get("msExchRemoteRecipientType") is not None:
        return True
    return user.own.get("cloudMSExchRecipientDisplayType") in proxy_addresses.MAILBOX_DISPLAY_TYPES


def _has_address(obj: CloudObject, address: str | None) -> bool:
    return address is not None and any(address_key(p) == address.lower() for p in obj.proxies)


def _upn(tenant: Tenant, user: User, nickname: str, case: Case, found: Conflicts) -> str | ObjectRefusal:
    """Settle the UPN: what the client wrote, the MOERA, a placeholder, or what it was."""
    written = user.shadow.get("userPrincipalName")
    if user.dirsync is None and case.trigger is not Trigger.FIRST:
        return _cloud_upn(tenant, user, nickname)
    withheld = any(error.property == uniqueness.UPN for error in user.errors)
    returns = user.deleted is not None  # somebody may have taken the name in the meantime
    moves = (
        user.upn is None
        or returns
        or case.trigger in (Trigger.FIRST, Trigger.DOMAIN, Trigger.RESTORE)
        or "userPrincipalName" in case.touched
        or withheld
    )
    if not moves and user.upn is not None:
        return user.upn
    if case.trigger is Trigger.UPDATE and not returns and user.upn is not None and not _may_follow(tenant, user):
        return user.upn
    blank_is_error = tenant.settings.invalid_upn == "error"
    verdict = user_principal_name.judge(written, tenant.verified, blank_is_error=blank_is_error)
    if isinstance(verdict, ObjectRefusal):
        return verdict if case.trigger.by_client or user.upn is None else user.upn
    if verdict is False or not isinstance(written, str):
        return _moera_upn(tenant, user, nickname, case)
    owner = tenant.upn_owner(written.lower())
    if owner is None or owner is user:
        return written
    found.upn, found.upn_owner = written, owner
    if user.upn is not None and user_principal_name.is_placeholder(user.upn, written, tenant.initial_domain):
        return user.upn
    return user_principal_name.placeholder(written, tenant.initial_domain, _upn_taken(tenant, user), tenant.draw)


def _may_follow(tenant: Tenant, user: User) -> bool:
    domain = tenant.domains.get(user_principal_name.suffix(user.upn or ""))
    federated = domain is not None and domain.federation is not None
    feature = tenant.sync.has("SynchronizeUpnForManagedUsers")
    return user_principal_name.follows(feature_on=feature, licensed=bool(user.licences), federated=federated)


def _cloud_upn(tenant: Tenant, user: User, nickname: str) -> str:
    """A user born in the cloud keeps its UPN, unless its domain left the tenant."""
    if user.upn is not None and user_principal_name.is_verified(user.upn, tenant.verified):
        return user.upn
    left = mail_nickname.prefix(user.upn) or nickname
    wanted = f"{left}@{tenant.initial_domain}"
    taken = _upn_taken(tenant, user)
    return (
        user_principal_name.with_digits(left, tenant.initial_domain, taken, tenant.draw)
        if taken(wanted.lower())
        else wanted
    )


def _moera_upn(tenant: Tenant, user: User, nickname: str, case: Case) -> str:
    if user.upn is not None and case.trigger in (Trigger.DOMAIN, Trigger.RESTORE, Trigger.SWEEP):
        taken = _upn_taken(tenant, user)
        if user_principal_name.suffix(user.upn) == tenant.initial_domain and not taken(user.upn.lower()):
            return user.upn
    return _free_moera(tenant, user, nickname)


def _upn_taken(tenant: Tenant, user: User) -> Any:
    def taken(candidate: str) -> bool:
        owner = tenant.upn_owner(candidate) or tenant.address_owner(candidate)
        return owner is not None and owner is not user

    return taken


def _free_moera(tenant: Tenant, user: User, nickname: str) -> str:
    """``<nickname>@<initial domain>``, with four digits when somebody has it."""
    taken = _upn_taken(tenant, user)
    wanted = f"{nickname}@{tenant.initial_domain}"
    if not taken(wanted.lower()):
        return wanted
    return user_principal_name.with_digits(nickname, tenant.initial_domain, taken, tenant.draw)


def _addresses(tenant: Tenant, obj: CloudObject, who: Recipient, found: Conflicts) -> Addresses:
    """ProxyCalc, with every address of somebody else left out and noted."""
    listed = as_list(obj.shadow.get("proxyAddresses") or obj.own.get("proxyAddresses"))
    mail = obj.own["mail"] if "mail" in obj.own else obj.shadow.get("mail")
    if not listed and not mail and who.moera is None and not who.licensed and not who.mailbox:
        return _NONE
    while True:
        result = proxy_addresses.calculate(listed, mail, who, tenant.verified)
        others = []
        for proxy in result.proxies:
            owner = tenant.address_owner(address_key(proxy))
            if owner is not None and owner is not obj:
                others.append((proxy, owner))
        if not others:
            return result
        found.addresses += others
        keys = {address_key(proxy) for proxy, _ in others}
        listed = [p for p in listed if address_key(p) not in keys]
        mail = None if mail is not None and mail.lower() in keys else mail
        drop_upn = who.upn is not None and who.upn.lower() in keys
        drop_moera = who.moera is not None and who.moera.lower() in keys
        who = Recipient(
            None if drop_upn else who.upn, None if drop_moera else who.moera, who.licensed, who.mailbox, who.keeps_upn
        )


_NONE = Addresses((), None)
