"""How names resolve in a world: the engine's only way to find forests and tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.lab.network_facts import NamesOfForests

if TYPE_CHECKING:
    from harness.lab.lab import Lab

HOST = "127.0.0.1"


def network(lab: Lab) -> Any:
    """Return the engine's view of the network: forests and tenants by name, and the world's certificate authority."""
    from engine.network import Network, TenantAddress

    tenants = {}
    for name, tenant in lab.tenants.items():
        address = TenantAddress(tenant.base_url, name)
        for domain in (name, *tenant.document.verified_domains):
            tenants[domain] = address
    return Network(
        forests=NamesOfForests(lab),
        tenants=tenants,
        ca_bundle=str(lab.certificates.ca_bundle),
        proxy=lab.proxy.url if lab.proxy is not None else "",
        **({"names": lab.federation} if lab.federation is not None else {}),
    )
