"""Further forests for a configured server, with the credentials of this world's administrators."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from harness.lab.addresses import network
from harness.lab.installation import Choices, directory_answers, host_machine

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server


def connect_forests(lab: Lab, server: Server, choices: Choices, *, skip_ldap_search: bool) -> Any:
    """Run the wizard's task on a server; of the choices count the forests, their OUs and the connector account."""
    from engine.setup.answers import Credential, Switches
    from engine.setup.directory_adding import add_directories
    from engine.setup.reached_systems import ReachedSystems

    tenant = lab.tenant(server.tenant)
    seed = f"{lab.seed}/{server.name}/add-directory/{'+'.join(choices.forests)}"
    surroundings = ReachedSystems(
        network(lab),
        lab.clock,
        server_name=server.name,
        product_version=server.engine.version,
        wait=lambda seconds: None,
        identifiers=Random(f"{seed}/requests"),
    )
    return add_directories(
        server.engine,
        Credential(tenant.service.admin_upn, tenant.admin_password),
        tuple(directory_answers(lab, lab.forest(name), choices) for name in choices.forests),
        host_machine(lab, server.name, choices),
        surroundings,
        source=Random(seed),
        switches=Switches(skip_ldap_search=skip_ldap_search),
    )
