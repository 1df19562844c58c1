"""Privileged Identity Management: roles a user may activate, and the activation that ends by itself.

Source: Graph unifiedRoleEligibilityScheduleRequest, unifiedRoleAssignmentScheduleRequest; facts "install" CTE-09;
facts "tenant" 5 (eligible roles count in the role check of 2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emulators.tenant.core import roles
from emulators.tenant.core.identities import User
from emulators.tenant.core.moments import graph_time
from emulators.tenant.core.refusals import bad_request, not_emulated, not_found
from emulators.tenant.core.tenant import Tenant

_HOURS = re.compile(r"PT([1-9]|1[0-9]|2[0-4])H")
DEFAULT_HOURS = 8


def make_eligible(tenant: Tenant, body: Mapping[str, Any]) -> tuple[str, str, str]:
    """An administrator lets a user activate a role; answers schedule, role and principal."""
    if body.get("action") != "adminAssign":
        raise not_emulated(f"The action {body.get('action')!r:.40} of a role eligibility")
    role, user = _meant(tenant, body)
    schedule = tenant.tracking_id()
    tenant.access.eligible[schedule] = [role, user.id]
    tenant.record("tenant.role.eligible", id=user.id, role=roles.ROLES[role])
    return schedule, role, user.id


def activate(tenant: Tenant, body: Mapping[str, Any]) -> tuple[str, str, str]:
    """The user takes an eligible role for some hours; answers assignment, role and principal."""
    if body.get("action") != "selfActivate":
        raise not_emulated(f"The action {body.get('action')!r:.40} of a role assignment schedule")
    role, user = _meant(tenant, body)
    if [role, user.id] not in tenant.access.eligible.values():
        raise bad_request("The Role assignment request does not match an eligible assignment.", "RoleNotEligible")
    until = graph_time(tenant.now() + timedelta(hours=_hours(body)))
    assignment = roles.assign(tenant, role, user)
    tenant.access.active_until[assignment] = until
    return assignment, role, user.id


def _hours(body: Mapping[str, Any]) -> int:
    schedule = body.get("scheduleInfo") or {}
    expiration = (schedule.get("expiration") or {}) if isinstance(schedule, dict) else None
    duration = expiration.get("duration", f"PT{DEFAULT_HOURS}H") if isinstance(expiration, dict) else ""
    match = _HOURS.fullmatch(str(duration))
    if match is None:
        raise bad_request("Invalid value specified for property 'duration' of resource 'ExpirationPattern'.")
    return int(match.group(1))


def _meant(tenant: Tenant, body: Mapping[str, Any]) -> tuple[str, User]:
    role = roles.role_named(str(body.get("roleDefinitionId", "")))
    user = tenant.find(str(body.get("principalId", "")))
    if not isinstance(user, User):
        raise not_found(str(body.get("principalId", "")))
    if body.get("directoryScopeId", "/") != "/":
        raise not_emulated("A role eligibility with a scope other than '/'")
    return role, user


def end_expired(tenant: Tenant) -> None:
    """Take back every activation whose time is over."""
    now = tenant.stamp()
    for assignment, until in list(tenant.access.active_until.items()):
        if until <= now:
            del tenant.access.active_until[assignment]
            if assignment in tenant.role_assignments:
                roles.revoke(tenant, assignment)


def next_end(tenant: Tenant) -> str | None:
    return min(tenant.access.active_until.values(), default=None)
