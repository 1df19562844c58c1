"""A cut of one whole world: every part at one moment, and the way back to it.

The emulators are read and put back in one visit to the reactor thread each, so that nothing comes between two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from harness.lab.reactor import in_reactor
from harness.lab.sign_in_methods import restore_agents

if TYPE_CHECKING:
    from harness.lab.lab import Lab


def take_snapshot(lab: Lab) -> dict[str, Any]:
    """Return the state of all parts; windows of a wizard and open connections are no part of it."""
    emulators = in_reactor(
        lambda: {
            "forests": {name: forest.service.snapshot() for name, forest in lab.forests.items()},
            "tenants": {name: tenant.service.snapshot() for name, tenant in lab.tenants.items()},
        }
    )
    return {
        **emulators,
        "now": lab.clock.now(),
        "servers": {name: server.snapshot() for name, server in lab.servers.items()},
        "dirsync": {name: machine.snapshot() for name, machine in lab.dirsync.items()},
        "provisioning_agents": {name: machine.snapshot() for name, machine in lab.provisioning_agents.items()},
        "lost": list(lab.lost_servers),
        "faults": lab.faults.snapshot(),
        "seeds": lab.seeds.snapshot(),
        "agents": {name: agent.running for name, agent in lab.agents.items()},
        "network": lab.network.snapshot(),
        "sql": lab.sql.snapshot(),
        "federation": lab.federation.snapshot() if lab.federation is not None else None,
    }


def restore_snapshot(lab: Lab, state: dict[str, Any]) -> None:
    """Put every part back; what came into being since is gone."""
    while lab.wizards:
        lab.wizards.popitem()[1].close()
    lab.clock.set(state["now"])
    in_reactor(_restore_emulators, lab, state)
    for part in (*lab.forests.values(), *lab.domains.values(), *lab.tenants.values()):
        part.hang_up()
    _restore_machines(lab.servers, state["servers"], "server", lambda server: server.destroy())
    if lab.federation is not None:
        lab.federation.restore(state["federation"])
    _restore_machines(lab.dirsync, state["dirsync"], "machine", lambda machine: machine.uninstall())
    agents = state["provisioning_agents"]
    _restore_machines(lab.provisioning_agents, agents, "machine", lambda machine: machine.uninstall())
    lab.lost_servers = list(state["lost"])
    lab.faults.restore(state["faults"])
    lab.seeds.restore(state["seeds"])
    restore_agents(lab, state["agents"])
    lab.network.restore(state["network"])
    lab.sql.restore(state["sql"])


def _restore_emulators(lab: Lab, state: Mapping[str, Any]) -> None:
    for name, octets in state["forests"].items():
        lab.forests[name].service.restore(octets)
    for name, octets in state["tenants"].items():
        lab.tenants[name].service.restore(octets)


def _restore_machines(
    machines: dict[str, Any], kept: Mapping[str, Any], key: str, give_up: Callable[[Any], None]
) -> None:
    """Give up the machines that were built since, also those of a kept one's name; put the kept ones back."""
    for name in [name for name in machines if name not in kept]:
        give_up(machines.pop(name))
    for name, state in kept.items():
        if name in machines and machines[name] is not state[key]:
            give_up(machines[name])
        machines[name] = state[key]
        machines[name].restore(state)
