"""Token buckets by the documented figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from emulators.tenant.core.throttling import Throttle, cost_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "segments", "query", "cost"),
    [
        ("GET", ("users",), {}, 2),
        ("GET", ("users",), {"$select": "id"}, 1),
        ("GET", ("users",), {"$select": "id", "$top": "5"}, 1),
        ("GET", ("users",), {"$expand": "manager"}, 3),
        ("GET", ("groups", "x", "members"), {}, 3),
        ("GET", ("groups", "x", "transitiveMembers"), {}, 5),
        ("GET", ("organization",), {}, 1),
        ("POST", ("users",), {}, 2),
    ],
)
def test_costs(method: str, segments: tuple[str, ...], query: dict[str, str], cost: int) -> None:
    assert cost_of(method, segments, query) == cost


def test_limit_and_recovery() -> None:
    throttle = Throttle(users=10)
    assert all(throttle.admit("app", 2, write=False, now=NOW) == (0, "") for _ in range(1750))
    wait, reason = throttle.admit("app", 2, write=False, now=NOW)
    assert (wait, reason) == (1, "ResourceUnitLimitExceeded")
    assert throttle.admit("other", 2, write=False, now=NOW)[0] == 0
    assert throttle.admit("app", 2, write=False, now=NOW + timedelta(seconds=wait))[0] == 0


def test_writes_have_a_limit_of_their_own() -> None:
    throttle = Throttle(users=1000)
    answers = [throttle.admit("app", 2, write=True, now=NOW) for _ in range(3001)]
    assert answers[2999] == (0, "")
    assert answers[3000][1] == "WriteLimitExceeded"
