"""How users sign in: the wizard's task that changes it, Authentication Agents, and single sign-on at installation.

Source: facts "install" 6, 14.1, 15.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.registry import Actions, ServerName, TenantName
from harness.refusal import demand_completed
from harness.scenario.federation_shape import FEDERATION_ANSWERS
from harness.scenario.shapes import Boolean, Choice, Key, ListOf, Name, Record, Text

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

SIGN_IN = ("password-hash-sync", "pass-through", "ad-fs", "ping-federate", "do-not-configure")
SINGLE_SIGN_ON = Record(
    (
        Key("forests", ListOf(Name("forest")), doc="the forests to enable; all without it, the others are skipped"),
        Key("account", Text("object name"), doc="who signs in to them; each forest's administrator without it"),
        Key("enabled", Boolean(), doc="false turns it off (task Change user sign-in)"),
    ),
    what="single sign-on",
)


@action("wizard.change_sign_in", "wizard.change_sign_in: {server: SYNC1, method: pass-through}")
def change_sign_in(
    lab: Lab,
    server: ServerName,
    method: Annotated[str, Choice(SIGN_IN), "the sign-in method from now on"],
    single_sign_on: Annotated[dict[str, Any], SINGLE_SIGN_ON, "left as it is without it"] | None = None,
    keep_users: Annotated[bool, 'the box "Do not convert user accounts"'] = False,
    federation: Annotated[dict[str, Any], FEDERATION_ANSWERS, "ad-fs, ping-federate: their pages"] | None = None,
) -> None:
    """Run Change user sign-in on a configured server. A federated domain becomes a managed one unless keep_users; a
    change to pass-through authentication installs the agent of the server if it has none.
    """
    from harness.lab.sign_in_methods import change_sign_in as run

    outcome = run(lab, lab.server(server), method, single_sign_on, keep_users=keep_users, federation=federation)
    demand_completed(outcome)


@action("agent.install", "agent.install: {machine: PTA2}")
def install_agent(
    lab: Lab,
    machine: Annotated[str, Text("name of a machine")],
    forests: Annotated[list[str], ListOf(Name("forest")), "forests it may ask; all without it"] | None = None,
    tenant: TenantName | None = None,
) -> None:
    """Install an Authentication Agent on a machine of its own, for high availability."""
    from harness.lab.sign_in_methods import install_agent as install

    install(lab, machine, forests or (), tenant)


@action("agent.stop", "agent.stop: SYNC1", shorthand="machine")
def stop_agent(lab: Lab, machine: Annotated[str, Text("sync server, or machine of agent.install")]) -> None:
    """Stop the service of an Authentication Agent: the tenant shows it as inactive."""
    from harness.lab.sign_in_methods import set_agent

    set_agent(lab, machine, running=False)


@action("agent.start", "agent.start: SYNC1", shorthand="machine")
def start_agent(lab: Lab, machine: Annotated[str, Text("sync server, or machine of agent.install")]) -> None:
    """Start the service of an Authentication Agent again."""
    from harness.lab.sign_in_methods import set_agent

    set_agent(lab, machine, running=True)
