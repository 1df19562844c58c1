"""Name service and firewalls of a world, between its sync servers and the domain controllers.

A closed port is a real one at which nobody listens, so that who dials it is refused by the operating system. The
harness itself goes round the firewall. Servers look names up as they stand at that moment.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from harness.lab.reactor import in_reactor, the_reactor

if TYPE_CHECKING:
    from harness.lab.lab import Lab

HOST = "127.0.0.1"
LDAP = "tcp/389"
LOCATOR = "udp/389"


class NetworkFacts:
    """What stands between servers and controllers. Nothing is opened before something is closed or renamed."""

    def __init__(self, lab: Lab, dns: Mapping[str, str], firewall: Mapping[str, Iterable[str]]) -> None:
        self._lab = lab
        self.dns = {name.lower(): answer for name, answer in dns.items()}
        self.closed = {name.lower(): set(ports) for name, ports in firewall.items()}
        self._sockets: list[socket.socket] = []
        self._dead: dict[str, int] = {}  # by protocol: a port that refuses
        self._alive: dict[tuple[str, str], int] = {}  # by domain and service

    # ---- changes -----------------------------------------------------------------------------------------------------
    def close_ports(self, domain: str, ports: Iterable[str]) -> None:
        self.closed.setdefault(domain.lower(), set()).update(ports)
        self._cut()

    def open_ports(self, domain: str, ports: Iterable[str] | None) -> None:
        """Open these ports again, or all of them."""
        held = self.closed.get(domain.lower(), set())
        held.difference_update(set(held) if ports is None else ports)
        self._cut()

    def set_answer(self, name: str, answer: str) -> None:
        self.dns[name.lower()] = answer
        self._cut()

    def _cut(self) -> None:
        """What servers hold open goes with the change; the next use dials anew."""
        for server in self._lab.servers.values():
            server.engine.systems.close()

    # ---- what a server finds -----------------------------------------------------------------------------------------
    def answer(self, name: str) -> str:
        return self.dns.get(name.lower(), "ok")

    def services(self, domain: str) -> dict[str, int]:
        """The ports a controller is asked for besides LDAP; none while this world says nothing of its firewalls."""
        if not self.closed:
            return {}
        return {name: self._port(domain, name) for name in (LOCATOR, "tcp/53", "tcp/88")}

    def ldap_port(self, domain: str, port: int) -> int:
        """The port at which a server finds the directory: the controller's own, or one that refuses."""
        return self._refusing("tcp") if LDAP in self.closed.get(domain.lower(), ()) else port

    def _port(self, domain: str, service: str) -> int:
        if service in self.closed.get(domain.lower(), ()):
            return self._refusing(service.partition("/")[0])
        key = (domain.lower(), service)
        if key not in self._alive:
            place = self._lab.forest(domain).service
            self._alive[key] = (
                in_reactor(place.open_locator, domain, the_reactor(), HOST) if service == LOCATOR else self._listening()
            )
        return self._alive[key]

    def _listening(self) -> int:
        one = self._bound(socket.SOCK_STREAM)
        one.listen()
        return int(one.getsockname()[1])

    def _refusing(self, protocol: str) -> int:
        """A port that is taken and answers nobody: bound but not listening, or kept for a peer that never sends."""
        if protocol not in self._dead:
            one = self._bound(socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
            if protocol == "udp":
                one.connect(one.getsockname())
            self._dead[protocol] = int(one.getsockname()[1])
        return self._dead[protocol]

    def _bound(self, kind: socket.SocketKind) -> socket.socket:
        one = socket.socket(socket.AF_INET, kind)
        one.bind((HOST, 0))
        self._sockets.append(one)
        return one

    def hang_up(self) -> None:
        """Give the ports up."""
        for one in self._sockets:
            one.close()
        self._sockets.clear()
        self._dead.clear()
        self._alive.clear()

    # ---- snapshots ---------------------------------------------------------------------------------------------------
    def snapshot(self) -> dict[str, Any]:
        return {"dns": dict(self.dns), "closed": {name: set(ports) for name, ports in self.closed.items()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.dns = dict(state["dns"])
        self.closed = {name: set(ports) for name, ports in state["closed"].items()}


class NamesOfForests(Mapping[str, Any]):
    """What the name service answers to a server: the address of the controller of a forest or a domain."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def __getitem__(self, name: str) -> Any:
        from engine.network import ForestAddress, NameServiceError

        facts = self._lab.network
        answer = facts.answer(name)
        if answer == "missing":
            raise KeyError(name)
        if answer != "ok":
            raise NameServiceError(name, answer.upper())
        lab = self._lab
        place = {one.lower(): at for one, at in (lab.forests | lab.domains).items()}[name.lower()]
        further = {} if place.name in lab.domains else {one.name.lower(): one for one in place.document.domains}
        ports = place.endpoints
        return ForestAddress(
            HOST,
            facts.ldap_port(name, ports["ldap"]),
            facts.ldap_port(name, ports["ldaps"]),
            facts.ldap_port(name, ports["gc"]),
            place.base_dn,
            {one: self[one] for one in further if facts.answer(one) == "ok"},
            facts.services(name),
        )

    def __iter__(self) -> Iterator[str]:
        return iter((*self._lab.forests, *(name.lower() for name in self._lab.domains)))

    def __len__(self) -> int:
        return len(self._lab.forests) + len(self._lab.domains)
