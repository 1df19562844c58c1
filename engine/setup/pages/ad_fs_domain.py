"""Microsoft Entra Domain: which domain is federated, by AD FS or by PingFederate; how an unverified one is verified.

Source: seed001, facts "install" FED-04, FED-05, USI-03.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.connectors.entra.administrator_sign_in import AdministratorFacts
from engine.connectors.entra.domains_client import DomainsClient, EntraDomain
from engine.errors import EngineError
from engine.setup.answers import SetupAnswers
from engine.setup.federation.servers import federation_answers
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Microsoft Entra Domain"
DOMAIN_NAME_ADMINISTRATOR = "8329153b-31d0-4727-b945-745eb3bc5f31"


def ad_fs_domain(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """The first installation federates one domain; others are added by a task."""
    wanted = federation_answers(answers)
    session, _ = state.signed_in()
    if not may_federate(session.administrator()):
        text = (
            f"{answers.entra_admin.username} has to be a Global Administrator, or a Domain Name Administrator as well."
        )
        return refuse(PAGE, "FEDERATION_ROLE_MISSING", text)
    if not wanted.domains:
        return refuse(PAGE, "DOMAIN_MISSING", "Choose the domain to federate.")
    if len(wanted.domains) > 1:
        text = "Only one domain can be federated by the first installation. Run the wizard again to add others."
        return refuse(PAGE, "ONE_DOMAIN_ONLY", text)
    try:
        entra = session.entra_domains()
        all_domains = entra.domains()
        found = next((one for one in all_domains if one.name.lower() == wanted.domain.lower()), None)
        if found is None or found.initial:
            text = f"{wanted.domain} is no custom domain of this tenant and cannot be federated."
            return refuse(PAGE, "DOMAIN_NOT_IN_TENANT", text)
        other = _federated_by(state.federation.identifier, found, all_domains, entra)
        if other:
            text = f"{wanted.farm} federates {other} already. Add {found.name} by the task for additional domains."
            return refuse(PAGE, "FARM_FEDERATES_ANOTHER_DOMAIN", text)
        texts = () if found.verified else entra.verification_texts(found.name)
    except EngineError as refusal:
        return refuse(PAGE, refusal.code, refusal.message)
    state.federation = replace(state.federation, verified=found.verified)
    messages: tuple[str, ...] = ()
    if not found.verified:
        told = f"Add a TXT record with {', '.join(texts)} to {found.name}; it is verified while you configure."
        messages = (told,)
    facts = {"domain": found.name, "verified": found.verified, "dns_records": list(texts)}
    return PageOutcome(PAGE, messages=messages, facts=facts)


def _federated_by(identifier: str, chosen: EntraDomain, domains: Sequence[EntraDomain], entra: DomainsClient) -> str:
    """Another domain that has the farm as its issuer; no two of a tenant can."""
    for one in domains:
        if identifier and one.federated and one.name != chosen.name:
            settings = entra.federation(one.name) or {}
            if settings.get("issuerUri") == identifier:
                return one.name
    return ""


def may_federate(administrator: AdministratorFacts) -> bool:
    """A Global Administrator, or a Hybrid Identity Administrator who is Domain Name Administrator too (USI-03)."""
    return administrator.global_administrator or DOMAIN_NAME_ADMINISTRATOR in administrator.roles
