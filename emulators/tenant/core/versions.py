"""Product versions and the days they are served until, as settings of a tenant write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, without the zeros at its end. Raises ValueError for anything else."""
    found = [int(part) for part in version.split(".")]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def unreadable(end_of_support: Mapping[str, str], others: Iterable[str]) -> str | None:
    """The first day or version of the settings that cannot be read."""
    for day in end_of_support:
        try:
            date.fromisoformat(str(day))
        except ValueError:
            return str(day)
    for version in (*end_of_support.values(), *others):
        try:
            numbers(str(version))
        except ValueError:
            return str(version)
    return None
