"""What an expectation can look at of how users sign in: agents and single sign-on as the tenant shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.password_vector import shown
from harness.lab.reactor import in_reactor
from harness.lab.tenant import Tenant
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("tenant")
check = CHECKS.check


@check("agents", "tenant.agents(machine, status): {contains: {machine: SYNC1, status: active}}", many=True)
def agents(lab: Lab, place: Tenant, query: Query) -> Any:
    """Authentication Agents of pass-through authentication: machine, status active or inactive, id."""
    path = "onPremisesPublishingProfiles/authentication/agents"
    found = place.graph().get(path, version="beta")["value"]
    return [{"machine": one["machineName"], "status": one["status"], "id": one["id"]} for one in found]


@check("sign_in_method", "tenant.sign_in_method: {pass_through: true, single_sign_on: false}")
def sign_in_method(lab: Lab, place: Tenant, query: Query) -> Any:
    """Whether pass-through authentication, single sign-on and password hashes are on; the forests of single sign-on."""
    pass_through = place.registration("GetPassthroughAuthenticationStatus", {})
    sso = place.registration("GetDesktopSsoStatus", {})
    company = place.provisioning("GetCompanyConfiguration", {})
    return {
        "pass_through": pass_through["Enable"],
        "single_sign_on": sso["Enable"],
        "forests": sorted(one["DomainName"] for one in sso["Domains"] if one["Enable"]),
        "password_hash_sync": company["IsPasswordSyncing"],
    }


@check(
    "password_hash",
    "tenant.password_hash(ana.lopez@contoso.com, password = Aa1-x): {same: true, salt_bytes: 10}",
    named=True,
    whole=True,
)
def password_hash(lab: Lab, place: Tenant, query: Query) -> Any:
    """What password hash synchronization left of a password in the tenant, compared with the same pipeline worked out
    anew from the clear text: same, the lengths of the stages, and in how many log records the clear text or its
    MD4 hash can be found.
    """
    password = next((str(one.wanted) for one in query.conditions if one.name == "password"), "")
    kept = in_reactor(place.service.stored_password, query.name() or "")
    if kept is None:
        return None
    return shown(password, *kept, lab.timeline.records)
