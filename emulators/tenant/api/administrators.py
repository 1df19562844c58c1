"""Conditional access, second factors and eligible roles over Graph. Source: Graph identity and role management."""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, lacking, no_content, ok
from emulators.tenant.api.rendering import context
from emulators.tenant.api.users import find_user
from emulators.tenant.core.refusals import not_found
from emulators.tenant.core.signing_in import conditional_access, role_eligibility

POLICIES = "identity/conditionalAccess/policies"
READ_ROLES = ("RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory")
WRITE_ROLES = ("RoleManagement.ReadWrite.Directory",)
METHODS = ("UserAuthenticationMethod.ReadWrite.All",)
ACCESS = ("Policy.ReadWrite.ConditionalAccess",)


def list_policies(desk: Desk, call: Call) -> Answer:
    return ok({"@odata.context": context(call, POLICIES), "value": list(desk.tenant.access.policies.values())})


def add_policy(desk: Desk, call: Call) -> Answer:
    policy = conditional_access.add_policy(desk.tenant, call.json())
    return ok({"@odata.context": context(call, f"{POLICIES}/$entity"), **policy}, 201)


def get_policy(desk: Desk, call: Call, key: str) -> Answer:
    found = desk.tenant.access.policies.get(key)
    if found is None:
        raise not_found(key)
    return ok({"@odata.context": context(call, f"{POLICIES}/$entity"), **found})


def remove_policy(desk: Desk, call: Call, key: str) -> Answer:
    conditional_access.remove_policy(desk.tenant, key)
    return no_content()


def list_phones(desk: Desk, call: Call, key: str) -> Answer:
    method = desk.tenant.access.phones.get(find_user(desk.tenant, key).id)
    rows = [] if method is None else [method]
    return ok({"@odata.context": context(call, "phoneMethods"), "value": rows})


def register_phone(desk: Desk, call: Call, key: str) -> Answer:
    method = conditional_access.register_phone(desk.tenant, find_user(desk.tenant, key), call.json())
    return ok({"@odata.context": context(call, "phoneMethods/$entity"), **method}, 201)


def _schedule(identifier: str, role: str, principal: str, **more: Any) -> dict[str, Any]:
    shown = {"id": identifier, "principalId": principal, "roleDefinitionId": role, "directoryScopeId": "/"}
    return {**shown, "status": "Provisioned", **more}


def request_eligibility(desk: Desk, call: Call) -> Answer:
    made = role_eligibility.make_eligible(desk.tenant, call.json())
    return ok(_schedule(*made, action="adminAssign"), 201)


def request_activation(desk: Desk, call: Call) -> Answer:
    made = role_eligibility.activate(desk.tenant, call.json())
    return ok(_schedule(*made, action="selfActivate"), 201)


def list_eligible(desk: Desk, call: Call) -> Answer:
    return _eligible(desk, call, None)


def own_eligible(desk: Desk, call: Call) -> Answer:
    """What the caller may activate; everybody may ask it of himself."""
    return _eligible(desk, call, call.caller.object_id if call.caller is not None else "")


def _eligible(desk: Desk, call: Call, principal: str | None) -> Answer:
    rows = [
        _schedule(identifier, role, who)
        for identifier, (role, who) in desk.tenant.access.eligible.items()
        if principal in (None, who)
    ]
    where = "roleManagement/directory/roleEligibilitySchedules"
    return ok({"@odata.context": context(call, where), "value": rows})


_ROLES = "/roleManagement/directory"
ROUTES: tuple[Route, ...] = (
    Route("GET", f"/{POLICIES}", list_policies, ACCESS),
    Route("POST", f"/{POLICIES}", add_policy, ACCESS),
    Route("GET", f"/{POLICIES}/<key>", get_policy, ACCESS),
    Route("PATCH", f"/{POLICIES}/<key>", lacking("Changing a conditional access policy"), ACCESS),
    Route("DELETE", f"/{POLICIES}/<key>", remove_policy, ACCESS),
    Route("GET", "/users/<key>/authentication/phoneMethods", list_phones, METHODS),
    Route("POST", "/users/<key>/authentication/phoneMethods", register_phone, METHODS),
    Route("POST", f"{_ROLES}/roleEligibilityScheduleRequests", request_eligibility, WRITE_ROLES),
    Route("POST", f"{_ROLES}/roleAssignmentScheduleRequests", request_activation, WRITE_ROLES),
    Route("GET", f"{_ROLES}/roleEligibilitySchedules", list_eligible, READ_ROLES),
    Route("GET", f"{_ROLES}/roleEligibilitySchedules/filterByCurrentUser(on='principal')", own_eligible),
)
