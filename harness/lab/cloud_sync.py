"""Cloud Sync on the stage: provisioning agents on machines of the world, and what their jobs claim.

The administrator's side goes through Graph, as the portal does; an agent is the engine's own, ticked by the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from harness.lab.addresses import network
from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server
    from harness.lab.tenant import Tenant


class AgentMachine:
    """A machine with a provisioning agent on it; stopped, its service is off."""

    def __init__(self, lab: Lab, name: str, engine: Any, tenant: str) -> None:
        self.lab = lab
        self.name = name
        self.engine = engine
        self.tenant = tenant

    @property
    def domain(self) -> str:
        return str(self.engine.registered.domain)

    def tick(self, now: datetime) -> None:
        self.engine.tick(now)

    def next_due(self) -> datetime | None:
        due: datetime | None = self.engine.next_due()
        return due

    def close(self) -> None:
        self.engine.close()

    def uninstall(self) -> None:
        """Take the agent off the machine; the tenant still lists it for a while, its account stays in the domain."""
        self.engine.close()
        self.engine.path.unlink(missing_ok=True)

    def snapshot(self) -> dict[str, Any]:
        return {"machine": self, "state": self.engine.snapshot()}

    def restore(self, kept: Mapping[str, Any]) -> None:
        self.engine.restore(kept["state"])


@dataclass(frozen=True)
class Claim:
    """An object that a job holds as its own. machine: of the agent that leads the job."""

    tenant: str
    configuration: str
    domain: str
    machine: str
    object: str
    dn: str
    anchor: str


@dataclass(frozen=True)
class AgentChoices:
    """What a scenario says about an agent; names as in the verb ``cloud_sync.install_agent``."""

    domain: str | None = None
    tenant: str | None = None
    entra_admin: str | None = None
    domain_admin: str | None = None
    host: Mapping[str, Any] | None = None


def install_agent(lab: Lab, name: str, choices: AgentChoices) -> None:
    """Run the agent's installer; an EngineError says what refused."""
    from engine.cloud_sync.installation import AgentAnswers, AgentHost
    from engine.cloud_sync.installation import install_agent as install
    from engine.setup.answers import Credential

    if name in {*lab.servers, *lab.provisioning_agents, *lab.agents, *lab.dirsync}:
        raise ScenarioError(f"there is a server {name} already; choose another name")
    tenant, forest = lab.tenant(choices.tenant), lab.forest(choices.domain)
    entra = Credential(tenant.service.admin_upn, tenant.admin_password)
    if choices.entra_admin is not None:
        entra = Credential(choices.entra_admin, lab.seeds.password(f"{tenant.name}/{choices.entra_admin}"))
    admin = Credential(f"{forest.document.netbios}\\Administrator", forest.admin_password)
    if choices.domain_admin is not None:
        login = (forest.find(choices.domain_admin, ["sAMAccountName"]).first("sAMAccountName") or b"").decode()
        admin = Credential(f"{forest.document.netbios}\\{login}", lab.seeds.password(f"{forest.name}/{login}"))
    folder = lab.folder / "agents" / name
    facts = _host_facts(choices.host or {})
    agent = install(
        AgentAnswers(tenant.name, entra, forest.name, admin),
        AgentHost(name, folder, **facts),
        network=network(lab),
        clock=lab.clock,
        seed=f"{lab.seed}/{name}",
        observer=lab.timeline.observer(name),
    )
    lab.provisioning_agents[name] = AgentMachine(lab, name, agent, tenant.name)


def _host_facts(given: Mapping[str, Any]) -> dict[str, Any]:
    known = {"operating_system", "server_core", "domain", "tls12", "dotnet", "execution_policy"}
    unknown = sorted(set(given) - known)
    if unknown:
        raise ScenarioError(f"a machine has no fact {unknown[0]}; known are {', '.join(sorted(known))}")
    return dict(given)


def agent(lab: Lab, name: str) -> AgentMachine:
    found = {key.lower(): one for key, one in lab.provisioning_agents.items()}.get(name.lower())
    if found is None:
        raise ScenarioError(
            f"no agent is installed on {name}; agents are on: {', '.join(sorted(lab.provisioning_agents)) or 'none'}"
        )
    return found


def review(server: Server) -> list[dict[str, Any]]:
    """What speaks against moving a server's work to Cloud Sync."""
    from engine.cloud_sync.migration import review_migration

    return [asdict(one) for one in review_migration(server.engine)]


# ---- the tenant's side, through Graph ------------------------------------------------------------------------------
PRINCIPALS, TEMPLATE = "servicePrincipals", "1a4721b3-e57f-4451-ae87-ef078703ec94"


def configurations(tenant: Tenant) -> list[dict[str, Any]]:
    found = tenant.graph().get(PRINCIPALS, version="beta")["value"]
    return [one for one in found if one.get("applicationTemplateId") == TEMPLATE]


def configuration(tenant: Tenant, name: str | None) -> dict[str, Any]:
    """The configuration of that name, or the only one."""
    found = configurations(tenant)
    chosen = [one for one in found if name is None or one["displayName"].lower() == name.lower()]
    if len(chosen) != 1:
        known = ", ".join(one["displayName"] for one in found) or "none"
        raise ScenarioError(f"which configuration of Cloud Sync? {tenant.name} has: {known}")
    return chosen[0]


def jobs(tenant: Tenant, principal: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The jobs of a configuration by template."""
    listed = tenant.graph().get(f"{PRINCIPALS}/{principal['id']}/synchronization/jobs", version="beta")["value"]
    return {one["templateId"]: one for one in listed}


def claims(lab: Lab) -> Iterator[Claim]:
    """Every object that a running job holds as its own: what a linter of topologies compares with other tools."""
    from harness.lab.reactor import in_reactor

    for tenant in lab.tenants.values():
        for held in in_reactor(tenant.service.cloud_sync_claims):
            yield Claim(tenant.name, **held)
