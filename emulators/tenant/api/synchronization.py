"""Cloud Sync through Graph: configurations, jobs, secrets, schema, the provisioning log, the agents.

Source: facts "tenant" 13.2 to 13.5, 14; Graph ``synchronization``, ``provisioningObjectSummary``, ``onPremisesAgent``.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, LaterAnswer, Route, lacking, no_content, ok, text_key
from emulators.tenant.api.rendering import context
from emulators.tenant.core import schema_extensions
from emulators.tenant.core.cloud_sync import jobs as cloud_sync_jobs
from emulators.tenant.core.cloud_sync import on_demand as cloud_sync_on_demand
from emulators.tenant.core.cloud_sync import secrets as cloud_sync_secrets
from emulators.tenant.core.cloud_sync import state as cloud_sync
from emulators.tenant.core.cloud_sync.state import Configuration, Job
from emulators.tenant.core.refusals import bad_request, not_emulated

READ = ("Synchronization.Read.All", "Synchronization.ReadWrite.All", "Directory.ReadWrite.All")
WRITE = ("Synchronization.ReadWrite.All", "Directory.ReadWrite.All")
MAKE = ("Application.ReadWrite.All",)
LOG = ("AuditLog.Read.All",)
AGENTS = ("Directory.Read.All", "Directory.ReadWrite.All", "Organization.Read.All")
_JOBS = "/servicePrincipals/<key>/synchronization/jobs"
_JOB = f"{_JOBS}/<job_id>"


def _owned(desk: Desk, key: str, job_id: str) -> tuple[Configuration, Job]:
    owner = cloud_sync_jobs.configuration(desk.tenant, key)
    return owner, cloud_sync_jobs.job(desk.tenant, owner.id, job_id)


def _principal(desk: Desk, one: Configuration) -> dict[str, Any]:
    return {
        "id": one.id,
        "appId": one.application,
        "displayName": one.display_name,
        "appDisplayName": "Active Directory to Azure Active Directory Provisioning",
        "applicationTemplateId": cloud_sync.TEMPLATE_APPLICATION,
        "createdDateTime": one.created,
        "servicePrincipalType": "Application",
        "accountEnabled": True,
    }


def instantiate(desk: Desk, call: Call, key: str) -> Answer:
    """A configuration comes into being as an application of the gallery with its service principal."""
    made = cloud_sync_jobs.instantiate(desk.tenant, key, text_key(call.json().get("displayName"), "displayName"))
    principal = _principal(desk, made)
    application = {"id": made.application, "appId": made.application, "displayName": made.display_name}
    return ok({"application": application, "servicePrincipal": principal}, 201)


def list_principals(desk: Desk, call: Call) -> Answer:
    value = [_principal(desk, one) for one in desk.tenant.cloud_sync.configurations.values()]
    extension = schema_extensions.principal(desk.tenant)
    value += [extension] if extension is not None else []
    return ok({"@odata.context": context(call, "servicePrincipals"), "value": value})


def get_principal(desk: Desk, call: Call, key: str) -> Answer:
    extension = schema_extensions.principal(desk.tenant)
    if extension is not None and extension["id"] == key:
        found = extension
    else:
        found = _principal(desk, cloud_sync_jobs.configuration(desk.tenant, key))
    return ok({"@odata.context": context(call, "servicePrincipals/$entity"), **found})


def delete_principal(desk: Desk, call: Call, key: str) -> Answer:
    if key and key == desk.tenant.schema_extensions.principal_id:
        schema_extensions.delete_principal(desk.tenant)
        return no_content()
    cloud_sync_jobs.remove(desk.tenant, cloud_sync_jobs.configuration(desk.tenant, key))
    return no_content()


def list_jobs(desk: Desk, call: Call, key: str) -> Answer:
    owner = cloud_sync_jobs.configuration(desk.tenant, key)
    value = [cloud_sync_jobs.shown_job(desk.tenant, one) for one in cloud_sync.jobs_of(desk.tenant, owner.id)]
    entity = f"servicePrincipals('{owner.id}')/synchronization/jobs"
    return ok({"@odata.context": context(call, entity), "value": value})


def create_job(desk: Desk, call: Call, key: str) -> Answer:
    owner = cloud_sync_jobs.configuration(desk.tenant, key)
    made = cloud_sync_jobs.create_job(desk.tenant, owner, call.json().get("templateId"))
    entity = f"servicePrincipals('{owner.id}')/synchronization/jobs/$entity"
    return ok({"@odata.context": context(call, entity), **cloud_sync_jobs.shown_job(desk.tenant, made)}, 201)


def get_job(desk: Desk, call: Call, key: str, job_id: str) -> Answer:
    owner, job = _owned(desk, key, job_id)
    entity = f"servicePrincipals('{owner.id}')/synchronization/jobs/$entity"
    return ok({"@odata.context": context(call, entity), **cloud_sync_jobs.shown_job(desk.tenant, job)})


def start_job(desk: Desk, call: Call, key: str, job_id: str) -> Answer:
    cloud_sync_jobs.start(desk.tenant, _owned(desk, key, job_id)[1])
    return no_content()


def pause_job(desk: Desk, call: Call, key: str, job_id: str) -> Answer:
    cloud_sync_jobs.pause(desk.tenant, _owned(desk, key, job_id)[1])
    return no_content()


def restart_job(desk: Desk, call: Call, key: str, job_id: str) -> Answer:
    body = call.json() if call.body else {}
    cloud_sync_jobs.restart(desk.tenant, _owned(desk, key, job_id)[1], body.get("criteria"))
    return no_content()


def provision_on_demand(desk: Desk, call: Call, key: str, job_id: str) -> Answer:
    """Within a batch nobody can wait for an agent; alone, the front hands it to ``provision_and_wait``."""
    _owned(desk, key, job_id)
    raise not_emulated("Provisioning on demand within a batch")


def provision_and_wait(desk: Desk, call: Call, key: str, job_id: str) -> Answer:
    """Ask an agent of the domain; the answer comes when it has done it."""
    _, job = _owned(desk, key, job_id)
    if job.schema is None:
        raise bad_request("The job has no schema.")
    later = LaterAnswer()

    def settled(said: Mapping[str, Any]) -> None:
        details = {"errorCode": said.get("errorCode"), "errorMessage": said.get("errorMessage")}
        value = {
            "action": said.get("action"),
            "modifiedProperties": [{"displayName": name} for name in said.get("modified") or ()],
            "provisioningSteps": said.get("steps") or [],
        }
        entity = context(call, "microsoft.graph.stringKeyStringValuePair")
        told = json.dumps({"result": said.get("result"), "details": details})
        later.settle(ok({"@odata.context": entity, "key": told, "value": json.dumps(value)}))

    cloud_sync_on_demand.ask(desk.tenant, job, call.json().get("parameters"), settled)
    return later


def get_schema(desk: Desk, call: Call, key: str, job_id: str) -> Answer:
    _, job = _owned(desk, key, job_id)
    if job.schema is None:
        raise bad_request("The job has no schema.")
    entity = f"servicePrincipals('{key}')/synchronization/jobs('{job.id}')/schema/$entity"
    return ok({"@odata.context": context(call, entity), **copy.deepcopy(job.schema)})


def put_schema(desk: Desk, call: Call, key: str, job_id: str) -> Answer:
    body = {name: value for name, value in call.json().items() if not name.startswith("@")}
    cloud_sync_jobs.save_schema(desk.tenant, _owned(desk, key, job_id)[1], body)
    return no_content()


def get_secrets(desk: Desk, call: Call, key: str) -> Answer:
    owner = cloud_sync_jobs.configuration(desk.tenant, key)
    return ok({"value": cloud_sync_secrets.shown_secrets(owner)})


def put_secrets(desk: Desk, call: Call, key: str) -> Answer:
    owner = cloud_sync_jobs.configuration(desk.tenant, key)
    cloud_sync_secrets.put_secrets(desk.tenant, owner, call.json())
    return no_content()


def list_log(desk: Desk, call: Call) -> Answer:
    """The provisioning log, newest first."""
    value = [_summary(desk, row) for row in reversed(desk.tenant.cloud_sync.log)]
    return ok({"@odata.context": context(call, "auditLogs/provisioning"), "value": value})


def _summary(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    source, target = row["source"], row["target"]
    return {
        "id": row["id"],
        "activityDateTime": row["activityDateTime"],
        "jobId": row["jobId"],
        "cycleId": row["cycleId"],
        "tenantId": desk.tenant.tenant_id,
        "provisioningAction": row["provisioningAction"],
        "provisioningStatusInfo": {"status": row["status"], "errorInformation": row["errorInformation"]},
        "sourceSystem": {"displayName": "Active Directory"},
        "targetSystem": {"displayName": "Azure Active Directory"},
        "sourceIdentity": {"id": source["id"], "displayName": source["name"], "identityType": source["type"]},
        "targetIdentity": None if target is None else {"id": target["id"], "identityType": target["type"]},
        "modifiedProperties": [{"displayName": name} for name in row["changed"]],
        "provisioningSteps": [
            {"name": "EntryMatching", "provisioningStepType": "matching", "details": {"matchedOn": row["matched"]}}
        ],
    }


def list_agents(desk: Desk, call: Call) -> Answer:
    value = [
        {
            "id": agent.id,
            "machineName": agent.machine,
            "externalIp": None,
            "status": cloud_sync.agent_status(desk.tenant, agent),
            "supportedPublishingTypes": ["provisioning"],
        }
        for agent in cloud_sync.listed_agents(desk.tenant)
    ]
    path = "onPremisesPublishingProfiles('provisioning')/agents"
    return ok({"@odata.context": context(call, path), "value": value})


#: what waits for an agent, for the front
ON_DEMAND = Route("POST", f"{_JOB}/provisionOnDemand", provision_and_wait, WRITE)
ROUTES: tuple[Route, ...] = (
    Route("POST", "/applicationTemplates/<key>/instantiate", instantiate, MAKE),
    Route("GET", "/servicePrincipals", list_principals, (*READ, "Directory.Read.All")),
    Route("GET", "/servicePrincipals/<key>", get_principal, (*READ, "Directory.Read.All")),
    Route("DELETE", "/servicePrincipals/<key>", delete_principal, MAKE),
    Route("GET", _JOBS, list_jobs, READ),
    Route("POST", _JOBS, create_job, WRITE),
    Route("GET", _JOB, get_job, READ),
    Route("POST", f"{_JOB}/start", start_job, WRITE),
    Route("POST", f"{_JOB}/pause", pause_job, WRITE),
    Route("POST", f"{_JOB}/restart", restart_job, WRITE),
    Route("POST", f"{_JOB}/provisionOnDemand", provision_on_demand, WRITE),
    Route("GET", f"{_JOB}/schema", get_schema, READ),
    Route("PUT", f"{_JOB}/schema", put_schema, WRITE),
    Route("GET", "/servicePrincipals/<key>/synchronization/secrets", get_secrets, READ),
    Route("PUT", "/servicePrincipals/<key>/synchronization/secrets", put_secrets, WRITE),
    Route("PATCH", "/servicePrincipals/<key>", lacking("Changing a service principal"), MAKE),
    Route("DELETE", _JOB, lacking("Deleting one job of a configuration"), WRITE),
    Route("GET", "/auditLogs/provisioning", list_log, LOG),
    Route("GET", "/onPremisesPublishingProfiles/provisioning/agents", list_agents, AGENTS, ("beta",)),
)
