"""Administrators of a tenant as the wizard meets them: made over Graph, signing in with their phone beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.lab.reactor import in_reactor
from harness.scenario.document import CloudUser

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.tenant import Tenant

_ROLE_REQUESTS = "roleManagement/directory"


def establish(tenant: Tenant, made: Mapping[str, Any], user: CloudUser) -> None:
    """Give a fresh user what the world says of it as an administrator."""
    facts, identifier, graph = user.administrator, str(made["id"]), tenant.graph()
    if facts.get("second_factor"):
        _demand(tenant, identifier, "mfa")
    if facts.get("second_factor") == "registered":
        body = {"phoneNumber": phone_of(identifier), "phoneType": "mobile"}
        graph.post(f"users/{identifier}/authentication/phoneMethods", body)
    if facts.get("blocked"):
        _demand(tenant, identifier, "block")
    if facts.get("eligible_role"):
        meant = {"roleDefinitionId": tenant.role(facts["eligible_role"]), "principalId": identifier}
        body = {"action": "adminAssign", "directoryScopeId": "/", **meant}
        graph.post(f"{_ROLE_REQUESTS}/roleEligibilityScheduleRequests", body)
    if facts.get("role_through"):
        group = {
            "displayName": f"{facts['role_through']}s", "mailNickname": "role-group", "mailEnabled": False,
            "securityEnabled": True, "isAssignableToRole": True,
        }  # fmt: skip
        holder = graph.post("groups", group)["id"]
        tenant.assign_role(holder, facts["role_through"])
        member = f"https://graph.microsoft.com/v1.0/directoryObjects/{identifier}"
        graph.post(f"groups/{holder}/members/$ref", {"@odata.id": member})


def activate_role(tenant: Tenant, identifier: str, role: str, hours: int) -> None:
    """The user activates an eligible role."""
    meant = {"roleDefinitionId": tenant.role(role), "principalId": identifier, "directoryScopeId": "/"}
    ends = {"expiration": {"type": "afterDuration", "duration": f"PT{hours}H"}}
    body = {"action": "selfActivate", "scheduleInfo": ends, **meant}
    tenant.graph().post(f"{_ROLE_REQUESTS}/roleAssignmentScheduleRequests", body)


def _demand(tenant: Tenant, identifier: str, control: str) -> None:
    policy = {
        "displayName": f"{control} for one administrator",
        "state": "enabled",
        "conditions": {"users": {"includeUsers": [identifier]}, "applications": {"includeApplications": ["All"]}},
        "grantControls": {"operator": "OR", "builtInControls": [control]},
    }
    tenant.graph().post("identity/conditionalAccess/policies", policy)


def phone_of(identifier: str) -> str:
    """The number of somebody's phone; of nobody else in the world."""
    return f"+1 555{int(identifier.replace('-', '')[:12], 16) % 10**8:08d}"


def with_entra_admin(lab: Lab, answers: Any, tenant: Tenant, wanted: Mapping[str, Any], *, interactive: bool) -> Any:
    """Return the answers with who signs in to the tenant and what is done when a second factor is asked."""
    from engine.setup.answers import Credential

    user = wanted.get("user") or tenant.service.admin_upn
    password = wanted.get("password") or tenant.password_of(user)
    return replace(
        answers,
        entra_admin=Credential(user, password),
        challenge=_person(tenant, user, wanted.get("challenge", "answer")),
        switches=replace(answers.switches, interactive_auth=interactive),
    )


def _person(tenant: Tenant, user: str, does: str) -> Callable[[str], str | None]:
    """What the person does who holds the phone."""

    def answer(shown: str) -> str | None:
        del shown
        if does == "cancel":
            return None
        texts: Mapping[str, str] = in_reactor(tenant.service.texts)
        code = texts.get(phone_of(str(tenant.find_user(user)["id"])), "")
        return code if does == "answer" else f"{(int(code or '0') + 1) % 10**6:06d}"

    return answer
