"""What an expectation can look at of Cloud Sync in a tenant: agents, jobs, the provisioning log, what jobs claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab import cloud_sync
from harness.lab.tenant import Tenant
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("tenant")
check = CHECKS.check


@check(
    "cloud_sync_agents",
    "tenant.cloud_sync_agents(machine, status): {contains: {machine: CP1, status: active}}",
    many=True,
    fields=("machine", "status", "id", "domain", "leads"),
)
def agents(lab: Lab, place: Tenant, query: Query) -> Any:
    """Provisioning agents as the portal lists them; ``leads``: whether the agent did the work last."""
    found = place.graph().get("onPremisesPublishingProfiles/provisioning/agents", version="beta")["value"]
    leaders = {claim.machine for claim in cloud_sync.claims(lab) if claim.tenant == place.name}
    domains = {one.engine.registered.agent_id: one.domain for one in lab.provisioning_agents.values()}
    return [
        {
            "machine": one["machineName"],
            "status": one["status"],
            "id": one["id"],
            "domain": domains.get(one["id"]),
            "leads": one["machineName"] in leaders,
        }
        for one in found
    ]


@check(
    "cloud_sync_jobs",
    "tenant.cloud_sync_jobs(template = AD2AADProvisioning): {contains: {code: Active}}",
    many=True,
    fields=("configuration", "template", "state", "code", "quarantine", "exported", "escrowed", "entries", "error"),
)
def jobs(lab: Lab, place: Tenant, query: Query) -> Any:
    """The jobs of all configurations: state, status code, quarantine, what the last run did, how many objects."""
    found = []
    for principal in cloud_sync.configurations(place):
        for job in cloud_sync.jobs(place, principal).values():
            status, last = job["status"], job["status"]["lastExecution"] or {}
            held = status["quarantine"]
            found.append(
                {
                    "configuration": principal["displayName"],
                    "template": job["templateId"],
                    "id": job["id"],
                    "principal": principal["id"],
                    "state": job["schedule"]["state"],
                    "interval": job["schedule"]["interval"],
                    "code": status["code"],
                    "quarantine": None if held is None else held["reason"],
                    "error": None if held is None else held["error"]["code"],
                    "failures": status["countSuccessiveCompleteFailures"],
                    "exported": last.get("countExported", 0),
                    "escrowed": last.get("countEscrowed", 0),
                    "entitled": last.get("countEntitled", 0),
                    "entries": sum(one["value"] for one in status["synchronizedEntryCountByType"]),
                    "by_type": {one["key"]: one["value"] for one in status["synchronizedEntryCountByType"]},
                }
            )
    return found


@check(
    "provisioning_log",
    "tenant.provisioning_log(action = create): {count: 2}",
    many=True,
    fields=("action", "status", "source", "object", "target", "changed", "matched", "code"),
)
def provisioning_log(lab: Lab, place: Tenant, query: Query) -> Any:
    """The provisioning log, newest first: one row for each object a cycle exported, held back or skipped."""
    rows = place.graph().get("auditLogs/provisioning")["value"]
    return [
        {
            "at": row["activityDateTime"],
            "action": row["provisioningAction"],
            "status": row["provisioningStatusInfo"]["status"],
            "code": (row["provisioningStatusInfo"]["errorInformation"] or {}).get("errorCode"),
            "reason": (row["provisioningStatusInfo"]["errorInformation"] or {}).get("reason"),
            "source": row["sourceIdentity"]["displayName"],
            "object": row["sourceIdentity"]["id"],
            "type": row["sourceIdentity"]["identityType"],
            "target": (row["targetIdentity"] or {}).get("id"),
            "changed": [one["displayName"] for one in row["modifiedProperties"]],
            "matched": row["provisioningSteps"][0]["details"]["matchedOn"],
        }
        for row in rows
    ]


@check(
    "cloud_sync_claims",
    "tenant.cloud_sync_claims(configuration = contoso.com): {count: 3}",
    many=True,
    fields=("configuration", "domain", "machine", "dn", "anchor"),
)
def claims(lab: Lab, place: Tenant, query: Query) -> Any:
    """Objects that the running jobs hold as their own: each belongs in no other tool's scope."""
    return [
        {"configuration": one.configuration, "domain": one.domain, "machine": one.machine, "dn": one.dn,
         "anchor": one.anchor}
        for one in cloud_sync.claims(lab)
        if one.tenant == place.name
    ]  # fmt: skip


@check("on_demand", "tenant.on_demand: {import: success, match: Update}")
def on_demand(lab: Lab, place: Tenant, query: Query) -> Any:
    """What provisioning on demand showed last: import, scope, match (Create, Update, Delete), action, what it wrote."""
    return place.on_demand
