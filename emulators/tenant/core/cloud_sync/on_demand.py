"""Provision on demand as the service sees it: one object asked of an agent of the domain, and what the agent answers.

Asked over the scoping filter and of a configuration that is not enabled as well, which is how it is tested. Source:
facts "tenant" 13.4, 13.5 (TimeOut after ten minutes); cloud-sync how-to-on-demand-provision, reference-error-codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulators.tenant.core.cloud_sync import state as cloud_sync
from emulators.tenant.core.cloud_sync.state import Agent, Job
from emulators.tenant.core.cloud_sync.template import RULE_ID
from emulators.tenant.core.moments import graph_time, moment_of
from emulators.tenant.core.refusals import bad_request
from emulators.tenant.core.tenant import Tenant

TIMEOUT = timedelta(minutes=10)
OBJECT_TYPES = ("user", "inetOrgPerson", "group", "contact")
Settle = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class Demand:
    """One object that an administrator wants provisioned now. settle: called once, with the agent's answer."""

    id: str
    job: str
    dn: str
    due: str
    settle: Settle


def ask(tenant: Tenant, job: Job, parameters: object, settle: Settle) -> None:
    """Put the demand where the next agent of the domain finds it; one without agents is answered at once."""
    dn = _subject(parameters)
    failed = cloud_sync.agents_missing(tenant, cloud_sync.domain_of(tenant, job))
    if failed is not None:
        settle(failure(*failed))
        return
    due = graph_time(tenant.now() + TIMEOUT)
    one = Demand(tenant.tracking_id(), job.id, dn, due, settle)
    tenant.cloud_sync.demands[one.id] = one


def _subject(parameters: object) -> str:
    """The DN of the one subject."""
    rows = parameters if isinstance(parameters, list) else []
    subjects = rows[0].get("subjects") if len(rows) == 1 and isinstance(rows[0], dict) else None
    if not isinstance(subjects, list) or len(subjects) != 1 or rows[0].get("ruleId") != RULE_ID:
        raise bad_request("Provisioning on demand takes the synchronization rule and one subject.")
    subject = subjects[0] if isinstance(subjects[0], dict) else {}
    if subject.get("objectTypeName") not in OBJECT_TYPES or not isinstance(subject.get("objectId"), str):
        raise bad_request("A subject is named by its distinguished name and its type.")
    return str(subject["objectId"])


def demands_for(tenant: Tenant, agent: Agent) -> list[Demand]:
    """What is asked of the domain the agent serves."""
    return [
        one
        for one in tenant.cloud_sync.demands.values()
        if (job := tenant.cloud_sync.jobs.get(one.job)) is not None
        and cloud_sync.domain_of(tenant, job).lower() == agent.domain.lower()
    ]


def answer(tenant: Tenant, demand_id: str, said: Mapping[str, Any]) -> None:
    """The agent has done it; an answer nobody waits for any longer is dropped."""
    one = tenant.cloud_sync.demands.pop(demand_id, None)
    if one is not None:
        tenant.record("tenant.cloud-sync.on-demand", job=one.job, object=one.dn, result=said.get("result"))
        one.settle(said)


def expire(tenant: Tenant) -> None:
    """Give up demands that no agent answered."""
    now = tenant.stamp()
    for one in [held for held in tenant.cloud_sync.demands.values() if held.due <= now]:
        answer(tenant, one.id, failure("TimeOut", "The agent did not answer within ten minutes."))


def abandon(tenant: Tenant) -> None:
    """Give up all of them: the tenant is set back."""
    for demand_id in list(tenant.cloud_sync.demands):
        answer(tenant, demand_id, failure("TimeOut", "The service was set back before an agent answered."))


def next_expiry(tenant: Tenant) -> datetime | None:
    due = [moment_of(one.due) for one in tenant.cloud_sync.demands.values()]
    return min(due, default=None)


def failure(code: str, text: str) -> dict[str, Any]:
    return {"result": "Failure", "errorCode": code, "errorMessage": text, "steps": [], "action": None, "modified": []}


__all__ = ["Demand", "abandon", "answer", "ask", "demands_for", "expire", "next_expiry"]
