"""Microsoft Entra apps: which services are used; only what they need is synchronized. Facts "install" 13.3; seed001."""

from __future__ import annotations

from engine.rules.standard import APPLICATIONS
from engine.setup.answers import SetupAnswers
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Microsoft Entra apps"


def app_filtering(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Keep the services that are ticked; those that come with later releases are not among them."""
    del state
    chosen = APPLICATIONS if answers.applications is None else answers.applications
    unknown = [name for name in chosen if name not in APPLICATIONS]
    if unknown:
        text = f"There is no service {', '.join(unknown)}; there are {', '.join(APPLICATIONS)}."
        return refuse(PAGE, "APPLICATION_UNKNOWN", text, offered=list(APPLICATIONS))
    return PageOutcome(PAGE, facts={"applications": list(chosen), "offered_applications": list(APPLICATIONS)})
