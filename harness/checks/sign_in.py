"""What an expectation can look at of the sign-in services of a sync server's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.server import Server
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("server")
check = CHECKS.check


@check("sign_in", "SYNC1.sign_in: {method: pass-through, single_sign_on: true}")
def server_sign_in(lab: Lab, place: Server, query: Query) -> Any:
    """What the machine keeps of the sign-in method, whether its agent and its write-back service run, and the agent's
    trace log.
    """
    from harness.lab.sign_in_methods import agent_log

    requests = place.engine.requests
    return {
        "method": requests.memory.method,
        "single_sign_on": requests.memory.single_sign_on,
        "agent_running": requests.agent is not None and requests.agent.running,
        "agent_log": agent_log(lab, place),
        "password_writeback": requests.writeback.state.value,
    }
