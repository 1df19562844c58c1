"""Objects of any kind by id, group membership questions, and the deleted items. Source: facts "tenant" 8.1, 14."""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content, ok
from emulators.tenant.api.groups import CASTS
from emulators.tenant.api.rendering import context, mixed
from emulators.tenant.core import cloud_groups, lifecycle
from emulators.tenant.core.identities import CloudObject, Kind
from emulators.tenant.core.properties import typed_view
from emulators.tenant.core.refusals import bad_request, not_found

READ = ("Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All", "Group.Read.All")
WRITE = ("Directory.ReadWrite.All", "User.ReadWrite.All", "Group.ReadWrite.All")
IDS_MAX = 1000


def _any(desk: Desk, key: str) -> CloudObject:
    found = desk.tenant.find(key) or desk.tenant.by_upn.get(key.lower())
    if found is None:
        raise not_found(key)
    return found


def get_object(desk: Desk, call: Call, key: str) -> Answer:
    return ok({"@odata.context": context(call, "directoryObjects/$entity"), **typed_view(_any(desk, key))})


def delete_object(desk: Desk, call: Call, key: str) -> Answer:
    lifecycle.delete(desk.tenant, _any(desk, key), lifecycle.Event.CLOUD_DELETE)
    return no_content()


def get_by_ids(desk: Desk, call: Call) -> Answer:
    ids = _texts(call.json(), "ids")
    found = [desk.tenant.find(object_id) for object_id in ids]
    rows = [typed_view(obj) for obj in found if obj is not None]
    return ok({"@odata.context": context(call, "directoryObjects"), "value": rows})


def check_member_groups(desk: Desk, call: Call, key: str) -> Answer:
    asked = _texts(call.json(), "groupIds")
    held = set(cloud_groups.is_nested(desk.tenant, _any(desk, key).id))
    rows = [group_id for group_id in asked if group_id.lower() in held]
    return ok({"@odata.context": context(call, "Collection(Edm.String)"), "value": rows})


def get_member_groups(desk: Desk, call: Call, key: str) -> Answer:
    only_security = call.json().get("securityEnabledOnly") is True
    rows = []
    for group_id in cloud_groups.is_nested(desk.tenant, _any(desk, key).id):
        group = desk.tenant.objects[group_id]
        if not only_security or group.value("securityEnabled", "securityEnabled"):
            rows.append(group_id)
    return ok({"@odata.context": context(call, "Collection(Edm.String)"), "value": rows})


def _texts(body: dict[str, Any], name: str) -> list[str]:
    given = body.get(name)
    if not isinstance(given, list) or len(given) > IDS_MAX or not all(isinstance(item, str) for item in given):
        raise bad_request(f"Invalid value specified for parameter '{name}'.")
    return given


def _deleted(desk: Desk, key: str) -> CloudObject:
    found = desk.tenant.recycled.get(key.lower())
    if found is None:
        raise not_found(key)
    return found


def list_deleted(desk: Desk, call: Call, cast: str) -> Answer:
    kind = CASTS[cast]
    return mixed(desk, call, list(desk.tenant.recycled.values()), kind)


def get_deleted(desk: Desk, call: Call, key: str, cast: str | None = None) -> Answer:
    return ok({"@odata.context": context(call, "directoryObjects/$entity"), **typed_view(_deleted(desk, key))})


def restore_deleted(desk: Desk, call: Call, key: str) -> Answer:
    restored = lifecycle.restore(desk.tenant, _deleted(desk, key), lifecycle.Event.RESTORE)
    return ok({"@odata.context": context(call, "directoryObjects/$entity"), **typed_view(restored)})


def purge_deleted(desk: Desk, call: Call, key: str) -> Answer:
    lifecycle.purge(desk.tenant, _deleted(desk, key))
    return no_content()


def of_kind(kind: Kind) -> tuple[Route, ...]:
    """The membership questions that users, groups and devices answer under their own segment too."""
    segment = {Kind.USER: "users", Kind.GROUP: "groups", Kind.DEVICE: "devices", Kind.CONTACT: "contacts"}[kind]
    return (
        Route("POST", f"/{segment}/<key>/checkMemberGroups", check_member_groups, READ),
        Route("POST", f"/{segment}/<key>/getMemberGroups", get_member_groups, READ),
    )


ROUTES: tuple[Route, ...] = (
    Route("POST", "/directoryObjects/getByIds", get_by_ids, READ),
    Route("GET", "/directoryObjects/<key>", get_object, READ),
    Route("DELETE", "/directoryObjects/<key>", delete_object, WRITE),
    Route("POST", "/directoryObjects/<key>/checkMemberGroups", check_member_groups, READ),
    Route("POST", "/directoryObjects/<key>/getMemberGroups", get_member_groups, READ),
    *(route for kind in Kind if kind is not Kind.PUBLIC_FOLDER for route in of_kind(kind)),
    Route("GET", "/directory/deletedItems/<cast:cast>", list_deleted, READ),
    Route("GET", "/directory/deletedItems/<key>", get_deleted, READ),
    Route("DELETE", "/directory/deletedItems/<key>", purge_deleted, WRITE),
    Route("GET", "/directory/deletedItems/<key>/<cast:cast>", get_deleted, READ),
    Route("POST", "/directory/deletedItems/<key>/restore", restore_deleted, WRITE),
)
