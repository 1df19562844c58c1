"""Microsoft Entra sign-in configuration: UPN suffixes against verified domains. Facts "install" section 9, EXP-03."""

from __future__ import annotations

from engine.model.schema import AttributeType
from engine.setup.answers import Mode, SetupAnswers, SignIn
from engine.setup.page import PageOutcome, Warned, WizardState, refuse

PAGE = "Microsoft Entra sign-in configuration"
VERIFIED, NOT_VERIFIED, NOT_ADDED = "Verified", "Not Verified", "Not Added"


def suffix_states(state: WizardState) -> dict[str, str]:
    """Every UPN suffix of the forests and what the tenant knows of it (SIC-01)."""
    _, company = state.signed_in()
    added = {domain.lower() for domain in company.unverified_domains}
    suffixes = dict.fromkeys(s for f in state.forests for s in f.session.facts.upn_suffixes)
    return {s: VERIFIED if company.verified(s) else NOT_VERIFIED if s.lower() in added else NOT_ADDED for s in suffixes}


def nothing_to_verify(answers: SetupAnswers, state: WizardState) -> bool:
    """Express settings show the page only where a suffix is not verified (EXP-03)."""
    return answers.mode is Mode.EXPRESS and set(suffix_states(state).values()) == {VERIFIED}


def refresh(state: WizardState) -> dict[str, str]:
    """The page's Refresh: ask the tenant again, which may have verified a domain since the sign-in."""
    session, _ = state.signed_in()
    state.company = session.company()
    return suffix_states(state)


def entra_sign_in_configuration(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """List every suffix with its state; the sign-in attribute must be single-valued in every forest."""
    rows = suffix_states(state)
    if set(rows.values()) != {VERIFIED}:
        rows = refresh(state)
    _, company = state.signed_in()
    custom = answers.mode is Mode.CUSTOM
    upn_attribute = answers.upn_attribute if custom else "userPrincipalName"
    own = [d for d in company.verified_domains if d.lower() != company.initial_domain.lower()]
    if custom and answers.sign_in is SignIn.PASS_THROUGH and not own:
        text = "Pass-through authentication needs at least one verified domain."
        return refuse(PAGE, "NO_VERIFIED_DOMAIN", text, suffixes=rows)
    for forest in state.forests:
        found = next((a for n, a in forest.schema.attributes.items() if n.lower() == upn_attribute.lower()), None)
        if forest.schema.attributes and (found is None or found.multivalued or found.type is not AttributeType.STRING):
            text = f"{upn_attribute} cannot be selected: it must exist and be a single-valued text in the schema."
            return refuse(PAGE, "UPN_ATTRIBUTE_NOT_SELECTABLE", text, suffixes=rows)
    missing = [s for s, found in rows.items() if found != VERIFIED]
    if not missing:
        return PageOutcome(PAGE, facts={"suffixes": rows, "upn_attribute": upn_attribute, "shown": custom})
    text = (
        f"Not verified in Microsoft Entra ID: {', '.join(missing)}."
        f" Users with these suffixes will sign in as user@{company.initial_domain}."
    )
    if not answers.continue_without_verified_domains:
        return refuse(PAGE, "UPN_SUFFIX_NOT_VERIFIED", text, suffixes=rows)
    warned = (Warned("UPN_SUFFIX_NOT_VERIFIED", text),)
    return PageOutcome(PAGE, warnings=warned, facts={"suffixes": rows, "upn_attribute": upn_attribute, "shown": True})
