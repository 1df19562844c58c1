"""What the federation pages reach besides forests and tenant: servers by remote management, metadata, names, domains.

Source: facts "install" 14.2, 14.3, 14.5. Handed out by the wizard's surroundings.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.connectors.active_directory import service_accounts
from engine.connectors.active_directory.ldap_client import LdapClient, Scope
from engine.connectors.active_directory.partitions import ForestFacts
from engine.connectors.active_directory.search_filter import escape
from engine.connectors.entra.tenant_client import build_pool
from engine.connectors.federation import federated_sign_in
from engine.connectors.federation.remote_management import Administrator, RemoteMachine
from engine.connectors.federation.web import Web
from engine.name_service import NameService
from engine.network import Network
from engine.setup.answers import Credential


class ServiceAccounts:
    """A forest with somebody bound, as far as service accounts go. named: words refusals as the wizard does."""

    def __init__(self, client: LdapClient, facts: ForestFacts, named: Callable[[Callable[[], Any]], Any]) -> None:
        self._client = client
        self._facts = facts
        self._named = named

    def spn_holders(self, spn: str) -> tuple[str, ...]:
        """The logon names of all accounts with a service principal name."""
        base = self._facts.default_dn
        found: tuple[str, ...] = self._named(lambda: service_accounts.spn_holders(self._client, base, spn))
        return found

    def has_computer(self, name: str) -> bool:
        """Whether a machine is joined to the domain: it has an account there."""
        short = escape(name.partition(".")[0])
        wanted = f"(&(objectClass=computer)(|(dNSHostName={escape(name)})(sAMAccountName={short}$)))"
        base = self._facts.default_dn
        return bool(self._named(lambda: self._client.search(base, Scope.SUBTREE, wanted, ("cn",))))

    def key_store_ready(self) -> bool:
        return bool(self._named(lambda: service_accounts.key_store_ready(self._client, self._facts)))

    def prepare_key_store(self, now: datetime, source: random.Random) -> None:
        self._named(lambda: service_accounts.prepare_key_store(self._client, self._facts, now, source))

    def create_managed(self, name: str) -> str:
        return str(self._named(lambda: service_accounts.create_managed_account(self._client, self._facts, name)))


class FederationSystems:
    """Everything that is found by its name."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.web = Web(network.names, network.ca_bundle)

    @property
    def names(self) -> NameService:
        return self._network.names

    def machine(self, name: str, credential: Credential) -> RemoteMachine:
        return RemoteMachine(name, Administrator(credential.username, credential.password), self.web)

    def sign_in(self, user: str, password: str, tenant: str) -> None:
        """Sign a person in at a federated domain; raises EngineError."""
        address = self._network.tenant(tenant)
        pool = build_pool(address.base_url, self._network.ca_bundle)
        try:
            send = federated_sign_in.sending(pool)
            federated_sign_in.sign_in(user, password, tenant=address.tenant_domain, send=send, web=self.web)
        finally:
            pool.close()
