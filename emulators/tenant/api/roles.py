"""/directoryRoles and /roleManagement/directory: who holds which role. Source: facts "tenant" 2.5, 14."""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content, ok, text_key
from emulators.tenant.api.rendering import context, mixed
from emulators.tenant.core import cloud_groups, roles
from emulators.tenant.core.query import TOKEN
from emulators.tenant.core.refusals import not_emulated, not_found

READ = (
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
)
WRITE = ("RoleManagement.ReadWrite.Directory",)


def _role(role_id: str) -> dict[str, Any]:
    return {
        "id": role_id,
        "deletedDateTime": None,
        "description": roles.ROLES[role_id],
        "displayName": roles.ROLES[role_id],
        "roleTemplateId": role_id,
    }


def list_roles(desk: Desk, call: Call) -> Answer:
    held = {role_id for role_id, _ in desk.tenant.role_assignments.values()}
    rows = [_role(role_id) for role_id in roles.ROLES if role_id in held]
    return ok({"@odata.context": context(call, "directoryRoles"), "value": rows})


def get_role(desk: Desk, call: Call, key: str) -> Answer:
    return ok({"@odata.context": context(call, "directoryRoles/$entity"), **_role(_known(key))})


def role_members(desk: Desk, call: Call, key: str) -> Answer:
    return mixed(desk, call, [desk.tenant.objects.get(who) for who in roles.holders(desk.tenant, _known(key))])


def add_role_member(desk: Desk, call: Call, key: str) -> Answer:
    roles.assign(desk.tenant, _known(key), cloud_groups.target(desk.tenant, call.json().get("@odata.id")))
    return no_content()


def remove_role_member(desk: Desk, call: Call, key: str, member: str) -> Answer:
    wanted = (_known(key), member.lower())
    for assignment_id, held in desk.tenant.role_assignments.items():
        if held == wanted:
            roles.revoke(desk.tenant, assignment_id)
            return no_content()
    raise not_found(member)


def _known(key: str) -> str:
    low = key.lower()
    if low.startswith("roletemplateid="):
        low = low.removeprefix("roletemplateid=").strip("'")
    if low not in roles.ROLES:
        raise not_found(key)
    return low


def list_definitions(desk: Desk, call: Call) -> Answer:
    rows = [
        {"id": role_id, "displayName": name, "isBuiltIn": True, "isEnabled": True, "templateId": role_id}
        for role_id, name in roles.ROLES.items()
    ]
    return ok({"@odata.context": context(call, "roleManagement/directory/roleDefinitions"), "value": rows})


def _assignment(assignment_id: str, role_id: str, principal_id: str) -> dict[str, Any]:
    return {"id": assignment_id, "principalId": principal_id, "directoryScopeId": "/", "roleDefinitionId": role_id}


def list_assignments(desk: Desk, call: Call) -> Answer:
    wanted = _read_filter(call.query.get("$filter"))
    rows = [_assignment(a, *held) for a, held in desk.tenant.role_assignments.items()]
    rows = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return ok({"@odata.context": context(call, "roleManagement/directory/roleAssignments"), "value": rows})


def _read_filter(text: str | None) -> dict[str, str]:
    """``principalId eq '...'`` and ``roleDefinitionId eq '...'``, joined by and."""
    wanted: dict[str, str] = {}
    for part in (text or "").split(" and "):
        if not part.strip():
            continue
        words = [match.group(match.lastgroup or "") for match in TOKEN.finditer(part)]
        if len(words) != 3 or words[1] != "eq" or words[0] not in ("principalId", "roleDefinitionId"):
            raise not_emulated("this $filter on roleAssignments")
        wanted[words[0]] = words[2].strip("'")
    return wanted


def create_assignment(desk: Desk, call: Call) -> Answer:
    body = call.json()
    role_id = text_key(body.get("roleDefinitionId"), "roleDefinitionId")
    principal_id = text_key(body.get("principalId"), "principalId")
    if body.get("directoryScopeId", "/") != "/":
        raise not_emulated("A role assignment with a scope other than '/'")
    principal = desk.tenant.find(principal_id)
    if principal is None:
        raise not_found(principal_id)
    assignment_id = roles.assign(desk.tenant, _known(role_id), principal)
    body = _assignment(assignment_id, role_id, principal_id)
    return ok({"@odata.context": context(call, "roleManagement/directory/roleAssignments/$entity"), **body}, 201)


def get_assignment(desk: Desk, call: Call, key: str) -> Answer:
    held = desk.tenant.role_assignments.get(key)
    if held is None:
        raise not_found(key)
    return ok(_assignment(key, *held))


def delete_assignment(desk: Desk, call: Call, key: str) -> Answer:
    roles.revoke(desk.tenant, key)
    return no_content()


ROUTES: tuple[Route, ...] = (
    Route("GET", "/directoryRoles", list_roles, READ),
    Route("GET", "/directoryRoles/<key>", get_role, READ),
    Route("GET", "/directoryRoles/<key>/members", role_members, READ),
    Route("POST", "/directoryRoles/<key>/members/$ref", add_role_member, WRITE),
    Route("DELETE", "/directoryRoles/<key>/members/<member>/$ref", remove_role_member, WRITE),
    Route("GET", "/roleManagement/directory/roleDefinitions", list_definitions, READ),
    Route("GET", "/roleManagement/directory/roleAssignments", list_assignments, READ),
    Route("POST", "/roleManagement/directory/roleAssignments", create_assignment, WRITE),
    Route("GET", "/roleManagement/directory/roleAssignments/<key>", get_assignment, READ),
    Route("DELETE", "/roleManagement/directory/roleAssignments/<key>", delete_assignment, WRITE),
)
