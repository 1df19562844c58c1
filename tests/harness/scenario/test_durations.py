"""Spans of time as scenarios write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.scenario.durations import read_duration, show_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("6h", timedelta(hours=6)),
        ("31d", timedelta(days=31)),
        ("1d 2h", timedelta(days=1, hours=2)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_read(text: str, span: timedelta) -> None:
    assert read_duration(text) == span
    assert read_duration(show_duration(span)) == span


@pytest.mark.parametrize("text", ["", "5", "m", "5 minutes", "-5m", "1.5h", "30m later"])
def test_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_duration(text)
