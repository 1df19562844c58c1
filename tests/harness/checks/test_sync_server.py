"""What the views of a server say, on runs made up here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from harness.checks.sync_server import CHECKS
from harness.scenario.queries import read_query

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def look(name: str, ended: list[datetime | None], agent: str = "enabled") -> Any:
    lab = SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW))
    runs = [SimpleNamespace(ended=one) for one in ended]
    database = SimpleNamespace(fact=lambda name: agent)
    engine = SimpleNamespace(history=SimpleNamespace(runs=lambda: runs), database=database)
    place = SimpleNamespace(staging=True, engine=engine)
    return CHECKS.by_name[name].find(lab, place, read_query(f"SYNC1.{name}"))


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (120, True), (121, False)])
def test_health_is_fresh_for_two_hours(minutes: int, fresh: bool) -> None:
    newest = NOW - timedelta(minutes=minutes)
    shown = look("health", [None, newest, newest - timedelta(hours=5)])
    data = newest.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shown == {"agent": "enabled", "data": data, "fresh": fresh, "staging": True}


def test_a_server_that_never_ran_has_no_health_data() -> None:
    assert look("health", []) == {"agent": "enabled", "data": None, "fresh": False, "staging": True}


def test_an_agent_that_is_disabled_tells_nothing() -> None:
    found = look("health", [NOW], "disabled")
    assert found == {"agent": "disabled", "data": None, "fresh": False, "staging": True}
