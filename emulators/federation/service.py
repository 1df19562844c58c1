"""FederationService: the federation servers of a world behind one HTTPS listener, told apart by their names.

Made, started, frozen and stopped by the stage; everything here runs in the reactor thread. It reaches domain
controllers over LDAPS and nothing else. Source: facts "install" 14.2, 14.3; facts "tenant" 10.
"""

from __future__ import annotations

import hmac
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twisted.protocols.tls import TLSMemoryBIOFactory

from emulators.clock import Clock
from emulators.federation.core.farms import Farm, Federation, Machine, Trust, from_plain, to_plain
from emulators.federation.core.management import ManagementRefused
from emulators.federation.front.directory import Directories, DomainPlace
from emulators.federation.front.http import FederationSite, Front
from emulators.federation.front.tls import ServerContext
from emulators.journal import Journal


@dataclass(frozen=True)
class TlsMaterial:
    """What the listener presents, and the authority under which it looks for domain controllers."""

    certificate_chain_pem: bytes
    private_key_pem: bytes = field(repr=False)
    ca_bundle: str


class FederationService:
    """local_password: machine to the password of its own administrator; machine_password: to that of its account in the
    directory.
    """

    def __init__(
        self,
        federation: Federation,
        *,
        clock: Clock,
        seed: int | str,
        journal: Journal,
        tls: TlsMaterial,
        places: Callable[[], Mapping[str, DomainPlace]],
        local_password: Callable[[str], str],
        machine_password: Callable[[str], str],
    ) -> None:
        self.federation = federation
        self.clock = clock
        self.journal = journal
        self.endpoints: dict[str, int] = {}
        self._tls = tls
        self._places = places
        self._local_password = local_password
        self._machine_password = machine_password
        self._draw = random.Random(f"{seed}/assertions")
        self._port: Any = None

    def start(self, reactor: Any, interface: str = "127.0.0.1", port: int = 0) -> None:
        """Bind the listener; port 0 takes a free one."""
        directories = Directories(reactor, self._places, self._tls.ca_bundle, self._machine_password)
        front = Front(
            lambda: self.federation,
            directories,
            clock=self.clock,
            draw=self._draw,
            journal=self.journal,
            local_administrator=self._is_local_administrator,
        )
        site: Any = FederationSite(front, reactor=reactor)  # type: ignore[no-untyped-call]
        context = ServerContext(self._tls.certificate_chain_pem, self._tls.private_key_pem)
        factory = TLSMemoryBIOFactory(context, False, site, reactor)  # type: ignore[arg-type]
        self._port = reactor.listenTCP(port, factory, interface=interface, backlog=200)
        self.endpoints = {"https": self._port.getHost().port}

    def stop(self) -> Any:
        """Close the listener; answers a Deferred, or None when it was not started."""
        port, self._port = self._port, None
        self.endpoints = {}
        return port.stopListening() if port is not None else None

    def _is_local_administrator(self, machine: str, name: str, password: str) -> bool:
        prefix, _, user = name.rpartition("\\")
        if user.lower() != "administrator" or prefix.lower() not in ("", ".", machine.lower()):
            return False
        return hmac.compare_digest(password.encode(), self._local_password(machine).encode())

    # ---- what the administrators of these servers do by hand -------------------------------------------------------
    def change_machine(self, name: str, changes: Mapping[str, Any]) -> None:
        """Change facts of a machine, such as whether its remote management is enabled."""
        machine = self.federation.machine(name)
        if machine is None:
            raise ManagementRefused("MachineUnknown", f"there is no machine {name}")
        for key, value in changes.items():
            setattr(machine, key, value)
        self.journal.record("federation.machine.changed", machine=machine.name, changed=sorted(changes))

    def set_trust(self, farm: str, trust: Trust | None) -> None:
        """Make, change or remove a farm's trust with Microsoft Entra ID at its own console."""
        self._farm(farm).trust = trust
        self.journal.record("federation.trust.changed", farm=farm, by="hand")

    def change_farm(self, farm: str, changes: Mapping[str, Any]) -> None:
        """Change facts of a farm: which key it signs with, where it finds users."""
        found = self._farm(farm)
        for key, value in changes.items():
            setattr(found, key, value)
        self.journal.record("federation.farm.changed", farm=farm, changed=sorted(changes))

    def _farm(self, name: str) -> Farm:
        found = self.federation.farm(name)
        if found is None:
            raise ManagementRefused("FarmUnknown", f"there is no farm {name}")
        return found

    # ---- snapshots -------------------------------------------------------------------------------------------------
    def snapshot(self) -> bytes:
        version, numbers, gauss = self._draw.getstate()
        state = {"federation": to_plain(self.federation), "draw": [version, list(numbers), gauss]}
        return json.dumps(state).encode()

    def restore(self, state: bytes) -> None:
        plain = json.loads(state)
        self.federation = from_plain(plain["federation"])
        version, numbers, gauss = plain["draw"]
        self._draw.setstate((version, tuple(numbers), gauss))


__all__ = [
    "DomainPlace",
    "Farm",
    "Federation",
    "FederationService",
    "Machine",
    "ManagementRefused",
    "TlsMaterial",
    "Trust",
]
