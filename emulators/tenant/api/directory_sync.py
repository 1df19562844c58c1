"""/directory/onPremisesSynchronization and, in beta, an object's onPremisesSyncBehavior (who is the source of
authority).

Source: facts "tenant" 1.1, 7, 8.4, 14; "graph_clients" 3 row 19.
"""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content, ok
from emulators.tenant.api.rendering import context
from emulators.tenant.core.identities import CloudObject, Kind
from emulators.tenant.core.refusals import bad_request, not_found
from emulators.tenant.core.sync_settings import SyncSettings, graph_features, patch_graph_features
from emulators.tenant.core.tenant import Tenant

READ = ("OnPremDirectorySynchronization.Read.All", "OnPremDirectorySynchronization.ReadWrite.All")
WRITE = ("OnPremDirectorySynchronization.ReadWrite.All",)
BEHAVIOUR = ("User-OnPremisesSyncBehavior.ReadWrite.All",)
PREVENTION = {
    "Disabled": "disabled",
    "EnabledForCount": "enabledForCount",
    "EnabledForPercentage": "enabledForPercentage",
}
KINDS = {"users": Kind.USER, "groups": Kind.GROUP, "contacts": Kind.CONTACT}


def shown(tenant: Tenant) -> dict[str, Any]:
    guard = tenant.sync.deletion_guard
    by_share = guard["DeletionPrevention"] == "EnabledForPercentage"
    return {
        "id": tenant.tenant_id,
        "configuration": {
            "accidentalDeletionPrevention": {
                "synchronizationPreventionType": PREVENTION[guard["DeletionPrevention"]],
                "alertThreshold": guard["ThresholdPercentage" if by_share else "ThresholdCount"],
            }
        },
        "features": graph_features(tenant.sync),
    }


def list_synchronization(desk: Desk, call: Call) -> Answer:
    return ok({"@odata.context": context(call, "directory/onPremisesSynchronization"), "value": [shown(desk.tenant)]})


def get_synchronization(desk: Desk, call: Call, key: str) -> Answer:
    _check(desk, key)
    return ok({"@odata.context": context(call, "directory/onPremisesSynchronization/$entity"), **shown(desk.tenant)})


def change_synchronization(desk: Desk, call: Call, key: str) -> Answer:
    """PATCH merges; a refused part leaves everything as it was."""
    _check(desk, key)
    body, sync = call.json(), desk.tenant.sync
    guard = dict(sync.deletion_guard)
    for name, value in body.items():
        if name.startswith("@") or name == "id":
            continue
        if name not in ("configuration", "features") or not isinstance(value, dict):
            raise bad_request(f"Property '{name}' cannot be set on type 'onPremisesDirectorySynchronization'.")
        if name == "configuration":
            guard = _read_guard(sync, value)
    if "features" in body:
        patch_graph_features(sync, body["features"])
    sync.deletion_guard = guard
    desk.tenant.record("tenant.directory-sync.changed", names=sorted(body))
    return no_content()


def _read_guard(sync: SyncSettings, configuration: dict[str, Any]) -> dict[str, Any]:
    guard = dict(sync.deletion_guard)
    wanted = configuration.get("accidentalDeletionPrevention") or {}
    if not isinstance(wanted, dict):
        raise bad_request("Invalid value specified for property 'accidentalDeletionPrevention'.")
    kind = wanted.get("synchronizationPreventionType")
    if kind is not None:
        spelled = {graph: wire for wire, graph in PREVENTION.items()}
        if not isinstance(kind, str) or kind not in spelled:
            raise bad_request("Invalid value specified for property 'synchronizationPreventionType'.")
        guard["DeletionPrevention"] = spelled[kind]
    threshold = wanted.get("alertThreshold")
    if threshold is not None:
        if isinstance(threshold, bool) or not isinstance(threshold, int) or threshold < 0:
            raise bad_request("Invalid value specified for property 'alertThreshold'.")
        by_share = guard["DeletionPrevention"] == "EnabledForPercentage"
        guard["ThresholdPercentage" if by_share else "ThresholdCount"] = threshold
    return guard


def _check(desk: Desk, key: str) -> None:
    if key.lower() != desk.tenant.tenant_id:
        raise not_found(key)


def _owner(desk: Desk, call: Call, key: str) -> CloudObject:
    segment = call.path.strip("/").split("/")[1]
    found = desk.tenant.find(key, KINDS[segment])
    if found is None and segment == "users":
        found = desk.tenant.by_upn.get(key.lower())
    if found is None:
        raise not_found(key)
    return found


def get_behaviour(desk: Desk, call: Call, key: str) -> Answer:
    owner = _owner(desk, call, key)
    body = {"id": owner.id, "isCloudManaged": owner.cloud_managed}
    return ok({"@odata.context": context(call, "onPremisesSyncBehavior/$entity"), **body})


def change_behaviour(desk: Desk, call: Call, key: str) -> Answer:
    """Switch the source of authority: while the cloud has it, changes from on-premises are left aside."""
    owner = _owner(desk, call, key)
    wanted = call.json().get("isCloudManaged")
    if not isinstance(wanted, bool):
        raise bad_request("Invalid value specified for property 'isCloudManaged'.")
    desk.tenant.commit(owner, {"cloud_managed": wanted})
    desk.tenant.record("tenant.object.authority", id=owner.id, cloud=wanted)
    return no_content()


ROUTES: tuple[Route, ...] = (
    Route("GET", "/directory/onPremisesSynchronization", list_synchronization, READ),
    Route("GET", "/directory/onPremisesSynchronization/<key>", get_synchronization, READ),
    Route("PATCH", "/directory/onPremisesSynchronization/<key>", change_synchronization, WRITE),
    *(
        route
        for segment in KINDS
        for route in (
            Route("GET", f"/{segment}/<key>/onPremisesSyncBehavior", get_behaviour, BEHAVIOUR, ("beta",)),
            Route("PATCH", f"/{segment}/<key>/onPremisesSyncBehavior", change_behaviour, BEHAVIOUR, ("beta",)),
        )
    ),
)
