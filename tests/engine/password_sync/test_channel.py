"""The two-minute beat as a conversation: what the domain says and the tenant answers, which events come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import EngineError
from engine.eventlog import Event
from engine.password_sync.channel import (
    TRANSITIONS,
    Channel,
    ChannelState,
    Circumstances,
    CredentialItem,
    CredentialResult,
    DomainRead,
    Target,
    _completed,
    beat,
    follow,
    next_beat,
)
from engine.password_sync.hashing import seeded_salts
from engine.password_sync.progress import DomainProgress, PasswordChange, from_document, to_document
from engine.profile import behaviour

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SET = 133_800_000_000_000_000  # a FILETIME in late 2024
READY = Circumstances(enabled=True, staging=False, directory_synchronized=True, domains=("contoso.com",))


def change(name: str, stamp: int = SET) -> PasswordChange:
    return PasswordChange(name.encode().ljust(16, b"."), f"CN={name}", b"h" * 16, stamp)


@dataclass
class Stage:
    """A domain controller with passwords and a tenant that answers."""

    changes: list[PasswordChange] = field(default_factory=list)
    strangers: set[bytes] = field(default_factory=set)  # objects without a target
    first: set[bytes] = field(default_factory=set)
    results: dict[str, int] = field(default_factory=dict)
    read_error: EngineError | None = None
    send_error: EngineError | None = None
    reads: list[bytes] = field(default_factory=list)
    sent: list[list[CredentialItem]] = field(default_factory=list)
    asked: int = 0

    def read(self, domain: str, cookie: bytes, maximum: int) -> DomainRead:
        del domain, maximum
        if self.read_error is not None:
            raise self.read_error
        self.reads.append(cookie)
        start = int(cookie or b"0")
        part = self.changes[start : start + 60]
        end = start + len(part)
        return DomainRead(part, str(end).encode(), more=end < len(self.changes))

    def send(self, items: Sequence[CredentialItem]) -> Sequence[CredentialResult]:
        if self.send_error is not None:
            raise self.send_error
        self.sent.append(list(items))
        return [CredentialResult(self.results.get(i.source_anchor, 0), "no such object") for i in items]

    def target(self, change: PasswordChange) -> Target | None:
        self.asked += 1
        if change.object_guid in self.strangers:
            return None
        return Target(change.dn.removeprefix("CN="), first=change.object_guid in self.first)

    def eligible_since(self, waiting: frozenset[bytes]) -> frozenset[bytes]:
        return waiting - self.strangers


def run(
    stage: Stage,
    channel: Channel | None = None,
    circumstances: Circumstances = READY,
    profile: str = "guide",
    at: int = 0,
) -> tuple[Channel, list[int]]:
    after, events = beat(
        channel or Channel(), NOW + timedelta(minutes=at), circumstances, stage, seeded_salts("1"), behaviour(profile)
    )
    return after, [e.id for e in events]


@pytest.mark.parametrize(
    ("profile", "events"),
    [("guide", [601, 650, 657, 657, 656, 622]), ("vendor", [601, 650, 656, 656, 657, 657, 651, 622])],
)
def test_first_beat_sends_everything(profile: str, events: list[int]) -> None:
    stage = Stage([change("ana"), change("ben", SET + 10)])
    channel, seen = run(stage, profile=profile)
    assert seen == events
    assert channel.state is ChannelState.DELTA
    assert [i.source_anchor for i in stage.sent[0]] == ["ana", "ben"]
    assert stage.sent[0][0].credential.startswith("v1;PPH1_MD4,")
    assert stage.sent[0][0].changed == datetime(2024, 12, 30, 2, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("circumstances", "state"),
    [
        (replace(READY, enabled=False), ChannelState.OFF),
        (replace(READY, staging=True), ChannelState.OFF),
        (replace(READY, directory_synchronized=False), ChannelState.WAITING),
    ],
)
def test_nothing_is_read_or_sent_before_its_time(circumstances: Circumstances, state: ChannelState) -> None:
    stage = Stage([change("ana")])
    channel, _ = run(stage, circumstances=circumstances)
    assert channel.state is state
    assert stage.reads == []
    assert stage.sent == []


def test_staging_stops_a_running_channel_and_it_goes_on_where_it_was() -> None:
    stage = Stage([change("ana")])
    channel, _ = run(stage)
    stopped, events = run(stage, channel, replace(READY, staging=True), at=2)
    assert events == [609]
    stage.changes.append(change("ben"))
    resumed, _ = run(stage, stopped, at=4)
    assert stage.reads[-1] == b"1"
    assert [i.source_anchor for i in stage.sent[-1]] == ["ben"]
    assert resumed.state is ChannelState.DELTA


def test_a_hash_that_waited_through_staging_is_read_anew_and_never_wins() -> None:
    stage = Stage([change("ana", SET)], send_error=EngineError("unavailable", "the tenant is away"))
    channel, _ = run(stage)
    channel, _ = run(stage, channel, replace(READY, staging=True), at=2)
    assert channel.domains[0].waiting == {change("ana").object_guid}
    stage.send_error, stage.read_error = None, EngineError("unreachable", "the domain is away")
    channel, events = run(stage, channel, at=4)
    assert (stage.sent, 611 in events) == ([[]], True), "a ping: what was held before staging is not sent"
    stage.read_error = None
    stage.changes[0] = change("ana", SET + 10_000_000)
    channel, _ = run(stage, channel, at=6)
    assert [i.changed for i in stage.sent[-1]] == [datetime(2024, 12, 30, 2, 40, 1, tzinfo=UTC)]
    assert channel.domains[0].waiting == frozenset()


def test_batches_of_fifty() -> None:
    stage = Stage([change(f"u{n:03}", SET + n) for n in range(123)])
    channel, events = run(stage)
    assert [len(batch) for batch in stage.sent] == [50, 50, 23]
    assert events.count(656) == 3
    assert channel.domains[0].waiting == frozenset()


@pytest.mark.parametrize(("profile", "ping"), [("guide", [654]), ("vendor", [653, 654])])
def test_ping_after_half_an_hour_without_work(profile: str, ping: list[int]) -> None:
    stage = Stage([change("ana")])
    channel, _ = run(stage, profile=profile)
    seen = []
    for minute in range(2, 62, 2):
        channel, events = run(stage, channel, profile=profile, at=minute)
        seen += [(minute, e) for e in events]
    assert [e for _, e in seen] == ping * 2
    assert {m for m, _ in seen} == {30, 60}


@pytest.mark.parametrize(("profile", "failure"), [("guide", 651), ("vendor", 652)])
def test_outbound_failure_keeps_the_passwords(profile: str, failure: int) -> None:
    stage = Stage([change("ana")], send_error=EngineError("81", "busy"))
    channel, events = run(stage, profile=profile)
    assert failure in events
    assert channel.state is ChannelState.FULL
    assert channel.domains[0].waiting == {change("ana").object_guid}
    stage.send_error = None
    channel, _ = run(stage, channel, profile=profile, at=2)
    assert [i.source_anchor for i in stage.sent[0]] == ["ana"]
    assert channel.state is ChannelState.DELTA


@pytest.mark.parametrize(("profile", "failure"), [("guide", 651), ("vendor", 655)])
def test_failed_ping(profile: str, failure: int) -> None:
    stage = Stage()
    _, events = run(replace(stage, send_error=EngineError("x", "proxy")), profile=profile)
    assert failure in events


def test_refused_right_is_event_611_for_that_domain_only() -> None:
    class TwoDomains(Stage):
        def read(self, domain: str, cookie: bytes, maximum: int) -> DomainRead:
            if domain == "emea.contoso.com":
                raise EngineError("ldap-50", "RPC Error 8453")
            return super().read(domain, cookie, maximum)

    stage = TwoDomains([change("ana")])
    circumstances = replace(READY, domains=("emea.contoso.com", "contoso.com"))
    after, events = beat(Channel(), NOW, circumstances, stage, seeded_salts("1"), behaviour())
    failed = [e for e in events if e.id == 611]
    assert len(failed) == 1
    assert "emea.contoso.com" in failed[0].text
    assert "8453" in failed[0].text
    assert len(stage.sent) == 1
    assert after.state is ChannelState.FULL  # one domain has never been read


def test_failed_item_is_retried_and_success_is_not() -> None:
    stage = Stage([change("ana"), change("ben")], results={"ben": 1})
    channel, events = run(stage)
    assert events.count(0) == 1
    stage.results.clear()
    run(stage, channel, at=2)
    assert [i.source_anchor for i in stage.sent[1]] == ["ben"]


def test_newest_password_wins() -> None:
    stage = Stage([change("ana")], results={"ana": 1})
    channel, _ = run(stage)
    stage.changes.append(replace(change("ana", SET + 99), nt_hash=b"n" * 16))
    stage.results.clear()
    run(stage, channel, at=2)
    assert len(stage.sent[1]) == 1
    assert stage.sent[1][0].credential != stage.sent[0][0].credential


def test_password_without_target_waits_until_a_synchronization_ran() -> None:
    ana = change("ana")
    stage = Stage([ana], strangers={ana.object_guid})
    channel, _ = run(stage, circumstances=replace(READY, generation="1"))
    asked = stage.asked
    channel, _ = run(stage, channel, replace(READY, generation="1"), at=2)
    assert stage.asked == asked
    stage.strangers.clear()
    channel, _ = run(stage, channel, replace(READY, generation="2"), at=4)
    assert [i.source_anchor for i in stage.sent[-1]] == ["ana"]


@pytest.mark.parametrize(
    ("feature", "first", "flags"), [(False, False, []), (True, False, [True]), (False, True, [True])]
)
def test_forced_change_at_next_logon(feature: bool, first: bool, flags: list[bool]) -> None:
    ana = change("ana", 0)
    stage = Stage([ana], first={ana.object_guid} if first else set())
    channel, _ = run(stage, circumstances=replace(READY, force_change_feature=feature))
    assert [i.force_change for batch in stage.sent for i in batch] == flags
    assert channel.domains[0].waiting == frozenset()


def test_kept_progress_has_no_hash_and_is_read_again() -> None:
    ana, ben = change("ana"), change("ben")
    stage = Stage([ana, ben], strangers={ana.object_guid})
    channel, _ = run(stage)
    kept = to_document(channel.domains[0])
    assert b"h" * 16 not in repr(kept).encode()
    restarted = replace(channel, domains=(from_document(kept),))
    stage.strangers.clear()
    channel, _ = run(stage, restarted, at=2)
    assert [[i.source_anchor for i in batch] for batch in stage.sent] == [["ben"], ["ana"]]
    assert channel.domains[0].waiting == frozenset()


def test_no_hash_in_a_text_form() -> None:
    assert "hhhh" not in repr(change("ana"))
    assert "v1;" not in repr(CredentialItem("a", None, NOW, "v1;PPH1_MD4,x,1000,y;"))


def test_a_new_domain_takes_the_channel_back_to_full() -> None:
    channel, _ = run(Stage())
    again, events = follow(channel, replace(READY, domains=("contoso.com", "fabrikam.com")))
    assert again.state is ChannelState.FULL
    assert events == []


def test_beats_every_two_minutes() -> None:
    channel, _ = run(Stage())
    assert next_beat(channel, NOW) == NOW + timedelta(minutes=2)
    assert next_beat(Channel(), NOW) == NOW


def test_every_state_can_be_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(ChannelState)
    assert all(isinstance(e, Event) is False for e in TRANSITIONS)


def test_a_forest_is_complete_with_its_last_domain() -> None:
    before = (DomainProgress("a", full_completed=True), DomainProgress("b"), DomainProgress("c", full_completed=True))
    after = (DomainProgress("a", full_completed=True), DomainProgress("b", full_completed=True), before[2])
    forests = {"a": "one", "b": "one", "c": "two"}
    told = Circumstances(True, False, True, ("a", "b", "c"), forests)
    assert _completed(before, after, told) == ["one"]
    assert _completed(after, after, told) == []
    assert _completed(before, before, told) == []
