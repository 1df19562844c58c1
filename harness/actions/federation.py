"""Federation servers as their administrators keep them, and the wizard's tasks around them.

Source: facts "install" 14.2, 14.3, 14.5, 15.5; claims by hand: seed002.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from harness.actions.registry import Actions, ServerName
from harness.lab.federation_answers import place
from harness.lab.reactor import in_reactor
from harness.refusal import demand_completed
from harness.scenario.federation_shape import FEDERATION_ANSWERS, HOST_NAME, MACHINE, RECORD

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server

ACTIONS = Actions()
action = ACTIONS.action

Farm = Annotated[str, HOST_NAME, "federation service, such as sts.contoso.com"]
_WORDS = {"os": "operating_system"}


@action("federation.machine", "federation.machine: {machine: ADFS1, set: {remote_management: true}}")
def machine(
    lab: Lab,
    machine: Annotated[str, HOST_NAME, "a machine of the world"],
    set_: Annotated[dict[str, Any], MACHINE, "what is changed"],
) -> None:
    """Change a Windows server: enable remote management, install an update, join it to a domain."""
    changes = {_WORDS.get(name, name): value for name, value in set_.items()}
    in_reactor(place(lab).service.change_machine, machine, changes)


@action("federation.trust", "federation.trust: {farm: sts.contoso.com, anchor: mS-DS-ConsistencyGuid}")
def trust(
    lab: Lab,
    farm: Farm,
    anchor: Annotated[str, "attribute of the ImmutableID claim"] = "objectGUID",
    upn: Annotated[str, "attribute of the UPN claim"] = "userPrincipalName",
    rules: Annotated[str, "issuance transform rules in AD FS's language, instead"] | None = None,
    enabled: Annotated[bool, "whether the trust is enabled"] = True,
) -> None:
    """Set the trust with Microsoft Entra ID by hand, at the federation server's own console."""
    place(lab).set_trust(farm, {"anchor": anchor, "upn": upn, "rules": rules, "enabled": enabled})


@action("federation.roll_over", "federation.roll_over: {farm: sts.contoso.com}")
def roll_over(lab: Lab, farm: Farm) -> None:
    """Roll the token-signing certificate over at the farm; the tenant is not told."""
    held = place(lab).farm(farm)
    in_reactor(place(lab).service.change_farm, farm, {"key_number": held.key_number + 1})


@action("federation.federate", "federation.federate: {farm: sts.contoso.com, domain: contoso.com}")
def federate(lab: Lab, farm: Farm, domain: Annotated[str, HOST_NAME, "verified domain of a tenant"]) -> None:
    """Make a domain of the tenant trust a farm by hand, outside the wizard."""
    place(lab).federate(farm, domain)


@action("federation.dns", "federation.dns: {name: sts.contoso.com, record: {a: 10.0.0.10}}")
def dns(
    lab: Lab,
    name: Annotated[str, HOST_NAME, "host name"],
    record: Annotated[Any, RECORD, "its records from now on; without it they are removed"] | None = None,
    view: Annotated[Literal["internal", "external", "both"], "where"] = "both",
) -> None:
    """Write a name's DNS records inside, outside, or in both places."""
    for one in ("internal", "external") if view == "both" else (view,):
        place(lab).set_record(name, one, record)


@action("wizard.federation", "wizard.federation: {server: SYNC1, task: add_domain, federation: {domain: fabrikam.com}}")
def federation(
    lab: Lab,
    server: ServerName,
    task: Annotated[
        Literal["repair", "add_domain", "add_server", "add_proxy", "update_certificate", "verify"], "additional task"
    ],
    federation: Annotated[dict[str, Any], FEDERATION_ANSWERS, "what is typed in"] | None = None,
    reset: Annotated[bool, "repair: reset the trust, with a new token-signing certificate"] = False,
) -> None:
    """Run a task of the wizard around the AD FS farm a server manages. verify presses the button Verify of the last
    page: does the name of the federation service resolve inside, by an A record, and outside.
    """
    from harness.lab.federation_tasks import run

    held = lab.server(server)
    _shown(held, run(lab, held, task, federation or {}, reset=reset))


@action(
    "wizard.verify_federated_login",
    "wizard.verify_federated_login: {server: SYNC1, user: ana.lopez@contoso.com, password: Aa1-harbour-2026}",
)
def verify_federated_login(
    lab: Lab,
    server: ServerName,
    user: Annotated[str, "user principal name"],
    password: Annotated[str, "password"],
) -> None:
    """Run Verify federated login: sign a synchronized person in through the federation server."""
    from harness.lab.federation_tasks import verify_sign_in

    held = lab.server(server)
    _shown(held, verify_sign_in(lab, held, user, password))


def _shown(server: Server, outcome: Any) -> None:
    """Keep what the task showed for SERVER.last_task; raises StepRefusedError where it was refused."""
    server.last_task = outcome
    demand_completed(outcome)
