"""Which devices go back on premises, and what the sync client reads of a device that has registered.

Devices registered in the cloud are read while the feature DeviceWriteback is on; every registered device carries what
it proves itself by. Source: facts "tenant" 1.3; "install" OPT-09; device attributes of the connector schema.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from emulators.tenant.core.identities import CloudObject, Device
from emulators.tenant.core.tenant import Tenant

FEATURE = "DeviceWriteback"
#: what a device's alternative security id decodes to, before the thumbprint and the key
PREFIX = "X509:<SHA1-TP-PUBKEY>"
_OBJECT_VERSION = 2


def goes_back(tenant: Tenant, obj: CloudObject) -> bool:
    """Whether the client reads a device that no computer of a forest stands for."""
    return isinstance(obj, Device) and obj.dirsync is None and obj.deleted is None and tenant.sync.has(FEATURE)


def values(device: CloudObject) -> dict[str, Any]:
    """The cloud's side of a registered device under the connector space's names; nothing of one that is pending."""
    own = device.own
    proofs = security_ids(own.get("alternativeSecurityIds"))
    if not isinstance(device, Device) or not proofs:
        return {}
    found: dict[str, Any] = {
        "alternativeSecurityId": proofs,
        "cloudDisplayName": own.get("displayName") or device.shadow.get("displayName"),
        "cloudAccountEnabled": own.get("accountEnabled", device.shadow.get("accountEnabled", True)),
        "cloudDeviceOSType": own.get("operatingSystem") or device.shadow.get("deviceOSType"),
        "cloudDeviceOSVersion": own.get("operatingSystemVersion") or device.shadow.get("deviceOSVersion"),
        "devicePhysicalIds": list(own.get("physicalIds") or ()),
        "deviceObjectVersion": _OBJECT_VERSION,
        "deviceId": device.device_id,
        "isCompliant": own.get("isCompliant"),
        "isManaged": own.get("isManaged"),
    }
    return {name: value for name, value in found.items() if value is not None and value != []}


def security_ids(rows: object) -> list[str]:
    """The texts behind ``alternativeSecurityIds``: keys are Base64 of UTF-16 text."""
    found = []
    for row in rows if isinstance(rows, list) else ():
        key = row.get("key") if isinstance(row, dict) else None
        try:
            text = base64.b64decode(key, validate=True).decode("utf-16-le") if isinstance(key, str) else ""
        except (binascii.Error, ValueError):
            continue
        if text.startswith(PREFIX):
            found.append(text)
    return found
