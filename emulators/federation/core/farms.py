"""What a world's federation servers are: machines, the farms on them, and each farm's trust with Microsoft Entra ID.

Plain records, so that a whole state can be written down and read back. Source: facts "install" 14.2, 14.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from emulators.federation.core.documents import AD_FS, PING_FEDERATE, Endpoints
from emulators.federation.core.signing import TokenSigningKey, signing_key

TRUST_NAME = "Microsoft Office 365 Identity Platform"
IDENTIFIER = "urn:federation:MicrosoftOnline"
#: the oldest server that can be a federation server or a proxy, by the words of its name
OLD_SYSTEMS = ("2003", "2008", "2012")


@dataclass
class Machine:
    """One Windows server. domain: the one it is joined to, "" for none. role: "", "ad-fs" or "proxy"."""

    name: str
    domain: str = ""
    operating_system: str = "Windows Server 2019"
    remote_management: bool = True
    hotfixes: list[str] = field(default_factory=list)
    reaches_farm: bool = True
    role: str = ""
    farm: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.name}.{self.domain}" if self.domain else self.name

    @property
    def supported(self) -> bool:
        """Windows Server 2012 R2 or later."""
        return "R2" in self.operating_system.partition("2012")[2] or not any(
            year in self.operating_system for year in OLD_SYSTEMS
        )

    @property
    def lacks_alternate_login(self) -> bool:
        """On 2012 R2 alternate login came with an update."""
        return "2012 R2" in self.operating_system and "KB2919355" not in self.hotfixes


@dataclass
class Trust:
    """The relying party trust with Microsoft Entra ID. rules: issuance transform rules as text."""

    rules: str
    name: str = TRUST_NAME
    identifiers: list[str] = field(default_factory=lambda: [IDENTIFIER])
    endpoints: list[str] = field(default_factory=list)
    metadata_update: bool = False
    enabled: bool = True


@dataclass
class Farm:
    """One federation service. name: its FQDN; identifier: who signs its tokens; forests: where it finds users, in this
    order; alternate_login: attribute people may sign in by beside their UPN.
    """

    name: str
    kind: str = "ad-fs"
    identifier: str = ""
    servers: list[str] = field(default_factory=list)
    proxies: list[str] = field(default_factory=list)
    forests: list[str] = field(default_factory=list)
    service_account: str = ""
    trust: Trust | None = None
    key_number: int = 0
    self_signed: bool = True
    algorithm: str = "SHA256"
    alternate_login: str = ""
    port: int = 443
    base_host: str = ""  # in its documents, where that is set to another name
    certificate_names: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return self.identifier or f"http://{self.name}/adfs/services/trust"

    @property
    def base(self) -> str:
        host = self.base_host or self.name
        return f"https://{host}" if self.port == 443 else f"https://{host}:{self.port}"

    @property
    def endpoints(self) -> Endpoints:
        return PING_FEDERATE if self.kind == "ping-federate" else AD_FS

    @property
    def key(self) -> TokenSigningKey:
        return signing_key(self.name, self.key_number, self_signed=self.self_signed)


@dataclass
class Federation:
    """All of it: machines and farms by lower-case name."""

    machines: dict[str, Machine] = field(default_factory=dict)
    farms: dict[str, Farm] = field(default_factory=dict)

    def machine(self, name: str) -> Machine | None:
        """By its short or its full name."""
        low = name.lower()
        found = self.machines.get(low.partition(".")[0])
        return found if found is not None and low in (found.name.lower(), found.full_name.lower()) else None

    def farm(self, name: str) -> Farm | None:
        low = name.lower()
        return self.farms.get(low) or next((one for one in self.farms.values() if one.base_host.lower() == low), None)

    def add_machine(self, machine: Machine) -> None:
        self.machines[machine.name.lower()] = machine

    def add_farm(self, farm: Farm) -> None:
        self.farms[farm.name.lower()] = farm


def to_plain(federation: Federation) -> dict[str, Any]:
    return asdict(federation)


def from_plain(plain: Mapping[str, Any]) -> Federation:
    machines = {name: Machine(**one) for name, one in plain["machines"].items()}
    farms = {}
    for name, one in plain["farms"].items():
        trust = Trust(**one["trust"]) if one["trust"] is not None else None
        farms[name] = Farm(**{**one, "trust": trust})
    return Federation(machines, farms)
