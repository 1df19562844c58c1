"""What an administrator does with a configuration of Cloud Sync: make it, give it jobs, start, pause, restart, remove.

Source: facts "tenant" 13.2, 13.5, 8.4 (reset scopes, ForceDeletes); cloud-sync how-to-inbound-synch-ms-graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulators.tenant.core import cloud_users, roles
from emulators.tenant.core.cloud_sync.schema import checked_schema
from emulators.tenant.core.cloud_sync.state import (
    PASSWORD_HASH,
    PROVISIONING,
    SERVICE_ACCOUNT,
    TEMPLATE_APPLICATION,
    Configuration,
    Job,
    domain_of,
    jobs_of,
    quarantine_of,
    status_code,
)
from emulators.tenant.core.cloud_sync.template import default_schema
from emulators.tenant.core.refusals import bad_request, not_emulated, not_found
from emulators.tenant.core.tenant import Tenant

NEVER = "0001-01-01T00:00:00Z"
RESETS = frozenset({"None", "ConnectorDataStore", "Escrows", "Watermark", "QuarantineState", "Full", "ForceDeletes"})
DEFAULT_RESETS = frozenset({"QuarantineState", "Watermark", "Escrows"})
#: job templates of the real gallery application that this tenant does not run
OTHER_TEMPLATES = frozenset({"AAD2ADExchangeHybridWriteback", "AAD2ADGroupProvisioning"})


def ensure_account(tenant: Tenant) -> tuple[str, str]:
    """Name and password of the service account that configurations act as; made when it is first needed."""
    sync = tenant.cloud_sync
    known = tenant.objects.get(sync.account or "")
    upn = f"{SERVICE_ACCOUNT}@{tenant.initial_domain}"
    if known is None:
        sync.account_password = cloud_users.draw_password(tenant)
        user = cloud_users.create_account(tenant, upn, sync.account_password, SERVICE_ACCOUNT)
        roles.assign(tenant, roles.SYNCHRONIZATION_ACCOUNTS, user)
        sync.account = user.id
        tenant.record("tenant.cloud-sync.account", id=user.id)
    return upn, sync.account_password


def instantiate(tenant: Tenant, template: str, display_name: str) -> Configuration:
    """A new configuration: a service principal of the gallery application."""
    if template.lower() != TEMPLATE_APPLICATION:
        raise not_emulated(f"The application template '{template[:60]}'")
    ensure_account(tenant)
    made = Configuration(tenant.new_id(), tenant.new_id(), display_name, tenant.stamp())
    tenant.cloud_sync.configurations[made.id] = made
    tenant.record("tenant.cloud-sync.configuration", id=made.id, name=display_name)
    return made


def configuration(tenant: Tenant, key: str) -> Configuration:
    found = tenant.cloud_sync.configurations.get(key)
    if found is None:
        raise not_found(key)
    return found


def job(tenant: Tenant, configuration_id: str, key: str) -> Job:
    found = tenant.cloud_sync.jobs.get(key)
    if found is None or found.configuration != configuration_id:
        raise not_found(key)
    return found


def create_job(tenant: Tenant, owner: Configuration, template: object) -> Job:
    if isinstance(template, str) and template in OTHER_TEMPLATES:
        raise not_emulated(f"The job template '{template}'")
    if template not in (PROVISIONING, PASSWORD_HASH):
        raise bad_request("Invalid value specified for property 'templateId'.")
    if any(jobs_of(tenant, owner.id, str(template))):
        raise bad_request(f"The configuration has a job of the template {template} already.")
    key = f"{template}.{tenant.new_id().replace('-', '')}"
    made = Job(key, str(template), owner.id)
    if template == PROVISIONING:
        made.schema = default_schema(key, f"Date:{tenant.stamp()}")
    tenant.cloud_sync.jobs[key] = made
    return made


def save_schema(tenant: Tenant, target: Job, body: Mapping[str, Any]) -> None:
    """Replace the schema; saving it brings a synchronization of everything."""
    if target.schema is None:
        raise bad_request("The job has no schema.")
    target.schema = {**checked_schema(body), "id": target.id, "version": f"Date:{tenant.stamp()}"}
    target.revision += 1
    target.full = True
    tenant.record("tenant.cloud-sync.schema", job=target.id, revision=target.revision)


def start(tenant: Tenant, target: Job) -> None:
    """Enable the job; it needs a domain, and one that no other running configuration reads."""
    domain = domain_of(tenant, target).lower()
    if not domain:
        raise bad_request("The configuration has no domain: put the secret 'Domain' first.")
    running = [one for one in tenant.cloud_sync.jobs.values() if one.active and one.template == target.template]
    if any(one is not target and domain_of(tenant, one).lower() == domain for one in running):
        raise bad_request(f"Another configuration provisions from the domain {domain} already.")
    target.active = True
    target.quarantine = None
    tenant.record("tenant.cloud-sync.started", job=target.id, domain=domain)


def pause(tenant: Tenant, target: Job) -> None:
    target.active = False
    tenant.record("tenant.cloud-sync.paused", job=target.id)


def restart(tenant: Tenant, target: Job, criteria: object) -> None:
    """Forget what the reset scope names, and run again. Without one: quarantine, watermark and escrows."""
    text = (criteria or {}).get("resetScope") if isinstance(criteria, dict | None) else None
    wanted = frozenset(word.strip() for word in str(text).split(",")) if text else DEFAULT_RESETS
    if wanted - RESETS:
        raise bad_request("Invalid value specified for property 'resetScope'.")
    if wanted & {"Full", "ConnectorDataStore"}:
        target.entries.clear()
    if wanted & {"Full", "Escrows", "ConnectorDataStore"}:
        target.escrows.clear()
    if wanted & {"Full", "Watermark", "ConnectorDataStore"}:
        target.full, target.watermark = True, None
    if wanted & {"Full", "QuarantineState", "ForceDeletes"}:
        target.quarantine, target.failures = None, 0
    if "ForceDeletes" in wanted:
        target.force_deletes = True
    target.active = True
    tenant.record("tenant.cloud-sync.restarted", job=target.id, scope=sorted(wanted))


def remove(tenant: Tenant, target: Configuration) -> None:
    """Delete a configuration with its jobs; what they provisioned stays as it is."""
    for one in list(jobs_of(tenant, target.id)):
        del tenant.cloud_sync.jobs[one.id]
    del tenant.cloud_sync.configurations[target.id]
    tenant.record("tenant.cloud-sync.removed", name=target.display_name)


def shown_job(tenant: Tenant, one: Job) -> dict[str, Any]:
    """A job as Graph shows it."""
    counts: dict[str, int] = {}
    for entry in one.entries.values():
        key = f"{entry.type.lower()} to {entry.type}"
        counts[key] = counts.get(key, 0) + 1
    return {
        "id": one.id,
        "templateId": one.template,
        "schedule": {
            "expiration": None,
            "interval": "PT2M" if one.active or one.last is not None else "PT40M",
            "state": "Active" if one.active else "Disabled",
        },
        "status": {
            "countSuccessiveCompleteFailures": one.failures,
            "escrowsPruned": False,
            "code": status_code(tenant, one),
            "lastExecution": one.last,
            "lastSuccessfulExecution": one.last_good,
            "lastSuccessfulExecutionWithExports": one.last_good_with_exports,
            "quarantine": quarantine_of(tenant, one),
            "steadyStateFirstAchievedTime": one.steady_first or NEVER,
            "steadyStateLastAchievedTime": one.steady_last or NEVER,
            "troubleshootingUrl": None,
            "progress": [],
            "synchronizedEntryCountByType": [{"key": k, "value": v} for k, v in sorted(counts.items())],
        },
    }
