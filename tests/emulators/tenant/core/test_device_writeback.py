"""What a sync client reads of devices that registered, and which of them at all."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from emulators.tenant.core import lifecycle
from emulators.tenant.core.device_writeback import PREFIX, security_ids
from emulators.tenant.core.identities import Kind
from emulators.tenant.core.sync_settings import BITS
from emulators.tenant.core.tenant import make

DEVICE_ID = "bxFP8oBuXUKCNgmAPaffvg=="


def key(text: str = PREFIX + "AB" * 20) -> dict[str, Any]:
    return {"type": 2, "identityProvider": None, "key": base64.b64encode(text.encode("utf-16-le")).decode()}


def register(bench: Any, **own: Any) -> Any:
    device = make(bench.tenant, Kind.DEVICE)
    bench.tenant.add(device, {"device_id": DEVICE_ID, "own": {"displayName": "PC", **own}})
    return device


def read(bench: Any, cookie: str | None = None) -> tuple[list[Any], str]:
    request = {"IsFullSync": cookie is None, "InputCookie": cookie, "PageSize": 50}
    page = bench.call("ReadBackAzureADSyncObjects2", request)
    return [(one["SyncOperation"], one["PropertyValues"]) for one in page["ResultObjects"]], page["Cookie"]


def enable(bench: Any) -> None:
    bench.tenant.sync.features |= BITS["DeviceWriteback"]


def test_registered_devices_are_read_while_the_feature_is_on(bench: Any) -> None:
    device = register(bench, alternativeSecurityIds=[key()], accountEnabled=True, isCompliant=False)
    assert read(bench)[0] == []
    enable(bench)
    found, cookie = read(bench)
    assert found == [
        (
            "Add",
            {
                "accountEnabled": True,
                "alternativeSecurityId": [PREFIX + "AB" * 20],
                "cloudAccountEnabled": True,
                "cloudAnchor": f"Device_{device.id}",
                "cloudDisplayName": "PC",
                "deviceId": DEVICE_ID,
                "deviceObjectVersion": 2,
                "displayName": "PC",
                "isCompliant": False,
            },
        )
    ]
    lifecycle.delete(bench.tenant, device, lifecycle.Event.CLOUD_DELETE)
    assert read(bench, cookie)[0] == [("Delete", {"cloudAnchor": f"Device_{device.id}"})]


def test_a_pending_device_has_nothing_to_say_beside_what_was_exported(bench: Any) -> None:
    bench.add("A==", kind="Device", displayName="PC", deviceId=DEVICE_ID)
    values = read(bench)[0][0][1]
    assert "cloudDisplayName" not in values
    device = bench.by_anchor("A==")
    bench.tenant.commit(device, {"own": {"alternativeSecurityIds": [key()]}})
    assert read(bench)[0][0][1]["cloudDisplayName"] == "PC"


@pytest.mark.parametrize("rows", [None, [{}], [{"key": "%"}], [key("no key")], ["x"]])
def test_what_is_no_key_is_left_out(rows: object) -> None:
    assert security_ids(rows) == []
