"""What came of a scenario: per step and as a whole, as plain records that reports are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.timeline import Record

PASSED, FAILED, ERROR, NOT_RUN, SKIPPED, INVALID = "passed", "failed", "error", "not run", "skipped", "invalid"


@dataclass(frozen=True)
class Failure:
    """One thing that was not as expected. place: file:line:col; closest: the nearest object and how it differs."""

    place: str
    line_text: str
    what: str
    expected: str = ""
    found: str = ""
    closest: tuple[str, ...] = ()

    def render(self) -> str:
        shown = [f"{self.place}: {self.what}"]
        if self.line_text.strip():
            shown.append(f"      | {self.line_text.strip()}")
        if self.expected:
            shown.append(f"  expected: {self.expected}")
        if self.found:
            shown.append(f"  found:    {self.found}")
        if self.closest:
            shown.append(f"  closest:  {self.closest[0]}")
            shown += [f"            {one}" for one in self.closest[1:]]
        return "\n".join(shown)

    def plain(self) -> dict[str, Any]:
        return {
            "line": self.place.rsplit(":", 2)[1],
            "what": self.what,
            "expected": self.expected,
            "found": self.found,
            "closest": list(self.closest),
        }


@dataclass
class StepResult:
    number: int
    title: str
    verb: str
    status: str = NOT_RUN
    began: str = ""
    ended: str = ""
    attempts: int = 0
    failures: list[Failure] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        return {
            "step": self.number,
            "title": self.title,
            "verb": self.verb,
            "status": self.status,
            "began": self.began,
            "ended": self.ended,
            "attempts": self.attempts,
            "failures": [one.plain() for one in self.failures],
            "violations": list(self.violations),
        }


@dataclass
class Outcome:
    """file: as shown to a person; seconds: wall time, for the terminal and JUnit only."""

    file: str
    title: str
    case: str
    seed: str
    profile: str
    status: str = PASSED
    steps: list[StepResult] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    seconds: float = 0.0
    trouble: str = ""  # a fault of the stage, with its traceback
    repeat: str = ""

    @property
    def failures(self) -> list[Failure]:
        return [failure for step in self.steps for failure in step.failures]

    @property
    def label(self) -> str:
        return f"{self.title} [{self.case}]" if self.case else self.title

    def render(self) -> str:
        """Return what a person needs to see of a failure: each difference, the fault, the command that repeats it."""
        shown = [failure.render() for failure in self.failures]
        if self.trouble:
            shown.append(self.trouble.rstrip())
        shown.append(f"repeat with: {self.repeat}")
        return "\n".join(shown)

    def journal(self, file: str) -> dict[str, Any]:
        """Return the record of the run for --json: virtual time only, nothing of this machine."""
        return {
            "file": file,
            "scenario": self.title,
            "case": self.case,
            "seed": self.seed,
            "profile": self.profile,
            "status": self.status,
            "steps": [step.plain() for step in self.steps],
            "journal": self.records,
        }
