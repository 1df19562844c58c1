"""The three ways to write a moment."""

from datetime import UTC, datetime

import pytest

from emulators.directory.core import times

MOMENT = datetime(2025, 5, 18, 11, 51, 59, tzinfo=UTC)


def test_generalized_time_is_written_with_a_zero_fraction() -> None:
    assert times.generalized(times.to_seconds(MOMENT)) == b"20250518115159.0Z"


@pytest.mark.parametrize(
    "text",
    [b"20250518115159.0Z", b"20250518115159Z", b"20250518135159.0+0200", b"250518115159Z", b"20250518115159.123Z"],
)
def test_forms_of_one_moment(text: bytes) -> None:
    assert times.parse_generalized(text) == times.to_seconds(MOMENT)


@pytest.mark.parametrize("text", [b"", b"2025", b"20251318115159.0Z", b"20250518115159", b"x"])
def test_not_a_time(text: bytes) -> None:
    assert times.parse_generalized(text) is None


def test_ticks() -> None:
    assert times.to_ticks(datetime(2016, 1, 1, tzinfo=UTC)) == 130960800000000000
    assert times.from_ticks(times.to_ticks(MOMENT)) == MOMENT
