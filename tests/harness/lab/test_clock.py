"""Virtual time stands still until it is set; aware times only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harness.lab.clock import RealClock, VirtualClock, earliest, read_time, show_time

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_it_stands_still() -> None:
    clock = VirtualClock(START)
    assert clock.now() == clock.now() == START
    clock.set(START + timedelta(days=30))
    assert clock.now() == START + timedelta(days=30)


def test_naive_times_are_refused() -> None:
    with pytest.raises(ValueError):
        VirtualClock(datetime(2026, 3, 2))  # noqa: DTZ001


def test_real_time_cannot_be_set() -> None:
    clock = RealClock()
    clock.set(START)
    assert clock.now() > START


def test_earliest() -> None:
    later = START + timedelta(hours=1)
    assert earliest([None, later, START], later) == START
    assert earliest([None, later], START) is None


def test_text_form() -> None:
    assert read_time(show_time(START)) == START
