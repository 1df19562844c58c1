"""What an administrator or a user does in the tenant: every verb is a Graph request, or a sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from harness.actions.registry import Actions, TenantName
from harness.lab import federated_sign_in
from harness.lab.tenant import Tenant
from harness.refusal import ScenarioError
from harness.scenario.shapes import Key, Name, Record, Text
from harness.scenario.world_reader import read_cloud_user
from harness.scenario.world_shape import CLOUD_USER

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

User = Annotated[str, "id, UPN or display name"]
_WITH_TENANT = Record(
    (*CLOUD_USER.keys, Key("tenant", Name("tenant"), doc="the only tenant without it")), shorthand="upn", what="a user"
)


@action("tenant.add_user", "tenant.add_user: {upn: cloud@contoso.com, name: Cloud Only}", record=_WITH_TENANT)
def add_user(lab: Lab, plain: dict[str, Any]) -> None:
    """Create a cloud-only user. The keys are those of a user in the world's tenant."""
    lab.tenant(plain.get("tenant")).add_user(read_cloud_user(plain))


@action("tenant.update_user", "tenant.update_user: {user: cloud@contoso.com, set: {jobTitle: Clerk}}")
def update_user(
    lab: Lab,
    user: User,
    set_: Annotated[dict[str, Any], "Graph property and value; null clears"],
    tenant: TenantName | None = None,
) -> None:
    """Change properties of a user."""
    place = lab.tenant(tenant)
    place.graph().patch(f"users/{place.find_user(user)['id']}", set_)


@action("tenant.delete_user", "tenant.delete_user: cloud@contoso.com")
def delete_user(lab: Lab, user: User, tenant: TenantName | None = None) -> None:
    """Delete a user; it stays in the recycle bin for thirty days."""
    place = lab.tenant(tenant)
    place.graph().delete(f"users/{place.find_user(user)['id']}")


@action("tenant.restore_user", "tenant.restore_user: Ana Lopez")
def restore_user(lab: Lab, user: User, tenant: TenantName | None = None) -> None:
    """Bring a deleted user back."""
    place = lab.tenant(tenant)
    place.graph().post(f"directory/deletedItems/{deleted_user(place, user)['id']}/restore")


@action("tenant.purge_user", "tenant.purge_user: Ana Lopez")
def purge_user(lab: Lab, user: User, tenant: TenantName | None = None) -> None:
    """Delete a user for good, out of the recycle bin."""
    place = lab.tenant(tenant)
    place.graph().delete(f"directory/deletedItems/{deleted_user(place, user)['id']}")


def deleted_user(place: Tenant, name: str) -> dict[str, Any]:
    """Return the one deleted user of that id, UPN (with or without the mark of deletion) or display name."""
    select = ["id", "userPrincipalName", "displayName"]
    found = place.graph().collection("directory/deletedItems/microsoft.graph.user", select)
    folded = name.lower()
    hits = [
        one
        for one in found
        if folded in (one["id"].lower(), str(one.get("displayName", "")).lower())
        or str(one.get("userPrincipalName", "")).lower().endswith(folded)
    ]
    if len(hits) != 1:
        raise ScenarioError(f"{place.name} has {len(hits)} deleted users called {name}")
    return hits[0]


@action("tenant.assign_licence", "tenant.assign_licence: {user: ana.lopez@contoso.com}")
def assign_licence(
    lab: Lab,
    user: User,
    licence: Annotated[str, "plan, such as ENTERPRISEPACK"] = "ENTERPRISEPACK",
    tenant: TenantName | None = None,
) -> None:
    """Give a user a licence."""
    place = lab.tenant(tenant)
    place.assign_licence(place.find_user(user)["id"], licence)


@action("tenant.assign_role", "tenant.assign_role: {user: ana.lopez@contoso.com, role: User Administrator}")
def assign_role(
    lab: Lab, user: User, role: Annotated[str, "name of a directory role"], tenant: TenantName | None = None
) -> None:
    """Give a user a directory role."""
    place = lab.tenant(tenant)
    place.assign_role(place.find_user(user)["id"], role)


@action("tenant.remove_role", "tenant.remove_role: {user: ana.lopez@contoso.com, role: User Administrator}")
def remove_role(
    lab: Lab, user: User, role: Annotated[str, "name of a directory role"], tenant: TenantName | None = None
) -> None:
    """Take a directory role from a user."""
    place = lab.tenant(tenant)
    place.remove_role(place.find_user(user)["id"], role)


@action("tenant.add_domain", "tenant.add_domain: fabrikam.com")
def add_domain(lab: Lab, domain: Annotated[str, "domain name"], tenant: TenantName | None = None) -> None:
    """Add a custom domain and leave it unverified."""
    lab.tenant(tenant).graph().post("domains", {"id": domain})


@action("tenant.verify_domain", "tenant.verify_domain: fabrikam.com")
def verify_domain(lab: Lab, domain: Annotated[str, "domain name"], tenant: TenantName | None = None) -> None:
    """Add a custom domain and verify it."""
    graph = lab.tenant(tenant).graph()
    known = {one["id"].lower() for one in graph.pages("domains", {})}
    if domain.lower() not in known:
        graph.post("domains", {"id": domain})
    graph.post(f"domains/{quote(domain)}/verify")


@action("tenant.set_feature", "tenant.set_feature: {set: {blockCloudObjectTakeoverThroughHardMatchEnabled: true}}")
def set_feature(
    lab: Lab,
    set_: Annotated[dict[str, Any], "directory synchronisation features by their Graph names"],
    tenant: TenantName | None = None,
) -> None:
    """Switch features of directory synchronisation."""
    lab.tenant(tenant).set_features(set_)


@action("tenant.set_anchor_policy", "tenant.set_anchor_policy: objectGUID", shorthand="attribute")
def set_anchor_policy(
    lab: Lab,
    attribute: Annotated[str, Text("attribute name"), "attribute on record; without it the record is cleared"]
    | None = None,
    tenant: TenantName | None = None,
) -> None:
    """Write or clear the source anchor attribute on record, as an earlier server would have left it."""
    lab.tenant(tenant).provisioning("SetDirSyncConfiguration", {"AnchorAttribute": attribute or None})


@action("tenant.disable_dirsync", "tenant.disable_dirsync: {}")
def disable_dirsync(lab: Lab, tenant: TenantName | None = None) -> None:
    """Turn directory synchronisation off for the whole tenant."""
    _switch_dirsync(lab.tenant(tenant), on=False)


@action("tenant.enable_dirsync", "tenant.enable_dirsync: {}")
def enable_dirsync(lab: Lab, tenant: TenantName | None = None) -> None:
    """Turn directory synchronisation on."""
    _switch_dirsync(lab.tenant(tenant), on=True)


def _switch_dirsync(place: Tenant, *, on: bool) -> None:
    place.graph().patch(f"organization/{place.service.tenant_id}", {"onPremisesSyncEnabled": on})


@action("tenant.sign_in", "tenant.sign_in: {user: ana.lopez@contoso.com, password: 'Aa1-harbour-2026'}")
def sign_in(
    lab: Lab,
    user: Annotated[str, "user principal name"],
    password: Annotated[str, "password"],
    tenant: TenantName | None = None,
) -> None:
    """Sign a person in with a password; refused as the tenant words it."""
    federated_sign_in.sign_in(lab, lab.tenant(tenant), user, password)


@action("tenant.graph", "tenant.graph: {method: PATCH, path: users/cloud@contoso.com, body: {jobTitle: Clerk}}")
def graph(
    lab: Lab,
    path: Annotated[str, "path below /v1.0/"],
    method: Annotated[str, Text("GET, POST, PATCH or DELETE", "^(GET|POST|PATCH|DELETE)$")] = "POST",
    body: Annotated[dict[str, Any], "JSON body"] | None = None,
    version: Annotated[str, "v1.0 or beta"] = "v1.0",
    tenant: TenantName | None = None,
) -> None:
    """Send any other Graph request as the harness's application."""
    client = lab.tenant(tenant).graph()
    match method:
        case "GET":
            client.get(path, version=version)
        case "DELETE":
            client.delete(path)
        case "PATCH":
            client.patch(path, body or {}, version=version)
        case _:
            client.post(path, body or {}, version=version)


@action("tenant.activate_role", "tenant.activate_role: {user: pim@contoso.com, role: Global Administrator, hours: 1}")
def activate_role(
    lab: Lab,
    user: User,
    role: Annotated[str, "name of a directory role the user is eligible for"],
    hours: Annotated[int, "until the activation ends by itself"] = 8,
    tenant: TenantName | None = None,
) -> None:
    """Activate an eligible role, as the user does in Privileged Identity Management."""
    from harness.lab import cloud_administrators

    place = lab.tenant(tenant)
    cloud_administrators.activate_role(place, place.find_user(user)["id"], role, hours)
