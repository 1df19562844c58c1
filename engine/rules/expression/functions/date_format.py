"""Format letters of FormatDateTime: custom patterns, and the standard single letters as patterns.

Source: facts "functions", FormatDateTime; letters as the product's runtime documents them, en-US, UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from engine.rules.expression.errors import ArgumentError

PIECES = re.compile(
    r"""\\(?P<escaped>.)|(?P<quote>['"])(?P<quoted>.*?)(?P=quote)|(?P<run>(?P<letter>[dfFghHKmMstyz])(?P=letter)*)
    |%(?P<single>[dfFghHKmMstyz])|(?P<plain>[^'"\\%])""",
    re.DOTALL | re.VERBOSE,
)

STANDARD = {
    "d": "M/d/yyyy",
    "D": "dddd, MMMM d, yyyy",
    "f": "dddd, MMMM d, yyyy h:mm tt",
    "F": "dddd, MMMM d, yyyy h:mm:ss tt",
    "g": "M/d/yyyy h:mm tt",
    "G": "M/d/yyyy h:mm:ss tt",
    "m": "MMMM d",
    "M": "MMMM d",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "h:mm tt",
    "T": "h:mm:ss tt",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "U": "dddd, MMMM d, yyyy h:mm:ss tt",
    "y": "MMMM yyyy",
    "Y": "MMMM yyyy",
}

MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


Letter = Callable[[datetime, int], str]


def two(number: int, count: int) -> str:
    """One letter writes the plain number, more write two digits."""
    return str(number) if count == 1 else f"{number:02d}"


def day(moment: datetime, count: int) -> str:
    if count <= 2:
        return two(moment.day, count)
    name = WEEKDAYS[moment.weekday()]
    return name[:3] if count == 3 else name


def month(moment: datetime, count: int) -> str:
    if count <= 2:
        return two(moment.month, count)
    name = MONTHS[moment.month - 1]
    return name[:3] if count == 3 else name


def year(moment: datetime, count: int) -> str:
    if count <= 2:
        return two(moment.year % 100, count)
    return f"{moment.year:0{count}d}"


def fraction(moment: datetime, count: int) -> str:
    if count > 7:
        raise ArgumentError("the format has more than seven letters f in a row")
    return f"{moment.microsecond:06d}0"[:count]


def half(moment: datetime, count: int) -> str:
    return ("AM" if moment.hour < 12 else "PM")[:count]


def zone(_moment: datetime, count: int) -> str:
    return {1: "+0", 2: "+00"}.get(count, "+00:00")


LETTERS: dict[str, Letter] = {
    "d": day,
    "f": fraction,
    "F": lambda moment, count: fraction(moment, count).rstrip("0"),
    "g": lambda _moment, _count: "A.D.",
    "h": lambda moment, count: two((moment.hour + 11) % 12 + 1, count),
    "H": lambda moment, count: two(moment.hour, count),
    "K": lambda _moment, count: "Z" * count,
    "m": lambda moment, count: two(moment.minute, count),
    "M": month,
    "s": lambda moment, count: two(moment.second, count),
    "t": half,
    "y": year,
    "z": zone,
}


def format_moment(moment: datetime, pattern: str) -> str:
    """Write a UTC moment; a pattern of one character is a standard format."""
    return "".join([piece if isinstance(piece, str) else piece[0](moment, piece[1]) for piece in pieces_of(pattern)])


@lru_cache(maxsize=256)
def pieces_of(pattern: str) -> tuple[str | tuple[Letter, int], ...]:
    """Literal texts and letters with their count, in order."""
    pattern = pattern or "G"
    if len(pattern) == 1:
        if pattern not in STANDARD:
            raise ArgumentError("the format is unknown: one character alone must be a standard format letter")
        pattern = STANDARD[pattern]
    found: list[str | tuple[Letter, int]] = []
    position = 0
    while position < len(pattern):
        piece = PIECES.match(pattern, position)
        if piece is None:
            raise ArgumentError("the format is not complete: a quote is open, or a sign is missing at its end")
        position = piece.end()
        if piece["run"]:
            found.append((LETTERS[piece["letter"]], len(piece["run"])))
        elif piece["single"]:
            found.append((LETTERS[piece["single"]], 1))
        else:
            found.append(piece["escaped"] or piece["quoted"] or piece["plain"] or "")
    return tuple(found)
