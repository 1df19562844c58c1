"""Cloud Sync as the tenant keeps it: provisioning agents, configurations, their jobs and what each job has provisioned.

An agent's status, who leads a job and whether a job is quarantined for want of agents follow from the times kept here.
Source: facts "tenant" 13; cloud-sync how-to-configure, how-to-prerequisites (agents, high availability).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emulators.tenant.core.moments import graph_time, moment_of
from emulators.tenant.core.tenant import Tenant

if TYPE_CHECKING:
    from emulators.tenant.core.cloud_sync.on_demand import Demand

#: application of the gallery that a configuration is an instance of
TEMPLATE_APPLICATION = "1a4721b3-e57f-4451-ae87-ef078703ec94"
PROVISIONING, PASSWORD_HASH = "AD2AADProvisioning", "AD2AADPasswordHash"
INACTIVE_AFTER = timedelta(hours=1)
HIDDEN_AFTER = timedelta(days=10)
CERTIFICATE_LIFE = timedelta(days=180)
#: a leader that was not heard of for so long lets another agent take its jobs
LEADER_SILENT = timedelta(minutes=4)
CYCLE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(days=1)
LOG_MAX = 5000
SERVICE_ACCOUNT = "ADToAADSyncServiceAccount"


@dataclass
class Agent:
    """A provisioning agent: the machine it runs on, the domain it reaches, when it was heard of last."""

    id: str
    machine: str
    domain: str
    version: str
    registered: str
    seen: str


@dataclass
class Entry:
    """What a job holds of one object: its source, its anchors, and the values it exported last."""

    object: str
    type: str
    dn: str
    anchor: str
    cloud_anchor: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Escrow:
    """An object that could not be exported: how often it was tried, when it is tried again."""

    tries: int
    due: str


@dataclass
class Configuration:
    """One configuration: a service principal with its secrets."""

    id: str
    application: str
    display_name: str
    created: str
    secrets: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """One synchronization job. full: the next cycle reads everything. quarantine: as Graph shows it, or None."""

    id: str
    template: str
    configuration: str
    schema: dict[str, Any] | None = None
    active: bool = False
    revision: int = 1
    full: bool = True
    force_deletes: bool = False
    watermark: str | None = None
    password_watermark: str | None = None
    leader: str | None = None
    led: str | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    escrows: dict[str, Escrow] = field(default_factory=dict)
    quarantine: dict[str, Any] | None = None
    failures: int = 0
    last: dict[str, Any] | None = None
    last_good: dict[str, Any] | None = None
    last_good_with_exports: dict[str, Any] | None = None
    steady_first: str | None = None
    steady_last: str | None = None
    cycle_id: str | None = None


@dataclass
class CloudSync:
    """Everything of Cloud Sync in one tenant. account: the service account that jobs and agents act as."""

    agents: dict[str, Agent] = field(default_factory=dict)
    configurations: dict[str, Configuration] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    account: str | None = None
    account_password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        #: provisioning on demand that somebody waits for; no part of what a snapshot holds
        self.demands: dict[str, Demand] = {}


def thawed(state: dict[str, Any] | None) -> CloudSync:
    """Cloud Sync as a snapshot holds it."""
    if state is None:
        return CloudSync()
    jobs = {}
    for key, job in state["jobs"].items():
        entries = {name: Entry(**entry) for name, entry in job["entries"].items()}
        escrows = {name: Escrow(**escrow) for name, escrow in job["escrows"].items()}
        jobs[key] = Job(**{**job, "entries": entries, "escrows": escrows})
    return CloudSync(
        {key: Agent(**agent) for key, agent in state["agents"].items()},
        {key: Configuration(**one) for key, one in state["configurations"].items()},
        jobs,
        list(state["log"]),
        state["account"],
        state["account_password"],
    )


# ---- agents --------------------------------------------------------------------------------------------------------
def agent_status(tenant: Tenant, agent: Agent) -> str:
    """``active``; ``inactive`` after an hour of silence."""
    return "active" if tenant.now() - moment_of(agent.seen) < INACTIVE_AFTER else "inactive"


def listed_agents(tenant: Tenant) -> list[Agent]:
    """The agents the portal shows: one that was silent for ten days is not among them."""
    now = tenant.now()
    return [agent for agent in tenant.cloud_sync.agents.values() if now - moment_of(agent.seen) < HIDDEN_AFTER]


def known_agent(tenant: Tenant, agent_id: object) -> Agent | None:
    """The agent of this id, as long as its certificate is good; it is renewed whenever the agent is heard of."""
    agent = tenant.cloud_sync.agents.get(agent_id) if isinstance(agent_id, str) else None
    if agent is not None and tenant.now() - moment_of(agent.seen) >= CERTIFICATE_LIFE:
        del tenant.cloud_sync.agents[agent.id]
        return None
    return agent


def agents_of(tenant: Tenant, domain: str) -> list[Agent]:
    return [agent for agent in tenant.cloud_sync.agents.values() if agent.domain.lower() == domain.lower()]


def leads(tenant: Tenant, job: Job, agent: Agent, before: str) -> bool:
    """Whether the agent does the job's work now: it keeps it while it is heard of, then who asks next takes it.

    before: when the agent was heard of last; one that was silent just as long cannot tell that the other is gone.
    """
    now = tenant.now()
    silent = job.led is None or moment_of(before) - moment_of(job.led) >= LEADER_SILENT - CYCLE
    silent = silent and (job.led is None or now - moment_of(job.led) >= LEADER_SILENT)
    if job.leader != agent.id and job.leader in tenant.cloud_sync.agents and not silent:
        return False
    if job.leader != agent.id:
        tenant.record("tenant.cloud-sync.leader", job=job.id, agent=agent.machine)
    job.leader, job.led = agent.id, tenant.stamp()
    return True


def put_in_escrow(tenant: Tenant, job: Job, object_id: str) -> None:
    """An object failed: it is tried again after two minutes, then less and less often."""
    before = job.escrows.get(object_id)
    tries = before.tries + 1 if before is not None else 1
    wait = min(CYCLE * 2 ** min(tries - 1, 12), LONGEST_WAIT)
    job.escrows[object_id] = Escrow(tries, graph_time(tenant.now() + wait))


# ---- jobs ----------------------------------------------------------------------------------------------------------
def domain_of(tenant: Tenant, job: Job) -> str:
    """The Active Directory domain a job reads, by the secret ``Domain`` of its configuration; empty when unset."""
    text = tenant.cloud_sync.configurations[job.configuration].secrets.get("Domain", "{}")
    return str(json.loads(text).get("domain") or "")


def jobs_of(tenant: Tenant, configuration: str, template: str | None = None) -> Iterator[Job]:
    for job in tenant.cloud_sync.jobs.values():
        if job.configuration == configuration and template in (None, job.template):
            yield job


def quarantine_of(tenant: Tenant, job: Job) -> dict[str, Any] | None:
    """The quarantine a job is in; one without agents that could work for it is in quarantine as well."""
    if job.quarantine is not None or not job.active:
        return job.quarantine
    domain = domain_of(tenant, job)
    missing = agents_missing(tenant, domain)
    if missing is None:
        return None
    began = max((agent.seen for agent in agents_of(tenant, domain)), default=tenant.created)
    return quarantine(began, began, tenant.stamp(), 1, "EncounteredQuarantineException", *missing)


def agents_missing(tenant: Tenant, domain: str) -> tuple[str, str] | None:
    """Code and text when no agent could work for a domain."""
    agents = agents_of(tenant, domain)
    if not agents:
        return "HybridIdentityServiceNoAgentsAssigned", f"No agent is assigned to the domain {domain or '(none)'}."
    if all(agent_status(tenant, agent) == "inactive" for agent in agents):
        return "HybridIdentityServiceNoActiveAgents", f"No agent of the domain {domain} is active."
    return None


def quarantine(
    series: str, current: str, next_attempt: str, count: int, reason: str, code: str, text: str
) -> dict[str, Any]:
    """A quarantine as Graph writes it."""
    return {
        "currentBegan": current,
        "nextAttempt": next_attempt,
        "reason": reason,
        "seriesBegan": series,
        "seriesCount": count,
        "error": {"code": code, "message": text, "tenantActionable": True},
    }


def status_code(tenant: Tenant, job: Job) -> str:
    if not job.active:
        return "Paused" if job.last is not None or job.template == PASSWORD_HASH else "NotConfigured"
    if quarantine_of(tenant, job) is not None:
        return "Quarantine"
    return "Active" if job.last is not None else "NotRun"


def claims(tenant: Tenant) -> list[dict[str, str]]:
    """Every object that a running job holds as its own, with the machine of the agent that leads the job."""
    found: list[dict[str, str]] = []
    for job in tenant.cloud_sync.jobs.values():
        if not job.active:
            continue
        owner = tenant.cloud_sync.configurations[job.configuration]
        leader = tenant.cloud_sync.agents.get(job.leader or "")
        place = {
            "configuration": owner.display_name,
            "domain": domain_of(tenant, job),
            "machine": leader.machine if leader is not None else "",
        }
        found += [{**place, "object": e.object, "dn": e.dn, "anchor": e.anchor} for e in job.entries.values()]
    return found


def write_log(tenant: Tenant, **row: Any) -> None:
    """Keep one row of the provisioning log; the newest ones stay."""
    log = tenant.cloud_sync.log
    log.append({"id": tenant.tracking_id(), "activityDateTime": tenant.stamp(), **row})
    if len(log) > LOG_MAX:
        del log[: len(log) - LOG_MAX]
