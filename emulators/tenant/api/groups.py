"""/groups, their members and owners. Source: facts "tenant" 1.3, 14, "graph_clients" 3 row 22."""

from __future__ import annotations

from emulators.tenant.api import deltas
from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content
from emulators.tenant.api.rendering import collection, mixed, read_single, single
from emulators.tenant.api.users import groups_of
from emulators.tenant.core import cloud_groups, domains, lifecycle
from emulators.tenant.core.identities import Group, Kind
from emulators.tenant.core.refusals import not_found
from emulators.tenant.core.tenant import Tenant

READ = ("Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("Group.ReadWrite.All", "Directory.ReadWrite.All")
MEMBERS_READ = ("GroupMember.Read.All", "GroupMember.ReadWrite.All", *READ)
MEMBERS_WRITE = ("GroupMember.ReadWrite.All", *WRITE)
CASTS: dict[str, Kind] = {
    f"{space}.{word}": kind
    for space in ("microsoft.graph", "graph")
    for word, kind in (
        ("user", Kind.USER),
        ("group", Kind.GROUP),
        ("device", Kind.DEVICE),
        ("orgContact", Kind.CONTACT),
    )
}


def find_group(tenant: Tenant, key: str) -> Group:
    found = tenant.find(key, Kind.GROUP)
    if not isinstance(found, Group):
        raise not_found(key)
    return found


def list_groups(desk: Desk, call: Call) -> Answer:
    return collection(desk, call, Kind.GROUP)


def count_groups(desk: Desk, call: Call) -> Answer:
    return deltas.count(desk, call, Kind.GROUP)


def groups_delta(desk: Desk, call: Call) -> Answer:
    return deltas.delta(desk, call, Kind.GROUP)


def create_group(desk: Desk, call: Call) -> Answer:
    group = cloud_groups.create_group(desk.tenant, call.json(), domains.default_domain(desk.tenant))
    answer = single(call, group, read_single(call, Kind.GROUP), desk, 201)
    answer.headers["Location"] = f"{call.base_url}/groups/{group.id}"
    return answer


def get_group(desk: Desk, call: Call, key: str) -> Answer:
    return single(call, find_group(desk.tenant, key), read_single(call, Kind.GROUP), desk)


def change_group(desk: Desk, call: Call, key: str) -> Answer:
    cloud_groups.change_group(desk.tenant, find_group(desk.tenant, key), call.json())
    return no_content()


def delete_group(desk: Desk, call: Call, key: str) -> Answer:
    lifecycle.delete(desk.tenant, find_group(desk.tenant, key), lifecycle.Event.CLOUD_DELETE)
    return no_content()


def members(desk: Desk, call: Call, key: str, cast: str | None = None) -> Answer:
    group = find_group(desk.tenant, key)
    return mixed(desk, call, [desk.tenant.objects.get(i) for i in group.members], _cast(cast))


def transitive_members(desk: Desk, call: Call, key: str, cast: str | None = None) -> Answer:
    group = find_group(desk.tenant, key)
    return mixed(desk, call, cloud_groups.all_members(desk.tenant, group), _cast(cast))


def owners(desk: Desk, call: Call, key: str) -> Answer:
    group = find_group(desk.tenant, key)
    return mixed(desk, call, [desk.tenant.objects.get(i) for i in group.owners])


def member_of(desk: Desk, call: Call, key: str) -> Answer:
    return mixed(desk, call, groups_of(desk.tenant, find_group(desk.tenant, key).id, nested=False))


def transitive_member_of(desk: Desk, call: Call, key: str) -> Answer:
    return mixed(desk, call, groups_of(desk.tenant, find_group(desk.tenant, key).id, nested=True))


def add_member(desk: Desk, call: Call, key: str) -> Answer:
    cloud_groups.add_member(desk.tenant, find_group(desk.tenant, key), call.json().get("@odata.id"))
    return no_content()


def remove_member(desk: Desk, call: Call, key: str, member: str) -> Answer:
    cloud_groups.remove_member(desk.tenant, find_group(desk.tenant, key), member.lower())
    return no_content()


def add_owner(desk: Desk, call: Call, key: str) -> Answer:
    cloud_groups.add_owner(desk.tenant, find_group(desk.tenant, key), call.json().get("@odata.id"))
    return no_content()


def remove_owner(desk: Desk, call: Call, key: str, owner: str) -> Answer:
    cloud_groups.remove_owner(desk.tenant, find_group(desk.tenant, key), owner.lower())
    return no_content()


def _cast(word: str | None) -> Kind | None:
    return CASTS[word] if word is not None else None


ROUTES: tuple[Route, ...] = (
    Route("GET", "/groups", list_groups, READ),
    Route("POST", "/groups", create_group, WRITE),
    Route("GET", "/groups/$count", count_groups, READ),
    Route("GET", "/groups/delta", groups_delta, READ),
    Route("GET", "/groups/<key>", get_group, READ),
    Route("PATCH", "/groups/<key>", change_group, WRITE),
    Route("DELETE", "/groups/<key>", delete_group, WRITE),
    Route("GET", "/groups/<key>/members", members, MEMBERS_READ),
    Route("GET", "/groups/<key>/members/<cast:cast>", members, MEMBERS_READ),
    Route("POST", "/groups/<key>/members/$ref", add_member, MEMBERS_WRITE),
    Route("DELETE", "/groups/<key>/members/<member>/$ref", remove_member, MEMBERS_WRITE),
    Route("GET", "/groups/<key>/transitiveMembers", transitive_members, MEMBERS_READ),
    Route("GET", "/groups/<key>/transitiveMembers/<cast:cast>", transitive_members, MEMBERS_READ),
    Route("GET", "/groups/<key>/owners", owners, READ),
    Route("POST", "/groups/<key>/owners/$ref", add_owner, WRITE),
    Route("DELETE", "/groups/<key>/owners/<owner>/$ref", remove_owner, WRITE),
    Route("GET", "/groups/<key>/memberOf", member_of, READ),
    Route("GET", "/groups/<key>/transitiveMemberOf", transitive_member_of, READ),
)
