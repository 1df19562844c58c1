"""What the tenant asks of a machine: sign-ins for its Authentication Agent, passwords for its write-back service.

Neither is part of the sync database: a server that takes an existing one over starts without a sign-in method and
without an agent (facts "install" XDB-05). The agent is a service of its own; write-back belongs to ADSync.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.pass_through.agent import AuthenticationAgent
from engine.pass_through.sign_in_memory import SignInMemory
from engine.password_writeback.service import SETTING, PasswordWriteback
from engine.sync_cycle import STAGING

if TYPE_CHECKING:
    from engine.server import SyncServer

#: a change of one of these settings counts at once
FOLLOWED = frozenset({SETTING, STAGING})


class TenantRequests:
    """Owns the agent and the write-back service of one server."""

    def __init__(self, server: SyncServer) -> None:
        self.server = server
        self.memory = SignInMemory()
        self.agent: AuthenticationAgent | None = None
        self.writeback = PasswordWriteback(server)

    def remember(self, memory: SignInMemory) -> None:
        """The wizard has configured how users sign in."""
        self.memory = memory
        self.follow()

    def set_agent(self, *, running: bool) -> None:
        """An administrator stops the agent's service, or starts it."""
        self.remember(replace(self.memory, agent_stopped=not running))

    def follow(self) -> None:
        """Start and stop what the settings ask for; what cannot be reached now is tried again later."""
        self._follow_agent()
        self.writeback.follow(running=self.server.service.running)

    def _follow_agent(self) -> None:
        wanted = None if self.memory.agent_stopped else self.memory.agent
        if self.agent is not None and self.agent.identity != wanted:
            self.agent.stop()
            self.agent = None
        if wanted is None:
            return
        try:
            if self.agent is None:
                self.agent = AuthenticationAgent(wanted, self.server.network)
            if not self.agent.running:
                self.agent.start()
        except EngineError:
            return  # inactive until the tenant is there again

    def next_due(self) -> datetime | None:
        return self.writeback.next_due()

    def tick(self, now: datetime) -> None:
        self.follow()
        self.writeback.tick(now)

    def close(self) -> None:
        """Hang up without a word; the tenant sees the connections go."""
        if self.agent is not None:
            self.agent.stop()
            self.agent = None
        self.writeback.hang_up()
