"""One forest of Active Directory as a service: its domain controllers' listeners, its clock, its whole state.

All calls belong in the reactor's thread. Source: design document, section 1; the contract of the emulator services.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import DeferredList

from emulators.clock import Clock
from emulators.directory.core import dispatch, lifecycle, topology
from emulators.directory.core.forest import Options
from emulators.directory.core.populate import populate
from emulators.directory.core.session import Session, open_session
from emulators.directory.front.entries import EntryEncoder
from emulators.directory.front.listener import Front, Listener
from emulators.directory.store import ldif, snapshot
from emulators.faults import FaultPlan
from emulators.journal import Journal

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred


@dataclass(frozen=True)
class DomainDescription:
    """A domain: DNS name, NetBIOS name, its controllers by host name, its functional level (7 is 2016)."""

    name: str
    netbios: str
    controllers: tuple[str, ...] = ("DC1",)
    functional_level: int = 7


@dataclass(frozen=True)
class ForestDescription:
    """A forest; the first domain is its root, the others children or further trees. One controller a domain."""

    name: str
    domains: tuple[DomainDescription, ...]
    exchange: bool = False
    recycle_bin: bool = True
    upn_suffixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TlsMaterial:
    """What LDAPS and StartTLS present: a chain (own certificate first) and its key, PEM."""

    certificate_chain_pem: bytes
    private_key_pem: bytes


#: options of the forest that its description decides
_DESCRIBED = frozenset({"exchange", "recycle_bin", "functional_level", "upn_suffixes"})


class DirectoryService:
    """A forest that answers on sockets."""

    def __init__(
        self,
        description: ForestDescription,
        *,
        clock: Clock,
        seed: int | str,
        journal: Journal,
        faults: FaultPlan,
        tls: TlsMaterial | None,
        admin_password: str,
        options: Mapping[str, object] | None = None,
    ) -> None:
        domain, *others = _checked_domains(description)
        self.description = description
        self.clock = clock
        self.journal = journal
        self.faults = faults
        self.endpoints: dict[str, int] = {}  # of the root domain's controller
        self.domain_endpoints: dict[str, dict[str, int]] = {}  # of every domain's, by the domain's name in lower case
        self._tls = tls
        self._admin_password = admin_password  # a domain from a file gets its administrator back with it
        self._ports: list[Any] = []
        self._frozen = False  # whether the collector was told to leave what is there alone
        self.forest = topology.new_forest(
            domain.name,
            clock=clock,
            seed=seed,
            admin_password=admin_password,
            netbios=domain.netbios,
            controllers=domain.controllers,
            further=[topology.FurtherDomain(one.name, one.netbios, one.controllers[0]) for one in others],
            options=_options(description, domain, options or {}),
        )
        encoder = EntryEncoder(lambda name: self.forest.schema.spelling(name))
        self._fronts = {
            controller.domain.dns: Front(
                answer=partial(dispatch.handle, self.forest),
                new_session=partial(self._open_session, place),
                encoder=encoder,
                clock=clock,
                faults=faults,
                journal=journal,
            )
            for place, controller in enumerate(self.forest.controllers)
        }

    # ---- names -------------------------------------------------------------------------------------------------------
    @property
    def base_dn(self) -> str:
        return self.forest.root.dn

    @property
    def admin_dn(self) -> str:
        return f"CN=Administrator,CN=Users,{self.forest.root.dn}"

    @property
    def admin_upn(self) -> str:
        return f"Administrator@{self.forest.root.dns}"

    # ---- listening ---------------------------------------------------------------------------------------------------
    def start(self, reactor: Any, interface: str = "127.0.0.1", ports: dict[str, int] | None = None) -> None:
        """Bind the ports of the domain controllers: free ones unless asked for by name (ldap, ldaps, gc).

        Names alone are the root domain's; another domain's controller is asked for as ``emea.contoso.com/ldap``.
        """
        if self._ports:
            raise RuntimeError("the directory is listening already")
        kinds = ("ldap", "gc", "ldaps")
        root = self.forest.root.dns
        wanted = {name if "/" in name else f"{root}/{name}": port for name, port in (ports or {}).items()}
        unknown = set(wanted) - {f"{dns}/{kind}" for dns in self._fronts for kind in kinds}
        if unknown:
            raise ValueError(
                f"no endpoint is called {', '.join(one.removeprefix(f'{root}/') for one in sorted(unknown))}"
            )
        tls = None
        if self._tls is not None:
            from emulators.directory.front.tls import server_context

            tls = self._fronts[root].tls or server_context(self._tls.certificate_chain_pem, self._tls.private_key_pem)
        for dns, front in self._fronts.items():
            front.tls = tls
            bound = self.domain_endpoints[dns] = self.endpoints if dns == root else {}
            asked = {kind: wanted.get(f"{dns}/{kind}", 0) for kind in kinds}
            self._bind(bound, "ldap", reactor.listenTCP, asked, Listener(front), interface=interface)
            catalog = Listener(front, global_catalog=True)
            self._bind(bound, "gc", reactor.listenTCP, asked, catalog, interface=interface)
            if tls is not None:
                secure = Listener(front, secure=True)
                self._bind(bound, "ldaps", reactor.listenSSL, asked, secure, tls, interface=interface)

    def open_locator(self, domain: str, reactor: Any, interface: str = "127.0.0.1") -> int:
        """Let the controller of a domain answer LDAP over UDP as well, at a free port; gives the port."""
        from emulators.directory.front.datagrams import Datagrams

        port = reactor.listenUDP(0, Datagrams(self._fronts[domain.lower()]), interface=interface)
        self._ports.append(port)
        return int(port.getHost().port)

    def _bind(
        self, bound: dict[str, int], name: str, listen: Any, wanted: Mapping[str, int], *args: Any, interface: str
    ) -> None:
        try:
            port = listen(wanted[name], *args, interface=interface)
        except Exception:
            self.stop()
            raise
        self._ports.append(port)
        bound[name] = port.getHost().port

    def stop(self) -> Deferred[Any]:
        """Stop listening and break every connection off."""
        stopping = [port.stopListening() for port in self._ports]
        self._ports.clear()
        self.endpoints.clear()
        self.domain_endpoints.clear()
        self._close_connections()
        if self._frozen:
            self._frozen = False
            gc.unfreeze()
        return DeferredList([waiting for waiting in stopping if waiting is not None])

    def _open_session(self, place: int, protected: bool, global_catalog: bool) -> Session:
        controller = self.forest.controllers[place]
        return open_session(self.forest, controller, global_catalog=global_catalog, protected=protected)

    def _close_connections(self) -> None:
        for front in self._fronts.values():
            front.close_connections()

    def set_down(self, domain: str, down: bool) -> None:
        """Take the controller of a domain out of reach, or bring it back: it closes connections as they come."""
        front = self._fronts[domain.lower()]
        front.down = down
        if down:
            front.close_connections()

    # ---- content below the protocol ----------------------------------------------------------------------------------
    def populate(
        self, entries: Iterable[tuple[str, Mapping[str, Sequence[bytes]]]], *, keep_references: bool = False
    ) -> None:
        """Put many objects in with the server's own identity and defaults; identity that is given is kept.

        keep_references: values that name objects that are not there stay as they are written.
        """
        with self._bulk():
            populate(self.forest, entries, keep_references=keep_references)

    def load_ldif(self, path: Path, *, keep_identity: bool = True) -> int:
        """Replace the domain by a file's, identity included; the forest's administrator still works.

        Gives the number of objects the file held; raises LdifError with the line that cannot be taken. Connections are
        closed: who was bound may be gone.
        """
        if not keep_identity:
            raise ValueError("not emulated yet: loading a domain under new identities")
        self._close_connections()
        with self._bulk():
            return ldif.load_domain(self.forest, path, self._admin_password)

    # ---- state -------------------------------------------------------------------------------------------------------
    def snapshot(self) -> bytes:
        """The whole state of the forest."""
        return snapshot.freeze(self.forest, [dns for dns, front in self._fronts.items() if front.down])

    def restore(self, state: bytes) -> None:
        """Take a state back; every connection is closed, as when a controller comes back from a restart."""
        self._close_connections()
        with self._bulk():
            down = snapshot.thaw(self.forest, state)
        for dns, front in self._fronts.items():
            front.down = dns in down

    @contextmanager
    def _bulk(self) -> Iterator[None]:
        """Hold the cyclic collector back while objects are made that stay, then exempt them until the service stops.

        Each full collection over a large directory would cost more than the requests in between.
        """
        enabled = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if enabled:
                gc.enable()
            gc.freeze()
            self._frozen = True

    @property
    def change_number(self) -> int:
        """Rises with every committed change, whichever controller took it."""
        return self.forest.controllers[0].usn

    # ---- time --------------------------------------------------------------------------------------------------------
    def tick(self, now: datetime) -> None:
        """Let the time that has passed do its work: purges, and connections that never spoke."""
        for front in self._fronts.values():
            front.close_silent(now)
        lifecycle.tick(self.forest, now)

    def next_due(self) -> datetime | None:
        """When the next tick has work to do, None when nothing waits."""
        return lifecycle.next_due(self.forest)


def _checked_domains(description: ForestDescription) -> tuple[DomainDescription, ...]:
    """The domains of the description; more than is emulated is refused here, before anything is made."""
    if not description.domains:
        raise ValueError("a forest has at least one domain")
    root = description.domains[0]
    for domain in description.domains:
        if len(domain.controllers) != 1:
            raise ValueError(f"not emulated yet: {len(domain.controllers)} domain controllers (one is)")
        if domain.functional_level != root.functional_level:
            raise ValueError("not emulated yet: domains of one forest at different functional levels")
    if root.name.lower() != description.name.lower():
        raise ValueError(f"the forest {description.name} is named after its first domain, which is {root.name}")
    return description.domains


def _options(description: ForestDescription, domain: DomainDescription, given: Mapping[str, object]) -> Options:
    known = {item.name for item in fields(Options)} - _DESCRIBED
    unknown = set(given) - known
    if unknown:
        raise ValueError(f"no option of a directory is called {', '.join(sorted(unknown))}")
    settings: dict[str, Any] = dict(given)
    return Options(
        exchange=description.exchange,
        recycle_bin=description.recycle_bin,
        functional_level=domain.functional_level,
        upn_suffixes=description.upn_suffixes,
        **settings,
    )
