"""Spans of virtual time as a scenario writes them: ``90s``, ``30m``, ``6h``, ``31d``, ``1d 2h``."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART = re.compile(r"\s*(\d+)\s*([smhdw])")
DURATION_PATTERN = r"^(\s*\d+\s*[smhdw])+\s*$"


def read_duration(text: str) -> timedelta:
    """Return the span the text names; raises ValueError when it names none."""
    position = 0
    total = timedelta()
    while position < len(text.rstrip()):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(f"{text} is no span of time; write 90s, 30m, 6h or 31d")
        total += timedelta(**{_UNITS[part[2]]: int(part[1])})
        position = part.end()
    if position == 0:
        raise ValueError("a span of time is needed; write 90s, 30m, 6h or 31d")
    return total


def show_duration(span: timedelta) -> str:
    """Return the span in the form read_duration reads."""
    seconds = int(span.total_seconds())
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"
