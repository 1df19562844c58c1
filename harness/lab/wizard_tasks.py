"""Additional tasks of the wizard on a configured server, with the credentials of this world's administrator."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from harness.lab.addresses import network
from harness.lab.server import Server
from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab

TASK_NAMES = {"customize": "Customize synchronization options", "refresh_schema": "Refresh directory schema"}


def run_task(lab: Lab, server: Server, task: str, *, enabled: bool | None, skip_ldap_search: bool) -> Any:
    """Run a task and return its outcome; what the wizard does not emulate it refuses itself."""
    from engine.setup import lifecycle
    from engine.setup.answers import Credential, Switches
    from engine.setup.reached_systems import ReachedSystems

    tenant = lab.tenant(server.tenant)
    admin = Credential(tenant.service.admin_upn, tenant.admin_password)
    surroundings = ReachedSystems(
        network(lab),
        lab.clock,
        server_name=server.name,
        product_version=server.engine.version,
        wait=lambda seconds: None,
        identifiers=Random(f"{lab.seed}/{server.name}/wizard/{lab.timeline.mark()}"),
    )
    match task:
        case "staging":
            if enabled is None:
                raise ScenarioError("the task staging needs enabled: true or enabled: false")
            return lifecycle.configure_staging_mode(server.engine, admin, surroundings, enabled=enabled)
        case "configure_source_anchor":
            switches = Switches(skip_ldap_search=skip_ldap_search)
            return lifecycle.configure_source_anchor(server.engine, admin, surroundings, switches)
    return lifecycle.other_task(TASK_NAMES[task])
