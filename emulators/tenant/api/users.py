"""/users, /me and what hangs on a user. Source: facts "tenant" 14, "graph_clients" 2.2, 3."""

from __future__ import annotations

from typing import Any

from emulators.tenant.api import deltas
from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content, ok
from emulators.tenant.api.rendering import collection, context, mixed, read_single, single
from emulators.tenant.core import cloud_groups, cloud_users, licences, lifecycle, references
from emulators.tenant.core.identities import CloudObject, Contact, Group, Kind, User
from emulators.tenant.core.properties import typed_view
from emulators.tenant.core.refusals import MASTERED_ON_PREMISES, bad_request, not_found
from emulators.tenant.core.service_plans import BY_ID
from emulators.tenant.core.tenant import Tenant

READ = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("User.ReadWrite.All", "Directory.ReadWrite.All")
LICENSE = ("LicenseAssignment.ReadWrite.All", *WRITE)
BEHAVIOUR = ("User-OnPremisesSyncBehavior.ReadWrite.All",)


def find_user(tenant: Tenant, key: str) -> User:
    """A user by id or UPN."""
    found: CloudObject | None = tenant.by_upn.get(key.lower()) if "@" in key else tenant.find(key, Kind.USER)
    if not isinstance(found, User):
        raise not_found(key)
    return found


def list_users(desk: Desk, call: Call) -> Answer:
    return collection(desk, call, Kind.USER)


def count_users(desk: Desk, call: Call) -> Answer:
    return deltas.count(desk, call, Kind.USER)


def users_delta(desk: Desk, call: Call) -> Answer:
    return deltas.delta(desk, call, Kind.USER)


def create_user(desk: Desk, call: Call) -> Answer:
    user = cloud_users.create_user(desk.tenant, call.json())
    answer = single(call, user, read_single(call, Kind.USER), desk, 201)
    answer.headers["Location"] = f"{call.base_url}/users/{user.id}"
    return answer


def get_user(desk: Desk, call: Call, key: str) -> Answer:
    return single(call, find_user(desk.tenant, key), read_single(call, Kind.USER), desk)


def get_me(desk: Desk, call: Call) -> Answer:
    if call.caller is None or call.caller.is_application:
        raise bad_request("/me request is only valid with delegated authentication flow.", "BadRequest")
    return get_user(desk, call, call.caller.object_id)


def change_user(desk: Desk, call: Call, key: str) -> Answer:
    user, body = find_user(desk.tenant, key), call.json()
    if "onPremisesObjectIdentifier" in body:
        held = call.caller.rights if call.caller is not None else frozenset()
        if call.version != "beta" or held.isdisjoint(BEHAVIOUR):
            raise bad_request("Property 'onPremisesObjectIdentifier' is read-only and cannot be set.")
    cloud_users.change_user(desk.tenant, user, body)
    return no_content()


def delete_user(desk: Desk, call: Call, key: str) -> Answer:
    lifecycle.delete(desk.tenant, find_user(desk.tenant, key), lifecycle.Event.CLOUD_DELETE)
    return no_content()


def get_manager(desk: Desk, call: Call, key: str) -> Answer:
    user = find_user(desk.tenant, key)
    manager = desk.tenant.objects.get(user.manager or "")
    if manager is None:
        raise not_found("manager")
    return ok({"@odata.context": context(call, "directoryObjects/$entity"), **typed_view(manager)})


def set_manager(desk: Desk, call: Call, key: str) -> Answer:
    user = find_user(desk.tenant, key)
    if user.dirsync is not None:
        raise bad_request(MASTERED_ON_PREMISES)
    target = cloud_groups.target(desk.tenant, call.json().get("@odata.id"))
    if not isinstance(target, User | Contact):
        raise bad_request("The manager must be a user or a contact.")
    references.place_manager(desk.tenant, user, target.id)
    desk.tenant.touch(user)
    return no_content()


def clear_manager(desk: Desk, call: Call, key: str) -> Answer:
    user = find_user(desk.tenant, key)
    if user.dirsync is not None:
        raise bad_request(MASTERED_ON_PREMISES)
    references.place_manager(desk.tenant, user, None)
    desk.tenant.touch(user)
    return no_content()


def direct_reports(desk: Desk, call: Call, key: str) -> Answer:
    user = find_user(desk.tenant, key)
    return mixed(desk, call, [desk.tenant.objects.get(i) for i in desk.tenant.reports.get(user.id, ())])


def member_of(desk: Desk, call: Call, key: str) -> Answer:
    user = find_user(desk.tenant, key)
    return mixed(desk, call, groups_of(desk.tenant, user.id, nested=False))


def transitive_member_of(desk: Desk, call: Call, key: str) -> Answer:
    user = find_user(desk.tenant, key)
    return mixed(desk, call, groups_of(desk.tenant, user.id, nested=True))


def groups_of(tenant: Tenant, object_id: str, *, nested: bool) -> list[Group]:
    ids = cloud_groups.is_nested(tenant, object_id) if nested else list(tenant.member_of.get(object_id, ()))
    found = [tenant.objects.get(group_id) for group_id in ids]
    return [group for group in found if isinstance(group, Group)]


def assign_license(desk: Desk, call: Call, key: str) -> Answer:
    user, body = find_user(desk.tenant, key), call.json()
    add, remove = body.get("addLicenses"), body.get("removeLicenses")
    if not isinstance(add, list) or not isinstance(remove, list) or not all(isinstance(item, dict) for item in add):
        raise bad_request("A value is required for parameters 'addLicenses' and 'removeLicenses'.")
    licences.assign(desk.tenant, user, add, remove)
    return single(call, user, read_single(call, Kind.USER), desk)


def license_details(desk: Desk, call: Call, key: str) -> Answer:
    user = find_user(desk.tenant, key)
    rows = []
    for sku_id, disabled in user.licences.items():
        sku = BY_ID[sku_id]
        plans: list[dict[str, Any]] = [
            {
                "servicePlanId": plan.id,
                "servicePlanName": plan.name,
                "provisioningStatus": "Disabled" if plan.id in disabled else "Success",
                "appliesTo": "User",
            }
            for plan in sku.plans
        ]
        rows.append(
            {"id": f"{user.id}_{sku.id}", "skuId": sku.id, "skuPartNumber": sku.part_number, "servicePlans": plans}
        )
    return ok({"@odata.context": context(call, f"users('{user.id}')/licenseDetails"), "value": rows})


def revoke_sessions(desk: Desk, call: Call, key: str) -> Answer:
    user = find_user(desk.tenant, key)
    desk.tenant.commit(user, {"sessions_valid_from": desk.tenant.stamp()})
    return ok({"@odata.context": context(call, "Edm.Boolean"), "value": True})


ROUTES: tuple[Route, ...] = (
    Route("GET", "/users", list_users, READ),
    Route("POST", "/users", create_user, WRITE),
    Route("GET", "/users/$count", count_users, READ),
    Route("GET", "/users/delta", users_delta, READ),
    Route("GET", "/users/<key>", get_user, READ),
    Route("PATCH", "/users/<key>", change_user, WRITE),
    Route("DELETE", "/users/<key>", delete_user, WRITE),
    Route("GET", "/me", get_me),
    Route("GET", "/users/<key>/manager", get_manager, READ),
    Route("PUT", "/users/<key>/manager/$ref", set_manager, WRITE),
    Route("DELETE", "/users/<key>/manager/$ref", clear_manager, WRITE),
    Route("GET", "/users/<key>/directReports", direct_reports, READ),
    Route("GET", "/users/<key>/memberOf", member_of, READ),
    Route("GET", "/users/<key>/transitiveMemberOf", transitive_member_of, READ),
    Route("POST", "/users/<key>/assignLicense", assign_license, LICENSE),
    Route("GET", "/users/<key>/licenseDetails", license_details, READ),
    Route("POST", "/users/<key>/revokeSignInSessions", revoke_sessions, WRITE),
)
