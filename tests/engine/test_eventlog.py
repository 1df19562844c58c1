"""The table of events and the log."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.eventlog import EVENTS, EventLog, EventRecord, Level, event


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.moment += timedelta(minutes=1)
        return self.moment


def test_event_116_verbatim() -> None:
    warning = event(116, pending=501, threshold=500)
    assert (warning.provider, warning.level) == ("Directory Synchronization", Level.WARNING)
    assert warning.text == (
        "Prevent Accidental Deletes: The number of deletions for this sync cycle (501 pending deletes) has exceeded the"
        " current threshold of 500 objects. Deletions will be suppressed for this sync cycle. Please visit"
        " http://go.microsoft.com/fwlink/?LinkId=390655 for more information."
    )


@pytest.mark.parametrize(
    ("number", "values", "text"),
    [
        (6000, {"connector": "contoso.com"},
         'The management agent "contoso.com" failed to run because the credentials were invalid.'),
        (650, {"count": 3}, "Provision credentials batch start. Count: 3"),
        (654, {}, "Provision credentials ping end."),
        (6323, {}, "The server encountered an error because SQL Server is out of disk space."),
    ],
)  # fmt: skip
def test_documented_texts(number: int, values: dict, text: str) -> None:
    assert event(number, **values).text == text


@pytest.mark.parametrize(("number", "variant"), list(EVENTS))
def test_every_event_can_be_made_and_needs_its_values(number: int, variant: str) -> None:
    names = [name for _, name, _, _ in string.Formatter().parse(EVENTS[number, variant].template) if name]
    assert event(number, variant, **dict.fromkeys(names, "x")).text
    if names:
        with pytest.raises(LookupError):
            event(number, variant)


def test_unknown_event_is_a_mistake() -> None:
    with pytest.raises(LookupError):
        event(4711)


def test_log_is_read_by_id_time_provider_and_level() -> None:
    log = EventLog(Clock())
    log.write(2001)
    second = log.write(116, pending=2, threshold=1)
    log.append(EventRecord(datetime(2026, 1, 6, tzinfo=UTC), "ADSync", 904, Level.INFORMATION, "x"))
    assert [e.id for e in log.read()] == [2001, 116, 904]
    assert [e.id for e in log.read([116])] == [116]
    assert [e.id for e in log.read(since=second.time)] == [116, 904]
    assert [e.id for e in log.read(provider="ADSync")] == [2001, 904]
    assert [e.id for e in log.read(level=Level.WARNING)] == [116]
    assert len(log) == 3


def test_log_in_a_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "SYNC1.events"
    log = EventLog(Clock(), path)
    log.write(611, domain="contoso.com", detail="RPC Error 8453 – Zugriff")
    assert EventLog(Clock(), path).read() == log.read()


def test_snapshot_and_restore() -> None:
    seen: list[int] = []
    log = EventLog(Clock(), observer=lambda record: seen.append(record.id))
    log.write(2001)
    kept = log.snapshot()
    log.write(2002)
    log.restore(kept)
    assert [e.id for e in log.read()] == [2001]
    assert seen == [2001, 2002]
