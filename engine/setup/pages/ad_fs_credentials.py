"""Credentials: a local administrator of the AD FS server, for the proxies to connect to it. Seed001."""

from __future__ import annotations

from engine.errors import EngineError
from engine.setup.answers import SetupAnswers
from engine.setup.federation.servers import federation_answers, look_at, manager
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Credentials"


def ad_fs_credentials(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """The credential is tried where it will be used."""
    wanted = federation_answers(answers)
    credential = wanted.proxy_trust or manager(answers)
    try:
        look_at(state, wanted.servers[0], credential)
    except EngineError as refusal:
        if refusal.code != "REMOTE_ACCESS_DENIED":
            raise
        text = f"{credential.username} is no local administrator of {wanted.servers[0]}."
        return refuse(PAGE, "PROXY_TRUST_DENIED", text)
    return PageOutcome(PAGE, facts={"user": credential.username})
