"""How names resolve in a world: the engine's only way to find forests and tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.lab.lab import Lab

HOST = "127.0.0.1"


def network(lab: Lab) -> Any:
    """Return the engine's view of the network: forests and tenants by name, and the world's certificate authority."""
    from engine.network import ForestAddress, Network, TenantAddress

    forests = {}
    for name, forest in lab.forests.items():
        domains = {}
        for one in forest.document.domains:
            at = lab.domains[one.name]
            ports = at.endpoints
            domains[one.name.lower()] = ForestAddress(HOST, ports["ldap"], ports["ldaps"], ports["gc"], at.base_dn)
        ports = forest.endpoints
        address = ForestAddress(HOST, ports["ldap"], ports["ldaps"], ports["gc"], forest.base_dn, domains)
        forests |= {name: address, **domains}
    tenants = {}
    for name, tenant in lab.tenants.items():
        address = TenantAddress(tenant.base_url, name)
        for domain in (name, *tenant.document.verified_domains):
            tenants[domain] = address
    return Network(forests=forests, tenants=tenants, ca_bundle=str(lab.certificates.ca_bundle))
