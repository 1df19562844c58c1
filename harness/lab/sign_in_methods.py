"""How users of this world sign in: who enables single sign-on, agents on machines of their own, the sign-in task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from harness.lab.server import Server
from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab


def administrators(lab: Lab, forests: Sequence[str], account: str | None) -> dict[str, Any]:
    """Return the account that each of these forests is enabled with: its administrator, or somebody named."""
    from engine.setup.answers import Credential

    found = {}
    for name in forests:
        forest = lab.forest(name)
        netbios = forest.document.netbios
        found[forest.name] = Credential(f"{netbios}\\Administrator", forest.admin_password)
        if account is not None:
            login = (forest.find(account, ["sAMAccountName"]).first("sAMAccountName") or b"").decode()
            found[forest.name] = Credential(f"{netbios}\\{login}", lab.seeds.password(f"{forest.name}/{login}"))
    return found


def with_single_sign_on(lab: Lab, answers: Any, given: Mapping[str, Any] | None) -> Any:
    """Return the wizard's answers with what the step says about single sign-on; every forest unless some are named."""
    from dataclasses import replace

    if given is None:
        return answers
    forests = given.get("forests")
    chosen = [one.forest for one in answers.directories] if forests is None else list(forests)
    accounts = administrators(lab, chosen, given.get("account"))
    return replace(answers, single_sign_on=True, single_sign_on_accounts=accounts)


def change_sign_in(
    lab: Lab,
    server: Server,
    method: str,
    single_sign_on: Any,
    *,
    keep_users: bool,
    federation: Mapping[str, Any] | None = None,
) -> Any:
    """Run the task Change user sign-in and return its outcome."""
    from engine.setup.answers import SignIn
    from engine.setup.sign_in.changing import SignInChange, change_user_sign_in
    from harness.lab.federation_answers import federation_answers
    from harness.lab.wizard_tasks import administrator

    wanted, accounts = None, {}
    if isinstance(single_sign_on, Mapping):
        wanted = bool(single_sign_on.get("enabled", True))
        forests = single_sign_on.get("forests")
        if wanted:
            accounts = administrators(
                lab, list(lab.forests) if forests is None else forests, single_sign_on.get("account")
            )
    farm = federation_answers(lab, federation or {})
    change = SignInChange(SignIn(method), wanted, accounts, keep_users, farm)
    admin, surroundings = administrator(lab, server)
    source = Random(f"{lab.seed}/{server.name}/sign-in/{lab.timeline.mark()}")
    return change_user_sign_in(server.engine, admin, change, surroundings, source)


# ---- agents on machines of their own ---------------------------------------------------------------------------------
def install_agent(lab: Lab, machine: str, forests: Sequence[str], tenant: str | None) -> None:
    """Install an Authentication Agent without a sync server."""
    from engine.setup.answers import Credential
    from engine.setup.reached_systems import ReachedSystems
    from engine.setup.sign_in.method import install_agent as install
    from harness.lab.addresses import network

    if machine in lab.agents or machine in lab.servers:
        raise ScenarioError(f"there is a machine {machine} already")
    place = lab.tenant(tenant)
    surroundings = ReachedSystems(
        network(lab),
        lab.clock,
        server_name=machine,
        product_version="2.5.79.0",
        wait=lambda seconds: None,
        identifiers=Random(f"{lab.seed}/{machine}/agent-requests"),
    )
    admin = Credential(place.service.admin_upn, place.admin_password)
    source = Random(f"{lab.seed}/{machine}/agent")
    names = tuple(forests) or tuple(lab.forests)
    lab.agents[machine] = install(surroundings, place.name, admin, machine, names, source)


def set_agent(lab: Lab, machine: str, *, running: bool) -> None:
    """Start or stop the agent's service on a machine."""
    agent = lab.agents.get(machine)
    if agent is not None:
        agent.start() if running else agent.stop()
        return
    server = lab.server(machine)
    if server.engine.requests.memory.agent is None:
        raise ScenarioError(f"{machine} has no Authentication Agent")
    server.engine.requests.set_agent(running=running)


def agent_log(lab: Lab, server: Server) -> list[str]:
    agent = server.engine.requests.agent
    return list(agent.log) if agent is not None else []


def restore_agents(lab: Lab, running: Mapping[str, bool]) -> None:
    """Put the agents back to a cut: those that came since are gone, the others run or not as they did."""
    for name in [name for name in lab.agents if name not in running]:
        lab.agents.pop(name).stop()
    for name, wanted in running.items():
        if name in lab.agents and lab.agents[name].running is not wanted:
            lab.agents[name].start() if wanted else lab.agents[name].stop()
