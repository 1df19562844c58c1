"""Enable single sign-on: a domain administrator for each forest, who may be left out. Facts "install" 14.1.

The page tries each account; the computer accounts are made by Configure. The product's texts are pictures: ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.errors import EngineError
from engine.setup.answers import Credential, SetupAnswers
from engine.setup.page import PageOutcome, Warned, WizardState, refuse
from engine.setup.surroundings import Surroundings

PAGE = "Enable single sign-on"


def single_sign_on(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Take the credentials of the forests that shall be enabled."""
    forests = [forest.session.facts.name for forest in state.forests]
    return ask_for_administrators(forests, answers.single_sign_on_accounts, state.surroundings)


def ask_for_administrators(
    forests: Iterable[str], accounts: Mapping[str, Credential], surroundings: Surroundings
) -> PageOutcome:
    """Try every account; one that is no domain administrator keeps the page."""
    shown: dict[str, str] = {}
    given = {name.lower(): credential for name, credential in accounts.items()}
    for forest in forests:
        credential = given.get(forest.lower())
        if credential is None:
            shown[forest] = "skipped"
            continue
        try:
            administers = _administers(forest, credential, surroundings)
        except EngineError as refusal:
            return refuse(PAGE, refusal.code, refusal.message, forests=shown)
        if not administers:
            text = f"{credential.username} is not a domain administrator of {forest}."
            return refuse(PAGE, "SSO_NOT_DOMAIN_ADMIN", text, forests=shown)
        shown[forest] = "enabled"
    if "enabled" not in shown.values():
        warned = Warned("SSO_NO_FOREST", "Single sign-on is enabled for no forest: every forest was skipped.")
        return PageOutcome(PAGE, warnings=(warned,), facts={"forests": shown})
    return PageOutcome(PAGE, facts={"forests": shown})


def _administers(forest: str, credential: Credential, surroundings: Surroundings) -> bool:
    session = surroundings.connect_forest(forest, credential)
    try:
        account = session.account(credential.username)
        return account is not None and (account.domain_admin or account.enterprise_admin)
    finally:
        session.close()


__all__ = ["PAGE", "ask_for_administrators", "single_sign_on"]
