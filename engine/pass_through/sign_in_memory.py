"""What a machine keeps of how users sign in: the method, single sign-on, and its Authentication Agent's registration.

Source: facts "install" XDB-05: none of it is part of the sync database.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.pass_through.agent import AgentIdentity

DO_NOT_CONFIGURE = "do-not-configure"


@dataclass(frozen=True, slots=True)
class SignInMemory:
    """method: as the page "User sign-in" names it. set_up_here: by a wizard on this machine; otherwise it came with a
    database that was taken over, or is nothing. agent_stopped: an administrator stopped the agent's service.
    """

    method: str = DO_NOT_CONFIGURE
    single_sign_on: bool = False
    agent: AgentIdentity | None = None
    agent_stopped: bool = False
    set_up_here: bool = False
