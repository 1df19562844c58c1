"""The secrets of a Cloud Sync configuration: its domain, what the application key switches on, the delete threshold.

A PUT replaces them all. Source: facts "tenant" 13.2, 8.4; cloud-sync how-to-inbound-synch-ms-graph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from emulators.tenant.core.cloud_sync.state import PASSWORD_HASH, PROVISIONING, Configuration
from emulators.tenant.core.refusals import bad_request
from emulators.tenant.core.sync_settings import BITS
from emulators.tenant.core.tenant import Tenant

KEYS = ("Domain", "AppKey", "SyncNotificationSettings")
DEFAULT_THRESHOLD = 500


def put_secrets(tenant: Tenant, configuration: Configuration, body: Mapping[str, Any]) -> None:
    """Replace the secrets; the application key switches synchronization, and password hashes, on for the tenant."""
    given = body.get("value")
    if not isinstance(given, list):
        raise bad_request("A value is required for property 'value'.")
    wanted: dict[str, str] = {}
    for item in given:
        key = item.get("key") if isinstance(item, dict) else None
        value = item.get("value") if isinstance(item, dict) else None
        if key not in KEYS or not isinstance(value, str):
            raise bad_request(f"The secret '{key!s:.60}' cannot be read; known are {', '.join(KEYS)}.")
        _read(value)
        wanted[key] = value
    if not isinstance(_read(wanted.get("Domain", "{}")).get("domain", ""), str):
        raise bad_request("Invalid value specified for property 'domain'.")
    scenario = _read(wanted.get("AppKey", "{}")).get("appKeyScenario")
    if scenario not in (None, PROVISIONING, PASSWORD_HASH):
        raise bad_request("Invalid value specified for property 'appKeyScenario'.")
    _notifications(wanted)  # refuses what cannot be read
    configuration.secrets = wanted
    if scenario is not None:
        tenant.sync.enabled, tenant.sync.switch_due = True, None
    if scenario == PASSWORD_HASH:
        tenant.sync.features |= BITS["PasswordHashSync"]
    tenant.record("tenant.cloud-sync.secrets", configuration=configuration.display_name, names=sorted(wanted))


def notifications(configuration: Configuration) -> dict[str, Any]:
    """Where mails go, and how many deletes stop a cycle; None for the threshold when the guard is off."""
    return _notifications(configuration.secrets)


def _notifications(secrets: Mapping[str, str]) -> dict[str, Any]:
    said = _read(secrets.get("SyncNotificationSettings", "{}"))
    on, value = said.get("DeleteThresholdEnabled", True), said.get("DeleteThresholdValue", DEFAULT_THRESHOLD)
    if not isinstance(on, bool) or isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise bad_request("Invalid value specified for property 'DeleteThresholdValue'.")
    return {
        "Enabled": said.get("Enabled") is True,
        "Recipients": str(said.get("Recipients") or ""),
        "DeleteThreshold": value if on else None,
    }


def shown_secrets(configuration: Configuration) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in configuration.secrets.items()]


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise bad_request("The value of a secret is a JSON object in a text.")
    return found
