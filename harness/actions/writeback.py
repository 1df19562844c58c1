"""What goes back on premises: Exchange hybrid and group write-back switched in the wizard, groups and facts of the
cloud that are written back. Source: facts "install" OPT-01, OPT-06, OPT-07, 15.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.registry import Actions, ServerName, TenantName
from harness.lab.reactor import in_reactor
from harness.lab.tenant import Tenant
from harness.refusal import ScenarioError, demand_completed
from harness.scenario.shapes import Boolean, Choice, Key, ListOf, Name, Record, Text

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

CHANGEABLE = ("exchange-hybrid", "group-writeback", "password-writeback")
#: the page Writeback, at installation and later
WRITE_BACK = Record(
    (
        Key("container", Text("OU"), doc="where written-back groups are stored"),
        Key("forest", Name("forest"), doc="the only one without it"),
        Key("display_names", Boolean(), doc="Writeback group Distinguished Name with cloud Display Name"),
    ),
    shorthand="container",
    what="group write-back",
)
GUID = Text("GUID", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
GroupName = Annotated[str, "id or display name"]
Boxes = Annotated[list[str], ListOf(Choice(CHANGEABLE)), "boxes of the page Optional features"]


@action(
    "wizard.optional_features",
    "wizard.optional_features: {server: SYNC1, on: [group-writeback], write_back: {container: Written Back}}",
)
def optional_features(
    lab: Lab,
    server: ServerName,
    on: Boxes | None = None,
    off: Boxes | None = None,
    write_back: Annotated[dict[str, Any], WRITE_BACK, "where groups go"] | None = None,
    accept_deletion: Annotated[bool, "say yes to the warning that written-back groups are deleted"] = False,
) -> None:
    """Run Customize synchronization options and tick or clear boxes of the page Optional features. The next cycle reads
    and synchronizes everything of the tenant.
    """
    from harness.lab.write_back import change_features

    outcome = change_features(
        lab, lab.server(server), on=on or [], off=off or [], write_back=write_back, accept_deletion=accept_deletion
    )
    demand_completed(outcome)


# ---- groups of the cloud ---------------------------------------------------------------------------------------------
@action("tenant.add_group", "tenant.add_group: {name: Board, members: [ana.lopez@contoso.com]}")
def add_group(
    lab: Lab,
    name: Annotated[str, "display name"],
    nickname: Annotated[str, "mailNickname; the name without blanks when it is missing"] | None = None,
    kind: Annotated[str, Choice(("microsoft-365", "security"))] = "microsoft-365",
    members: Annotated[list[str], "users by id, UPN or display name"] | None = None,
    description: Annotated[str, "description"] | None = None,
    id: Annotated[str, GUID, "drawn without it"] | None = None,  # noqa: A002 - the word of the language
    tenant: TenantName | None = None,
) -> None:
    """Create a group of the cloud, a Microsoft 365 group unless it is to be a security group."""
    place = lab.tenant(tenant)
    unified = kind == "microsoft-365"
    body: dict[str, Any] = {
        "displayName": name,
        "mailNickname": nickname or "".join(name.split()).lower(),
        "mailEnabled": unified,
        "securityEnabled": not unified,
        "groupTypes": ["Unified"] if unified else [],
    }
    if description is not None:
        body["description"] = description
    if members:
        users = "https://graph.microsoft.com/v1.0/users"
        body["members@odata.bind"] = [f"{users}/{place.find_user(one)['id']}" for one in members]
    if id is not None:
        in_reactor(place.service.promise_id, id)
    place.graph().post("groups", body)


@action("tenant.update_group", "tenant.update_group: {group: Board, set: {description: The board}}")
def update_group(
    lab: Lab,
    group: GroupName,
    set_: Annotated[dict[str, Any], "Graph property and value; null clears"],
    tenant: TenantName | None = None,
) -> None:
    """Change properties of a group, its writebackConfiguration among them."""
    place = lab.tenant(tenant)
    place.graph().patch(f"groups/{find_group(place, group)['id']}", set_, version="beta")


@action("tenant.change_members", "tenant.change_members: {group: Board, add: [ana.lopez@contoso.com]}")
def change_members(
    lab: Lab,
    group: GroupName,
    add: Annotated[list[str], "users who join"] | None = None,
    remove: Annotated[list[str], "users who leave"] | None = None,
    tenant: TenantName | None = None,
) -> None:
    """Change who is in a group of the cloud."""
    place = lab.tenant(tenant)
    key = find_group(place, group)["id"]
    for one in add or ():
        url = f"https://graph.microsoft.com/v1.0/directoryObjects/{place.find_user(one)['id']}"
        place.graph().post(f"groups/{key}/members/$ref", {"@odata.id": url})
    for one in remove or ():
        place.graph().delete(f"groups/{key}/members/{place.find_user(one)['id']}/$ref")


@action("tenant.delete_group", "tenant.delete_group: Board", shorthand="group")
def delete_group(lab: Lab, group: GroupName, tenant: TenantName | None = None) -> None:
    """Delete a group; a Microsoft 365 group waits in the recycle bin for thirty days."""
    place = lab.tenant(tenant)
    place.graph().delete(f"groups/{find_group(place, group)['id']}")


@action("tenant.restore_group", "tenant.restore_group: Board", shorthand="group")
def restore_group(lab: Lab, group: GroupName, tenant: TenantName | None = None) -> None:
    """Bring a deleted Microsoft 365 group back."""
    place = lab.tenant(tenant)
    place.graph().post(f"directory/deletedItems/{_deleted_group(place, group)['id']}/restore")


@action("tenant.purge_group", "tenant.purge_group: Board", shorthand="group")
def purge_group(lab: Lab, group: GroupName, tenant: TenantName | None = None) -> None:
    """Delete a group for good, out of the recycle bin."""
    place = lab.tenant(tenant)
    place.graph().delete(f"directory/deletedItems/{_deleted_group(place, group)['id']}")


def find_group(place: Tenant, name: str) -> dict[str, Any]:
    """Return the one group of that id or display name."""
    return _the_one(place.graph().collection("groups", ["id", "displayName"]), name, f"{place.name} has")


def _deleted_group(place: Tenant, name: str) -> dict[str, Any]:
    found = place.graph().collection("directory/deletedItems/microsoft.graph.group", ["id", "displayName"])
    return _the_one(found, name, f"the recycle bin of {place.name} has")


def _the_one(groups: list[dict[str, Any]], name: str, who: str) -> dict[str, Any]:
    hits = [one for one in groups if name.lower() in (one["id"].lower(), str(one.get("displayName")).lower())]
    if len(hits) != 1:
        raise ScenarioError(f"{who} {len(hits)} groups called {name}")
    return hits[0]


# ---- what other cloud services own -----------------------------------------------------------------------------------
@action(
    "tenant.set_exchange",
    "tenant.set_exchange: {object: ana.lopez@contoso.com, set: {cloudMSExchArchiveStatus: 1}}",
)
def set_exchange(
    lab: Lab,
    object_: Annotated[str, "user by id, UPN or display name; else a group"],
    set_: Annotated[
        dict[str, Any], "fact as the sync client reads it (cloudMSExch..., cloudLegacyExchangeDN); null clears"
    ],
    tenant: TenantName | None = None,
) -> None:
    """Let Exchange Online, which no request reaches here, know something of a mailbox; the next import reads it."""
    place = lab.tenant(tenant)
    try:
        identifier = place.find_user(object_)["id"]
    except ScenarioError:
        identifier = find_group(place, object_)["id"]
    for name, value in set_.items():
        in_reactor(place.service.set_cloud_fact, identifier, name, value)
