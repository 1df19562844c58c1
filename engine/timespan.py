"""Time spans in the product's text forms: ``d.HH:mm:ss`` of PowerShell and ``PT30M`` of the tenant's sync interval."""

from __future__ import annotations

import re
from datetime import timedelta

from engine.errors import EngineError

_POWERSHELL = re.compile(r"(?:(?P<days>\d+)\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2}))?")
_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def timespan(text: str) -> timedelta:
    """Read ``1.02:30:00`` or ``00:30:00``; a bare number is a number of days, as PowerShell reads it."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(days=int(text))
    return _span(_POWERSHELL, text)


def duration(text: str) -> timedelta:
    """Read an ISO 8601 duration of days, hours, minutes and seconds."""
    if text in ("P", ""):
        raise EngineError("TIMESPAN_TEXT", f"{text!r} is not a duration such as PT30M.")
    return _span(_DURATION, text)


def _span(form: re.Pattern[str], text: str) -> timedelta:
    match = form.fullmatch(text)
    parts = {name: int(part) for name, part in match.groupdict().items() if part} if match else {}
    within = parts.get("hours", 0) < 24 and parts.get("minutes", 0) < 60 and parts.get("seconds", 0) < 60
    if match is None or (form is _POWERSHELL and not within):
        raise EngineError("TIMESPAN_TEXT", f"{text!r} is not a time span such as 00:30:00 or 7.00:00:00.")
    return timedelta(**parts)


def timespan_text(span: timedelta) -> str:
    """Write a span as PowerShell shows it: days only when there are some."""
    seconds = span.seconds
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{span.days}.{clock}" if span.days else clock
