"""/devices: hybrid joined computers and those registered in the cloud. Source: facts "tenant" 1.3, 14."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from emulators.tenant.api import deltas
from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content, text_key
from emulators.tenant.api.rendering import collection, mixed, read_single, single
from emulators.tenant.api.users import groups_of
from emulators.tenant.core import lifecycle
from emulators.tenant.core.identities import Device, Kind
from emulators.tenant.core.refusals import MASTERED_ON_PREMISES, bad_request, not_found, read_only
from emulators.tenant.core.tenant import Tenant, make

READ = ("Device.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("Device.ReadWrite.All", "Directory.ReadWrite.All")
TEXTS = ("displayName", "operatingSystem", "operatingSystemVersion")
TRUTHS = ("accountEnabled", "isCompliant", "isManaged")
LISTS = ("physicalIds", "alternativeSecurityIds")


def find_device(tenant: Tenant, key: str) -> Device:
    found = tenant.find(key, Kind.DEVICE)
    if not isinstance(found, Device):
        raise not_found(key)
    return found


def list_devices(desk: Desk, call: Call) -> Answer:
    return collection(desk, call, Kind.DEVICE)


def count_devices(desk: Desk, call: Call) -> Answer:
    return deltas.count(desk, call, Kind.DEVICE)


def devices_delta(desk: Desk, call: Call) -> Answer:
    return deltas.delta(desk, call, Kind.DEVICE)


def create_device(desk: Desk, call: Call) -> Answer:
    body = call.json()
    wanted = _checked(body)
    wire_id = _wire_id(text_key(body.get("deviceId"), "deviceId"))
    if wire_id in desk.tenant.by_device:
        raise bad_request("Another object with the same value for property deviceId already exists.")
    text_key(wanted.get("displayName"), "displayName")
    device = make(desk.tenant, Kind.DEVICE)
    desk.tenant.add(device, {"device_id": wire_id, "own": wanted})
    desk.tenant.record("tenant.device.created", id=device.id)
    return single(call, device, read_single(call, Kind.DEVICE), desk, 201)


def get_device(desk: Desk, call: Call, key: str) -> Answer:
    return single(call, find_device(desk.tenant, key), read_single(call, Kind.DEVICE), desk)


def change_device(desk: Desk, call: Call, key: str) -> Answer:
    device, wanted = find_device(desk.tenant, key), _checked(call.json())
    if device.dirsync is not None and not {"isCompliant", "isManaged", "accountEnabled"}.issuperset(wanted):
        raise bad_request(MASTERED_ON_PREMISES)
    desk.tenant.commit(device, {"own": {**device.own, **wanted}})
    return no_content()


def delete_device(desk: Desk, call: Call, key: str) -> Answer:
    lifecycle.delete(desk.tenant, find_device(desk.tenant, key), lifecycle.Event.CLOUD_DELETE)
    return no_content()


def member_of(desk: Desk, call: Call, key: str) -> Answer:
    return mixed(desk, call, groups_of(desk.tenant, find_device(desk.tenant, key).id, nested=False))


def _wire_id(text: str) -> str:
    """The device id as the sync service writes it: base64 of the little-endian GUID bytes."""
    try:
        return base64.b64encode(uuid.UUID(text).bytes_le).decode()
    except ValueError:
        raise bad_request("Invalid value specified for property 'deviceId' of resource 'Device'.") from None


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for name, value in body.items():
        if name.startswith("@") or "@odata" in name or name == "deviceId":
            continue
        if name in TEXTS:
            fits = value is None or isinstance(value, str)
        elif name in TRUTHS:
            fits = value is None or isinstance(value, bool)
        elif name in LISTS:
            fits = isinstance(value, list)
        else:
            raise read_only(name)
        if not fits:
            raise bad_request(f"Invalid value specified for property '{name}' of resource 'Device'.")
        wanted[name] = value
    return wanted


ROUTES: tuple[Route, ...] = (
    Route("GET", "/devices", list_devices, READ),
    Route("POST", "/devices", create_device, WRITE),
    Route("GET", "/devices/$count", count_devices, READ),
    Route("GET", "/devices/delta", devices_delta, READ),
    Route("GET", "/devices/<key>", get_device, READ),
    Route("PATCH", "/devices/<key>", change_device, WRITE),
    Route("DELETE", "/devices/<key>", delete_device, WRITE),
    Route("GET", "/devices/<key>/memberOf", member_of, READ),
)
