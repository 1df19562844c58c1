"""Asking an agent about a password, and the list of agents in Graph.

Source: facts "tenant" 10; Graph ``onPremisesPublishingProfiles/authentication/agents`` (beta).
"""

from __future__ import annotations

from collections.abc import Callable

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, ok
from emulators.tenant.api.rendering import context
from emulators.tenant.core.identities import User
from emulators.tenant.core.signing_in import pass_through
from emulators.tenant.core.signing_in.relay import Errand
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.sealing import seal

READ = ("Directory.Read.All", "Directory.ReadWrite.All", "Organization.Read.All")
Settled = Callable[[tuple[int, str] | None], None]


def ask_agent(tenant: Tenant, user: User, password: str, settled: Settled) -> None:
    """Have the first agent that is active check a password; the next one is asked when its line breaks."""
    found = next(pass_through.active(tenant), None)
    if found is None:
        tenant.record("tenant.pass-through.validated", user=user.upn, code=pass_through.NO_AGENT[0])
        settled(pass_through.NO_AGENT)
        return
    _, agent, line = found

    def done(answer: object) -> None:
        if answer is None and next(pass_through.active(tenant), None) is not None:
            ask_agent(tenant, user, password, settled)
            return
        meant = pass_through.meaning(answer) if answer is not None else pass_through.NO_AGENT
        code = meant[0] if meant is not None else 0
        tenant.record("tenant.pass-through.validated", user=user.upn, agent=agent["machine"], code=code)
        settled(meant)

    request = {"UserName": pass_through.name_on_premises(user), "Password": seal(agent["key"], password)}
    line.ask(Errand(tenant.tracking_id(), request, done))


def list_agents(desk: Desk, call: Call) -> Answer:
    path = "onPremisesPublishingProfiles('authentication')/agents"
    return ok({"@odata.context": context(call, path), "value": pass_through.listed(desk.tenant)})


ROUTES: tuple[Route, ...] = (
    Route("GET", "/onPremisesPublishingProfiles/authentication/agents", list_agents, READ, ("beta",)),
)
