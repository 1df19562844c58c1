"""Express settings: one forest, the machine's own domain routable. Source: facts "install" EXP-01, EXP-02, CUS-03."""

from __future__ import annotations

from engine.setup.answers import Feature, Mode, SetupAnswers
from engine.setup.page import PageOutcome, Warned, WizardState, refuse
from engine.setup.settings.fixed_directories import directories_given

PAGE = "Express settings"
NON_ROUTABLE_ENDINGS = ("local", "lan", "internal", "corp", "home", "localdomain", "test", "invalid")


def routable(domain: str) -> bool:
    """Whether a domain name can be verified in Microsoft Entra ID: not a single label, not a private ending."""
    labels = domain.lower().split(".")
    return len(labels) > 1 and labels[-1] not in NON_ROUTABLE_ENDINGS


def express_settings(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Take express, or go on to Customize."""
    switches = answers.switches
    if not answers.directories and not directories_given(answers):
        return refuse(PAGE, "NO_DIRECTORY", "At least one directory is needed.")
    if answers.mode is Mode.CUSTOM:
        return PageOutcome(PAGE, facts={"mode": "custom"})
    if switches.use_existing_database:
        return refuse(PAGE, "EXPRESS_NO_EXISTING_DATABASE", "/UseExistingDatabase needs custom settings.")
    if len(answers.directories) > 1:
        return refuse(PAGE, "EXPRESS_ONE_FOREST", "Express settings connect one forest; choose Customize for more.")
    if answers.features - {Feature.EXCHANGE_HYBRID, Feature.PASSWORD_HASH_SYNC}:
        return refuse(PAGE, "EXPRESS_NO_OPTIONAL_FEATURES", "Express settings offer no optional features.")
    warnings: tuple[Warned, ...] = ()
    domain = state.host.domain or answers.directories[0].forest
    if not routable(domain):
        text = (
            f"The domain {domain} is not routable and cannot be verified. Choose Customize instead of express settings."
        )
        warnings = (Warned("NON_ROUTABLE_DOMAIN", text),)
    return PageOutcome(PAGE, warnings=warnings, facts={"mode": "express"})
