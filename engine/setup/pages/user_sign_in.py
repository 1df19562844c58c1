"""User sign-in: how users get in. Facts "install" section 6. What a method needs is asked for on pages of its own."""

from __future__ import annotations

from engine.setup.answers import SetupAnswers, SignIn
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "User sign-in"


def user_sign_in(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Pass-through authentication is refused later, where its own precondition has been looked at."""
    del state
    if answers.single_sign_on and answers.sign_in not in (SignIn.PASSWORD_HASH_SYNC, SignIn.PASS_THROUGH):
        text = "Single sign-on is offered only with password hash synchronization or pass-through authentication."
        return refuse(PAGE, "SINGLE_SIGN_ON_NOT_OFFERED", text)
    return PageOutcome(PAGE, facts={"sign_in": str(answers.sign_in)})
