"""The wizard's surroundings over the wire: LDAP to forests, HTTPS to the tenant; refusals become the wizard's codes.

Source: facts "install" CTE-01..17, CYD-06, CYD-07. The codes are stable, the texts are ours where the
product shows a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeVar

from engine.clock import Clock
from engine.connectors.active_directory import partitions
from engine.connectors.active_directory.inheritance import ProtectedObject, inheritance_disabled
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import LdapClient, Scope
from engine.connectors.active_directory.ldap_refusal import LdapRefused
from engine.connectors.active_directory.partitions import AccountFacts, ConnectorAccount, Container, ForestFacts
from engine.connectors.active_directory.reachability import closed_services
from engine.connectors.active_directory.schema_discovery import discover_schema, unsynchronizable_attributes
from engine.connectors.entra.administrator_sign_in import AdministratorFacts, Graph, SignInWindow, sign_in
from engine.connectors.entra.domains_client import DomainsClient
from engine.connectors.entra.entra_schema import entra_schema
from engine.connectors.entra.old_tls import CURRENT
from engine.connectors.entra.proxy import ProxyRefused
from engine.connectors.entra.service_refusal import ServiceFault, SignInRefused
from engine.connectors.entra.tenant_client import WIZARD_CLIENT_ID, TenantAccount, TenantClient
from engine.errors import ConnectorError, EngineError
from engine.model.schema import Schema
from engine.network import NameServiceError, Network
from engine.pass_through.agent import AgentIdentity, AuthenticationAgent
from engine.setup.answers import Credential
from engine.setup.federation.reach import FederationSystems, ServiceAccounts
from engine.setup.surroundings import CompanyFacts, company_facts

Answer = TypeVar("Answer")

#: AADSTS number of a refused sign-in to the wizard's code.
SIGN_IN_CODES: Mapping[int, str] = {
    50034: "UNKNOWN_USER_TYPE",
    50055: "PASSWORD_EXPIRED",
    50053: "ACCOUNT_LOCKED",
    50057: "ACCOUNT_DISABLED",
    50059: "REALM_DISCOVERY_FAILED",
    50076: "MFA_REQUIRED",
    50079: "MFA_REQUIRED",
    50126: "INVALID_GRANT",
    53003: "AUTHORIZATION_FAILURE",
    51004: "UNKNOWN_USER_TYPE",
    65001: "AUTHORIZATION_FAILURE",
    90002: "REALM_DISCOVERY_FAILED",
}
PASSWORD_EXPIRED = "user_password_expired"  # noqa: S105 - a suberror of the sign-in service
#: what a proxy answered to the wizard's code (CTE-14)
PROXY_CODES: Mapping[int, str] = {403: "PROXY_FORBIDDEN", 407: "PROXY_AUTHENTICATION_REQUIRED"}
#: ErrorCode of a service fault to the wizard's code; another code goes through as it is.
FAULT_CODES: Mapping[str, str] = {
    "403": "ROLE_MISSING",
    "115": "AUTHORIZATION_FAILURE",
    "81": "SERVICE_BUSY",
}


def tenant_refusal(refusal: EngineError) -> EngineError:
    """Name a tenant's refusal as the wizard does."""
    if isinstance(refusal, ProxyRefused):
        return EngineError(PROXY_CODES.get(refusal.status, "PROXY_REFUSED"), refusal.message)
    if isinstance(refusal, SignInRefused):
        if refusal.aadsts == 50055 and refusal.suberror != PASSWORD_EXPIRED:
            return EngineError("INVALID_GRANT", refusal.message)  # a temporary password that was never changed
        code = SIGN_IN_CODES.get(refusal.aadsts)
        if code is None:
            denied = refusal.error in ("Authorization_RequestDenied", "access_denied", "Forbidden", "forbidden")
            code = "ROLE_MISSING" if denied else "INVALID_GRANT"
        return EngineError(code, refusal.message)
    if isinstance(refusal, ServiceFault):
        return EngineError(FAULT_CODES.get(refusal.error_code, refusal.error_code or "SERVICE_FAULT"), refusal.message)
    if isinstance(refusal, ConnectorError) and refusal.code == "failed-connection":
        return EngineError("REALM_DISCOVERY_FAILED", refusal.message)
    return refusal


def directory_refusal(refusal: EngineError, forest: str) -> EngineError:
    """Name a forest's refusal as the wizard does."""
    if isinstance(refusal, LdapRefused):
        return EngineError("DIRECTORY_REFUSED", f"The directory of {forest} refused: {refusal.message}")
    if isinstance(refusal, ConnectorError):
        code = {
            "failed-connection": "DIR_NET_CONNECTION",
            "dropped-connection": "DIR_NET_DROPPED",
            "failed-authentication": "DIR_CREDENTIALS",
        }.get(refusal.code, "DIRECTORY_REFUSED")
        return EngineError(code, refusal.message)
    return refusal


class SignedInTenant:
    """A tenant with the wizard's administrator signed in."""

    def __init__(self, client: TenantClient) -> None:
        self._client = client
        self._graph = Graph(client)

    def administrator(self) -> AdministratorFacts:
        """Who signed in, as Graph says."""
        return self._named(self._graph.administrator)

    def organization(self) -> str:
        """The company's name; raises EngineError when it may not be read."""
        return self._told("/v1.0/organization", "COMPANY_INFORMATION_UNAVAILABLE", "Company", "displayName")[0]

    def domains(self) -> tuple[str, ...]:
        """The company's domains; raises EngineError when they may not be read."""
        return self._told("/v1.0/domains", "DOMAIN_INFORMATION_UNAVAILABLE", "Domain", "id")

    def _told(self, path: str, code: str, what: str, name: str) -> tuple[str, ...]:
        try:
            return tuple(str(row[name]) for row in self._graph.get(path)["value"])
        except ServiceFault as fault:
            raise EngineError(code, f"{what} information unavailable: {fault.message}") from fault

    def run_as(self, account: str) -> None:
        self._client.run_as(account)

    def company(self) -> CompanyFacts:
        return self._named(lambda: company_facts(self._client.company_configuration().raw))

    def enable_dirsync(self) -> None:
        self._named(lambda: self._client.set_dirsync_enabled(True))

    def set_features(self, features: int) -> None:
        self._named(lambda: self._client.set_dirsync_features(features))

    def set_configuration(self, changes: Mapping[str, object]) -> None:
        self._named(lambda: self._client.set_dirsync_configuration(**changes))

    def service_account(self, identifier: str) -> Credential:
        account = self._named(lambda: self._client.get_service_account(identifier))
        return Credential(account.user_name, account.password)

    def entra_domains(self) -> DomainsClient:
        return DomainsClient(self._client)

    def register(self, operation: str, body: Mapping[str, object]) -> Mapping[str, object]:
        return self._named(lambda: self._client.call(operation, body, service="/register/"))

    def register_extensions(self, attributes: Sequence[Mapping[str, object]]) -> str:
        """Register attributes with the Tenant Schema Extension App; gives the application's id."""
        return self._named(lambda: self._client.register_extensions(attributes))

    def schema(self) -> Schema:
        return entra_schema()

    def close(self) -> None:
        self._client.close()

    def _named(self, act: Callable[[], Answer]) -> Answer:
        try:
            return act()
        except EngineError as refusal:
            raise tenant_refusal(refusal) from refusal


class ConnectedForest:
    """A forest with the administrator or the supplied account bound, in each domain when something is asked of it."""

    def __init__(
        self,
        client: LdapClient,
        facts: ForestFacts,
        address: ForestAddress,
        connect: Callable[[ForestAddress], LdapClient],
    ) -> None:
        self._clients = {address: client}
        self._address = address
        self._connect = connect
        self.facts = facts

    @property
    def _client(self) -> LdapClient:
        """The connection to the controller the forest was opened by."""
        return self._reach(self._address)

    def _at(self, dn: str) -> LdapClient:
        """The connection to a controller of the domain a DN lies in."""
        return self._reach(self._address.holding(dn))

    def _reach(self, address: ForestAddress) -> LdapClient:
        """One connection to each controller; one that broke is made anew, so that a page can be answered again."""
        held = self._clients.get(address)
        if held is None:
            held = self._clients[address] = self._connect(address)
        return held

    def at(self, dn: str, act: Callable[[LdapClient], Answer]) -> Answer:
        """Do something over the connection to a controller of the domain that holds this DN."""
        return self._named(lambda: act(self._at(dn)))

    def account(self, name: str) -> AccountFacts | None:
        return self._named(lambda: partitions.account_facts(self._client, self.facts, name))

    def reachable(self, domain_dn: str) -> bool:
        try:
            return bool(self._at(domain_dn).search(domain_dn, Scope.BASE, "(objectClass=*)", ("objectSid",)))
        except ConnectorError:
            return False  # no controller answers, a referral to another one, or nothing this account may see

    def consistency_guid_in_use(self, domain_dn: str) -> bool:
        return self._named(lambda: partitions.consistency_guid_in_use(self._at(domain_dn), domain_dn))

    def containers(self, domain_dn: str) -> tuple[Container, ...]:
        return self._named(lambda: partitions.read_containers(self._at(domain_dn), domain_dn))

    def group_dn(self, domain_dn: str, name: str) -> str | None:
        found = self._named(lambda: partitions.find_account(self._at(domain_dn), domain_dn, name))
        if found is None or "group" not in {c.lower() for c in found.texts("objectClass")}:
            return None
        return found.dn

    def inheritance_disabled(self, base_dn: str, object_class: str) -> list[ProtectedObject]:
        return self._named(lambda: list(inheritance_disabled(self._at(base_dn), base_dn, object_class)))

    def schema(self) -> Schema:
        return self._named(lambda: discover_schema(self._client))

    def unsynchronizable(self) -> tuple[str, ...]:
        """Attributes that are constructed or not replicated, which no synchronization ever sees."""
        return self._named(lambda: unsynchronizable_attributes(self._client))

    def create_account(self, name: str, password: str, description: str) -> ConnectorAccount:
        return self._named(
            lambda: partitions.create_connector_account(self._client, self.facts, name, password, description)
        )

    def reset_account(self, name: str, password: str) -> ConnectorAccount:
        return self._named(lambda: partitions.reset_connector_account(self._client, self.facts, name, password))

    def create_computer_account(self, name: str, password: str, principals: tuple[str, ...]) -> str:
        base = self.facts.root_dn
        return self._named(lambda: partitions.create_computer_account(self._at(base), base, name, password, principals))

    def grant_rights(self, domain_dn: str, sid: bytes, *, password_hash_sync: bool) -> None:
        rights = partitions.express_rights(sid, password_hash_sync=password_hash_sync)
        self._named(lambda: partitions.grant_rights(self._at(domain_dn), domain_dn, rights))

    def service_accounts(self) -> ServiceAccounts:
        return ServiceAccounts(self._client, self.facts, self._named)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _named(self, act: Callable[[], Answer]) -> Answer:
        try:
            return act()
        except EngineError as refusal:
            if refusal.code == "dropped-connection":
                self.close()
                self._clients.clear()
            raise directory_refusal(refusal, self.facts.name) from refusal


class ReachedSystems:
    """The surroundings of a machine in its network."""

    def __init__(
        self,
        network: Network,
        clock: Clock,
        *,
        server_name: str,
        product_version: str,
        wait: Callable[[float], None],
        identifiers: Random,
        security: Security = Security.LDAPS,
        account: str = "",
        tls: str = CURRENT,
    ) -> None:
        self._tls = tls
        self._account = account
        self._network = network
        self._clock = clock
        self._server_name = server_name
        self._product_version = product_version
        self._wait = wait
        self._identifiers = identifiers
        self._security = security

    def sign_in(self, tenant: str, credential: Credential, window: SignInWindow | None = None) -> SignedInTenant:
        """With a window as the page does it; the tasks of a configured server sign in by name and password alone."""
        try:
            client = TenantClient(
                self._network.tenant(tenant),
                TenantAccount(credential.username, credential.password),
                clock=self._clock,
                ca_bundle=self._network.ca_bundle,
                server_name=self._server_name,
                wait=self._wait,
                identifiers=self._identifiers,
                client_id=WIZARD_CLIENT_ID,
                product_version=self._product_version,
                proxy=self._network.route(self._account),
                tls=self._tls,
            )
            if window is None:
                client.sign_in()
            else:
                sign_in(client, credential.username, credential.password, window)
        except EngineError as refusal:
            raise tenant_refusal(refusal) from refusal
        return SignedInTenant(client)

    def agent(self, identity: AgentIdentity) -> AuthenticationAgent:
        return AuthenticationAgent(identity, self._network)

    def federation(self) -> FederationSystems:
        return FederationSystems(self._network)

    def connect_forest(self, forest: str, credential: Credential) -> ConnectedForest:
        address = self._located(forest)

        def connect(controller: ForestAddress) -> LdapClient:
            client = LdapClient.connect(controller, ca_bundle=self._network.ca_bundle, security=self._security)
            try:
                client.bind(bind_name(credential.username), credential.password)
            except EngineError:
                client.close()
                raise
            return client

        try:
            client = connect(address)
        except EngineError as refusal:
            raise directory_refusal(refusal, forest) from refusal
        try:
            facts = partitions.read_forest(client)
            controllers = partitions.list_controllers(client, facts)
        except EngineError as refusal:
            client.close()
            raise directory_refusal(refusal, forest) from refusal
        if not controllers:
            client.close()
            text = f"{credential.username} cannot list the domain controllers of {forest}."
            raise EngineError("DIR_NET_LIST_CONTROLLERS", text)
        if facts.name.lower() != forest.lower():
            client.close()
            raise EngineError("DIR_NET_FOREST_NAME", f"{forest} is not a forest; its root domain is {facts.name}.")
        return ConnectedForest(client, facts, address, connect)

    def _located(self, forest: str) -> ForestAddress:
        """Resolve the name, then try every port of the controller that the directory is used by (CYD-06, CYD-07)."""
        try:
            address = self._network.forest(forest)
        except NameServiceError as refusal:
            raise EngineError("DIR_NET_DNS", refusal.message) from refusal
        except EngineError as refusal:
            raise EngineError("DIR_NET_FOREST_NAME", refusal.message) from refusal
        closed = closed_services(address, self._security)
        if closed:
            code = "_AND_".join(service.replace("/", "_").upper() for service in closed)
            ports = ", ".join(service.replace("/", " ").upper() for service in closed)
            text = f"The domain controller of {forest} does not answer on {ports}."
            raise EngineError(f"DIR_NET_{code}", text)
        return address


def bind_name(username: str) -> str:
    """``fqdn\\name`` becomes a UPN, which a simple bind takes; other forms go as they are."""
    prefix, backslash, user = username.partition("\\")
    return f"{user}@{prefix}" if backslash and "." in prefix else username
