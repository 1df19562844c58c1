"""Opens connectors and tenant clients for a server, with its stored accounts, and keeps them open between runs."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from engine.clock import Clock
from engine.connectors.active_directory.connector import ActiveDirectoryConnector, DirectoryAccount
from engine.connectors.connector import Connector
from engine.connectors.entra.connector import EntraConnector
from engine.connectors.entra.entra_schema import with_directory_extensions
from engine.connectors.entra.tenant_client import TenantAccount, TenantClient
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.network import Network
from engine.run.delete_threshold import DeletionThreshold, threshold_from_tenant
from engine.store.configuration import StoredConfiguration


class ConnectedSystems:
    """The server's side of every connection."""

    def __init__(
        self,
        configuration: StoredConfiguration,
        network: Network,
        clock: Clock,
        *,
        server_name: str,
        seed: str,
        wait: Callable[[float], None],
        product_version: Callable[[], str],
    ) -> None:
        self.configuration = configuration
        self._network = network
        self._clock = clock
        self._server_name = server_name
        self._seed = seed
        self._wait = wait
        self._product_version = product_version
        self.log_on: Callable[[], None] = lambda: None  # the service's account, where a domain keeps it
        self.tls: Callable[[], str] = str  # the highest version the machine has; "" = today's
        self.runs_as: Callable[[], str] = str  # the service's account, as a proxy hears it
        self._connectors: dict[str, Connector] = {}
        self._clients: dict[str, TenantClient] = {}

    def open(self, configuration: ConnectorConfiguration) -> Connector:
        """The connector, connected when it first speaks. A service whose own account is not let in any more binds
        nowhere, though it shows Running (seed004)."""
        if configuration.type is ConnectorType.ACTIVE_DIRECTORY:
            self.log_on()
        held = self._connectors.get(configuration.identifier)
        if held is None:
            held = self._build(configuration)
            self._connectors[configuration.identifier] = held
        return held

    def _build(self, configuration: ConnectorConfiguration) -> Connector:
        if configuration.type is ConnectorType.ENTRA:
            schema = with_directory_extensions(configuration.schema)
            return EntraConnector(self.tenant_client(configuration), schema=schema)
        forest = configuration.parameters.get("forest-name", configuration.name)
        domain = configuration.parameters.get("forest-login-domain", forest)
        user = configuration.parameters.get("forest-login-user", "")
        account = DirectoryAccount(f"{user}@{domain}", self.configuration.secret(configuration.identifier))
        return ActiveDirectoryConnector(
            self._network.forest(forest), account, ca_bundle=self._network.ca_bundle, schema=configuration.schema
        )

    def tenant_client(self, configuration: ConnectorConfiguration) -> TenantClient:
        """The signed-in client of the Entra connector's account."""
        held = self._clients.get(configuration.identifier)
        if held is None:
            user = configuration.parameters.get("UserName", "")
            held = TenantClient(
                self._network.tenant(user.rpartition("@")[2]),
                TenantAccount(user, self.configuration.secret(configuration.identifier)),
                clock=self._clock,
                ca_bundle=self._network.ca_bundle,
                server_name=self._server_name,
                wait=self._wait,
                identifiers=Random(f"{self._seed}/{self._server_name}/requests"),
                product_version=self._product_version(),
                proxy=self._network.route(self.runs_as()),
                tls=self.tls(),
            )
            self._clients[configuration.identifier] = held
        return held

    def deletion_threshold(self, configuration: ConnectorConfiguration) -> DeletionThreshold:
        """The accidental-delete setting as the tenant holds it now."""
        company = self.tenant_client(configuration).company_configuration()
        return threshold_from_tenant(company.raw["DirSyncConfiguration"].get("PreventAccidentalDeletion"))

    def close(self) -> None:
        """Give up every connection; the next use opens it again."""
        for connector in self._connectors.values():
            connector.close()
        self._connectors.clear()
        for client in self._clients.values():
            client.close()
        self._clients.clear()
