"""Where a typed line goes: a server of a running world, through its control door, or the database of a stopped one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class PlaceGoneError(Exception):
    """The world or the database does not answer any more; the message says why."""


@dataclass(frozen=True)
class Answer:
    """lines: as a console shows them. error: code, message and cmdlet of what stopped the line. incomplete: more of the
    line may follow. asks: whose password is wanted. done: statements that ran."""

    lines: tuple[str, ...] = ()
    records: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    error: Mapping[str, str] | None = None
    incomplete: bool = False
    asks: str = ""
    done: int = 0


@dataclass(frozen=True)
class Words:
    """What a typist may complete: names that stand as values."""

    connectors: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


@dataclass
class Line:
    """One input. passwords: by user, None = nobody sits here. skip: statements that ran before."""

    text: str
    width: int | None = None
    passwords: dict[str, str] | None = None
    skip: int = 0


class Place(Protocol):
    """One prompt somewhere; both methods may raise PlaceGoneError."""

    name: str

    def type(self, line: Line) -> Answer: ...

    def words(self) -> Words: ...

    def close(self) -> None: ...


def answer_of(document: Mapping[str, Any]) -> Answer:
    """What a prompt told (harness/lab/prompt.py)."""
    return Answer(
        tuple(document["lines"]),
        tuple(document["records"]),
        tuple(document["warnings"]),
        document.get("error"),
        bool(document.get("incomplete")),
        str(document.get("asks") or ""),
        int(document.get("done") or 0),
    )


@dataclass
class Told:
    """The answers of one line that was typed again after a password: their parts in order."""

    lines: list[str] = field(default_factory=list)
    records: list[Mapping[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, answer: Answer) -> None:
        self.lines += answer.lines
        self.records += answer.records
        self.warnings += answer.warnings
