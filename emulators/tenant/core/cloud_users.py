"""What administrators do to users in the cloud: create, change, set a password, and what they may not touch.

Source: facts "tenant" 1.6, 14; "graph_clients" 3 rows 13 to 16, 23.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulators.tenant.core import anchors, object_quota, passwords
from emulators.tenant.core.attributes import EXTENSION_ATTRIBUTES
from emulators.tenant.core.identities import Kind, User
from emulators.tenant.core.properties import READERS
from emulators.tenant.core.recalculation import Trigger, recalculate
from emulators.tenant.core.refusals import MASTERED_ON_PREMISES, GraphError, bad_request, read_only
from emulators.tenant.core.tenant import Tenant, make
from emulators.tenant.core.user_principal_name import LEGAL_PREFIX, is_verified

TEXTS = frozenset(
    [
        "aboutMe",
        "ageGroup",
        "city",
        "companyName",
        "consentProvidedForMinor",
        "country",
        "department",
        "displayName",
        "employeeId",
        "employeeType",
        "faxNumber",
        "givenName",
        "jobTitle",
        "mail",
        "mailNickname",
        "mobilePhone",
        "mySite",
        "officeLocation",
        "onPremisesImmutableId",
        "passwordPolicies",
        "postalCode",
        "preferredDataLocation",
        "preferredLanguage",
        "preferredName",
        "state",
        "streetAddress",
        "surname",
        "usageLocation",
        "userPrincipalName",
        "userType",
    ]
)
LISTS = frozenset(
    {"businessPhones", "otherMails", "interests", "pastProjects", "responsibilities", "schools", "skills"}
)
TRUTHS = frozenset({"accountEnabled", "showInAddressList"})
OBJECTS = frozenset({"passwordProfile", "onPremisesExtensionAttributes"})
#: what stays writable in the cloud on a synchronised user; the mobile numbers become an override (facts 1.6)
CLOUD_ATTRIBUTES = frozenset(
    {
        "usageLocation",
        "passwordProfile",
        "passwordPolicies",
        "mobilePhone",
        "otherMails",
        "ageGroup",
        "consentProvidedForMinor",
        "preferredDataLocation",
        "onPremisesObjectIdentifier",
    }
)
OVERRIDABLE = frozenset({"mobilePhone"})
PASSWORD_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet
NEEDED = ("accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName")


def draw_password(tenant: Tenant) -> str:
    """A long password from the world's seed."""
    return "".join(tenant.draw.choice(PASSWORD_ALPHABET) for _ in range(28)) + "a1!"


def create_account(tenant: Tenant, upn: str, password: str, display_name: str) -> User:
    """An account the service itself makes: no expiry, no forced change."""
    user = make(tenant, Kind.USER)
    assert isinstance(user, User)
    credential = passwords.make_credential(password, tenant.stamp(), tenant.draw)
    tenant.add(
        user,
        {
            "upn": upn,
            "nickname": upn.partition("@")[0],
            "own": {"displayName": display_name, "accountEnabled": True},
            "credential": credential,
            "password_policies": passwords.DISABLE_EXPIRATION,
        },
    )
    return user


def set_password(tenant: Tenant, user: User, password: str, *, force_change: bool = False) -> None:
    """A password set in the cloud holds until the next one from on-premises."""
    credential = passwords.make_credential(password, tenant.stamp(), tenant.draw, force_change=force_change)
    tenant.failed_sign_ins.pop(user.id, None)
    tenant.commit(user, {"credential": credential, "sessions_valid_from": tenant.stamp()})


def create_user(tenant: Tenant, body: Mapping[str, Any]) -> User:
    """POST /users."""
    wanted = checked(body)
    for name in NEEDED:
        if wanted.get(name) is None:
            raise bad_request(f"A value is required for property '{name}' of resource 'User'.")
    upn = wanted.pop("userPrincipalName")
    _check_upn(tenant, upn, None)
    anchor = wanted.pop("onPremisesImmutableId", None)
    object_quota.require_room(tenant)
    user = make(tenant, Kind.USER)
    assert isinstance(user, User)
    refused = anchors.check_cloud_change(user, anchor, _anchor_owner(tenant, anchor))
    if refused is not None:
        raise refused
    _check_mail(tenant, wanted.get("mail"), None)
    password, force = _read_password(wanted.pop("passwordProfile"))
    policies = _read_policies(wanted.pop("passwordPolicies", None))
    nickname = wanted.pop("mailNickname")
    credential = passwords.make_credential(password, tenant.stamp(), tenant.draw, force_change=force)
    own = {name: value for name, value in wanted.items() if value is not None}
    tenant.add(
        user,
        {
            "upn": upn,
            "nickname": nickname,
            "anchor": anchor,
            "own": own,
            "credential": credential,
            "password_policies": policies,
        },
    )
    recalculate(tenant, user, Trigger.LICENCE)
    tenant.record("tenant.user.created", id=user.id, upn=upn, changed=sorted(body))
    return user


def change_user(tenant: Tenant, user: User, body: Mapping[str, Any]) -> None:
    """PATCH /users/{id}: everything or nothing."""
    clears_identifier = "onPremisesObjectIdentifier" in body
    if clears_identifier and body["onPremisesObjectIdentifier"] is not None:
        raise bad_request("Property 'onPremisesObjectIdentifier' can only be set to null.")
    wanted = checked({name: value for name, value in body.items() if name != "onPremisesObjectIdentifier"})
    if user.dirsync is True and not user.cloud_managed and not CLOUD_ATTRIBUTES.issuperset(wanted):
        raise bad_request(MASTERED_ON_PREMISES)
    if (
        user.dirsync is False
        and tenant.sync.enabled is True
        and not CLOUD_ATTRIBUTES.union({"onPremisesImmutableId"}).issuperset(wanted)
    ):
        raise bad_request(MASTERED_ON_PREMISES)
    writes = _settle(tenant, user, wanted)
    if clears_identifier:
        writes["object_identifier"] = None
        writes["shadow"] = {n: v for n, v in user.shadow.items() if n != "onPremisesObjectIdentifier"}
    password = wanted.pop("passwordProfile", None)
    if password is not None:
        text, force = _read_password(password)
        writes["credential"] = passwords.make_credential(text, tenant.stamp(), tenant.draw, force_change=force)
        writes["sessions_valid_from"] = tenant.stamp()
    own = {**user.own, **wanted}
    if own != user.own:
        writes["own"] = own
    if user.dirsync is True and OVERRIDABLE.intersection(wanted):
        writes["overrides"] = tuple(sorted(OVERRIDABLE.intersection(wanted).union(user.overrides)))
    if writes:
        tenant.commit(user, writes)
        recalculate(tenant, user, Trigger.LICENCE)
    tenant.record("tenant.user.changed", id=user.id, changed=sorted(body))


def _settle(tenant: Tenant, user: User, wanted: dict[str, Any]) -> dict[str, Any]:
    """Take the values that live in slots out of ``wanted`` and check them."""
    writes: dict[str, Any] = {}
    if "userPrincipalName" in wanted:
        upn = wanted.pop("userPrincipalName")
        _check_upn(tenant, upn, user)
        writes["upn"] = upn
    if "mailNickname" in wanted:
        nickname = wanted.pop("mailNickname")
        if not nickname:
            raise bad_request("Invalid value specified for property 'mailNickname' of resource 'User'.")
        writes["nickname"] = nickname
    if "onPremisesImmutableId" in wanted:
        anchor = wanted.pop("onPremisesImmutableId") or None
        refused = anchors.check_cloud_change(user, anchor, _anchor_owner(tenant, anchor))
        if refused is not None:
            raise refused
        writes["anchor"] = anchor
    if "passwordPolicies" in wanted:
        writes["password_policies"] = _read_policies(wanted.pop("passwordPolicies"))
    if "mail" in wanted:
        _check_mail(tenant, wanted["mail"], user)
    return writes


def checked(body: Mapping[str, Any]) -> dict[str, Any]:
    """Check names and shapes of a user body; annotations (``@...``) pass through unseen."""
    wanted: dict[str, Any] = {}
    for name, value in body.items():
        if name.startswith("@") or "@odata" in name:
            continue
        if name in TEXTS:
            fits = value is None or isinstance(value, str)
        elif name in LISTS:
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        elif name in TRUTHS:
            fits = value is None or isinstance(value, bool)
        elif name in OBJECTS:
            fits = isinstance(value, dict)
        elif name in READERS[Kind.USER]:
            raise read_only(name)
        else:
            raise bad_request(f"Property '{name}' does not exist as a declared property or extension property.")
        if not fits:
            raise bad_request(f"Invalid value specified for property '{name}' of resource 'User'.")
        wanted[name] = value
    extension = wanted.get("onPremisesExtensionAttributes")
    if extension is not None and not set(EXTENSION_ATTRIBUTES).issuperset(
        n for n in extension if not n.startswith("@")
    ):
        raise bad_request("Invalid value specified for property 'onPremisesExtensionAttributes' of resource 'User'.")
    return wanted


def _check_upn(tenant: Tenant, upn: Any, user: User | None) -> None:
    if not isinstance(upn, str) or "@" not in upn or not LEGAL_PREFIX.fullmatch(upn.rpartition("@")[0]):
        raise bad_request("Invalid value specified for property 'userPrincipalName' of resource 'User'.")
    if not is_verified(upn, tenant.verified):
        raise bad_request(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the "
            "verified domain names in your organization."
        )
    owner = tenant.upn_owner(upn.lower())
    if owner is not None and owner is not user:
        raise conflict("userPrincipalName")


def _check_mail(tenant: Tenant, mail: str | None, user: User | None) -> None:
    owner = tenant.address_owner(mail.lower()) if mail else None
    if owner is not None and owner is not user:
        raise conflict("proxyAddresses")


def conflict(name: str) -> GraphError:
    """Row 15: one detail for the property; an address conflict carries a second one."""
    text = f"Another object with the same value for property {name} already exists."
    details: list[dict[str, str]] = [{"code": "ObjectConflict", "message": text, "target": name}]
    if name == "proxyAddresses":
        details.append({"code": "ConflictingObjects", "message": text, "target": name})
    return bad_request(text, details=tuple(details))


def _anchor_owner(tenant: Tenant, anchor: str | None) -> Any:
    if anchor is None:
        return None
    return tenant.by_anchor.get(anchor) or tenant.recycled_by_anchor.get(anchor)


def _read_password(profile: Mapping[str, Any]) -> tuple[str, bool]:
    password = profile.get("password")
    if not isinstance(password, str) or not passwords.acceptable(password):
        raise bad_request(
            "The specified password does not comply with password complexity requirements. Please provide "
            "a different password."
        )
    return password, profile.get("forceChangePasswordNextSignIn", True) is True


def _read_policies(text: str | None) -> str | None:
    if not passwords.legal_policies(text):
        raise bad_request("Invalid value specified for property 'passwordPolicies' of resource 'User'.")
    return text
