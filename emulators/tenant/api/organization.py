"""/organization: the tenant itself and its directory synchronisation switch. Source: facts "tenant" 1.4, 8.2, 14."""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content, ok
from emulators.tenant.api.rendering import context
from emulators.tenant.core import background, object_quota
from emulators.tenant.core.domains import Domain
from emulators.tenant.core.refusals import bad_request, not_found, read_only
from emulators.tenant.core.tenant import Tenant

READ = ("Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("Organization.ReadWrite.All",)


def _verified(domain: Domain) -> dict[str, Any]:
    return {
        "capabilities": ", ".join(domain.services),
        "isDefault": domain.default,
        "isInitial": domain.initial,
        "name": domain.name,
        "type": domain.authentication,
    }


def _shown(tenant: Tenant, names: tuple[str, ...] | None) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "id": tenant.tenant_id,
        "deletedDateTime": None,
        "businessPhones": [],
        "createdDateTime": tenant.created,
        "displayName": tenant.display_name,
        "onPremisesLastSyncDateTime": tenant.sync.last_sync,
        "onPremisesLastPasswordSyncDateTime": tenant.sync.last_password_sync,
        "onPremisesSyncEnabled": tenant.sync.enabled,
        "technicalNotificationMails": [],
        "tenantType": "AAD",
        "assignedPlans": [],
        "provisionedPlans": [],
        "verifiedDomains": [_verified(domain) for domain in tenant.domains.values() if domain.verified],
    }
    if names is None:
        return whole
    if "directorySizeQuota" in names:  # given only when it is asked for
        whole["directorySizeQuota"] = {"used": object_quota.used(tenant), "total": object_quota.quota(tenant)}
    for name in names:
        if name not in whole:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
                "'microsoft.graph.organization'.",
                "BadRequest",
            )
    return {name: whole[name] for name in names}


def _select(call: Call) -> tuple[str, ...] | None:
    return tuple(n.strip() for n in call.query.get("$select", "").split(",") if n.strip()) or None


def list_organizations(desk: Desk, call: Call) -> Answer:
    return ok({"@odata.context": context(call, "organization"), "value": [_shown(desk.tenant, _select(call))]})


def get_organization(desk: Desk, call: Call, key: str) -> Answer:
    if key.lower() != desk.tenant.tenant_id:
        raise not_found(key)
    return ok({"@odata.context": context(call, "organization/$entity"), **_shown(desk.tenant, _select(call))})


def change_organization(desk: Desk, call: Call, key: str) -> Answer:
    """``onPremisesSyncEnabled`` switches directory synchronisation."""
    if key.lower() != desk.tenant.tenant_id:
        raise not_found(key)
    body = {name: value for name, value in call.json().items() if not name.startswith("@")}
    for name, value in body.items():
        if name not in ("onPremisesSyncEnabled", "displayName"):
            raise read_only(name)
        if name == "onPremisesSyncEnabled" and not isinstance(value, bool):
            raise bad_request(
                "Invalid value specified for property 'onPremisesSyncEnabled' of resource 'Organization'."
            )
        if name == "displayName" and (not isinstance(value, str) or not value):
            raise bad_request("Invalid value specified for property 'displayName' of resource 'Organization'.")
    if "displayName" in body:
        desk.tenant.display_name = body["displayName"]
    if "onPremisesSyncEnabled" in body:
        background.switch_directory_sync(desk.tenant, enabled=body["onPremisesSyncEnabled"])
    return no_content()


ROUTES: tuple[Route, ...] = (
    Route("GET", "/organization", list_organizations, READ),
    Route("GET", "/organization/<key>", get_organization, READ),
    Route("PATCH", "/organization/<key>", change_organization, WRITE),
)
