"""TenantService: one Entra ID tenant as a running service. Made, started, ticked, frozen and stopped by the harness.

Everything here runs in the reactor thread. Source: design sections 1, 2; contract of the emulator services.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from twisted.protocols.tls import TLSMemoryBIOFactory

from emulators.clock import Clock
from emulators.faults import FaultPlan
from emulators.journal import Journal
from emulators.tenant.app import create_app, make_desk
from emulators.tenant.core import background
from emulators.tenant.core.cloud_sync import on_demand as cloud_sync_on_demand
from emulators.tenant.core.cloud_sync import state as cloud_sync
from emulators.tenant.core.founding import found
from emulators.tenant.core.licences import orphans
from emulators.tenant.front.http import Channel, Front, TenantSite
from emulators.tenant.front.tls import ServerContext
from emulators.tenant.store.snapshot import freeze, thaw


@dataclass(frozen=True)
class TenantDescription:
    """What a world file says about a tenant. ``settings`` are those of ``core.settings.TenantSettings``."""

    initial_domain: str
    verified_domains: tuple[str, ...] = ()
    display_name: str = ""
    settings: dict[str, object] = field(default_factory=dict)


class Certificates(Protocol):
    """The certificate chain, leaf first, and its key."""

    @property
    def certificate_chain_pem(self) -> bytes: ...

    @property
    def private_key_pem(self) -> bytes: ...


@dataclass(frozen=True)
class TlsMaterial:
    """The same as a record of its own."""

    certificate_chain_pem: bytes
    private_key_pem: bytes


class TenantService:
    """One tenant behind one HTTPS listener: sign-in, Graph and the sync service."""

    def __init__(
        self,
        description: TenantDescription,
        *,
        clock: Clock,
        seed: int | str,
        journal: Journal,
        faults: FaultPlan,
        tls: Certificates,
        admin_password: str,
    ) -> None:
        self.description = description
        self.clock = clock
        self.journal = journal
        self.faults = faults
        self._tls = tls
        self.endpoints: dict[str, int] = {}
        self._port: Any = None
        self.tenant, keys = found(
            initial_domain=description.initial_domain,
            verified_domains=tuple(description.verified_domains),
            display_name=description.display_name,
            settings=description.settings,
            seed=seed,
            admin_password=admin_password,
            now=clock.now,
            recorder=journal,
        )
        self.client_id = keys.client_id
        self.client_secret = keys.client_secret
        self.admin_upn = keys.admin_upn
        self.desk = make_desk(self.tenant)
        self.app = create_app(self.desk)
        self.front = Front(self.desk, self.app, faults)

    @property
    def tenant_id(self) -> str:
        return self.tenant.tenant_id

    def start(self, reactor: Any, interface: str = "127.0.0.1", port: int = 0) -> None:
        """Bind the listener; port 0 takes a free one."""
        site: Any = TenantSite(self.front, reactor)
        site.protocol = Channel
        minimum = self.tenant.settings.minimum_tls
        context = ServerContext(self._tls.certificate_chain_pem, self._tls.private_key_pem, minimum)
        factory = TLSMemoryBIOFactory(context, False, site, reactor)  # type: ignore[arg-type]
        self._port = reactor.listenTCP(port, factory, interface=interface, backlog=200)
        number = self._port.getHost().port
        self.endpoints = {"https": number}
        self.front.own_host = f"{interface}:{number}"

    def stop(self) -> Any:
        """Close the listener; answers a Deferred, or None when it was not started."""
        port, self._port = self._port, None
        self.endpoints = {}
        return port.stopListening() if port is not None else None

    @property
    def change_number(self) -> int:
        """Rises with every change of an object."""
        return self.tenant.changes.sequence

    def tick(self, now: datetime) -> None:
        """Do what the service does by itself up to now."""
        background.run(self.tenant)
        cloud_sync_on_demand.expire(self.tenant)

    def next_due(self) -> datetime | None:
        expiry = cloud_sync_on_demand.next_expiry(self.tenant)
        due = [one for one in (background.next_due(self.tenant), expiry) if one is not None]
        return min(due, default=None)

    def snapshot(self) -> bytes:
        return freeze(self.tenant)

    def restore(self, state: bytes) -> None:
        """Set the tenant back; tokens handed out before stay good as long as they name it and have not expired."""
        cloud_sync_on_demand.abandon(self.tenant)
        thaw(self.tenant, state)
        self.desk.tokens.forget()

    def texts(self) -> dict[str, str]:
        """The last text each phone got, by number; for whoever holds the phone."""
        return dict(self.tenant.access.texts)

    def licence_orphans(self) -> list[str]:
        """Ids of users that keep a licence although nothing synchronises them any more, for invariants."""
        return orphans(self.tenant)

    def promise_id(self, object_id: str) -> None:
        """The next object that is made gets this id, for stories that name one."""
        if object_id in self.tenant.objects or object_id in self.tenant.recycled:
            raise ValueError(f"the tenant has an object {object_id} already")
        self.tenant.promised_ids.append(object_id)

    def cloud_sync_claims(self) -> list[dict[str, str]]:
        """Objects that jobs of Cloud Sync hold as their own, for a linter of topologies."""
        return cloud_sync.claims(self.tenant)

    def stored_password(self, upn: str) -> tuple[bytes, int, bytes] | None:
        """Salt, rounds and hash that are kept of a user's password; None when there is no user or no password."""
        user = self.tenant.by_upn.get(upn.lower())
        kept = user.credential if user is not None else None
        return (kept.salt, kept.iterations, kept.digest) if kept is not None else None

    def complete_registration(self, object_id: str, proof: dict[str, Any]) -> None:
        """Do what the device registration service does when a computer registers: it has a key from now on."""
        obj = self.tenant.objects[object_id]
        self.tenant.commit(obj, {"own": {**obj.own, "alternativeSecurityIds": [proof]}})

    def use_name_service(self, lookup_txt: Callable[[str], Sequence[str]]) -> None:
        """Verify domains by their TXT records from now on, instead of believing whoever asks."""
        self.tenant.lookup_txt = lookup_txt

    def cloud_sync_demands(self) -> int:
        """How many calls wait for an agent to provision on demand."""
        return len(self.tenant.cloud_sync.demands)

    def set_cloud_fact(self, object_id: str, name: str, value: Any) -> None:
        """Set a fact that other cloud services own (``cloudMSExch...``); the next import reads it."""
        obj = self.tenant.objects[object_id]
        if not name.startswith("cloud"):
            raise ValueError(f"{name} is no cloud fact; their names begin with cloud")
        self.tenant.commit(obj, {"own": {**obj.own, name: value}})
