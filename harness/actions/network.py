"""What stands between sync servers and domain controllers: ports, names. Source: facts "install" CYD-07."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ForestName
from harness.scenario.network_shape import DNS_ANSWERS, PORTS
from harness.scenario.shapes import Choice, ListOf

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action
Ports = Annotated[list[str], ListOf(Choice(PORTS)), "udp/389, tcp/53, tcp/88 or tcp/389"]


@action("network.close", "network.close: {domain: contoso.com, ports: [tcp/389]}")
def close(
    lab: Lab,
    domain: Annotated[ForestName, "whose domain controller"],
    ports: Ports,
) -> None:
    """Close ports of a domain controller to all sync servers; what they hold open is cut."""
    lab.network.close_ports(lab.forest(domain).name, ports)


@action("network.open", "network.open: contoso.com", shorthand="domain")
def open_(
    lab: Lab,
    domain: Annotated[ForestName, "whose domain controller"],
    ports: Annotated[list[str], ListOf(Choice(PORTS)), "which ports; all without it"] | None = None,
) -> None:
    """Open closed ports of a domain controller again."""
    lab.network.open_ports(lab.forest(domain).name, ports)


@action("network.dns", "network.dns: {name: contoso.com, answer: servfail}")
def dns(
    lab: Lab,
    name: Annotated[str, "name of a forest or a domain"],
    answer: Annotated[str, Choice(DNS_ANSWERS), "what the name service says from now on"],
) -> None:
    """Let the name service answer sync servers otherwise than the truth, or the truth again (ok)."""
    lab.network.set_answer(name, answer)
