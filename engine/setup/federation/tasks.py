"""The wizard run again over a server that manages AD FS, or whose domains are federated: tasks around the trust.

Repair the trust, add a domain, servers, proxies, a TLS certificate, verify the configuration and a sign-in; and what a
switch of the source anchor means for claims. Source: facts "install" FED-04, 07, 10, 14.5, 15.5; seed002.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from engine.clock import Clock
from engine.connectors.entra.domains_client import DomainsClient
from engine.connectors.federation.remote_management import RemoteMachine
from engine.errors import EngineError
from engine.name_service import NameService, resolve
from engine.setup import lifecycle
from engine.setup.answers import Credential, SetupAnswers, Switches
from engine.setup.federation.answers import FederationAnswers, TlsCertificate
from engine.setup.federation.certificate_file import certificate_names
from engine.setup.federation.claims import ManagedFarm, TrustChoice, matches_name
from engine.setup.federation.configuring import (
    ADD_DOMAIN,
    ADD_PROXY,
    ADD_SERVER,
    REPAIR,
    UPDATE_CERTIFICATE,
    VERIFY_SIGN_IN,
    install_proxy,
    managed_farm,
    remember,
    settings_for,
    verify_domain,
    write_trust,
)
from engine.setup.federation.servers import too_old
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.lifecycle import ConfiguredServer, TaskOutcome, wizard_open
from engine.setup.page import PageOutcome, Warned, refuse
from engine.setup.pages.ad_fs_domain import may_federate
from engine.setup.source_anchor import OBJECT_GUID
from engine.setup.surroundings import Surroundings, TenantSession

VERIFY = "Verify"
UPN_SETTING = "Microsoft.SynchronizationOption.UPNAttribute"
CLAIMS_MANUAL = (
    "The source anchor is {anchor} now. {domains} is federated, and this server does not manage the federation servers:"
    " change the rules of the ImmutableID claim there by hand, or users will not be able to sign in."
)


class FederatedServer(ConfiguredServer, Protocol):
    """What these tasks need besides: where the machine keeps its files, and what time it is."""

    folder: Path
    clock: Clock


@dataclass(frozen=True)
class FederationTask:
    """What is typed in on the pages of a task. federation: credentials of administrators, names of servers."""

    entra_admin: Credential
    federation: FederationAnswers = field(default_factory=FederationAnswers)
    reset: bool = False  # of Repair: the token-signing certificate is rolled over as well


# ---- the source anchor -----------------------------------------------------------------------------------------------
def configure_source_anchor(
    server: FederatedServer,
    task: FederationTask,
    surroundings: Surroundings,
    switches: Switches = Switches(),  # noqa: B008 - a frozen value
) -> TaskOutcome:
    """Switch the anchor and take the claims along; a farm that is not managed here is left to its administrators."""
    managed = managed_farm(server.folder)
    machine: RemoteMachine | None = None
    if managed is not None:
        try:
            machine = _machine(managed, task, surroundings)
            machine.run("Get-AdfsRelyingPartyTrust")  # nothing is switched when the claims could not follow
        except EngineError as refusal:
            return TaskOutcome((refuse(lifecycle.SOURCE_ANCHOR_TASK, refusal.code, refusal.message),))
    outcome = lifecycle.configure_source_anchor(server, task.entra_admin, surroundings, switches)
    if outcome.refused:
        return outcome
    anchor = str(outcome.changes["source_anchor"])
    written: list[str] = []
    if managed is not None and machine is not None:
        choice = _choice(server, managed, anchor)
        written, _ = write_trust(machine, choice, managed.farm, server.folder, server.clock.now())
    session = surroundings.sign_in(_tenant(task), task.entra_admin)
    try:
        ours = {one.lower() for one in (managed.domains if managed is not None else ())}
        others = [d.name for d in session.entra_domains().domains() if d.federated and d.name.lower() not in ours]
    finally:
        session.close()
    last = outcome.pages[-1]
    warnings = last.warnings
    if others:
        text = CLAIMS_MANUAL.format(anchor=anchor, domains=", ".join(others))
        warnings = (*warnings, Warned("FED_CLAIMS_MANUAL", text))
    shown = PageOutcome(last.page, last.code, last.messages, warnings, {**last.facts, "trust_backups": written})
    return TaskOutcome((*outcome.pages[:-1], shown), {**outcome.changes, "trust_backups": written})


# ---- tasks of a managed farm -----------------------------------------------------------------------------------------
def repair_trust(server: FederatedServer, task: FederationTask, surroundings: Surroundings) -> TaskOutcome:
    """Set everything the wizard controls of the trust, and the domains' settings by the farm's certificate. A
    certificate AD FS did not sign itself is left alone, and said so.
    """

    def work(managed: ManagedFarm, machine: RemoteMachine, entra: DomainsClient) -> PageOutcome:
        warnings: tuple[Warned, ...] = ()
        signing = machine.run("Get-AdfsCertificate")[0]
        if task.reset and signing["SelfSigned"]:
            machine.run("Update-AdfsCertificate", Urgent=True)
        elif not signing["SelfSigned"]:
            text = (
                "The token-signing certificate was not made by AD FS. It cannot be repaired here; replace it by hand."
            )
            warnings = (Warned("CERTIFICATE_NOT_SELF_SIGNED", text),)
        choice = _choice(server, managed, "")
        now = server.clock.now()
        written, warned = write_trust(machine, choice, managed.farm, server.folder, now, anew=task.reset)
        federated = [one for one in managed.domains if entra.federation(one) is not None]  # not those converted since
        for domain in federated:
            entra.set_federation(domain, settings_for(machine, managed.farm, domain, several=choice.several))
        facts = {"trust_backups": written, "self_signed": bool(signing["SelfSigned"]), "domains": federated}
        return PageOutcome(REPAIR, warnings=(*warnings, *warned), facts=facts)

    return _with_farm(REPAIR, server, task, surroundings, work)


def add_domain(server: FederatedServer, task: FederationTask, surroundings: Surroundings) -> TaskOutcome:
    """Federate one more domain. The second one makes the trust one of several domains: it is made anew, and each domain
    gets an issuer of its own (FED-04).
    """

    def work(managed: ManagedFarm, machine: RemoteMachine, entra: DomainsClient) -> PageOutcome:
        wanted = task.federation.domain.lower()
        if wanted in {one.lower() for one in managed.domains}:
            return refuse(ADD_DOMAIN, "DOMAIN_FEDERATED_ALREADY", f"{wanted} is federated by {managed.farm} already.")
        found = next((one for one in entra.domains() if one.name.lower() == wanted), None)
        if found is None or found.initial:
            text = f"{wanted} is no custom domain of this tenant and cannot be federated."
            return refuse(ADD_DOMAIN, "DOMAIN_NOT_IN_TENANT", text)
        if not found.verified:
            verify_domain(entra, found.name)
        first_of_several = len(managed.domains) == 1
        grown = managed.with_(domains=(*managed.domains, found.name))
        choice = _choice(server, grown, "")
        now = server.clock.now()
        written, warned = write_trust(machine, choice, managed.farm, server.folder, now, anew=first_of_several)
        changed = grown.domains if first_of_several else (found.name,)
        for domain in changed:
            entra.set_federation(domain, settings_for(machine, managed.farm, domain, several=True))
        remember(server.folder, grown)
        facts = {"domains": list(grown.domains), "trust_backups": written, "recreated": first_of_several}
        return PageOutcome(ADD_DOMAIN, warnings=warned, facts=facts)

    return _with_farm(ADD_DOMAIN, server, task, surroundings, work)


def add_servers(server: FederatedServer, task: FederationTask, surroundings: Surroundings) -> TaskOutcome:
    """Further federation servers; only of a farm the wizard made, for it needs the certificate's file."""

    def work(managed: ManagedFarm, machine: RemoteMachine, entra: DomainsClient) -> PageOutcome:
        refused = _certificate_refused(ADD_SERVER, managed, task.federation.certificate)
        if refused is not None:
            return refused
        for name in task.federation.servers:
            _look_at(surroundings.federation().machine(name, _domain_admin(task)))
        for name in task.federation.servers:
            surroundings.federation().machine(name, _domain_admin(task)).run(
                "Add-AdfsFarmNode", FederationServiceName=managed.farm
            )
        return PageOutcome(ADD_SERVER, facts={"servers": list(task.federation.servers)})

    return _with_farm(ADD_SERVER, server, task, surroundings, work)


def add_proxies(server: FederatedServer, task: FederationTask, surroundings: Surroundings) -> TaskOutcome:
    """Further proxies; needs the certificate's file as well."""

    def work(managed: ManagedFarm, machine: RemoteMachine, entra: DomainsClient) -> PageOutcome:
        wanted = task.federation
        refused = _certificate_refused(ADD_PROXY, managed, wanted.certificate)
        if refused is not None:
            return refused
        credential = wanted.proxy_admin or _domain_admin(task)
        farm = FederationAnswers(farm=managed.farm, domain_admin=wanted.domain_admin, proxy_trust=wanted.proxy_trust)
        answers = SetupAnswers(task.entra_admin, (), federation=farm)
        for name in wanted.proxies:
            _look_at(surroundings.federation().machine(name, credential))
        for name in wanted.proxies:
            install_proxy(surroundings.federation().machine(name, credential), farm, answers)
        return PageOutcome(ADD_PROXY, facts={"proxies": list(wanted.proxies)})

    return _with_farm(ADD_PROXY, server, task, surroundings, work)


def update_certificate(server: FederatedServer, task: FederationTask, surroundings: Surroundings) -> TaskOutcome:
    """A new TLS certificate for a farm, also one this server does not manage (seed001); the trust is not touched."""
    wanted = task.federation
    managed = managed_farm(server.folder)
    name = managed.server if managed is not None else next(iter(wanted.servers), "")
    farm = managed.farm if managed is not None else wanted.farm
    try:
        with wizard_open(server):
            given = wanted.certificate
            if given is None:
                raise EngineError("CERTIFICATE_MISSING", "Choose a certificate.")
            names = certificate_names(given.pfx, given.password)
            if given.provider.upper() != "CSP":
                raise EngineError("CERTIFICATE_PROVIDER", "Only keys of a cryptographic service provider work.")
            if not matches_name(names, farm):
                raise EngineError("CERTIFICATE_NAME_MISMATCH", f"The certificate is not for {farm}.")
            machine = surroundings.federation().machine(name, _domain_admin(task))
            machine.run("Set-AdfsSslCertificate", CertificateNames=list(names))
            if managed is not None:
                remember(server.folder, managed.with_(pfx_names=names))
    except EngineError as refusal:
        return TaskOutcome((refuse(UPDATE_CERTIFICATE, refusal.code, refusal.message),))
    return TaskOutcome((PageOutcome(UPDATE_CERTIFICATE, facts={"names": list(names)}),), {"names": list(names)})


# ---- verifying -------------------------------------------------------------------------------------------------------
def verify_configuration(farm: str, names: NameService) -> PageOutcome:
    """The button Verify: the farm's name resolves inside and has an A record there, and it resolves outside (14.5)."""
    inside, outside = resolve(names, farm), resolve(names, farm, external=True)
    resolves = inside.address is not None
    facts = {
        "farm": farm,
        "intranet": {"resolve": _word(resolves), "a_record": _word(resolves and inside.has_a_record)},
        "extranet": {"resolve": _word(outside.address is not None)},
    }
    if not resolves:
        text = f"{farm} cannot be resolved. Add a DNS record for the federation service."
        return refuse(VERIFY, "FEDERATION_NAME_UNRESOLVED", text, **facts)
    if not inside.has_a_record:
        text = f"{farm} has no A record. Create an A record for the federation service, not a CNAME record."
        return refuse(VERIFY, "FEDERATION_A_RECORD_MISSING", text, **facts)
    if outside.address is None:
        text = f"{farm} cannot be resolved from the extranet. Add a DNS record there."
        return refuse(VERIFY, "FEDERATION_EXTRANET_UNRESOLVED", text, **facts)
    return PageOutcome(VERIFY, messages=("The configuration was verified.",), facts=facts)


def _word(passed: bool) -> str:
    return "passed" if passed else "failed"


def verify(server: FederatedServer, surroundings: Surroundings, farm: str = "") -> TaskOutcome:
    """Press Verify on the last page, or by the task."""
    managed = managed_farm(server.folder)
    name = farm or (managed.farm if managed is not None else "")
    if not name:
        return TaskOutcome((refuse(VERIFY, "FARM_NOT_MANAGED", "This server manages no federation service."),))
    return TaskOutcome((verify_configuration(name, surroundings.federation().names),))


def verify_sign_in(server: FederatedServer, person: Credential, tenant: str, surroundings: Surroundings) -> TaskOutcome:
    """Verify federated login: sign a synchronized person in. The built-in administrator is not synchronized (14.5)."""
    if person.username.partition("@")[0].lower() == "administrator":
        text = "The built-in administrator is not synchronized and cannot be used; choose another person."
        return TaskOutcome((refuse(VERIFY_SIGN_IN, "BUILT_IN_ADMINISTRATOR", text),))
    try:
        surroundings.federation().sign_in(person.username, person.password, tenant)
    except EngineError as refusal:
        return TaskOutcome((refuse(VERIFY_SIGN_IN, refusal.code, refusal.message),))
    return TaskOutcome((PageOutcome(VERIFY_SIGN_IN, facts={"user": person.username, "signed_in": True}),))


# ---- shared ----------------------------------------------------------------------------------------------------------
Work = Callable[[ManagedFarm, RemoteMachine, DomainsClient], PageOutcome]


def _with_farm(
    page: str, server: FederatedServer, task: FederationTask, surroundings: Surroundings, work: Work
) -> TaskOutcome:
    """Open the wizard over the farm this server manages: tenant and farm are reached before anything is done."""
    managed = managed_farm(server.folder)
    if managed is None:
        return TaskOutcome((refuse(page, "FARM_NOT_MANAGED", "This server manages no AD FS farm."),))
    try:
        with wizard_open(server):
            session: TenantSession = surroundings.sign_in(_tenant(task), task.entra_admin)
            try:
                if not may_federate(session.administrator()):
                    raise EngineError(
                        "FEDERATION_ROLE_MISSING", f"{task.entra_admin.username} may not federate domains."
                    )
                shown = work(managed, _machine(managed, task, surroundings), session.entra_domains())
            finally:
                session.close()
    except EngineError as refusal:
        return TaskOutcome((refuse(page, refusal.code, refusal.message),))
    return TaskOutcome((shown,), {} if shown.refused else dict(shown.facts))


def _machine(managed: ManagedFarm, task: FederationTask, surroundings: Surroundings) -> RemoteMachine:
    return surroundings.federation().machine(managed.server, _domain_admin(task))


def _domain_admin(task: FederationTask) -> Credential:
    if task.federation.domain_admin is None:
        raise EngineError("REMOTE_ACCESS_DENIED", "Enter the credentials of a domain administrator.")
    return task.federation.domain_admin


def _tenant(task: FederationTask) -> str:
    return task.entra_admin.username.rpartition("@")[2].lower()


def _choice(server: FederatedServer, managed: ManagedFarm, anchor: str) -> TrustChoice:
    settings = server.global_settings
    attribute = anchor or settings.get(ANCHOR_SETTING, OBJECT_GUID)
    return TrustChoice(attribute, settings.get(UPN_SETTING, "userPrincipalName"), managed.domains, server.version)


def _certificate_refused(page: str, managed: ManagedFarm, given: TlsCertificate | None) -> PageOutcome | None:
    """The file the farm was made with is asked for again, with its password."""
    if not managed.pfx_names:
        text = f"{managed.farm} was not made by this wizard; its certificate's file is not known here."
        return refuse(page, "FARM_NOT_MADE_HERE", text)
    if given is None:
        return refuse(page, "CERTIFICATE_MISSING", "Enter the password of the certificate's file.")
    certificate_names(given.pfx, given.password)
    return None


def _look_at(machine: RemoteMachine) -> Mapping[str, Any]:
    found: Mapping[str, Any] = machine.run("Get-ComputerInfo")
    if too_old(str(found["OsName"])):
        raise EngineError("OS_UNSUPPORTED", f"{machine.name} runs {found['OsName']}, which is too old.")
    return found
