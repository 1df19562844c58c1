"""Which builds of the sync client are served: the lowest one today, those that are blocked by name.

Source: facts "tenant" 17.2 (Capabilities), "install" PRE-14 (versions below 2.5.79.0 from 2026-09-30 on).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from emulators.tenant.core.tenant import Tenant
from emulators.tenant.core.versions import numbers

LATEST_VERSION = "2.5.79.0"


def minimum_version(tenant: Tenant) -> str:
    """The highest of the tenant's own floor and of the floors whose day has come."""
    today = tenant.now().date()
    floors = [version for day, version in tenant.settings.end_of_support.items() if date.fromisoformat(day) <= today]
    return max((tenant.settings.minimum_client_version, *floors), key=numbers)


def capabilities(tenant: Tenant) -> dict[str, Any]:
    """What a client is told before anything else; every client is told, the refused one too."""
    blocked = list(tenant.settings.blocked_client_versions)
    return {
        "LatestProductVersion": LATEST_VERSION,
        "MinimumProductVersion": minimum_version(tenant),
        "BlackList": {"Enabled": bool(blocked), "ClientVersion": blocked},
        "AutoUpgradeVersion": tenant.settings.auto_upgrade_version or None,
    }


def client_refused(tenant: Tenant, build: str | None) -> str | None:
    """Say why a client of this build is not served."""
    if build is None:
        return None
    least = minimum_version(tenant)
    try:
        given = numbers(build)
    except ValueError:
        return "The build number of the client cannot be read."
    if given < numbers(least):
        return f"This version of the client is no longer supported; at least {least} is needed."
    if any(given == numbers(one) for one in tenant.settings.blocked_client_versions):
        return f"The version {build} of the client is blocked; install a newer one."
    return None
