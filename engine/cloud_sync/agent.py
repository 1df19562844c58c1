"""A provisioning agent as a service on its machine: a beat every two minutes, for the jobs it leads.

What it knows on disk is who it is; configuration and state of the jobs are the tenant's, so another agent can take
over. Source: facts "tenant" 13.1; cloud-sync how-to-prerequisites (high availability).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from engine.clock import Clock
from engine.cloud_sync.on_demand import provision_on_demand
from engine.cloud_sync.password_hashes import PasswordHashes
from engine.cloud_sync.provisioning_cycle import Outcome, ProvisioningCycle
from engine.cloud_sync.provisioning_service import ProvisioningService
from engine.cloud_sync.source_directory import SourceDirectory
from engine.connectors.active_directory.connector import DirectoryAccount
from engine.connectors.active_directory.password_reader import PasswordReader
from engine.connectors.entra.tenant_client import TenantAccount, TenantClient
from engine.errors import EngineError
from engine.network import Network
from engine.password_sync.hashing import seeded_salts

BEAT = timedelta(minutes=2)
Observer = Callable[[str, dict[str, object]], None]


@dataclass(frozen=True)
class Registered:
    """What the installation left on the machine: the agent's identity, its domain and its two accounts."""

    agent_id: str
    machine: str
    version: str
    tenant: str
    forest: str
    domain: str
    domain_dn: str
    netbios: str
    service_user: str
    service_password: str = field(repr=False)
    directory_user: str
    directory_password: str = field(repr=False)


class ProvisioningAgent:
    """The agent's service. stopped: it does nothing and the tenant does not hear of it."""

    def __init__(
        self,
        registered: Registered,
        path: Path,
        *,
        network: Network,
        clock: Clock,
        seed: str,
        observer: Observer | None = None,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        self.registered = registered
        self.path = path
        self.clock = clock
        self.stopped = False
        self._quiet = False
        self.trouble: str = ""  # code of what kept the last beat from the tenant
        self.last: dict[str, Outcome] = {}
        self._network = network
        self._seed = seed
        self._observer = observer
        self._wait = wait or (lambda seconds: None)
        self._last_beat: datetime | None = None
        self._parts: tuple[ProvisioningService, SourceDirectory, PasswordHashes, ProvisioningCycle] | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._dump())
        path.chmod(0o600)

    @property
    def name(self) -> str:
        return self.registered.machine

    @property
    def quiet(self) -> bool:
        """Whether a beat would find nothing as long as neither directory nor tenant changes."""
        return self.stopped or self._quiet

    # ---- time --------------------------------------------------------------------------------------------------------
    def next_due(self) -> datetime | None:
        if self.stopped:
            return None
        return self._last_beat + BEAT if self._last_beat is not None else self.clock.now()

    def tick(self, now: datetime) -> None:
        due = self.next_due()
        if due is not None and now >= due:
            self.beat()

    def passed_over(self, now: datetime) -> None:
        """A quiet stretch was skipped: the agent was there all the while."""
        if not self.stopped:
            self.beat()

    def beat(self) -> None:
        """Ask for work and do it; a tenant that cannot be reached is asked again with the next beat."""
        self._last_beat = self.clock.now()
        service, _, _, cycle = self._open()
        moved = False
        try:
            jobs, demands = service.work()
            self.trouble = ""
            for demand in demands:
                service.answer(demand, provision_on_demand(cycle, demand))
                moved = True
            for job in jobs:
                outcome = cycle.run(job)
                self.last[job.id] = outcome
                moved = moved or outcome.moved
                if outcome.moved and self._observer is not None:
                    said = {"job": job.id, "cycle": outcome.kind, "exported": outcome.exported, "error": outcome.error}
                    self._observer("engine.cloud-sync", said)
        except EngineError as error:
            self.trouble = error.code
            moved = True
        self._quiet = not moved

    # ---- parts -------------------------------------------------------------------------------------------------------
    def _open(self) -> tuple[ProvisioningService, SourceDirectory, PasswordHashes, ProvisioningCycle]:
        if self._parts is None:
            known = self.registered
            client = TenantClient(
                self._network.tenant(known.tenant),
                TenantAccount(known.service_user, known.service_password),
                clock=self.clock,
                ca_bundle=self._network.ca_bundle,
                server_name=known.machine,
                wait=self._wait,
                identifiers=Random(f"{self._seed}/requests"),
                product_version=known.version,
            )
            service = ProvisioningService(client, known.agent_id)
            address = self._network.forest(known.domain)
            account = DirectoryAccount(known.directory_user, known.directory_password)
            bundle = self._network.ca_bundle
            directory = SourceDirectory(address, known.domain_dn, known.domain, account, ca_bundle=bundle)
            passwords = PasswordHashes(
                PasswordReader(address, account, ca_bundle=bundle),
                known.domain_dn,
                seeded_salts(f"{self._seed}/{known.domain}"),
                self.clock,
            )
            domain = {"DomainFQDN": known.domain, "DomainNetBios": known.netbios}
            self._parts = service, directory, passwords, ProvisioningCycle(directory, service, passwords, domain)
        return self._parts

    def close(self) -> None:
        """Give up connections; idempotent."""
        if self._parts is not None:
            for part in self._parts[:3]:
                part.close()
            self._parts = None

    # ---- snapshots ---------------------------------------------------------------------------------------------------
    def _dump(self) -> bytes:
        return json.dumps(asdict(self.registered)).encode()

    def snapshot(self) -> dict[str, Any]:
        return {"stopped": self.stopped, "last_beat": self._last_beat, "last": dict(self.last)}

    def restore(self, state: dict[str, Any]) -> None:
        self.close()
        self.stopped, self._last_beat, self.last = state["stopped"], state["last_beat"], dict(state["last"])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(self._dump())
        self.path.chmod(0o600)
