"""How names resolve around a server: the engine's only way to find forests and tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.connectors.active_directory.ldap_channel import ForestAddress
from engine.connectors.entra.proxy import ProxyRoute
from engine.connectors.entra.tenant_client import TenantAddress
from engine.errors import ConnectorError, EngineError
from engine.name_service import DnsRecord as DnsRecord
from engine.name_service import NameService, NoNames


class NameServiceError(EngineError):
    """The name service itself fails: it gives no answer about a name, not even that there is none."""

    def __init__(self, name: str, answer: str) -> None:
        super().__init__("DNS_FAILURE", f"The name {name} cannot be resolved: the name service answers {answer}.")


@dataclass(frozen=True)
class Network:
    """forests: by DNS name in lower case. tenants: by any of a tenant's domain names. ca_bundle: PEM file both are
    trusted by. A look-up of a name may raise NameServiceError."""

    forests: Mapping[str, ForestAddress] = field(default_factory=dict)
    tenants: Mapping[str, TenantAddress] = field(default_factory=dict)
    ca_bundle: str = ""
    names: NameService = field(default_factory=NoNames)  # of everything else, such as federation servers
    proxy: str = ""  # URL of the proxy that every call to the cloud takes; "" = none

    def route(self, account: str) -> ProxyRoute | None:
        """The way to the cloud of a process that runs as this account; None where there is no proxy."""
        return ProxyRoute(self.proxy, account) if self.proxy else None

    def without_proxy(self) -> Network:
        """What a machine finds that does not know the proxy: where one is the only way out, nothing of the cloud."""
        return replace(self, proxy="", tenants={}) if self.proxy else self

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
