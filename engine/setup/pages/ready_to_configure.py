"""Ready to configure: start synchronization or not, staging mode or not. Facts "install" 14.4."""

from __future__ import annotations

from engine.setup.answers import Mode, SetupAnswers
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Ready to configure"


def ready_to_configure(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Show what will be done; express settings offer no staging mode."""
    if answers.staging and answers.mode is Mode.EXPRESS:
        return refuse(PAGE, "EXPRESS_NO_STAGING", "Staging mode is offered by custom settings only.")
    anchor = state.anchor.attribute if state.anchor is not None else None
    return PageOutcome(
        PAGE, facts={"start_sync": answers.start_sync, "staging": answers.staging, "source_anchor": anchor}
    )
