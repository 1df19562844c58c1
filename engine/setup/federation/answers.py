"""What an administrator answers on the pages of AD FS and PingFederate. Plain values.

Source: custom installation ("seed001"), facts "install" 14.2, 14.3. Credentials live here while the wizard runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from engine.setup.answers import Credential


class ServiceAccountKind(StrEnum):
    """The choices of the page "AD FS service account"."""

    CREATE_MANAGED = "create-managed"
    MANAGED = "managed"
    DOMAIN_USER = "domain-user"


@dataclass(frozen=True)
class TlsCertificate:
    """A PFX file with its password. provider: of the private key, CSP or KSP, as certutil shows it of the file."""

    pfx: bytes = field(repr=False)
    password: str = field(repr=False)
    provider: str = "CSP"


@dataclass(frozen=True, slots=True)
class ServiceAccountAnswers:
    """name: without the domain. credential: the account's own for a domain user, an enterprise administrator's for the
    key store of managed accounts.
    """

    kind: ServiceAccountKind = ServiceAccountKind.CREATE_MANAGED
    name: str = "aadcsvc"
    credential: Credential | None = None


@dataclass(frozen=True)
class FederationAnswers:
    """farm: the federation service's name. domains: to be federated; the first installation takes one.

    servers: of the farm; of an existing one its primary server first. domain_admin: manages them. proxy_admin: a local
    administrator of the proxies, where domain_admin is none. proxy_trust: a local administrator of the AD FS server.
    server_url, port: of PingFederate.
    """

    domains: tuple[str, ...] = ()
    farm: str = ""
    new_farm: bool = True
    certificate: TlsCertificate | None = None
    servers: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    domain_admin: Credential | None = None
    proxy_admin: Credential | None = None
    proxy_trust: Credential | None = None
    service_account: ServiceAccountAnswers = field(default_factory=ServiceAccountAnswers)
    server_url: str = ""
    port: int = 9031

    @property
    def domain(self) -> str:
        return self.domains[0] if self.domains else ""
