"""Product versions as comparable values: ``2.5.79.0`` is newer than ``2.5.9``."""

from __future__ import annotations

from engine.errors import ConfigurationError


def version(text: str) -> tuple[int, ...]:
    """Return the four numbers of a product version; missing ones are zero."""
    parts = text.strip().split(".")
    if not 1 <= len(parts) <= 4 or not all(p.isascii() and p.isdigit() for p in parts):
        raise ConfigurationError("VERSION_TEXT", f"{text!r} is not a product version such as 2.5.79.0.")
    numbers = tuple(int(p) for p in parts)
    return numbers + (0,) * (4 - len(numbers))


def at_least(text: str, lowest: str) -> bool:
    """Whether version ``text`` is ``lowest`` or newer."""
    return version(text) >= version(lowest)
