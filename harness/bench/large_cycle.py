"""Rows 8 and 9: the initial cycle of a large forest with its memory, and the delta cycles that follow it.

Each world lives in a process of its own, so that the memory is its own: forests, tenant and server together. The goals
are budgets (seconds, GiB, milliseconds), shown as a peer. Source: design document, section 5, rows 8 and 9.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.bench.initial_cycle import CycleFailedError
from harness.bench.measuring import Collector, Goal, Line, Peer, Row, Series, Settings, child_environment

SECONDS_MAX, GIB_MAX = 25.0, 2.0
IDLE_MS_MAX, MEMBER_US_MAX = 50.0, 5.0
#: t(large) may be at most this many times t(a tenth of it); what a changed share may cost of the initial cycle
GROWTH_MAX, CHANGED_MAX = 11.0, 0.1
_SMALLER = 10
_BUDGET = "the budget"


@dataclass(frozen=True)
class Rules:
    """Which rules a measurement runs with: the shipped ones, or those of an exported server configuration."""

    words: str
    folder: str | None = None


def rule_sets(settings: Settings) -> Iterator[Rules]:
    yield Rules("shipped rules")
    if settings.configuration is not None:
        yield Rules("exported rules", str(settings.configuration))


def measure_initial(settings: Settings) -> Iterator[Line]:
    """Row 8."""
    for rules in rule_sets(settings):
        large, small = Collector(), Collector()
        for _ in range(settings.runs or 1):
            _put_all(small, _world(settings, "initial", settings.large // _SMALLER, rules))
            _put_all(large, _world(settings, "initial", settings.large, rules))
            large.calibrate()
        words = f"initial cycle, {settings.large:,} people, {rules.words}"
        yield Line(
            "8",
            words,
            "s",
            large.of("seconds"),
            _budget(SECONDS_MAX),
            Goal(1.0),
            large.parts("seconds", "GiB"),
            calibration=large.calibration,
        )
        yield Line("8", f"{words}: memory of it all", "GiB", large.of("GiB"), _budget(GIB_MAX), Goal(1.0))
        yield Line(
            "8",
            f"{words}, against a tenth of them",
            "s",
            large.of("seconds"),
            Peer(f"{settings.large // _SMALLER:,} people", small.of("seconds")),
            Goal(GROWTH_MAX),
        )


def measure_delta(settings: Settings) -> Iterator[Line]:
    """Row 9."""
    for rules in rule_sets(settings):
        taken = Collector()
        for _ in range(settings.runs or 1):
            _put_all(taken, _world(settings, "delta", settings.large, rules))
            taken.calibrate()
        words = f"{settings.large:,} people, {rules.words}"
        yield Line("9", f"delta cycle without a change, {words}", "ms", taken.of("idle"), _budget(IDLE_MS_MAX), Goal(1))
        yield Line(
            "9",
            f"delta cycle with 7 % changed, {words}",
            "s",
            taken.of("changed"),
            Peer("the initial cycle", taken.of("seconds")),
            Goal(CHANGED_MAX),
            {"the cycle that confirms it": taken.of("confirming")},
            calibration=taken.calibration,
        )
        group = Collector()
        members = settings.large // 2 - 1  # rules of older exports let a group out only below 50,000 members
        for _ in range(settings.runs or 1):
            _put_all(group, _world(settings, "group", members, rules))
        yield Line(
            "9",
            f"one member of {members:,} leaves, {rules.words}",
            "us/member",
            group.of("member"),
            _budget(MEMBER_US_MAX),
            Goal(1.0),
        )


INITIAL = Row("8", "the initial cycle of a large forest", measure_initial)
DELTA = Row("9", "delta cycles of a large forest", measure_delta)


def _budget(value: float) -> Peer:
    return Peer(_BUDGET, Series((value,)))


def _put_all(taken: Collector, figures: Mapping[str, float]) -> None:
    for name, value in figures.items():
        taken.put(name, value)


def _world(settings: Settings, story: str, people: int, rules: Rules) -> dict[str, float]:
    """Tell one story in a process of its own; returns its figures."""
    order: dict[str, Any] = {"story": story, "people": people, "configuration": rules.folder}
    ended = subprocess.run(
        [sys.executable, "-m", "harness.bench.cycle_story"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
        env=child_environment(settings.folder),
    )
    if ended.returncode != 0:
        raise CycleFailedError(f"{story} with {people:,} people: {ended.stderr.strip().splitlines()[-1:]}")
    figures: dict[str, float] = json.loads(ended.stdout)
    return figures
