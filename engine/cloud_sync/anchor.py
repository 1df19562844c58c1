"""The source anchor of Cloud Sync: chosen by itself, never written back, never changed.

Source: facts "install" 27; cloud-sync plan-cloud-sync-topologies ("things to remember").
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping

from engine.model.values import Value

CONSISTENCY_GUID, OBJECT_GUID = "mS-DS-ConsistencyGuid", "objectGUID"


def choose_anchor(attributes: Mapping[str, Value], object_guid: bytes) -> str:
    """ms-DS-ConsistencyGuid when it is present, else objectGUID, as Base64."""
    found = attributes.get(CONSISTENCY_GUID)
    value = found if isinstance(found, bytes) and found else object_guid
    return base64.b64encode(value).decode("ascii")


def guid_text(object_guid: bytes) -> str:
    """objectGUID as the provisioning log spells it."""
    return str(uuid.UUID(bytes_le=object_guid))
