"""Optional features: the boxes that are emulated, and a refusal for the others. Facts "install" 13.2."""

from __future__ import annotations

from engine.setup.answers import Feature, SetupAnswers
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Optional features"
EMULATED = frozenset({Feature.EXCHANGE_HYBRID, Feature.PASSWORD_HASH_SYNC})


def optional_features(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """A box that is not emulated stops the page; Exchange hybrid needs the Exchange schema."""
    missing = sorted(answers.features - EMULATED)
    if missing:
        return refuse(PAGE, "FEATURE_NOT_EMULATED", f"Not emulated: {', '.join(missing)}.")
    if Feature.EXCHANGE_HYBRID in answers.features:
        without = [f.session.facts.name for f in state.forests if not f.session.facts.exchange_schema]
        if len(without) == len(state.forests):
            text = f"Exchange hybrid deployment is not offered: {', '.join(without)} has no Exchange schema."
            return refuse(PAGE, "FEATURE_NOT_OFFERED", text)
    return PageOutcome(PAGE, facts={"features": sorted(answers.features)})
