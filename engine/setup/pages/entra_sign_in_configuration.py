"""Microsoft Entra sign-in configuration: UPN suffixes against verified domains. Facts "install" section 9, EXP-03."""

from __future__ import annotations

from engine.setup.answers import Mode, SetupAnswers, SignIn
from engine.setup.page import PageOutcome, Warned, WizardState, refuse

PAGE = "Microsoft Entra sign-in configuration"


def entra_sign_in_configuration(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """List every suffix with its state; the sign-in attribute must be single-valued in every forest."""
    _, company = state.signed_in()
    suffixes = list(dict.fromkeys(s for f in state.forests for s in f.session.facts.upn_suffixes))
    rows = {s: "Verified" if company.verified(s) else "Not Added" for s in suffixes}
    custom = answers.mode is Mode.CUSTOM
    upn_attribute = answers.upn_attribute if custom else "userPrincipalName"
    if custom and answers.sign_in is SignIn.PASS_THROUGH:
        if not [d for d in company.verified_domains if d.lower() != company.initial_domain.lower()]:
            text = "Pass-through authentication needs at least one verified domain."
            return refuse(PAGE, "NO_VERIFIED_DOMAIN", text, suffixes=rows)
        text = "Installing pass-through authentication agents is not emulated."
        return refuse(PAGE, "PASS_THROUGH_NOT_EMULATED", text, suffixes=rows)
    for forest in state.forests:
        found = next((a for n, a in forest.schema.attributes.items() if n.lower() == upn_attribute.lower()), None)
        if forest.schema.attributes and (found is None or found.multivalued):
            text = f"{upn_attribute} cannot be selected: it must exist and be single-valued in the schema."
            return refuse(PAGE, "UPN_ATTRIBUTE_NOT_SELECTABLE", text, suffixes=rows)
    missing = [s for s, found in rows.items() if found != "Verified"]
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
