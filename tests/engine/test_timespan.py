"""Time spans as PowerShell and the tenant write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import EngineError
from engine.timespan import duration, timespan, timespan_text


@pytest.mark.parametrize(
    ("text", "span", "written"),
    [
        ("00:30:00", timedelta(minutes=30), "00:30:00"),
        ("7.00:00:00", timedelta(days=7), "7.00:00:00"),
        ("1.02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4), "1.02:03:04"),
        ("3:00", timedelta(hours=3), "03:00:00"),
        ("2", timedelta(days=2), "2.00:00:00"),
    ],
)
def test_timespan(text: str, span: timedelta, written: str) -> None:
    assert timespan(text) == span
    assert timespan_text(span) == written


@pytest.mark.parametrize(
    ("text", "span"),
    [("PT30M", timedelta(minutes=30)), ("P1DT2H", timedelta(days=1, hours=2)), ("PT90M", timedelta(minutes=90))],
)
def test_duration(text: str, span: timedelta) -> None:
    assert duration(text) == span


@pytest.mark.parametrize("text", ["", "half an hour", "25:00:00", "00:61:00", "-00:30:00", "1.2.3", "٣"])
def test_not_a_timespan(text: str) -> None:
    with pytest.raises(EngineError):
        timespan(text)


@pytest.mark.parametrize("text", ["", "P", "PT", "30M", "PT-5M"])
def test_not_a_duration(text: str) -> None:
    with pytest.raises(EngineError):
        duration(text)
