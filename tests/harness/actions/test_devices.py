"""Devices that register, and the task Configure device options over the wire."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.lab.write_back import shown_device_options
from harness.pytest_plugin import make_world
from harness.refusal import StepRefusedError
from harness.vocabulary import actions

FORESTS = {"contoso.com": {"users": [{"name": "Ana Lopez", "in": "Staff"}]}}
TENANT = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests=FORESTS, tenants=TENANT)) as one:
        act(one, "install", {"server": "SYNC1", "start_sync": False})
        yield one


def act(lab: Lab, verb: str, arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def test_a_device_registers_with_a_key_of_its_own(lab: Lab) -> None:
    for name in ("PC1", "PC2"):
        act(lab, "tenant.register_device", {"name": name})
    devices = lab.tenant(None).graph().collection("devices", ["deviceId", "displayName", "alternativeSecurityIds"])
    keys = [base64.b64decode(one["alternativeSecurityIds"][0]["key"]).decode("utf-16-le") for one in devices]
    assert len({one["deviceId"] for one in devices}) == len(set(keys)) == 2
    assert all(key.startswith("X509:<SHA1-TP-PUBKEY>") for key in keys)


def test_a_refused_task_leaves_nothing_in_the_forest_and_goes_through_afterwards(lab: Lab) -> None:
    containers = "(objectClass=msDS-DeviceContainer)"
    with pytest.raises(StepRefusedError) as refused:
        act(lab, "wizard.device_options", {"server": "SYNC1", "choose": "enable-writeback", "enterprise_admin": "none"})
    assert (refused.value.refusal.code, refused.value.refusal.page) == (
        "DEVICE_CONTAINER_NOT_PREPARED",
        "Device container",
    )
    assert lab.forest(None).search(containers, ["1.1"]) == []
    assert shown_device_options(lab, lab.server("SYNC1"))["writeback"] == {
        "available": True, "enabled": False, "code": "",
    }  # fmt: skip
    act(lab, "wizard.device_options", {"server": "SYNC1", "choose": "enable-writeback"})
    assert [entry.dn for entry in lab.forest(None).search(containers, ["1.1"])] == [
        "CN=RegisteredDevices,DC=contoso,DC=com"
    ]
    assert shown_device_options(lab, lab.server("SYNC1"))["writeback"]["enabled"] is True


def test_any_object_can_be_made(lab: Lab) -> None:
    given = {"dn": "CN=PC9,CN=Computers", "class": "computer", "set": {"sAMAccountName": "PC9$"}}
    act(lab, "directory.add_object", given)
    assert lab.forest(None).find("PC9$").dn == "CN=PC9,CN=Computers,DC=contoso,DC=com"
