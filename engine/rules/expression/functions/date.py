"""Dates: read, reckoned, written. Source: facts "functions", category Date / Time; everything is UTC.

Reading follows the en-US order of the product's runtime, writing its custom and standard format letters. A date carries
microseconds, so the last digit of a 100 ns tick count is dropped.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone

from engine.rules.expression.context import Context
from engine.rules.expression.errors import ArgumentError
from engine.rules.expression.functions.date_format import MONTHS, WEEKDAYS, format_moment
from engine.rules.expression.registry import Boolean, Moment, Number, Scalar, Text, function, nullable

EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
MONTH_NUMBERS = {shown.lower(): number for number, name in enumerate(MONTHS, 1) for shown in (name, name[:3])}
MONTH = f"(?P<name>{'|'.join(sorted(MONTH_NUMBERS, key=len, reverse=True))})"
WEEKDAY = f"(?:(?:{'|'.join(f'{name}|{name[:3]}' for name in WEEKDAYS)}),?\\s+)?"
DATE_FORMS = (
    r"(?P<year>\d{4})(?P<part>[-/])(?P<month>\d{1,2})(?P=part)(?P<day>\d{1,2})",
    r"(?P<month>\d{1,2})(?P<part>[-/])(?P<day>\d{1,2})(?P=part)(?P<year>\d{4})",
    rf"{WEEKDAY}(?P<day>\d{{1,2}})[\s-]+{MONTH}\.?,?[\s-]+(?P<year>\d{{4}})",
    rf"{WEEKDAY}{MONTH}\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})",
)
TIME = (
    r"(?:(?:\s*T\s*|\s+)(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,7}))?)?"
    r"(?:\s*(?P<half>AM|PM))?|(?P<hour12>\d{1,2})\s*(?P<half12>AM|PM))"
    r"(?:\s*(?P<zone>Z|GMT|UTC|[+-]\d{1,2}(?::?\d{2})?))?)?"
)
FORMS = tuple(re.compile(rf"\s*{form}{TIME}\s*", re.IGNORECASE | re.ASCII) for form in DATE_FORMS)


@function("CDate", Text, returns=Moment)
def to_date(text: str) -> datetime:
    """The UTC moment a text stands for; without a zone it is UTC. Source: function reference, CDate."""
    for form in FORMS:
        found = form.fullmatch(text)
        if found:
            try:
                return moment_of(found)
            except (ValueError, OverflowError):
                break
    raise ArgumentError("the text is no date")


@function("IsDate", nullable(Scalar), returns=Boolean)
def is_date(value: object) -> bool:
    """Whether CDate would succeed. Source: function reference, IsDate."""
    if not isinstance(value, str):
        return isinstance(value, datetime)
    try:
        assert to_date.body is not None
        to_date.body(value)
    except ArgumentError:
        return False
    return True


def moment_of(found: re.Match[str]) -> datetime:
    """The UTC moment of a matched text; raises ValueError or OverflowError when a part is out of range."""
    part = found.groupdict()
    month = int(part["month"]) if part.get("month") else MONTH_NUMBERS[part["name"].lower()]
    hour = int(part["hour"] or part["hour12"] or 0)
    half = part["half"] or part["half12"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half.upper() == "PM" else 0)
    micro = int((part["fraction"] or "").ljust(6, "0")[:6])
    local = datetime(int(part["year"]), month, int(part["day"]), hour, int(part["minute"] or 0),
                     int(part["second"] or 0), micro, zone_of(part["zone"]))  # fmt: skip
    return local.astimezone(UTC)


def zone_of(shown: str | None) -> timezone:
    """Z, -8, +01:00 ..."""
    if shown is None or shown[0] not in "+-":
        return UTC
    digits = shown[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    if int(hours) > 14 or int(minutes) > 59:
        raise ValueError
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if shown[0] == "-" else offset)


@function("DateFromNum", Number, returns=Moment)
def date_from_number(ticks: int) -> datetime:
    """The moment of an AD large-integer time. Source: function reference, DateFromNum."""
    if ticks < 0:
        raise ArgumentError("a time before 1601 cannot be expressed")
    try:
        return EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        raise ArgumentError("the number lies beyond the year 9999") from None


@function("NumFromDate", Moment, returns=Number)
def number_from_date(moment: datetime) -> int:
    """The AD large-integer time of a moment. Source: function reference, NumFromDate."""
    if moment < EPOCH:
        raise ArgumentError("a time before 1601 cannot be expressed")
    return (moment - EPOCH) // timedelta(microseconds=1) * 10


@function("Now", returns=Moment, uses_context=True, deterministic=False)
def now(context: Context) -> datetime:
    """The moment of the sync server's clock, in UTC. Source: function reference, Now."""
    return context.now.astimezone(UTC)


@function("FormatDateTime", Moment, Text, returns=Text)
def format_date_time(moment: datetime, pattern: str) -> str:
    """A moment written with custom format letters. Source: function reference, FormatDateTime."""
    return format_moment(moment, pattern)


UNITS = {
    "y": timedelta(days=1),
    "d": timedelta(days=1),
    "w": timedelta(days=1),
    "ww": timedelta(weeks=1),
    "h": timedelta(hours=1),
    "n": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
MONTH_UNITS = {"yyyy": 12, "q": 3, "m": 1}


@function("DateAdd", Text, Number, nullable(Moment), returns=Moment)
def date_add(interval: str, count: int, moment: datetime | None) -> datetime | None:
    """A moment moved by a number of units; months end at the month's last day. Source: function reference, DateAdd."""
    if interval not in UNITS and interval not in MONTH_UNITS:
        raise ArgumentError("the interval must be one of yyyy, q, m, y, d, w, ww, h, n, s")
    if moment is None:
        return None
    try:
        if interval in UNITS:
            return moment + count * UNITS[interval]
        return add_months(moment, count * MONTH_UNITS[interval])
    except (OverflowError, ValueError):
        raise ArgumentError("the date lies outside the years 1 to 9999") from None


def add_months(moment: datetime, months: int) -> datetime:
    """Calendar months, clamped to the end of the month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    if not 1 <= year <= 9999:
        raise ValueError
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
