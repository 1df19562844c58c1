"""Who must prove more than a password, or may not sign in at all; second factors, and the texts that carry their codes.

Policies know users and two controls, ``mfa`` and ``block``; every other condition is refused. Source: Graph
conditionalAccessPolicy and phoneAuthenticationMethod; facts "install" CTE-06, CTE-07.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.tenant.core.identities import User
from emulators.tenant.core.refusals import bad_request, not_emulated, not_found
from emulators.tenant.core.tenant import Tenant

EVERYBODY = "All"
CONTROLS = ("mfa", "block")
STATES = ("enabled", "disabled")
CODE_DIGITS = 6
#: failed window steps are words of the sign-in service
WRONG_CODE = "SMSAuthFailedWrongCodeEntered"


@dataclass(frozen=True, slots=True)
class Demand:
    """What the policies ask of a user. blocked: no sign-in whatever is proved."""

    blocked: bool = False
    second_factor: bool = False


@dataclass
class AccessFacts:
    """Everything here is plain, so that a snapshot takes it as it is. phones: number by user. texts: sent and not
    deleted, by number. windows: sign-in windows by their flow token. codes: authorization codes to user and client.
    """

    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    phones: dict[str, dict[str, str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    windows: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, list[str]] = field(default_factory=dict)
    eligible: dict[str, list[str]] = field(default_factory=dict)  # schedule to role and principal
    active_until: dict[str, str] = field(default_factory=dict)  # assignment to the moment at which it ends


def demand(tenant: Tenant, user: User) -> Demand:
    """What the enabled policies together ask."""
    controls: set[str] = set()
    for policy in tenant.access.policies.values():
        users = policy["conditions"]["users"]
        meant = EVERYBODY in users["includeUsers"] or user.id in users["includeUsers"]
        if policy["state"] == "enabled" and meant and user.id not in users["excludeUsers"]:
            controls.update(policy["grantControls"]["builtInControls"])
    return Demand("block" in controls, "mfa" in controls)


def add_policy(tenant: Tenant, body: Mapping[str, Any]) -> dict[str, Any]:
    """POST /identity/conditionalAccess/policies."""
    conditions = _mapping(body.get("conditions"), "conditions")
    grant = _mapping(body.get("grantControls"), "grantControls")
    users = _mapping(conditions.get("users"), "conditions.users")
    if set(conditions) - {"users", "applications", "clientAppTypes"} or set(users) - {"includeUsers", "excludeUsers"}:
        raise not_emulated("A conditional access policy with conditions other than users")
    if conditions.get("applications", {"includeApplications": ["All"]}) != {"includeApplications": ["All"]}:
        raise not_emulated("A conditional access policy for single applications")
    controls = grant.get("builtInControls")
    if not isinstance(controls, list) or not controls or not all(one in CONTROLS for one in controls):
        raise not_emulated("A conditional access policy with controls other than mfa and block")
    if body.get("state") not in STATES:
        raise bad_request("Invalid value specified for property 'state' of resource 'ConditionalAccessPolicy'.")
    lists = {name: users.get(name, []) for name in ("includeUsers", "excludeUsers")}
    if not all(isinstance(ids, list) and all(isinstance(one, str) for one in ids) for ids in lists.values()):
        raise bad_request("Invalid value specified for property 'users' of resource 'ConditionalAccessUsers'.")
    policy = {
        "id": tenant.tracking_id(),
        "displayName": str(body.get("displayName", "")),
        "state": body["state"],
        "conditions": {
            "users": {name: list(ids) for name, ids in lists.items()},
            "applications": {"includeApplications": ["All"]},
        },
        "grantControls": {"operator": "OR", "builtInControls": list(controls)},
    }
    tenant.access.policies[policy["id"]] = policy
    tenant.record("tenant.conditional-access.set", id=policy["id"], controls=list(controls))
    return policy


def remove_policy(tenant: Tenant, policy_id: str) -> None:
    if tenant.access.policies.pop(policy_id, None) is None:
        raise not_found(policy_id)
    tenant.record("tenant.conditional-access.removed", id=policy_id)


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"Invalid value specified for property '{name}' of resource 'ConditionalAccessPolicy'.")
    return value


# ---- second factors --------------------------------------------------------------------------------------------------
def register_phone(tenant: Tenant, user: User, body: Mapping[str, Any]) -> dict[str, str]:
    """POST /users/{id}/authentication/phoneMethods: one mobile number."""
    number, kind = body.get("phoneNumber"), body.get("phoneType")
    if not isinstance(number, str) or not number.startswith("+"):
        raise bad_request("Invalid value specified for property 'phoneNumber' of resource 'PhoneAuthenticationMethod'.")
    if kind != "mobile":
        raise not_emulated("A phone other than a mobile one")
    method = {"id": "3179e48a-750b-4051-897c-87b9720928f7", "phoneNumber": number, "phoneType": "mobile"}
    tenant.access.phones[user.id] = method
    tenant.record("tenant.authentication-method.registered", id=user.id)
    return method


def send_code(tenant: Tenant, user: User) -> str:
    """Send a text with a new code to the user's phone; answers the code, which nobody else is told."""
    code = "".join(str(tenant.noise.randrange(10)) for _ in range(CODE_DIGITS))
    tenant.access.texts[tenant.access.phones[user.id]["phoneNumber"]] = code
    tenant.record("tenant.second-factor.sent", id=user.id)
    return code
