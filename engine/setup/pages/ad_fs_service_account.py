"""AD FS service account: a group managed one or a domain user, and nobody else may hold the farm's SPN.

Source: seed001 (service account for the AD FS service), facts "install" FED-03.
"""

from __future__ import annotations

from dataclasses import replace

from engine.errors import EngineError
from engine.setup.answers import Credential, SetupAnswers
from engine.setup.federation.answers import ServiceAccountAnswers, ServiceAccountKind
from engine.setup.federation.servers import federation_answers
from engine.setup.page import OpenedForest, PageOutcome, WizardState, refuse

PAGE = "AD FS service account"
#: forest functional level of Windows Server 2012, of whose domain controllers managed accounts need one
WINDOWS_2012 = 5


def ad_fs_service_account(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Check the account and the SPN; the key store and the account itself are made on Configure."""
    wanted = federation_answers(answers)
    forest = forest_of_farm(state, wanted.servers[0])
    chosen = wanted.service_account
    outcome = _managed(chosen, forest, state) if chosen.kind is not ServiceAccountKind.DOMAIN_USER else None
    outcome = outcome or _domain_user(chosen, forest, state)
    if outcome is not None:
        return outcome
    spn = f"host/{wanted.farm}"
    holders = forest.session.service_accounts().spn_holders(spn)
    others = [name for name in holders if name.lower().rstrip("$") != chosen.name.lower()]
    if others:
        text = f"{spn} is registered on {', '.join(others)}. Remove it there before you go on."
        return refuse(PAGE, "DUPLICATE_SPN", text, spn=spn, accounts=others)
    facts = {"account": chosen.name, "kind": str(chosen.kind), "key_store": state.federation.key_store}
    return PageOutcome(PAGE, facts=facts)


def forest_of_farm(state: WizardState, server: str) -> OpenedForest:
    """The connected directory whose domain the farm's first server is joined to."""
    for forest in state.forests:
        if forest.session.service_accounts().has_computer(server):
            return forest
    raise EngineError("SERVER_NOT_DOMAIN_JOINED", f"{server} is not joined to a domain of the connected directories.")


def _managed(chosen: ServiceAccountAnswers, forest: OpenedForest, state: WizardState) -> PageOutcome | None:
    facts = forest.session.facts
    if facts.functional_level < WINDOWS_2012:
        text = "A group managed service account needs a domain controller with Windows Server 2012."
        return refuse(PAGE, "MANAGED_ACCOUNT_NOT_OFFERED", text)
    if chosen.kind is ServiceAccountKind.MANAGED:
        found = forest.session.account(f"{chosen.name}$")
        if found is None or not found.managed:
            return refuse(
                PAGE, "SERVICE_ACCOUNT_UNKNOWN", f"{facts.name} has no managed service account {chosen.name}."
            )
        return None
    if forest.session.service_accounts().key_store_ready():
        return None
    if chosen.credential is None or not _is_enterprise_admin(chosen.credential, forest, state):
        text = "Managed accounts have never been used here. An enterprise administrator has to initiate the key store."
        return refuse(PAGE, "KEY_STORE_NEEDS_ENTERPRISE_ADMIN", text)
    state.federation = replace(state.federation, key_store=True)
    return None


def _is_enterprise_admin(credential: Credential, forest: OpenedForest, state: WizardState) -> bool:
    session = state.surroundings.connect_forest(forest.session.facts.name, credential)
    try:
        found = session.account(credential.username)
    finally:
        session.close()
    return found is not None and found.enterprise_admin


def _domain_user(chosen: ServiceAccountAnswers, forest: OpenedForest, state: WizardState) -> PageOutcome | None:
    if chosen.kind is not ServiceAccountKind.DOMAIN_USER:
        return None
    facts = forest.session.facts
    if forest.session.account(chosen.name) is None:
        return refuse(PAGE, "SERVICE_ACCOUNT_UNKNOWN", f"{facts.name} has no account {chosen.name}.")
    if chosen.credential is None:
        return refuse(PAGE, "SERVICE_ACCOUNT_PASSWORD", f"Enter the password of {chosen.name}.")
    try:
        state.surroundings.connect_forest(facts.name, chosen.credential).close()
    except EngineError as refusal:
        if refusal.code != "DIR_CREDENTIALS":
            raise
        return refuse(PAGE, "SERVICE_ACCOUNT_PASSWORD", f"The password of {chosen.name} is not right.")
    return None
