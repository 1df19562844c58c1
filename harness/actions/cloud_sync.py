"""What an administrator does with Cloud Sync: install agents, configure a domain, control it, provision on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from harness.actions.registry import Actions, ForestName, TenantName
from harness.lab.cloud_sync_portal import Wishes
from harness.scenario.cloud_sync_shape import MAPPINGS, OBJECT_TYPES, SCOPE
from harness.scenario.shapes import Choice, MapOf, Name

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

AgentName = Annotated[str, "machine with the agent"]
NewAgentName = Annotated[str, Name("agent", declares=True)]
ConfigurationName = Annotated[str, "name of the configuration, the domain's without it; the only one without it"]
_MAPPINGS = MapOf(MAPPINGS, Choice(OBJECT_TYPES))


@action("cloud_sync.install_agent", "cloud_sync.install_agent: {agent: CP1, domain: contoso.com}", shorthand="agent")
def install_agent(
    lab: Lab,
    agent: NewAgentName,
    domain: Annotated[ForestName, "the domain it serves; the only one without it"] | None = None,
    tenant: TenantName | None = None,
    entra_admin: Annotated[str, "another administrator of the tenant, by UPN"] | None = None,
    domain_admin: Annotated[str, "another account of the domain that makes the gMSA"] | None = None,
    host: Annotated[dict[str, object], "facts of the machine, such as tls12: false"] | None = None,
) -> None:
    """Install the provisioning agent on a machine of its own; several of one domain stand in for each other."""
    from harness.lab import cloud_sync

    choices = cloud_sync.AgentChoices(domain, tenant, entra_admin, domain_admin, host)
    cloud_sync.install_agent(lab, agent, choices)


@action("cloud_sync.agent", "cloud_sync.agent: {agent: CP1, command: stop}")
def agent_service(
    lab: Lab, agent: AgentName, command: Annotated[Literal["start", "stop", "uninstall", "beat"], "what to do"]
) -> None:
    """Stop, start or uninstall an agent, or let it ask for work at once."""
    from harness.lab import cloud_sync

    machine = cloud_sync.agent(lab, agent)
    if command == "uninstall":
        machine.uninstall()
        del lab.provisioning_agents[machine.name]
    elif command == "beat":
        machine.engine.beat()
    else:
        machine.engine.stopped = command == "stop"


@action("cloud_sync.configure", "cloud_sync.configure: {domain: contoso.com, scope: {ous: [Pilot]}}")
def configure(
    lab: Lab,
    domain: Annotated[ForestName, "the domain objects come from; the only one without it"] | None = None,
    tenant: TenantName | None = None,
    name: Annotated[str, "name of the configuration; the domain's without it"] | None = None,
    scope: Annotated[dict[str, list[str]], SCOPE, "which objects; all without it"] | None = None,
    mappings: Annotated[dict[str, Any], _MAPPINGS, "changes to the default attribute mappings"] | None = None,
    only_mapped: Annotated[bool, "no other mapping stays, the anchor's excepted"] = False,
    password_hash_sync: Annotated[bool, "Enable password hash sync"] = False,
    delete_threshold: Annotated[int, "accidental deletion threshold; 500 without it, 0 = off"] | None = None,
    notify: Annotated[str, "notification email"] | None = None,
    enable: Annotated[bool, "Enable configuration"] = True,
) -> None:
    """Make a configuration of a domain and enable it; its first cycle comes with the next beat of an agent."""
    from harness.lab import cloud_sync_portal

    wishes = Wishes(scope, mappings, only_mapped, password_hash_sync, delete_threshold, notify)
    cloud_sync_portal.configure(lab.tenant(tenant), lab.forest(domain), wishes, name=name, enable=enable)


@action("cloud_sync.change", "cloud_sync.change: {scope: {ous: [Pilot, Sales]}}")
def change(
    lab: Lab,
    configuration: ConfigurationName | None = None,
    domain: Annotated[ForestName, "the domain names are looked up in; the only one without it"] | None = None,
    tenant: TenantName | None = None,
    scope: Annotated[dict[str, list[str]], SCOPE, "which objects from now on"] | None = None,
    mappings: Annotated[dict[str, Any], _MAPPINGS, "mappings to replace, add or take away"] | None = None,
    only_mapped: Annotated[bool, "no other mapping stays, the anchor's excepted"] = False,
    password_hash_sync: Annotated[bool, "password hash sync"] | None = None,
    delete_threshold: Annotated[int, "accidental deletion threshold; 0 = off"] | None = None,
    notify: Annotated[str, "notification email"] | None = None,
) -> None:
    """Change a configuration; saving its scope or mappings brings a synchronization of everything in scope."""
    from harness.lab import cloud_sync_portal

    wishes = Wishes(scope, mappings, only_mapped, password_hash_sync, delete_threshold, notify)
    cloud_sync_portal.change(lab.tenant(tenant), lab.forest(domain), configuration, wishes)


@action("cloud_sync.control", "cloud_sync.control: {command: restart, reset: Full}")
def control(
    lab: Lab,
    command: Annotated[
        Literal["start", "pause", "restart", "clear-quarantine", "allow-deletes", "remove"], "what to do"
    ],
    configuration: ConfigurationName | None = None,
    tenant: TenantName | None = None,
    reset: Annotated[str, "restart: what is forgotten, such as Full"] | None = None,
) -> None:
    """Enable, disable, restart or remove a configuration, clear its quarantine, allow deletes that were held back."""
    from harness.lab import cloud_sync_portal

    cloud_sync_portal.control(lab.tenant(tenant), configuration, command, reset)


@action("cloud_sync.provision_on_demand", "cloud_sync.provision_on_demand: {object: Ana Lopez}")
def provision_on_demand(
    lab: Lab,
    object: Annotated[str, "the user or group, by name or DN"],  # noqa: A002 - the word of the portal
    configuration: ConfigurationName | None = None,
    domain: Annotated[ForestName, "the domain the object is of; the only one without it"] | None = None,
    tenant: TenantName | None = None,
) -> None:
    """Provision one object now, whatever the scope says; tenant.on_demand shows the four steps. What fails is refused
    with its code; where no agent answers ten minutes pass.
    """
    from harness.lab import cloud_sync_on_demand

    place, forest = lab.tenant(tenant), lab.forest(domain)
    cloud_sync_on_demand.provision(lab, place, forest, object, configuration)
