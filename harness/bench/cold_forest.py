"""A process that starts one forest, says on which port it answers, and ends when its input does.

Run by row 4 as ``python -m harness.bench.cold_forest``; imports nothing but what a forest needs.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulators.directory.service import DirectoryService, DomainDescription, ForestDescription
from emulators.faults import FaultPlan
from emulators.journal import Journal
from harness.lab.clock import VirtualClock

if TYPE_CHECKING:
    from emulators.directory.service import TlsMaterial

PASSWORD = "Measured-1n-Passing"  # noqa: S105 - of a forest that lives for milliseconds
_BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)


def start_forest(reactor: Any, tls: TlsMaterial | None = None) -> DirectoryService:
    """Return a new forest that listens; runs in the reactor thread."""
    clock = VirtualClock(_BEGAN)
    service = DirectoryService(
        ForestDescription("contoso.com", (DomainDescription("contoso.com", "CONTOSO"),)),
        clock=clock,
        seed="bench",
        journal=Journal("contoso.com", clock, _forget),
        faults=FaultPlan(),
        tls=tls,
        admin_password=PASSWORD,
    )
    service.start(reactor)
    return service


def _forget(record: object) -> None:
    """Nobody reads the journal of a measurement."""


def main() -> None:
    from harness.lab.reactor import in_reactor, stop_reactor, the_reactor

    service = in_reactor(start_forest, the_reactor())
    sys.stdout.write(f"{service.endpoints['ldap']} {service.admin_dn}\n")
    sys.stdout.flush()
    sys.stdin.read()
    in_reactor(service.stop)
    stop_reactor()


if __name__ == "__main__":
    main()
