"""How names resolve around a server: the engine's only way to find forests and tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.connectors.active_directory.ldap_channel import ForestAddress
from engine.connectors.entra.tenant_client import TenantAddress
from engine.errors import ConnectorError


@dataclass(frozen=True)
class Network:
    """forests: by DNS name in lower case. tenants: by any of a tenant's domain names. ca_bundle: PEM file both are
    trusted by."""

    forests: Mapping[str, ForestAddress] = field(default_factory=dict)
    tenants: Mapping[str, TenantAddress] = field(default_factory=dict)
    ca_bundle: str = ""

    def forest(self, name: str) -> ForestAddress:
        """Raises ConnectorError when DNS knows no domain controller of the forest."""
        found = self.forests.get(name.lower())
        if found is None:
            raise ConnectorError(
                "failed-connection", f"No domain controller of {name} can be found.", "no-start-connection"
            )
        return found

    def tenant(self, name: str) -> TenantAddress:
        """Raises ConnectorError when no tenant answers for the domain."""
        found = self.tenants.get(name.lower())
        if found is None:
            raise ConnectorError("failed-connection", f"No tenant answers for {name}.", "stopped-connectivity")
        return found
