"""The wizard's surroundings over the wire: LDAP to forests, HTTPS to the tenant; refusals become the wizard's codes.

Source: facts "install" CTE-01..17, CYD-06, CYD-07. The codes are stable, the texts are ours where the
product shows a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeVar

from engine.clock import Clock
from engine.connectors.active_directory import partitions
from engine.connectors.active_directory.inheritance import ProtectedObject, inheritance_disabled
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import LdapClient, Scope
from engine.connectors.active_directory.ldap_refusal import LdapRefused
from engine.connectors.active_directory.partitions import AccountFacts, ConnectorAccount, Container, ForestFacts
from engine.connectors.active_directory.schema_discovery import discover_schema
from engine.connectors.entra.entra_schema import entra_schema
from engine.connectors.entra.service_refusal import ServiceFault, SignInRefused
from engine.connectors.entra.tenant_client import WIZARD_CLIENT_ID, TenantAccount, TenantClient
from engine.errors import ConnectorError, EngineError
from engine.model.schema import Schema
from engine.network import Network
from engine.setup.answers import Credential
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
    51004: "UNKNOWN_USER_TYPE",
    65001: "AUTHORIZATION_FAILURE",
    90002: "REALM_DISCOVERY_FAILED",
}
#: ErrorCode of a service fault to the wizard's code; another code goes through as it is.
FAULT_CODES: Mapping[str, str] = {
    "403": "ROLE_MISSING",
    "115": "AUTHORIZATION_FAILURE",
    "81": "SERVICE_BUSY",
}


def tenant_refusal(refusal: EngineError) -> EngineError:
    """Name a tenant's refusal as the wizard does."""
    if isinstance(refusal, SignInRefused):
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
        self._client = client
        self._clients = {address: client}
        self._address = address
        self._connect = connect
        self.facts = facts

    def _at(self, dn: str) -> LdapClient:
        """The connection to a controller of the domain a DN lies in."""
        address = self._address.holding(dn)
        held = self._clients.get(address)
        if held is None:
            held = self._clients[address] = self._connect(address)
        return held

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

    def create_account(self, name: str, password: str, description: str) -> ConnectorAccount:
        return self._named(
            lambda: partitions.create_connector_account(self._client, self.facts, name, password, description)
        )

    def grant_rights(self, domain_dn: str, sid: bytes, *, password_hash_sync: bool) -> None:
        rights = partitions.express_rights(sid, password_hash_sync=password_hash_sync)
        self._named(lambda: partitions.grant_rights(self._at(domain_dn), domain_dn, rights))

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _named(self, act: Callable[[], Answer]) -> Answer:
        try:
            return act()
        except EngineError as refusal:
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
    ) -> None:
        self._network = network
        self._clock = clock
        self._server_name = server_name
        self._product_version = product_version
        self._wait = wait
        self._identifiers = identifiers
        self._security = security

    def sign_in(self, tenant: str, credential: Credential) -> SignedInTenant:
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
            )
            client.sign_in()
        except EngineError as refusal:
            raise tenant_refusal(refusal) from refusal
        return SignedInTenant(client)

    def connect_forest(self, forest: str, credential: Credential) -> ConnectedForest:
        try:
            address = self._network.forest(forest)
        except EngineError as refusal:
            raise EngineError("DIR_NET_FOREST_NAME", refusal.message) from refusal

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
        except EngineError as refusal:
            client.close()
            raise directory_refusal(refusal, forest) from refusal
        if facts.name.lower() != forest.lower():
            client.close()
            raise EngineError("DIR_NET_FOREST_NAME", f"{forest} is not a forest; its root domain is {facts.name}.")
        return ConnectedForest(client, facts, address, connect)


def bind_name(username: str) -> str:
    """``fqdn\\name`` becomes a UPN, which a simple bind takes; other forms go as they are."""
    prefix, backslash, user = username.partition("\\")
    return f"{user}@{prefix}" if backslash and "." in prefix else username
