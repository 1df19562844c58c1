"""The federation servers of a world on the stage: their service, their names in DNS, their certificates' files.

Source: facts "install" 14.2, 14.3, 14.5. Machines that are joined to a domain have an account there; farms that exist
before the first step are trusted by the tenant's domains they name, as their administrators set it up by hand.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emulators.journal import Journal
from harness.lab.federation_certificates import make_pfx
from harness.lab.reactor import in_reactor
from harness.refusal import ScenarioError
from harness.scenario.federation_shape import FederationDocument

if TYPE_CHECKING:
    from emulators.federation.service import FederationService
    from harness.lab.lab import Lab

HOST = "127.0.0.1"
PING_PORT = 9031
#: of a sync server's machine: back-ups of the trust and the farm it manages
FOLDER = Path("AADConnect") / "ADFS"
_WORKSTATION_TRUST_ACCOUNT = 4096


class Federation:
    """What actions and checks see of federation: ``service`` with its farms and machines, and the names."""

    def __init__(self, lab: Lab, document: FederationDocument) -> None:
        self.lab = lab
        self.document = document
        self.dns: dict[str, dict[str, dict[str, Any]]] = {
            view: {name.lower(): dict(one) for name, one in ((document.dns or {}).get(view) or {}).items()}
            for view in ("internal", "external")
        }
        self.service: FederationService = self._service()

    # ---- starting and stopping -------------------------------------------------------------------------------------
    def _service(self) -> FederationService:
        from emulators.federation.service import Federation as State
        from emulators.federation.service import FederationService, Machine, TlsMaterial

        lab, state = self.lab, State()
        for name, facts in self.document.machines.items():
            words = {"os": "operating_system"}
            given: dict[str, Any] = {
                words.get(key, key): list(v) if isinstance(v, list) else v for key, v in facts.items()
            }
            state.add_machine(Machine(name, **given))
        for name, facts in self.document.farms.items():
            farm = self._farm(name, facts)
            state.add_farm(farm)
            for server in farm.servers:
                machine = state.machine(server)
                if machine is None:
                    raise ScenarioError(f"the farm {name} has a server {server}, but there is no such machine")
                machine.role, machine.farm = "ad-fs", name
        return FederationService(
            state,
            clock=lab.clock,
            seed=f"{lab.seed}/federation",
            journal=Journal("federation", lab.clock, lab.timeline.sink),
            tls=TlsMaterial(lab.certificates.chain_pem, lab.certificates.key_pem, str(lab.certificates.ca_bundle)),
            places=self._places,
            local_password=lambda name: lab.seeds.password(f"machine/{name}/local"),
            machine_password=lambda name: lab.seeds.password(f"machine/{name}"),
        )

    def _farm(self, name: str, facts: Mapping[str, Any]) -> Any:
        from emulators.federation.service import Farm

        kind = facts.get("kind", "ad-fs")
        ping = kind == "ping-federate"
        return Farm(
            name,
            kind=kind,
            identifier=f"{name}:entity" if ping else "",
            servers=list(facts.get("servers") or ()),
            forests=list(facts.get("forests") or self.lab.forests),
            service_account=facts.get("service_account", ""),
            trust=self._trust(facts["trust"] or {}) if "trust" in facts else None,
            self_signed=facts.get("self_signed", True),
            port=facts.get("port", PING_PORT if ping else 443),
            base_host=facts.get("base_host", ""),
            certificate_names=[name],
        )

    def _trust(self, facts: Mapping[str, Any]) -> Any:
        from emulators.federation.service import Trust

        return Trust(rules_of(facts), enabled=facts.get("enabled", True))

    def start(self, reactor: Any) -> None:
        """Bind the listener; runs in the reactor thread."""
        self._join_machines()
        self.service.start(reactor, self.lab.interface, self.lab.port_for("federation/https"))

    def _join_machines(self) -> None:
        """A machine that is joined to a domain has a computer account in it."""
        for name, facts in self.document.machines.items():
            if not facts.get("domain"):
                continue
            place = self.lab.forest(facts["domain"])
            password = self.lab.seeds.password(f"machine/{name}")
            entry = {
                "objectClass": [b"computer"],
                "sAMAccountName": [f"{name}$".encode()],
                "dNSHostName": [f"{name}.{place.name}".encode()],
                "userAccountControl": [str(_WORKSTATION_TRUST_ACCOUNT).encode()],
                "unicodePwd": [f'"{password}"'.encode("utf-16-le")],
            }
            place.service.populate([(f"CN={name},CN=Computers,{place.base_dn}", entry)])

    def prepare(self) -> None:
        """Let the tenants trust the farms that are there already, and look domains up where DNS is described."""
        for tenant in self.lab.tenants.values():
            if self.document.dns is not None:
                in_reactor(tenant.service.use_name_service, self.texts)
        for name, facts in self.document.farms.items():
            for domain in (facts.get("trust") or {}).get("domains") or ():
                self.federate(name, domain)

    def federate(self, farm: str, domain: str) -> None:
        """Make a domain of the tenant trust a farm, as its administrators do by hand."""
        held = self.farm(farm)
        endpoints, base = held.endpoints, held.base
        partner = "?PartnerSpId=urn:federation:MicrosoftOnline" if held.kind == "ping-federate" else ""
        body = {
            "displayName": farm,
            "issuerUri": held.issuer,
            "metadataExchangeUri": base + endpoints.exchange + partner,
            "activeSignInUri": base + endpoints.active_2005,
            "passiveSignInUri": base + endpoints.passive,
            "signingCertificate": held.key.certificate,
            "preferredAuthenticationProtocol": "wsFed",
        }
        tenants = [one for one in self.lab.tenants.values() if domain in one.document.verified_domains]
        if len(tenants) != 1:
            raise ScenarioError(f"{domain} is a verified domain of {len(tenants)} tenants")
        tenants[0].graph().post(f"domains/{quote(domain)}/federationConfiguration", body)

    def addresses(self, host: str) -> dict[str, Any]:
        """Where the federation servers answer, and the names they are told apart by (the Host header, SNI)."""
        return {"url": f"https://{host}:{self.service.endpoints['https']}", "hosts": list(self.document.host_names)}

    def stop(self) -> None:
        in_reactor(self.service.stop)

    def _places(self) -> dict[str, Any]:
        """The domain controllers a federation server reaches, by domain."""
        from emulators.federation.service import DomainPlace

        return {
            name.lower(): DomainPlace(name, one.document.netbios, one.base_dn, HOST, one.endpoints["ldaps"])
            for name, one in (self.lab.forests | self.lab.domains).items()
        }

    # ---- what is there ---------------------------------------------------------------------------------------------
    def farm(self, name: str) -> Any:
        found = self.service.federation.farm(name)
        if found is None:
            raise ScenarioError(
                f"there is no farm {name}; there is {', '.join(self.service.federation.farms) or 'none'}"
            )
        return found

    def set_trust(self, farm: str, facts: Mapping[str, Any]) -> None:
        """Set a farm's trust with Microsoft Entra ID at its own console."""
        self.farm(farm)
        in_reactor(self.service.set_trust, farm, self._trust(facts))

    def pfx(self, name: str, typed: str | None = None) -> Any:
        """Return a certificate's file with the password that is typed in, the right one unless told otherwise."""
        from engine.setup.federation.answers import TlsCertificate

        if name not in self.document.certificates:
            raise ScenarioError(f"the world has no certificate {name}")
        facts = self.document.certificates[name]
        password = self.lab.seeds.password(f"certificate/{name}")
        pfx = make_pfx(facts.get("names") or (), facts.get("common_name", ""), password, self.lab.clock.now())
        return TlsCertificate(pfx, typed if typed is not None else password, facts.get("provider", "CSP"))

    # ---- names -----------------------------------------------------------------------------------------------------
    def records(self, name: str, *, external: bool = False) -> tuple[Any, ...]:
        """What DNS says of a name: machines are registered inside, the rest as the world says."""
        from engine.network import DnsRecord

        low = name.lower()
        if not external and self.service.federation.machine(low) is not None:
            return (DnsRecord(name, "A", "10.0.0.1"),)
        held = self.dns["external" if external else "internal"].get(low)
        if held is None:
            known = self.document.dns is None and self.service.federation.farm(low) is not None
            return (DnsRecord(name, "A", "10.0.0.2"),) if known else ()
        found = [DnsRecord(name, kind.upper(), held[kind]) for kind in ("a", "cname") if held.get(kind)]
        return (*found, *(DnsRecord(name, "TXT", text) for text in held.get("txt") or ()))

    def site(self, name: str, port: int = 443) -> str | None:
        state = self.service.federation
        farm = state.farm(name)
        if farm is None and state.machine(name) is None:
            return None
        if farm is not None and port != farm.port:
            return None
        return f"https://{HOST}:{self.service.endpoints['https']}"

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records outside, as a tenant looks them up; runs in the reactor thread."""
        return tuple((self.dns["external"].get(name.lower()) or {}).get("txt") or ())

    def set_record(self, name: str, view: str, record: Mapping[str, Any] | None) -> None:
        """Write a name's records, or remove them."""
        if record is None:
            self.dns[view].pop(name.lower(), None)
        else:
            self.dns[view][name.lower()] = dict(record)

    # ---- snapshots -------------------------------------------------------------------------------------------------
    def snapshot(self) -> dict[str, Any]:
        dns = {view: {name: dict(one) for name, one in names.items()} for view, names in self.dns.items()}
        files = {name: _files(Path(server.engine.folder)) for name, server in self.lab.servers.items()}
        return {"service": in_reactor(self.service.snapshot), "dns": dns, "files": files}

    def restore(self, state: Mapping[str, Any]) -> None:
        in_reactor(self.service.restore, state["service"])
        self.dns = {view: {name: dict(one) for name, one in names.items()} for view, names in state["dns"].items()}
        for name, files in state["files"].items():
            folder = Path(self.lab.servers[name].engine.folder) / FOLDER
            shutil.rmtree(folder, ignore_errors=True)
            for file, text in files.items():
                folder.mkdir(parents=True, exist_ok=True)
                (folder / file).write_text(text, encoding="utf-8")


def _files(folder: Path) -> dict[str, str]:
    """What a sync server keeps of the farm it manages: a fact of its machine, no part of its database."""
    found = sorted((folder / FOLDER).glob("*")) if (folder / FOLDER).exists() else []
    return {path.name: path.read_text(encoding="utf-8") for path in found}


def rules_of(facts: Mapping[str, Any]) -> str:
    """The claim rules an administrator sets by hand: as written, or the usual ones for an anchor attribute."""
    from engine.setup.federation.claims import TrustChoice, claim_rules

    if facts.get("rules"):
        return str(facts["rules"])
    domains = tuple(facts.get("domains") or ())[:1]
    choice = TrustChoice(facts.get("anchor", "objectGUID"), facts.get("upn", "userPrincipalName"), domains, "2.5.79.0")
    return claim_rules(choice)
