"""A sync server in a process of its own that kills itself without a word: run by test_killed_process.

Reads one JSON document: where the database and the systems are, and when to die ({hop: n} or {sent: n}).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.connectors.entra.tenant_client import TenantClient
from engine.network import ForestAddress, Network, TenantAddress
from engine.server import SyncServer


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after_sending(batches: int) -> None:
    """Between the tenant's answer and its storing, after so many batches."""
    provision, sent = TenantClient.provision, [0]

    def and_die(self: TenantClient, objects: Any) -> Any:
        answer = provision(self, objects)
        sent[0] += 1
        if sent[0] == batches:
            die()
        return answer

    TenantClient.provision = and_die  # type: ignore[method-assign]


def main() -> None:
    given = json.loads(sys.argv[1])
    hops = [0]

    def observe(kind: str, fields: dict[str, object]) -> None:
        hops[0] += 1
        if hops[0] == given["die"].get("hop"):
            die()

    if "sent" in given["die"]:
        die_after_sending(given["die"]["sent"])
    network = Network(
        {name: ForestAddress(**address) for name, address in given["forests"].items()},
        {name: TenantAddress(**address) for name, address in given["tenants"].items()},
        given["ca_bundle"],
    )
    clock = Clock(datetime.fromisoformat(given["now"]))
    server = SyncServer.open(
        Path(given["database"]), name="SYNC1", network=network, clock=clock, seed=given["seed"], observer=observe
    )
    server.start_sync_cycle(given["policy"])
    sys.stdout.write(str(hops[0]))


main()
