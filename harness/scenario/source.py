"""Where something stands in a scenario file, and how a complaint about it is shown.

A complaint is ``file:line:col``, the line itself, a caret, the reason and the nearest right name (design document,
section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_LINE_MAX = 200


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A place in a file; line and column count from 1, as editors do."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint about a scenario file."""

    file: str
    position: Position
    message: str
    line_text: str = ""
    hint: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.position.line}:{self.position.column}"

    def render(self) -> str:
        """Return the complaint as an administrator reads it: place, reason, line, caret, hint."""
        shown = f"{self.place}: {self.message}"
        if self.line_text.strip():
            gutter = f"{self.position.line:>5} | "
            line, offset = excerpt(self.line_text, self.position.column)
            shown += f"\n{gutter}{line}\n{' ' * (len(gutter) + offset)}^"
        if self.hint:
            shown += f"\n      {self.hint}"
        return shown


def caret_offset(line: str, column: int) -> int:
    """Return how many cells stand before the column once tabs are widened."""
    return len(line[: column - 1].expandtabs(4))


def excerpt(line: str, column: int) -> tuple[str, int]:
    """Return what is shown of a line, and where the caret stands below it; a very long line is cut on both sides."""
    if len(line) <= _LINE_MAX:
        return line.expandtabs(4), caret_offset(line, column)
    start = max(0, column - 1 - _LINE_MAX // 2)
    before, after = "..." if start else "", "..." if start + _LINE_MAX < len(line) else ""
    piece = line[start : start + _LINE_MAX]
    return before + piece.expandtabs(4) + after, len(before) + caret_offset(piece, column - start)


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the known name most like the word, or None when none is alike."""
    known = sorted(set(names))
    by_folded = {name.lower(): name for name in known}
    if word.lower() in by_folded:
        return by_folded[word.lower()]
    found = get_close_matches(word.lower(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def suggestion(word: str, names: Iterable[str], *, listed_max: int = 12) -> str:
    """Return the hint for an unknown word: the nearest name, else all names when they are few."""
    known = sorted(set(names))
    near = nearest(word, known)
    if near is not None:
        return f"did you mean {near}?"
    if known and len(known) <= listed_max:
        return "known: " + ", ".join(known)
    return ""
