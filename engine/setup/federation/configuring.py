"""What Configure does for AD FS and PingFederate: verify the domain, make the farm and its trust, federate the domain.

The domain is verified before anything else is written, for without it the configuration cannot complete; the domain is
converted last, when everything its users need is there. Source: facts "install" FED-02, 05, 09, SIC-08; manage AD FS
trust (what a first pass sets).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.connectors.entra.domains_client import DomainsClient
from engine.connectors.entra.service_refusal import ServiceFault
from engine.connectors.federation.remote_management import CommandRefused, RemoteMachine
from engine.errors import EngineError
from engine.setup.answers import SetupAnswers
from engine.setup.federation.answers import FederationAnswers, ServiceAccountKind
from engine.setup.federation.claims import (
    BACK_UP_SINCE,
    ENDPOINTS,
    IDENTIFIERS,
    TRUST_NAME,
    ManagedFarm,
    TrustChoice,
    back_up_name,
    back_up_text,
    claim_rules,
    domain_settings,
    issuer_of,
)
from engine.setup.federation.servers import any_federation, federates, federation_answers, manager, pings
from engine.setup.page import Warned, WizardState
from engine.setup.pages.ad_fs_service_account import forest_of_farm
from engine.setup.pages.ping_federate_settings import PARTNER
from engine.versions import at_least

REPAIR = "Repair Microsoft Entra ID and ADFS Trust"
ADD_DOMAIN = "Add an additional Microsoft Entra domain"
ADD_SERVER = "Deploy an additional Federation Server"
ADD_PROXY = "Deploy Web Application Proxy"
UPDATE_CERTIFICATE = "Update AD FS SSL certificate"
VERIFY_SIGN_IN = "Verify federated login"
MANAGED_FARM_TASKS = (REPAIR, ADD_DOMAIN, ADD_SERVER, ADD_PROXY, VERIFY_SIGN_IN)
DEFAULT_UPN = "userPrincipalName"
FOLDER = Path("AADConnect") / "ADFS"
FARM_FILE = "ManagedFarm.json"


@dataclass
class Federated:
    """What came of it. backups: files the trust was written to before it was changed."""

    facts: dict[str, object] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()
    managed: ManagedFarm | None = None


def prepare_federation(answers: SetupAnswers, state: WizardState) -> Federated:
    """Everything but the domain's conversion; nothing for other sign-in methods. Raises EngineError."""
    if not any_federation(answers):
        return Federated()
    wanted = federation_answers(answers)
    session, _ = state.signed_in()
    if not state.federation.verified:
        verify_domain(session.entra_domains(), wanted.domain)
    if pings(answers):
        return Federated({"federated_domain": wanted.domain})
    if wanted.new_farm:
        _make_farm(answers, state)
    anchor = state.anchor.attribute if state.anchor is not None else ""
    choice = TrustChoice(str(anchor), answers.upn_attribute, (wanted.domain,), state.host.product_version)
    machine = state.surroundings.federation().machine(wanted.servers[0], manager(answers))
    written, warnings = write_trust(machine, choice, wanted.farm, state.host.folder, state.clock.now())
    managed = ManagedFarm(wanted.farm, wanted.servers[0], (wanted.domain,), state.federation.certificate_names)
    facts: dict[str, object] = {"farm": wanted.farm, "federated_domain": wanted.domain, "trust_backups": written}
    return Federated(facts, warnings, managed)


def verify_domain(entra: DomainsClient, domain: str) -> None:
    try:
        entra.verify(domain)
    except ServiceFault as fault:
        text = f"{domain} could not be verified: {fault.message} Add the DNS records and configure again."
        raise EngineError("DOMAIN_NOT_VERIFIED", text) from fault


def federate_domain(answers: SetupAnswers, state: WizardState, federated: Federated) -> None:
    """Convert the domain, and let the machine remember the farm it manages."""
    if not any_federation(answers):
        return
    wanted = federation_answers(answers)
    session, _ = state.signed_in()
    entra = session.entra_domains()
    if federates(answers):
        machine = state.surroundings.federation().machine(wanted.servers[0], manager(answers))
        entra.set_federation(wanted.domain, settings_for(machine, wanted.farm, wanted.domain, several=False))
    else:
        entra.set_federation(wanted.domain, _ping_settings(wanted, state))
    if federated.managed is not None:
        remember(state.host.folder, federated.managed)


def settings_for(machine: RemoteMachine, farm: str, domain: str, *, several: bool) -> dict[str, object]:
    """The settings of a domain that signs in at a farm, by what the farm says of itself."""
    identifier = str(machine.run("Get-AdfsProperties")["Identifier"])
    signing = next(one for one in machine.run("Get-AdfsCertificate") if one["CertificateType"] == "Token-Signing")
    return domain_settings(farm, issuer_of(identifier, domain, several=several), str(signing["Certificate"]))


def _ping_settings(wanted: FederationAnswers, state: WizardState) -> dict[str, object]:
    metadata = state.federation.metadata
    assert metadata is not None  # the page PingFederate settings read it
    base = f"https://{wanted.server_url.removeprefix('https://').rstrip('/')}:{wanted.port}"
    return {
        "displayName": wanted.server_url,
        "issuerUri": metadata.entity,
        "metadataExchangeUri": f"{base}/pf/sts_mex.ping?PartnerSpId={PARTNER}",
        "activeSignInUri": metadata.active,
        "passiveSignInUri": metadata.passive,
        "signOutUri": metadata.passive,
        "signingCertificate": metadata.certificate,
        "preferredAuthenticationProtocol": "wsFed",
    }


# ---- the farm --------------------------------------------------------------------------------------------------------
def _make_farm(answers: SetupAnswers, state: WizardState) -> None:
    """The service account, the first server with the SPN, the further servers, the proxies."""
    wanted = federation_answers(answers)
    reach = state.surroundings.federation()
    account = _service_account(answers, state)
    first = reach.machine(wanted.servers[0], manager(answers))
    names = list(state.federation.certificate_names)
    given = {"FederationServiceName": wanted.farm, "ServiceAccount": account, "CertificateNames": names}
    _told(first, "Install-AdfsFarm", **given, OverwriteConfiguration=True)
    for name in wanted.servers[1:]:
        _told(reach.machine(name, manager(answers)), "Add-AdfsFarmNode", FederationServiceName=wanted.farm)
    for name in wanted.proxies:
        install_proxy(reach.machine(name, wanted.proxy_admin or manager(answers)), wanted, answers)


def install_proxy(machine: RemoteMachine, wanted: FederationAnswers, answers: SetupAnswers) -> None:
    trust = wanted.proxy_trust or manager(answers)
    credential = {"UserName": trust.username, "Password": trust.password}
    _told(
        machine,
        "Install-WebApplicationProxy",
        FederationServiceName=wanted.farm,
        FederationServiceTrustCredential=credential,
    )


def _told(machine: RemoteMachine, command: str, **parameters: object) -> Any:
    """Run a cmdlet; what the server refuses has the wizard's code for it."""
    try:
        return machine.run(command, **parameters)
    except CommandRefused as refused:
        raise EngineError(_CODES.get(refused.reason, refused.code), refused.message) from refused


_CODES: Mapping[str, str] = {
    "NotDomainJoined": "SERVER_NOT_DOMAIN_JOINED",
    "UnsupportedSystem": "OS_UNSUPPORTED",
    "FarmUnreachable": "PROXY_CANNOT_REACH_FARM",
    "ProxyTrustDenied": "PROXY_TRUST_DENIED",
    "SpnNotRegistered": "SPN_NOT_REGISTERED",
    "FarmExists": "FARM_EXISTS",
}


def _service_account(answers: SetupAnswers, state: WizardState) -> str:
    """The name the farm runs under; a managed account is made, its key store before it where there is none."""
    wanted = federation_answers(answers)
    chosen = wanted.service_account
    forest = forest_of_farm(state, wanted.servers[0])
    name = forest.session.facts.name
    if chosen.kind is not ServiceAccountKind.CREATE_MANAGED:
        return chosen.name
    if state.federation.key_store and chosen.credential is not None:
        session = state.surroundings.connect_forest(name, chosen.credential)
        try:
            session.service_accounts().prepare_key_store(state.clock.now(), state.random)
        finally:
            session.close()
    session = state.surroundings.connect_forest(name, manager(answers))
    try:
        session.service_accounts().create_managed(chosen.name)
    finally:
        session.close()
    return chosen.name


# ---- the trust -------------------------------------------------------------------------------------------------------
def write_trust(
    machine: RemoteMachine, choice: TrustChoice, farm: str, folder: Path, now: datetime, *, anew: bool = False
) -> tuple[list[str], tuple[Warned, ...]]:
    """Make the trust, or set all the wizard controls of one that is there; anew: remove it first. The names of files
    it was backed up in, and what has to be done by hand.
    """
    held = machine.run("Get-AdfsRelyingPartyTrust")
    written = [] if held is None else back_up(folder, held, farm, now, choice.version)
    if held is not None and anew:
        _told(machine, "Remove-AdfsRelyingPartyTrust")
    verb = "Set-AdfsRelyingPartyTrust" if held is not None and not anew else "Add-AdfsRelyingPartyTrust"
    _told(
        machine,
        verb,
        Name=TRUST_NAME,
        Identifier=list(IDENTIFIERS),
        IssuanceTransformRules=claim_rules(choice),
        WSFedEndpoints=list(ENDPOINTS),
        AutoUpdateEnabled=True,
    )
    return written, _alternate_login(machine, choice)


def _alternate_login(machine: RemoteMachine, choice: TrustChoice) -> tuple[Warned, ...]:
    wanted = "" if choice.upn_attribute.lower() == DEFAULT_UPN.lower() else choice.upn_attribute
    try:
        machine.run("Set-AdfsClaimsProviderTrust", AlternateLoginID=wanted)
    except CommandRefused as refused:
        if refused.reason != "UpdateMissing":
            raise
        text = f"{refused.message} Install the update and repair the trust; until then {wanted} signs nobody in."
        return (Warned("ALTERNATE_ID_UPDATE_MISSING", text),)
    return ()


def back_up(folder: Path, trust: Mapping[str, Any], farm: str, now: datetime, version: str) -> list[str]:
    """Write the trust down as it is; older releases left its rules in the trace log only (FED-09)."""
    if not at_least(version, BACK_UP_SINCE):
        return []
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    (place / back_up_name(now)).write_text(back_up_text(trust, farm), encoding="utf-8")
    return [back_up_name(now)]


# ---- what the machine remembers --------------------------------------------------------------------------------------
def remember(folder: Path, managed: ManagedFarm) -> None:
    """Only one farm can be managed; it is a fact of the machine, no part of the sync database."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    (folder / FOLDER / FARM_FILE).write_text(managed.to_text(), encoding="utf-8")


def federation_tasks_of(folder: Path | None) -> tuple[str, ...]:
    """What the wizard lists of AD FS: a certificate can be updated for any farm, the rest is for a managed one."""
    if folder is None:
        return ()
    return (UPDATE_CERTIFICATE,) if managed_farm(folder) is None else (*MANAGED_FARM_TASKS, UPDATE_CERTIFICATE)


def managed_farm(folder: Path) -> ManagedFarm | None:
    path = folder / FOLDER / FARM_FILE
    return ManagedFarm.from_text(path.read_text(encoding="utf-8")) if path.exists() else None
