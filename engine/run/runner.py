"""Runs the steps of a run profile in order and says how it ended, in the product's result strings.

Source: facts "engine" sections 4, 5.2 and 5.5; decision D4.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from engine.errors import ConnectorError
from engine.model.configuration import ConnectorConfiguration, RunProfile, RunStep, StepType
from engine.run.limits import StepStopped
from engine.run.not_reimported import NOT_REIMPORTED
from engine.run.sync_step import ErrorLimit
from engine.store.database import Database, DatabaseFull
from engine.store.run_history import RunHistory, RunResult, StepResult

#: Worst first; an unknown stopped-* or no-start-* counts as the worst of its family (facts "engine" 5.2).
SEVERITY = (
    "no-start",
    "stopped",
    "stopped-error-limit",
    "completed-discovery-errors",
    "completed-export-errors",
    "completed-sync-errors",
    "completed-transient-objects",
    "completed-warnings",
    "completed-no-objects",
    "success",
)
#: After these the next step of the profile does not run.
_ENDS_THE_RUN = ("no-start", "stopped", "completed-discovery-errors")

RunOneStep = Callable[[RunResult, StepResult, RunStep], None]


@dataclass
class Runner:
    """Runs profiles against one database. ``now``: the clock's reading."""

    database: Database
    history: RunHistory
    now: Callable[[], object]
    past_unreachable: bool = True  # whether a run goes on with the next domain when one cannot be reached

    def run(
        self, configuration: ConnectorConfiguration, profile: RunProfile, identifier: str, perform: RunOneStep
    ) -> RunResult:
        """Run every step; the run's result is that of its worst step.

        On a full disk the run ends there; what could not be written of it is written when the next one begins.
        """
        now: datetime = self.now()  # type: ignore[assignment]
        try:
            with self.database.writing():
                run = self.history.begin(configuration.identifier, configuration.name, profile.name, identifier, now)
        except DatabaseFull as full:  # not even that it ran can be written
            return RunResult(
                0, identifier, configuration.identifier, configuration.name, profile.name, 0, now, now, full.code
            )
        try:
            with self.database.writing(), relaxed_collector():
                self._steps(run, profile, perform)
                run.result = worst([step.result for step in run.steps]) if run.steps else "no-start-no-steps-defined"
                self.history.finish(run, self.now())  # type: ignore[arg-type]
        except DatabaseFull as full:
            run.result, run.ended = full.code, self.now()  # type: ignore[assignment]
            self.history.unwritten = run
        return run

    def _steps(self, run: RunResult, profile: RunProfile, perform: RunOneStep) -> None:
        for number, step in enumerate(profile.steps, start=1):
            result = StepResult(number, step.type.value, step.partition, self.now())  # type: ignore[arg-type]
            run.steps.append(result)
            self._perform(run, result, step, perform)
            result.ended = self.now()  # type: ignore[assignment]
            self.history.finish_step(self.database.connection, run, result)
            if result.result.startswith(_ENDS_THE_RUN) and not self._goes_on(step, result):
                break

    def _goes_on(self, step: RunStep, result: StepResult) -> bool:
        """One domain's controller being out of reach is no reason to leave the others alone (catalogue DR-18)."""
        by_domain = step.type in (StepType.FULL_IMPORT, StepType.DELTA_IMPORT, StepType.EXPORT)
        return self.past_unreachable and by_domain and result.result in ("no-start-connection", "stopped-connectivity")

    def _perform(self, run: RunResult, result: StepResult, step: RunStep, perform: RunOneStep) -> None:
        try:
            with self.database.writing():
                perform(run, result, step)
        except ConnectorError as failed:
            result.result = failed.run_result
            result.connection = f"{failed.code}: {failed.message}"
        except StepStopped as stopped:
            result.result = stopped.result
        except DatabaseFull as full:
            result.result = full.code
        except ErrorLimit:
            result.result = "stopped-error-limit"
        else:
            result.result = ended(step.type, result)


def ended(kind: StepType, result: StepResult) -> str:
    """How a step that came to its end ended."""
    if kind in (StepType.FULL_IMPORT, StepType.DELTA_IMPORT, StepType.SPECIFIC_OBJECT_IMPORT):
        kinds = {error.error_type for error in result.errors}
        if kinds - {NOT_REIMPORTED}:
            return "completed-discovery-errors"
        if result.transient:
            return "completed-transient-objects"
        if kinds:
            return "completed-warnings"
        nothing = kind is StepType.FULL_IMPORT and not any(result.statistics.counters.values())
        return "completed-no-objects" if nothing else "success"
    if result.errors:
        exporting = kind in (StepType.EXPORT, StepType.SPECIFIC_OBJECT_EXPORT)
        return "completed-export-errors" if exporting else "completed-sync-errors"
    return "success"


def worst(results: list[str]) -> str:
    """The worst of several step results."""

    def rank(result: str) -> int:
        known = max((name for name in SEVERITY if result.startswith(name)), key=len, default="")
        return SEVERITY.index(known) if known else 0

    return min(results, key=rank)


@contextmanager
def relaxed_collector() -> Iterator[None]:
    """Collect rarely while thousands of objects are made: the cyclic collector would walk them again and again."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
