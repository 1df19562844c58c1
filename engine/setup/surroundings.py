"""What the wizard reaches, as protocols: a tenant it signed in to, forests it connected to; and what it learns of them.

The pages know only these; reached_systems.py fulfils them over the wire, tests with plain objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.connectors.active_directory.partitions import AccountFacts, ConnectorAccount, Container, ForestFacts
from engine.connectors.entra.administrator_sign_in import AdministratorFacts, SignInWindow
from engine.connectors.entra.domains_client import DomainsClient
from engine.model.anchor import may_be_anchor
from engine.model.schema import Schema
from engine.pass_through.agent import AgentIdentity, AuthenticationAgent
from engine.setup.answers import Credential
from engine.setup.federation.reach import FederationSystems, ServiceAccounts

#: Bits of the tenant's features the wizard sets (facts "tenant" section 7).
FEATURE_PASSWORD_HASH_SYNC = 1


@dataclass(frozen=True)
class CompanyFacts:
    """The part of GetCompanyConfiguration the wizard needs."""

    tenant_id: str
    initial_domain: str
    verified_domains: tuple[str, ...]
    dirsyncing: bool
    features: int
    anchor_attribute: str | None
    scheduler: Mapping[str, object] | None = None
    accidental_deletes: Mapping[str, object] | None = None
    sync_interval: str = "PT30M"
    service_accounts: tuple[str, ...] = ()
    unverified_domains: tuple[str, ...] = ()  # added to the tenant, their ownership not proven

    def verified(self, suffix: str) -> bool:
        return suffix.lower() in {d.lower() for d in (*self.verified_domains, self.initial_domain)}


def company_facts(document: Mapping[str, object]) -> CompanyFacts:
    """Read the tenant's answer; a missing part is a refusal of the page, not a guess."""
    configuration = _part(document.get("DirSyncConfiguration"))
    anchor = configuration.get("AnchorAttribute")
    return CompanyFacts(
        tenant_id=str(document["TenantId"]),
        initial_domain=str(document["InitialDomain"]),
        verified_domains=_texts(document.get("VerifiedDomains")),
        dirsyncing=bool(document.get("IsDirSyncing")),
        features=int(str(document.get("DirSyncFeatures") or 0)),
        anchor_attribute=None if anchor is None else str(anchor),
        scheduler=_part(configuration.get("Scheduler")) or None,
        accidental_deletes=_part(configuration.get("PreventAccidentalDeletion")) or None,
        sync_interval=str(document.get("SynchronizationInterval") or "PT30M"),
        service_accounts=_texts(document.get("DirSyncServiceAccounts")),
        unverified_domains=_texts(document.get("UnverifiedDomains")),
    )


def _part(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(str(_part(v).get("UserPrincipalName", v)) if isinstance(v, Mapping) else str(v) for v in value)


class TenantSession(Protocol):
    """A sign-in of the wizard. Every method may raise EngineError."""

    def administrator(self) -> AdministratorFacts: ...

    def organization(self) -> str: ...

    def domains(self) -> tuple[str, ...]: ...

    def run_as(self, account: str) -> None: ...

    def company(self) -> CompanyFacts: ...

    def enable_dirsync(self) -> None: ...

    def set_features(self, features: int) -> None: ...

    def set_configuration(self, changes: Mapping[str, object]) -> None: ...

    def service_account(self, identifier: str) -> Credential: ...

    def register_extensions(self, attributes: Sequence[Mapping[str, object]]) -> str: ...

    def entra_domains(self) -> DomainsClient: ...

    def register(self, operation: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """An operation of the registration service: agents, pass-through authentication, single sign-on."""

    def schema(self) -> Schema: ...

    def close(self) -> None: ...


class ForestSession(Protocol):
    """A bind of the wizard to one forest. Every method may raise EngineError."""

    facts: ForestFacts

    def account(self, name: str) -> AccountFacts | None: ...

    def reachable(self, domain_dn: str) -> bool: ...

    def consistency_guid_in_use(self, domain_dn: str) -> bool: ...

    def containers(self, domain_dn: str) -> tuple[Container, ...]: ...

    def group_dn(self, domain_dn: str, name: str) -> str | None: ...

    def unsynchronizable(self) -> tuple[str, ...]: ...

    def schema(self) -> Schema: ...

    def create_account(self, name: str, password: str, description: str) -> ConnectorAccount: ...

    def reset_account(self, name: str, password: str) -> ConnectorAccount: ...

    def service_accounts(self) -> ServiceAccounts: ...

    def create_computer_account(self, name: str, password: str, principals: tuple[str, ...]) -> str: ...

    def grant_rights(self, domain_dn: str, sid: bytes, *, password_hash_sync: bool) -> None: ...

    def close(self) -> None: ...


class Surroundings(Protocol):
    """How names become sessions."""

    def sign_in(self, tenant: str, credential: Credential, window: SignInWindow | None = None) -> TenantSession: ...

    def connect_forest(self, forest: str, credential: Credential) -> ForestSession: ...

    def federation(self) -> FederationSystems: ...

    def agent(self, identity: AgentIdentity) -> AuthenticationAgent: ...


def selectable_anchors(schemas: Sequence[Schema]) -> tuple[str, ...]:
    """Single-valued string, integer or binary attributes of user in every forest, without those that carry names."""
    offered: set[str] | None = None
    for schema in schemas:
        names = {
            name
            for name in schema.object_types.get("user", frozenset(schema.attributes))
            if (found := schema.attributes.get(name)) is not None and may_be_anchor(found)
        }
        offered = names if offered is None else offered & names
    return tuple(sorted(offered or (), key=str.lower))
