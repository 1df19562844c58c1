"""The support bundle of a server that ran: what is in it, what is not, the same archive for the same world."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from engine.eventlog import EventRecord, Level
from engine.support_bundle import PROVIDERS, support_bundle

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class NoObjects:
    """A database in which nothing stands in error."""

    def connector_space(self, *args: object, **scope: object):
        return iter(())

    def by_identifier(self, text: str) -> None:
        return None


def record(hours: float, provider: str, text: str = "text") -> EventRecord:
    return EventRecord(NOW - timedelta(hours=hours), provider, 904, Level.INFORMATION, text)


def made(events=(), scheduler="SyncCycleEnabled : True\n", **rest):
    return support_bundle(
        NoObjects(), events, lambda: scheduler, server="SYNC1", version="2.5.79.0", moment=NOW, **rest
    )  # type: ignore[arg-type]


def test_three_providers_six_hours() -> None:
    events = [
        record(6.1, PROVIDERS[0], "too old"),
        record(6, PROVIDERS[0], "just in"),
        record(1, PROVIDERS[1]),
        record(1, PROVIDERS[2]),
        record(1, "Service Control Manager", "of another provider"),
    ]
    log = json.loads(made(events).files["application-events.json"])
    assert [(one["ProviderName"], one["Message"]) for one in log] == [
        (PROVIDERS[0], "just in"), (PROVIDERS[1], "text"), (PROVIDERS[2], "text"),
    ]  # fmt: skip


def test_the_archive_is_the_same_for_the_same_world() -> None:
    first, second = made([record(1, PROVIDERS[0])]).archive(), made([record(1, PROVIDERS[0])]).archive()
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["manifest.json", "scheduler.txt", "application-events.json"]
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["server"], manifest["version"], manifest["events"]["count"]) == ("SYNC1", "2.5.79.0", 1)


def test_an_object_that_is_nowhere() -> None:
    with pytest.raises(LookupError, match="Nobody"):
        made(about="CN=Nobody,DC=contoso,DC=com")
