"""The directory's three ways to write a moment: generalized time, 100 ns since 1601, whole seconds since 1601.

Source: MS-ADTS 3.1.1.2.2.2 and 3.1.1.1.9; facts "directory" sections 3 and 8.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
TICKS_A_SECOND = 10_000_000
NEVER = 0x7FFFFFFFFFFFFFFF
_GENERALIZED = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d(?:\d\d)?)")
_UTC_TIME = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})")


def to_seconds(moment: datetime) -> int:
    """Whole seconds since 1601, the unit of replication metadata."""
    delta = moment - EPOCH
    return delta.days * 86400 + delta.seconds


def to_ticks(moment: datetime) -> int:
    """100 ns since 1601, the unit of pwdLastSet and its like."""
    delta = moment - EPOCH
    return (delta.days * 86400 + delta.seconds) * TICKS_A_SECOND + delta.microseconds * 10


def from_ticks(ticks: int) -> datetime:
    return EPOCH + timedelta(microseconds=ticks // 10)


def generalized(seconds: int) -> bytes:
    """Whole seconds since 1601 as ``20250518115159.0Z``."""
    moment = EPOCH + timedelta(seconds=seconds)
    return moment.strftime("%Y%m%d%H%M%S.0Z").encode()


def parse_generalized(value: bytes) -> int | None:
    """Seconds since 1601 of a generalized or UTC time; None when it is neither."""
    match = _GENERALIZED.fullmatch(value)
    if match is not None:
        year, month, day, hour, minute, second, _fraction, zone = match.groups()
        years = int(year)
    else:
        match = _UTC_TIME.fullmatch(value)
        if match is None:
            return None
        year, month, day, hour, minute, second, zone = match.groups()
        years = int(year) + (2000 if int(year) < 50 else 1900)
    try:
        moment = datetime(years, int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
    except ValueError:
        return None
    shift = 0
    if zone != b"Z":
        shift = int(zone[1:3]) * 3600 + int(zone[3:5] or 0) * 60
        if zone[:1] == b"+":
            shift = -shift
    return to_seconds(moment) + shift
