"""Provision on demand, as the portal asks for it: one Graph call that waits until an agent of the domain has done it.

The call waits in a thread of its own while the agent, which lives in this one, is let work. Source: facts "tenant"
13.4; cloud-sync how-to-on-demand-provision.
"""

from __future__ import annotations

import json
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

from harness.lab.cloud_sync import PRINCIPALS, configuration, jobs
from harness.lab.cloud_sync_portal import BETA, PROVISIONING
from harness.lab.forest import Forest
from harness.lab.reactor import in_reactor
from harness.lab.tenant import Tenant
from harness.refusal import StepRefusedError

if TYPE_CHECKING:
    from harness.lab.lab import Lab

TIMEOUT = timedelta(minutes=10)
_LOOK_AGAIN_SECONDS = 0.002
_CLASSES = ("inetOrgPerson", "user", "group", "contact")


def provision(lab: Lab, tenant: Tenant, forest: Forest, name: str, configured: str | None) -> None:
    """Provision; what was shown is kept with the tenant. Raises StepRefusedError with what failed."""
    principal = configuration(tenant, configured)
    job = jobs(tenant, principal)[PROVISIONING]
    path = f"{PRINCIPALS}/{principal['id']}/synchronization/jobs/{job['id']}"
    rule = tenant.graph().get(f"{path}/schema", version=BETA)["synchronizationRules"][0]["id"]
    dn, kind = _subject(forest, name)
    body = {"parameters": [{"ruleId": rule, "subjects": [{"objectId": dn, "objectTypeName": kind}]}]}
    answer = _ask(lab, tenant, forest.name, f"{path}/provisionOnDemand", body)
    said = {**json.loads(answer["key"]), **json.loads(answer["value"])}
    tenant.on_demand = _shown(dn, said)
    if said["details"]["errorCode"] is not None:
        raise StepRefusedError(said["details"]["errorCode"], said["details"]["errorMessage"] or "")


def _subject(forest: Forest, name: str) -> tuple[str, str]:
    if "=" in name:
        return name, "user"
    entry = forest.find(name, ["objectClass"])
    classes = {one.decode() for one in entry.values("objectClass")}
    return entry.dn, next(one for one in _CLASSES if one in classes)


def _ask(lab: Lab, tenant: Tenant, domain: str, path: str, body: dict[str, Any]) -> Any:
    answers: list[Any] = []

    def call() -> None:
        try:
            answers.append(tenant.graph().post(path, body, version=BETA))
        except Exception as error:  # noqa: BLE001 - raised again where the step runs
            answers.append(error)

    tenant.graph().get("organization")  # a token is at hand before the thread needs one
    waiting = Thread(target=call, name="provision-on-demand", daemon=True)
    waiting.start()
    while waiting.is_alive() and not in_reactor(tenant.service.cloud_sync_demands):
        waiting.join(_LOOK_AGAIN_SECONDS)
    agents = [one for one in lab.provisioning_agents.values() if one.domain.lower() == domain.lower()]
    for machine in sorted(agents, key=lambda one: one.name):
        if not machine.engine.stopped:
            machine.engine.beat()
    if in_reactor(tenant.service.cloud_sync_demands):
        lab.advance(TIMEOUT)
    waiting.join()
    if isinstance(answers[0], Exception):
        raise answers[0]
    return answers[0]


def _shown(dn: str, said: dict[str, Any]) -> dict[str, Any]:
    """The four steps by the portal's words."""
    steps = {one["type"]: one["status"].lower() for one in said["provisioningSteps"]}
    return {
        "object": dn,
        "result": said["result"],
        "import": steps.get("Import"),
        "scope": steps.get("Scoping"),
        "match": said["action"],
        "action": steps.get("Export"),
        "modified": [one["displayName"] for one in said["modifiedProperties"]],
        "error": said["details"]["errorCode"],
    }
