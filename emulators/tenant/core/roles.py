"""Directory roles and who holds them. Source: facts "tenant" 2.5, 14; template ids are the same in every tenant."""

from __future__ import annotations

from emulators.tenant.core.identities import CloudObject
from emulators.tenant.core.refusals import bad_request, not_found
from emulators.tenant.core.tenant import Tenant

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
HYBRID_IDENTITY_ADMINISTRATOR = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
SYNCHRONIZATION_ACCOUNTS = "d29b2b05-8046-44ba-8758-1e26182fcf32"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
DIRECTORY_READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"

#: template id -> display name
ROLES: dict[str, str] = {
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    HYBRID_IDENTITY_ADMINISTRATOR: "Hybrid Identity Administrator",
    SYNCHRONIZATION_ACCOUNTS: "Directory Synchronization Accounts",
    USER_ADMINISTRATOR: "User Administrator",
    GLOBAL_READER: "Global Reader",
    DIRECTORY_READERS: "Directory Readers",
    "9360feb5-f418-4baa-8175-e2a00bac4301": "Directory Writers",
    "fdd7a751-b60b-444a-984c-02652fe8fa1c": "Groups Administrator",
    "4d6ac14f-3453-41d0-bef9-a3e0c569773a": "License Administrator",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8": "Helpdesk Administrator",
    "8329153b-31d0-4727-b945-745eb3bc5f31": "Domain Name Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
}


def role_named(name: str) -> str:
    """Find a role by template id or display name."""
    for role_id, display_name in ROLES.items():
        if name in (role_id, display_name):
            return role_id
    raise not_found(name)


def assign(tenant: Tenant, role: str, principal: CloudObject) -> str:
    """Give a role; answer the id of the assignment."""
    role_id = role_named(role)
    if role_id in tenant.roles_of.get(principal.id, {}):
        raise bad_request("A conflicting object with one or more of the specified property values is present.")
    assignment_id = tenant.new_id()
    tenant.role_assignments[assignment_id] = (role_id, principal.id)
    tenant.roles_of.setdefault(principal.id, {})[role_id] = None
    tenant.record("tenant.role.assigned", id=principal.id, role=ROLES[role_id])
    return assignment_id


def revoke(tenant: Tenant, assignment_id: str) -> None:
    if assignment_id not in tenant.role_assignments:
        raise not_found(assignment_id)
    role_id, principal_id = tenant.role_assignments.pop(assignment_id)
    held = tenant.roles_of.get(principal_id, {})
    held.pop(role_id, None)
    if not held:
        tenant.roles_of.pop(principal_id, None)
    tenant.record("tenant.role.revoked", id=principal_id, role=ROLES[role_id])


def holders(tenant: Tenant, role_id: str) -> list[str]:
    return [principal for role, principal in tenant.role_assignments.values() if role == role_id]
