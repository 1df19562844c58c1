"""How users sign in, set up by the wizard; and what becomes of it when a server without a method takes over.

Source: facts "install" 6 (USI-01 to USI-06), 22 (XDB-05, XDB-08); pass-through quick start (an active agent is needed
before the feature can be enabled).
"""

from __future__ import annotations

import random
from dataclasses import replace

from engine.connectors.entra.sealed_password import PasswordKey
from engine.pass_through.agent import AgentIdentity, AuthenticationAgent
from engine.pass_through.sign_in_memory import SignInMemory
from engine.setup.answers import Credential, Feature, Mode, SetupAnswers, SignIn
from engine.setup.page import Warned, WizardState
from engine.setup.sign_in import single_sign_on
from engine.setup.surroundings import CompanyFacts, Surroundings, TenantSession
from engine.versions import at_least

#: Before this release pass-through authentication switched password hash synchronization on by itself (USI-06).
ON_ITS_OWN_SINCE = "1.1.557.0"


# ---- at installation -------------------------------------------------------------------------------------------------
def with_password_hash_sync(answers: SetupAnswers, version: str) -> SetupAnswers:
    """What an older release adds to the choice of pass-through authentication."""
    if answers.mode is not Mode.CUSTOM or answers.sign_in is not SignIn.PASS_THROUGH:
        return answers
    if at_least(version, ON_ITS_OWN_SINCE):
        return answers
    return replace(answers, features=answers.features | {Feature.PASSWORD_HASH_SYNC})


def configure_sign_in(answers: SetupAnswers, state: WizardState) -> SignInMemory:
    """Carry the choices of the pages out: an agent registered, the feature on, forests enabled. Raises EngineError."""
    session, company = state.signed_in()
    if answers.mode is Mode.EXPRESS:
        return SignInMemory(str(SignIn.PASSWORD_HASH_SYNC), set_up_here=True)
    agent, enabled = None, []
    if answers.sign_in is SignIn.PASS_THROUGH:
        forests = tuple(forest.session.facts.name for forest in state.forests)
        agent = new_agent(session, company, state.host.name, forests, state.random)
        enable_pass_through(session, agent, state.surroundings)
    if answers.single_sign_on:
        accounts = answers.single_sign_on_accounts
        enabled = single_sign_on.enable_forests(session, accounts, state.surroundings, state.random)
    return SignInMemory(str(answers.sign_in), bool(enabled), agent, set_up_here=True)


def new_agent(
    session: TenantSession, company: CompanyFacts, machine: str, forests: tuple[str, ...], source: random.Random
) -> AgentIdentity:
    """Install the agent's registration: a key pair of its own, known to the tenant under a new id."""
    key = PasswordKey(source.randbytes(32))
    answer = session.register("RegisterConnector", {"MachineName": machine, "PublicKey": key.public})
    return AgentIdentity(str(answer["AgentId"]), str(answer["Secret"]), key.stored, company.initial_domain, forests)


def enable_pass_through(session: TenantSession, identity: AgentIdentity, surroundings: Surroundings) -> None:
    """Start the agent and turn the feature on, which the tenant does only when an agent is active."""
    agent = surroundings.agent(identity)
    agent.start()
    try:
        session.register("EnablePassthroughAuthentication", {"Enable": True})
    finally:
        agent.stop()  # the server starts it as its service


def install_agent(
    surroundings: Surroundings,
    tenant: str,
    admin: Credential,
    machine: str,
    forests: tuple[str, ...],
    source: random.Random,
) -> AuthenticationAgent:
    """Install an agent on a machine of its own and start it; the feature is left as it is. Raises EngineError."""
    session = surroundings.sign_in(tenant, admin)
    try:
        agent = surroundings.agent(new_agent(session, session.company(), machine, forests, source))
    finally:
        session.close()
    agent.start()
    return agent


# ---- leaving staging mode --------------------------------------------------------------------------------------------
def withdraw_unconfigured(server: object, session: TenantSession) -> tuple[Warned, ...]:
    """A server whose sign-in nobody set up becomes the active one: pass-through and single sign-on go off (XDB-08).

    A database that was taken over brings neither; Change user sign-in has to be run before the server is promoted.
    """
    requests = getattr(server, "requests", None)
    if requests is None or requests.memory.set_up_here:
        return ()
    state = session.register("GetPassthroughAuthenticationStatus", {})
    sso = session.register("GetDesktopSsoStatus", {})
    off = []
    if state.get("Enable"):
        session.register("EnablePassthroughAuthentication", {"Enable": False})
        off.append("pass-through authentication")
    if sso.get("Enable"):
        single_sign_on.disable(session)
        off.append("single sign-on")
    if not off:
        return ()
    text = f"The sign-in method was not set up on this server: {' and '.join(off)} disabled in the tenant."
    return (Warned("SIGN_IN_DISABLED", text),)


__all__ = [
    "configure_sign_in",
    "enable_pass_through",
    "install_agent",
    "new_agent",
    "with_password_hash_sync",
    "withdraw_unconfigured",
]
