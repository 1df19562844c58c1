"""Connect to Microsoft Entra ID: sign in as administrator and read the company. Facts "install" section 7."""

from __future__ import annotations

from engine.errors import EngineError
from engine.setup.answers import SetupAnswers
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Connect to Microsoft Entra ID"


def connect_to_entra_id(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Keep the session for the pages that follow; the credential itself is not kept."""
    try:
        session = state.surroundings.sign_in(answers.tenant_name, answers.entra_admin)
        state.tenant = session
        state.company = session.company()
    except EngineError as refusal:
        return refuse(PAGE, refusal.code, refusal.message)
    company = state.company
    return PageOutcome(
        PAGE,
        facts={
            "tenant": company.initial_domain,
            "verified_domains": company.verified_domains,
            "anchor_policy": company.anchor_attribute,
        },
    )
