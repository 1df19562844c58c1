"""The two-minute beat of password hash synchronization: read changes of each domain, send batches, write events.

Source: facts "tenant" 9.2-9.4, "install" 20; decisions P1, P2. Runs beside the sync cycle, never on a staging server,
not before a full synchronization of the directory has completed. ``beat`` is pure but for the ports it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from engine.errors import EngineError
from engine.eventlog import Event, event
from engine.password_sync.hashing import Salts, credential_data_of_many
from engine.password_sync.progress import DomainProgress, PasswordChange
from engine.profile import Behaviour

BEAT = timedelta(minutes=2)
PING = timedelta(minutes=30)
BATCH_MAX = 50
READ_MAX = 1000


class ChannelState(StrEnum):
    OFF = "off"  # not enabled, or the server is in staging mode
    WAITING = "waiting"  # enabled, no full synchronization of the directory has completed yet
    FULL = "full"  # the first reading of some domain has not been delivered yet
    DELTA = "delta"  # only changes are read


class ChannelEvent(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"
    DIRECTORY_SYNCHRONIZED = "directory-synchronized"
    FULL_COMPLETED = "full-completed"
    DOMAIN_ADDED = "domain-added"


_S, _E = ChannelState, ChannelEvent
TRANSITIONS: Mapping[tuple[ChannelState, ChannelEvent], ChannelState] = {
    (_S.OFF, _E.ENABLED): _S.WAITING,
    (_S.WAITING, _E.DISABLED): _S.OFF,
    (_S.FULL, _E.DISABLED): _S.OFF,
    (_S.DELTA, _E.DISABLED): _S.OFF,
    (_S.WAITING, _E.DIRECTORY_SYNCHRONIZED): _S.FULL,
    (_S.FULL, _E.FULL_COMPLETED): _S.DELTA,
    (_S.DELTA, _E.DOMAIN_ADDED): _S.FULL,
}


@dataclass(frozen=True, slots=True)
class Target:
    """The cloud side of an object: it is synchronised, of class user, and a rule with EnablePasswordSync holds it.

    first: no password of it was sent by this server before (a new user's forced change is always kept).
    """

    source_anchor: str
    cloud_anchor: str | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class DomainRead:
    """One page of the replication stand-in."""

    changes: Sequence[PasswordChange]
    cookie: bytes
    more: bool = False


@dataclass(frozen=True, slots=True)
class CredentialItem:
    """One item of ProvisionCredentials."""

    source_anchor: str
    cloud_anchor: str | None
    changed: datetime
    credential: str
    force_change: bool = False

    def __repr__(self) -> str:
        return f"CredentialItem({self.source_anchor!r}, changed={self.changed.isoformat()})"


@dataclass(frozen=True, slots=True)
class CredentialResult:
    """Result 0 is success; anything else is retried."""

    result: int
    error: str = ""


class PasswordPorts(Protocol):
    """What the composition root gives the channel; the first two may raise EngineError."""

    def read(self, domain: str, cookie: bytes, maximum: int) -> DomainRead:
        """Read password changes of one domain since a cookie; the empty cookie reads all."""

    def send(self, items: Sequence[CredentialItem]) -> Sequence[CredentialResult]:
        """Send a batch of at most 50; an empty one is a ping."""

    def target(self, change: PasswordChange) -> Target | None:
        """Return where the password goes, or None when it goes nowhere (yet)."""

    def eligible_since(self, waiting: frozenset[bytes]) -> frozenset[bytes]:
        """Of these objectGUIDs, the ones that have a target now; asked only for passwords whose hash is not at hand."""


@dataclass(frozen=True)
class Circumstances:
    """What is true of the server at the moment of a beat."""

    enabled: bool  # the feature is on for at least one connector and in the tenant
    staging: bool
    directory_synchronized: bool  # a full import and synchronization has completed
    domains: tuple[str, ...]  # selected domains of the connectors with the feature
    forest_of: Mapping[str, str] = field(default_factory=dict)  # the forest of each of these domains
    force_change_feature: bool = False  # UserForcePasswordChangeOnLogon of the tenant
    generation: str = (
        ""  # changes whenever a synchronization ran; empty = passwords without a target are always retried
    )


@dataclass(frozen=True)
class Channel:
    """The state between two beats."""

    state: ChannelState = ChannelState.OFF
    domains: tuple[DomainProgress, ...] = ()
    last_beat: datetime | None = None
    last_sent: datetime | None = None  # last call to the tenant that was answered: batch or ping
    generation: str = ""  # of the circumstances at the last beat


def next_beat(channel: Channel, now: datetime) -> datetime:
    """When the next beat is due: every two minutes, at once the first time."""
    return now if channel.last_beat is None else channel.last_beat + BEAT


def follow(channel: Channel, circumstances: Circumstances) -> tuple[Channel, list[Event]]:
    """Take the channel to the state the circumstances ask for; events 601 and 609 tell of starting and stopping."""
    events: list[Event] = []
    running = circumstances.enabled and not circumstances.staging
    state = channel.state
    if not running:
        if state is not ChannelState.OFF:
            state = TRANSITIONS[state, ChannelEvent.DISABLED]
            reason = "The server is in staging mode." if circumstances.staging else "The feature is not enabled."
            events.append(event(609, detail=reason))
        domains = tuple(domain.at_rest() for domain in channel.domains)
        return replace(channel, state=state, domains=domains), events
    if state is ChannelState.OFF:
        state = TRANSITIONS[state, ChannelEvent.ENABLED]
        events.append(event(601))
    if state is ChannelState.WAITING and circumstances.directory_synchronized:
        state = TRANSITIONS[state, ChannelEvent.DIRECTORY_SYNCHRONIZED]
    known = {domain.name: domain for domain in channel.domains}
    domains = tuple(known.get(name, DomainProgress(name)) for name in circumstances.domains)
    if state is ChannelState.DELTA and not all(d.full_completed for d in domains):
        state = TRANSITIONS[state, ChannelEvent.DOMAIN_ADDED]
    return replace(channel, state=state, domains=domains), events


def beat(
    channel: Channel,
    now: datetime,
    circumstances: Circumstances,
    ports: PasswordPorts,
    salts: Salts,
    behaviour: Behaviour,
    hash_many: Callable[[Sequence[tuple[bytes, bytes]]], list[str]] = credential_data_of_many,
) -> tuple[Channel, list[Event]]:
    """One beat: the state followed, every domain read and delivered, a ping when there was nothing for half an hour."""
    unchanged = channel.generation == circumstances.generation != ""
    channel, events = follow(channel, circumstances)
    channel = replace(channel, last_beat=now, generation=circumstances.generation)
    if channel.state not in (ChannelState.FULL, ChannelState.DELTA):
        return channel, events
    delivery = _Delivery(now, circumstances, ports, salts, behaviour, hash_many, events, unchanged)
    domains = tuple(delivery.serve(domain) for domain in channel.domains)
    events.extend(event(623, forest=forest) for forest in _completed(channel.domains, domains, circumstances))
    if delivery.attempts == 0 and (channel.last_sent is None or now - channel.last_sent >= PING):
        delivery.ping()
    if delivery.answered:
        channel = replace(channel, last_sent=now)
    state = channel.state
    if state is ChannelState.FULL and domains and all(domain.full_completed for domain in domains):
        state = TRANSITIONS[state, ChannelEvent.FULL_COMPLETED]
    return replace(channel, state=state, domains=domains), events


def _completed(
    before: Sequence[DomainProgress], after: Sequence[DomainProgress], circumstances: Circumstances
) -> list[str]:
    """Forests whose first reading has been delivered with this beat, for all of their domains."""
    done: dict[str, bool] = {}
    fresh: dict[str, bool] = {}
    for was, now in zip(before, after, strict=True):
        forest = circumstances.forest_of.get(now.name)
        if forest is not None:
            done[forest] = done.get(forest, True) and now.full_completed
            fresh[forest] = fresh.get(forest, False) or not was.full_completed
    return [forest for forest, complete in done.items() if complete and fresh[forest]]


@dataclass
class _Delivery:
    """The work of one beat: counts calls to the tenant and collects events."""

    now: datetime
    circumstances: Circumstances
    ports: PasswordPorts
    salts: Salts
    behaviour: Behaviour
    hash_many: Callable[[Sequence[tuple[bytes, bytes]]], list[str]]
    events: list[Event]
    unchanged: bool  # no synchronization since the last beat: what had no target has none
    attempts: int = 0
    answered: bool = False
    broken: bool = False  # the tenant refused a whole call: the rest of this beat sends nothing

    def serve(self, domain: DomainProgress) -> DomainProgress:
        """Read one domain and deliver what has a target; a domain that cannot be read does not stop the others."""
        try:
            domain = self._read(domain)
        except EngineError as refusal:
            self.events.append(event(611, domain=domain.name, detail=refusal.message))
        delivered, parked = self._deliver(domain)
        domain = replace(domain.without(delivered), parked=parked)
        if not domain.full_completed and domain.cookie and not self.broken:
            self.events.append(event(622, domain=domain.name))
            domain = replace(domain, full_completed=True)
        return domain

    def _read(self, domain: DomainProgress) -> DomainProgress:
        unread = frozenset() if self.unchanged else domain.unread
        again = self.ports.eligible_since(unread) if unread else frozenset()
        if again:
            for page in self._pages(domain.name, b""):
                wanted = {c.object_guid: c for c in page.changes if c.object_guid in again}
                domain = domain.with_read(wanted, domain.cookie)
        for page in self._pages(domain.name, domain.cookie):
            domain = domain.with_read({c.object_guid: c for c in page.changes}, page.cookie)
        return domain

    def _pages(self, name: str, cookie: bytes) -> Iterable[DomainRead]:
        while True:
            page = self.ports.read(name, cookie, READ_MAX)
            yield page
            if not page.more:
                return
            cookie = page.cookie

    def _deliver(self, domain: DomainProgress) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """Send what has a target; returns what needs no more attention, and what has no target."""
        if self.broken:
            return frozenset(), domain.parked
        ready = []
        dropped = set()
        parked = set(domain.parked) if self.unchanged else set()
        waiting = [change for guid, change in domain.held.items() if guid not in parked]
        for change in sorted(waiting, key=lambda c: (c.password_last_set, c.object_guid)):
            target = self.ports.target(change)
            if target is None:
                parked.add(change.object_guid)
                continue
            if change.password_last_set == 0 and not (self.circumstances.force_change_feature or target.first):
                dropped.add(change.object_guid)  # "FilteredByTarget": a reset with forced change is ignored
                continue
            ready.append((change, target))
        credentials = self.hash_many([(c.nt_hash, self.salts(c.object_guid, c.password_last_set)) for c, _ in ready])
        delivered: set[bytes] = set(dropped)
        for start in range(0, len(ready), BATCH_MAX):
            part = ready[start : start + BATCH_MAX]
            sent = self._send(part, credentials[start : start + BATCH_MAX])
            if sent is None:
                break
            delivered |= sent
        return frozenset(delivered), frozenset(parked)

    def _send(self, part: Sequence[tuple[PasswordChange, Target]], credentials: Sequence[str]) -> set[bytes] | None:
        """Send one batch; None when the tenant refused the whole call."""
        items = [
            CredentialItem(
                target.source_anchor,
                target.cloud_anchor,
                _moment(change.password_last_set) or self.now,
                credential,
                force_change=change.password_last_set == 0,
            )
            for (change, target), credential in zip(part, credentials, strict=True)
        ]
        self.attempts += 1
        self.events.append(event(650, count=len(items)))
        if not self.behaviour.success_beat_event:
            self.events.extend(
                event(656, anchor=item.source_anchor, dn=change.dn, changed=_text(item.changed))
                for item, (change, _) in zip(items, part, strict=True)
            )
        try:
            results = self.ports.send(items)
        except EngineError as refusal:
            self._refused(self.behaviour.outbound_failure_event, refusal)
            return None
        self.answered = True
        return self._results(items, part, results)

    def _results(
        self,
        items: Sequence[CredentialItem],
        part: Sequence[tuple[PasswordChange, Target]],
        results: Sequence[CredentialResult],
    ) -> set[bytes]:
        delivered = set()
        for item, (change, _), result in zip(items, part, results, strict=True):
            if result.result == 0:
                delivered.add(change.object_guid)
                self.events.append(event(657, anchor=item.source_anchor, dn=change.dn, result="Success"))
            else:
                self.events.append(
                    event(657, "failed", anchor=item.source_anchor, dn=change.dn, error=result.error or result.result)
                )
                self.events.append(event(0, dn=change.dn))
        if self.behaviour.success_beat_event and delivered:
            self.events.append(event(656, "batch", count=len(delivered)))
        if self.behaviour.batch_end_event is not None:
            self.events.append(event(self.behaviour.batch_end_event, count=len(items)))
        return delivered

    def ping(self) -> None:
        """Tell the tenant that the channel lives."""
        self.attempts += 1
        if self.behaviour.ping_start_event is not None:
            self.events.append(event(self.behaviour.ping_start_event))
        try:
            self.ports.send([])
        except EngineError as refusal:
            self._refused(self.behaviour.ping_failure_event, refusal)
            return
        self.answered = True
        self.events.append(event(654))

    def _refused(self, number: int, refusal: EngineError) -> None:
        self.broken = True
        variant = "outbound-failure" if number == 651 else ""
        self.events.append(event(number, variant, detail=refusal.message))


def _moment(filetime: int) -> datetime | None:
    """A FILETIME as a moment; 0 has none."""
    if filetime <= 0:
        return None
    return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=filetime // 10)


def _text(moment: datetime) -> str:
    return moment.strftime("%m/%d/%Y %H:%M:%S")
