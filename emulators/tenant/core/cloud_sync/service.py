"""What a provisioning agent asks of the tenant: registration, its work, what a job holds, exports, the cycle's report.

A stand-in of ours for the hybrid identity service and its message bus, carried by the sync service's door; who decides
what is exported is the agent's side. Source: facts "tenant" 13.1, 13.5, 8.4; cloud-sync how-to-accidental-deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from emulators.tenant.core import cloud_sync_requests
from emulators.tenant.core.clients import Client
from emulators.tenant.core.cloud_sync import on_demand as cloud_sync_on_demand
from emulators.tenant.core.cloud_sync import state as cloud_sync
from emulators.tenant.core.cloud_sync.jobs import ensure_account
from emulators.tenant.core.cloud_sync.schema import carries_passwords, scope_of, work_mappings
from emulators.tenant.core.cloud_sync.secrets import notifications
from emulators.tenant.core.cloud_sync.state import PASSWORD_HASH, PROVISIONING, Agent, Entry, Job
from emulators.tenant.core.moments import graph_time, moment_of
from emulators.tenant.core.provisioning import Result, provision
from emulators.tenant.core.refusals import ObjectRefusal, ServiceFault
from emulators.tenant.core.sync_service import read_change
from emulators.tenant.core.tenant import Tenant

ENTRIES_MAX = 1000
FIRST_RETRY, LONGEST_RETRY = timedelta(hours=1), timedelta(days=1)
DOUBLINGS_MAX = 8  # long past the longest wait already
#: cycles in a row that may fail altogether before the job is put in quarantine
FAILURES_MAX = 3
#: failures of exports below which a job is not judged by them
ESCROWS_MAX = 5000
THRESHOLD_TEXT = (
    "The deletion was not carried out: {count} deletions in one cycle are more than the {limit} objects that the "
    "accidental deletion prevention of the directory allows."
)
_ACTIONS = {"Add": "create", "Set": "update", "Delete": "delete"}

Operation = Callable[[Tenant, Mapping[str, Any], Client], dict[str, Any]]


def register_agent(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """Take an agent in; the machine that registers again for the domain keeps its identity."""
    machine, domain = _text(request, "Machine"), _text(request, "Domain")
    version = _text(request, "Version")
    known = [one for one in cloud_sync.agents_of(tenant, domain) if one.machine.lower() == machine.lower()]
    agent = known[0] if known else Agent(tenant.new_id(), machine, domain, version, tenant.stamp(), tenant.stamp())
    agent.version, agent.seen = version, tenant.stamp()
    tenant.cloud_sync.agents[agent.id] = agent
    upn, password = ensure_account(tenant)
    tenant.record("tenant.cloud-sync.agent", machine=machine, domain=domain, again=bool(known))
    expires = graph_time(tenant.now() + cloud_sync.CERTIFICATE_LIFE)
    return {"AgentId": agent.id, "UserName": upn, "Password": password, "CertificateExpires": expires}


def get_work(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """The heartbeat of an agent: the jobs it shall work for now, and those another agent works for."""
    agent, known = _agent(tenant, request), cloud_sync_requests.mapping(request, "Known")
    before, agent.seen = agent.seen, tenant.stamp()
    work: list[dict[str, Any]] = []
    standby: list[str] = []
    for job in tenant.cloud_sync.jobs.values():
        domain = cloud_sync.domain_of(tenant, job)
        if job.template != PROVISIONING or not job.active or domain.lower() != agent.domain.lower():
            continue
        if job.quarantine is not None and tenant.stamp() < job.quarantine["nextAttempt"]:
            continue
        if cloud_sync.leads(tenant, job, agent, before):
            work.append(_work(tenant, job, known.get(job.id)))
        else:
            standby.append(job.id)
    demands = [
        {"DemandId": one.id, "Dn": one.dn, "Job": _work(tenant, tenant.cloud_sync.jobs[one.job], None)}
        for one in cloud_sync_on_demand.demands_for(tenant, agent)
    ]
    return {"Jobs": work, "Standby": standby, "Demands": demands}


def answer_demand(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """What became of provisioning on demand."""
    _agent(tenant, request)
    said = request.get("Said")
    if not isinstance(said, dict):
        raise ServiceFault("REQUEST_INVALID", "Said is missing.")
    cloud_sync_on_demand.answer(tenant, _text(request, "DemandId"), said)
    return {}


def _work(tenant: Tenant, job: Job, known_revision: object) -> dict[str, Any]:
    assert job.schema is not None
    owner = tenant.cloud_sync.configurations[job.configuration]
    passwords = any(one.active for one in cloud_sync.jobs_of(tenant, job.configuration, PASSWORD_HASH))
    found: dict[str, Any] = {
        "JobId": job.id,
        "Domain": cloud_sync.domain_of(tenant, job),
        "Revision": job.revision,
        "Full": job.full,
        "Watermark": job.watermark,
        "ForceDeletes": job.force_deletes,
        "DeleteThreshold": notifications(owner)["DeleteThreshold"],
        "PasswordHashSync": passwords and carries_passwords(job.schema),
        "PasswordWatermark": job.password_watermark,
        "Escrows": [key for key, escrow in job.escrows.items() if escrow.due <= tenant.stamp()],
        "Scope": scope_of(job.schema["synchronizationRules"][0]),
    }
    if known_revision != job.revision:
        found["ObjectMappings"] = work_mappings(job.schema)
    return found


def get_entries(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """What the job holds of the objects named, or of all."""
    job = _job(tenant, request)
    wanted = request.get("Objects")
    entries = job.entries
    if isinstance(wanted, list) and all(isinstance(key, str) for key in wanted):
        found = [entries[key] for key in wanted if key in entries]
    elif wanted is None:
        found = list(entries.values())
    else:
        raise ServiceFault("REQUEST_INVALID", "Objects is a list of object identifiers.")
    return {"Entries": [_shown_entry(entry) for entry in found]}


def _shown_entry(entry: Entry) -> dict[str, Any]:
    return {
        "Object": entry.object,
        "Type": entry.type,
        "Dn": entry.dn,
        "Anchor": entry.anchor,
        "CloudAnchor": entry.cloud_anchor,
        "Values": entry.values,
    }


def provision_entries(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """Carry out a job's exports, one result per object; the log and what the job holds follow."""
    if tenant.sync.enabled is not True:
        raise ServiceFault("DIRECTORY_SYNC_DISABLED", "Directory synchronization is not activated for this company.")
    job = _job(tenant, request)
    given = cloud_sync_requests.entries(request, ENTRIES_MAX)
    deletes = request.get("CycleDeletes", 0)
    return {"Results": [_provision_entry(tenant, job, item, deletes, client) for item in given]}


def _provision_entry(tenant: Tenant, job: Job, given: Any, deletes: int, client: Client) -> dict[str, Any]:
    change = read_change({**given, "PropertyValues": _present(given)})
    refusal = _over_tenant_threshold(tenant, deletes) if given.get("SyncOperation") == "Delete" else None
    result: Result | None = None
    if isinstance(change, ObjectRefusal):
        refusal = change
    elif refusal is None:
        result = provision(tenant, change)
        refusal = result.refusal
        if refusal is None:
            _keep(job, given, result)
    if refusal is None:
        job.escrows.pop(given["Object"], None)
    else:
        cloud_sync.put_in_escrow(tenant, job, given["Object"])
    _record(tenant, job, given, result, refusal, client)
    target = result.target if result is not None else None
    return {
        "Object": given["Object"],
        "CloudAnchor": f"{target.kind.value}_{target.id}" if target is not None else None,
        "ErrorCode": refusal.code if refusal is not None else None,
        "ErrorDescription": refusal.text if refusal is not None else None,
    }


def _present(given: Mapping[str, Any]) -> dict[str, Any]:
    values = given.get("PropertyValues") or {}
    return {name: value for name, value in values.items() if value is not None or given["SyncOperation"] != "Add"}


def _over_tenant_threshold(tenant: Tenant, deletes: object) -> ObjectRefusal | None:
    """The guard of the directory bites exports of Cloud Sync as well (facts 8.4)."""
    guard = tenant.sync.deletion_guard
    if guard["DeletionPrevention"] != "EnabledForCount" or not isinstance(deletes, int):
        return None
    limit = guard["ThresholdCount"]
    if deletes <= limit:
        return None
    return ObjectRefusal("DeletionThresholdExceeded", THRESHOLD_TEXT.format(count=deletes, limit=limit))


def _keep(job: Job, given: Mapping[str, Any], result: Result) -> None:
    if given["SyncOperation"] == "Delete":
        job.entries.pop(given["Object"], None)
        return
    entry = job.entries.get(given["Object"])
    if entry is None:
        entry = job.entries[given["Object"]] = Entry(
            given["Object"], result.change.kind.value, "", result.change.anchor
        )
    entry.dn = str(given.get("Dn") or entry.dn)
    if result.target is not None:
        entry.cloud_anchor = f"{result.target.kind.value}_{result.target.id}"
    remembered = given.get("Remember") or {}
    entry.values = {name: value for name, value in {**entry.values, **remembered}.items() if value is not None}


def _record(
    tenant: Tenant,
    job: Job,
    given: Mapping[str, Any],
    result: Result | None,
    refusal: ObjectRefusal | None,
    client: Client,
) -> None:
    operation = str(given.get("SyncOperation"))
    outcome = result.decision.outcome.value if result is not None and result.decision is not None else None
    action = _ACTIONS.get(operation, "other")
    if action == "create" and outcome not in (None, "provision_new"):
        action = "update"
    changed = sorted(given.get("PropertyValues") or {})
    error = None if refusal is None else {"errorCode": refusal.code, "reason": refusal.text}
    target = result.target if result is not None else None
    cloud_sync.write_log(
        tenant,
        jobId=job.id,
        cycleId=job.cycle_id,
        provisioningAction=action,
        status="success" if refusal is None else "failure",
        errorInformation=error,
        source={"id": given["Object"], "type": given.get("SyncObjectType"), "name": given.get("Dn")},
        target={"id": target.id, "type": target.kind.value} if target is not None else None,
        changed=changed,
        matched=result.decision.matched_on if result is not None and result.decision is not None else None,
        outcome=outcome,
    )
    if tenant.heard:
        tenant.record(
            f"tenant.cloud-sync.{operation.lower()}",
            type=given.get("SyncObjectType"),
            anchor=given.get("SourceAnchor"),
            changed=changed,
            agent=client.machine,
            configuration=tenant.cloud_sync.configurations[job.configuration].display_name,
            id=target.id if target is not None else None,
            outcome=outcome,
            error=refusal.code if refusal is not None else None,
        )


def report_cycle(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """The end of a cycle: counters, the place to go on from, what was left out and why, or what stopped it."""
    job = _job(tenant, request)
    error = cloud_sync_requests.mapping(request, "Error") if request.get("Error") is not None else None
    skipped, staged = (cloud_sync_requests.rows(request, name) for name in ("Skipped", "StagedDeletes"))
    watermark, passwords = (cloud_sync_requests.word(request, name) for name in ("Watermark", "PasswordWatermark"))
    counts = {name: cloud_sync_requests.count(request, key) for name, key in _COUNTERS.items()}
    for item in skipped:
        _log_skipped(tenant, job, item, "other", "failure" if item.get("Failed") else "skipped")
        if item.get("Failed"):
            cloud_sync.put_in_escrow(tenant, job, str(item.get("Object")))
        else:
            job.escrows.pop(str(item.get("Object")), None)
    for item in staged:
        _log_skipped(tenant, job, item, "stagedDelete", "skipped")
    execution = _execution(tenant, counts, error)
    execution["countEscrowed"] = execution["countEscrowedRaw"] = len(job.escrows)
    job.cycle_id = execution["activityIdentifier"]
    job.last = execution
    if error is not None:
        _fail(tenant, job, error)
        return {}
    job.watermark = watermark or job.watermark
    job.password_watermark = passwords or job.password_watermark
    if request.get("Revision") == job.revision:
        job.full = False
    job.force_deletes = False
    job.quarantine, job.failures = None, 0
    job.last_good = execution
    job.steady_first = job.steady_first or tenant.stamp()
    job.steady_last = tenant.stamp()
    if execution["countExported"]:
        job.last_good_with_exports = execution
    if execution["countEscrowed"] >= ESCROWS_MAX:
        _fail(tenant, job, {"Code": "TooManyEscrows", "Message": "Too many objects could not be exported.",
                            "Reason": "EncounteredTotalEscrowThreshold"})  # fmt: skip
    tenant.sync.last_sync = tenant.stamp()
    if execution["countExported"] or request.get("Kind") == "Full":
        tenant.record("tenant.cloud-sync.cycle", job=job.id, agent=client.machine, reading=request.get("Kind"),
                      exported=execution["countExported"], escrowed=execution["countEscrowed"])  # fmt: skip
    return {}


def _execution(tenant: Tenant, counts: Mapping[str, int], error: Any) -> dict[str, Any]:
    return {
        "activityIdentifier": tenant.tracking_id(),
        "state": "Succeeded" if error is None else "Failed",
        "error": None if error is None else {"code": error.get("Code"), "message": error.get("Message")},
        "timeBegan": tenant.stamp(),
        "timeEnded": tenant.stamp(),
        **counts,
    }


_COUNTERS = {
    "countImported": "Imported", "countImportedDeltas": "ImportedDeltas", "countEntitled": "Entitled",
    "countEntitledForProvisioning": "Entitled", "countExported": "Exported", "countExports": "Exported",
}  # fmt: skip


def _fail(tenant: Tenant, job: Job, error: Mapping[str, Any]) -> None:
    """Cycles that cannot be run, or deletes past the threshold, put the job in quarantine; attempts grow rarer, up to
    once a day.
    """
    job.failures += 1
    before = job.quarantine
    reason = str(error.get("Reason") or "EncounteredQuarantineException")
    if before is None and reason == "EncounteredQuarantineException" and job.failures < FAILURES_MAX:
        return
    count = int(before["seriesCount"]) + 1 if before is not None else 1
    wait = min(FIRST_RETRY * 2 ** min(count - 1, DOUBLINGS_MAX), LONGEST_RETRY)
    now = tenant.stamp()
    code, text = str(error.get("Code") or "Unknown"), str(error.get("Message") or "")
    series = before["seriesBegan"] if before is not None else now
    following = graph_time(moment_of(now) + wait)
    job.quarantine = cloud_sync.quarantine(series, now, following, count, reason, code, text)
    owner = tenant.cloud_sync.configurations[job.configuration]
    said = notifications(owner)
    if said["Enabled"] and said["Recipients"] and before is None:
        subject = "Delete threshold exceeded" if reason == "TooManyDeletes" else "Provisioning in quarantine"
        tenant.mails.append({"to": said["Recipients"], "subject": subject, "body": text, "sent": now})
    tenant.record("tenant.cloud-sync.quarantine", job=job.id, reason=reason, code=code)


def _log_skipped(tenant: Tenant, job: Job, item: Any, action: str, status: str) -> None:
    known = item if isinstance(item, dict) else {}
    cloud_sync.write_log(
        tenant,
        jobId=job.id,
        cycleId=job.cycle_id,
        provisioningAction=action,
        status=status,
        errorInformation={"errorCode": str(known.get("Reason") or ""), "reason": str(known.get("Text") or "")},
        source={"id": known.get("Object"), "type": known.get("Type"), "name": known.get("Dn")},
        target=None,
        changed=[],
        matched=None,
        outcome=None,
    )


# ---- reading requests ------------------------------------------------------------------------------------------------
def _agent(tenant: Tenant, request: Mapping[str, Any]) -> Agent:
    agent = cloud_sync.known_agent(tenant, request.get("AgentId"))
    if agent is None:
        raise ServiceFault("AGENT_UNKNOWN", "The agent is not registered in this tenant, or its certificate expired.")
    return agent


def _job(tenant: Tenant, request: Mapping[str, Any]) -> Job:
    _agent(tenant, request)
    job = tenant.cloud_sync.jobs.get(str(request.get("JobId")))
    if job is None:
        raise ServiceFault("JOB_UNKNOWN", "There is no such job.")
    return job


def _text(request: Mapping[str, Any], name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not 0 < len(value) < 256:
        raise ServiceFault("REQUEST_INVALID", f"{name} is missing or not a text.")
    return value


OPERATION_TABLE: dict[str, Operation] = {
    "RegisterProvisioningAgent": register_agent,
    "GetProvisioningWork": get_work,
    "GetProvisioningEntries": get_entries,
    "ProvisionEntries": provision_entries,
    "ReportProvisioningCycle": report_cycle,
    "AnswerProvisioningDemand": answer_demand,
}
ADMIN_OPERATIONS = frozenset({"RegisterProvisioningAgent"})
CHANGING_OPERATIONS = frozenset({"ProvisionEntries"})
