"""Outcomes of one run on their way from the workers to the report: one file per scenario and case, merged in file
order.

With ``-n`` each worker is a process of its own; the order in which they finish must not show. The folder is private
and goes away.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from harness.outcome import Outcome
from harness.whole_file import write_whole


@dataclass(frozen=True)
class SpooledOutcome:
    """What a report needs of an outcome. order: file and case, as the run was asked for them."""

    file: str
    case: str
    title: str
    status: str
    seed: str
    seconds: float
    steps: int
    steps_passed: int
    virtual: str
    text: str
    journal: bytes = b""

    @property
    def label(self) -> str:
        return f"{self.title} [{self.case}]" if self.case else self.title


class Spool:
    """A folder of outcomes."""

    def __init__(self, folder: Path, *, journals: bool) -> None:
        self.folder = folder
        self.journals = journals

    def put(self, outcome: Outcome, file: str, order: int) -> None:
        """Keep an outcome. file: relative to what the run was asked for; order: of the case in its file."""
        plain = {
            "file": file,
            "case": outcome.case,
            "title": outcome.title,
            "status": outcome.status,
            "seed": outcome.seed,
            "seconds": outcome.seconds,
            "steps": len(outcome.steps),
            "steps_passed": sum(step.status == "passed" for step in outcome.steps),
            "virtual": _span(outcome),
            "text": "" if outcome.status == "passed" else outcome.render(),
        }
        name = _name(file, order)
        if self.journals:
            journal = orjson.dumps(outcome.journal(file), option=orjson.OPT_NON_STR_KEYS)
            write_whole(self.folder / f"{name}.journal", [journal])
        write_whole(self.folder / f"{name}.outcome", [orjson.dumps({"sort": [file, order], **plain})])

    def outcomes(self) -> list[SpooledOutcome]:
        """Return all outcomes in file order."""
        found: list[tuple[list[Any], SpooledOutcome]] = []
        for path in self.folder.glob("*.outcome"):
            plain = orjson.loads(path.read_bytes())
            sort = plain.pop("sort")
            journal = path.with_suffix(".journal")
            octets = journal.read_bytes() if journal.exists() else b""
            found.append((sort, SpooledOutcome(**plain, journal=octets)))
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]

    def write_json(self, target: Path) -> None:
        """Write the journals of all scenarios as one JSON list; nothing half-written is left when the disk is full."""
        journals = (one.journal for one in self.outcomes())
        pieces = (b",\n" + journal if index else journal for index, journal in enumerate(journals))
        write_whole(target, (b"[\n", *pieces, b"\n]\n"))


def _name(file: str, order: int) -> str:
    return f"{hashlib.sha256(file.encode()).hexdigest()[:24]}-{order:04d}"


def _span(outcome: Outcome) -> str:
    """Return how much virtual time passed."""
    from harness.lab.clock import read_time
    from harness.scenario.durations import show_duration

    times = [step.began for step in outcome.steps if step.began] + [step.ended for step in outcome.steps if step.ended]
    return show_duration(read_time(max(times)) - read_time(min(times))) if times else "0s"
