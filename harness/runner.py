"""Runs a Scenario in a Lab: step by step, with captures, expectations, refusals, retries and invariants; returns an
Outcome.

A scenario that errs never stops others: everything ends in an Outcome. Ctrl-C passes through, after the world is
closed.
"""

from __future__ import annotations

import errno
import gc
import re
import shlex
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Protocol

from harness.actions.registry import Action
from harness.checks.registry import Check
from harness.expecting import Looker, compare
from harness.invariants import Invariants, Violation
from harness.lab.clock import show_time
from harness.lab.lab import Lab
from harness.lab.ldap_client import LdapUnreachableError
from harness.outcome import ERROR, FAILED, INVALID, PASSED, Failure, Outcome, StepResult
from harness.refusal import Refusal, ScenarioError, refusal_of
from harness.scenario.document import Case, Expectation, Scenario, Step
from harness.scenario.language import INVARIANTS
from harness.scenario.matching import match, show
from harness.scenario.scope import Scope
from harness.scenario.steps_reader import EXPECT, REMEMBER
from harness.scenario.variables import UnknownVariableError, resolve

#: what a server says when its database cannot grow
_DISK_FULL = re.compile(r"stopped-database-disk-full|database or disk is full|disk I/O error")
#: errors that only somebody at this machine can mend
_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EMFILE, errno.ENFILE)


class Stage(Protocol):
    """What builds the world of a case; tests hand in their own."""

    def __call__(self, case: Case, *, seed: str | None, profile: str) -> Any: ...


@contextmanager
def rare_collections() -> Iterator[None]:
    """A world's objects live until it ends: looking for cycles among them at the usual rate finds next to none."""
    before = gc.get_threshold()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def build_lab(case: Case, *, seed: str | None, profile: str) -> Lab:
    return Lab(case.world, seed=seed, profile=profile)


class Runner:
    """Runs one case of one scenario."""

    def __init__(
        self,
        scenario: Scenario,
        case: Case,
        *,
        actions: Mapping[str, Action],
        checks: Mapping[tuple[str, str], Check],
        seed: str | None = None,
        profile: str | None = None,
        stage: Stage = build_lab,
        invariants: Callable[[Any], Invariants] | None = Invariants,
        shown_file: str = "",
        journal: bool = True,
    ) -> None:
        self.journal = journal
        self.scenario = scenario
        self.case = case
        self.actions = actions
        self.checks = checks
        self.seed = seed if seed is not None else case.world.seed
        self.profile = case.profile_of(profile)
        self._stage = stage
        self._watch = invariants
        self.variables: dict[str, Any] = {"seed": self.seed, **case.variables}
        self.file = shown_file or scenario.file
        self._broken: set[str] = set()

    def run(self) -> Outcome:
        """Run all steps; the first that fails ends the story."""
        with rare_collections():
            return self._run()

    def _run(self) -> Outcome:
        began = perf_counter()
        outcome = Outcome(self.file, self.scenario.title, self.case.name, self.seed, self.profile)
        outcome.repeat = repeat_command(self.file, self.case.name, self.seed, profile=self.profile)
        outcome.steps = [StepResult(number, step.title, step.verb) for number, step in enumerate(self._steps(), 1)]
        lab = None
        try:
            lab = self._stage(self.case, seed=self.seed, profile=self.profile)
            lab.timeline.every_hop = self.journal or self._looks_at_hops()
            watch = self._watch(lab) if self._watch is not None else None
            for step, result in zip(self._steps(), outcome.steps, strict=True):
                self._step(lab, watch, step, result)
                if result.status != PASSED:
                    outcome.status = result.status
                    break
            else:
                self._settle(outcome)
        except ScenarioError as error:  # the world itself cannot be made
            outcome.status = INVALID
            outcome.trouble = str(error)
        except Exception as error:  # noqa: BLE001 - an erring scenario must not stop the others
            outcome.status = ERROR
            outcome.trouble = machine_fault(error) or describe(error)
        finally:
            if lab is not None:
                outcome.records = list(lab.timeline.numbered()) if self.journal else []
                self._close(lab, outcome)
        outcome.seconds = perf_counter() - began
        return outcome

    def _looks_at_hops(self) -> bool:
        """Whether an expectation of the scenario reads the timeline itself."""
        subjects = (one.subject for step in self.scenario.steps for one in step.expectations)
        return any(subject.startswith("world.timeline") for subject in subjects)

    def _steps(self) -> list[Step]:
        return [step for step in self.scenario.steps if not step.cases or self.case.name in step.cases]

    @staticmethod
    def _close(lab: Any, outcome: Outcome) -> None:
        try:
            lab.close()
        except Exception as error:  # noqa: BLE001 - told as a fault of the stage
            outcome.status = ERROR
            outcome.trouble += f"\nclosing the world failed: {describe(error)}"

    def _settle(self, outcome: Outcome) -> None:
        """A violation the scenario as a whole announced must have come."""
        missing = [name for name in self.scenario.violations if name not in self._broken]
        if missing:
            position = self.scenario.position
            place = f"{self.file}:{position.line}:{position.column}"
            what = f"the scenario was meant to break {', '.join(missing)}, and did not"
            outcome.steps[-1].failures.append(Failure(place, "", what))
            outcome.steps[-1].status = outcome.status = FAILED

    # ---- one step ----------------------------------------------------------------------------------------------------
    def _step(self, lab: Any, watch: Invariants | None, step: Step, result: StepResult) -> None:
        result.began = show_time(lab.clock.now())
        lab.timeline.note("stage.step", step=result.number, title=step.title)
        times = step.retry.times if step.retry is not None else 1
        try:
            for attempt in range(1, times + 1):
                result.attempts = attempt
                result.failures = self._attempt(lab, step)
                if not result.failures:
                    break
                if attempt < times and step.retry is not None:
                    lab.advance(step.retry.every)
            result.status = FAILED if result.failures else PASSED
            if watch is not None and result.status == PASSED:
                self._violations(watch, step, result)
        except (ScenarioError, UnknownVariableError) as error:
            result.status = FAILED
            result.failures = [self._failure(step, str(error))]
        finally:
            result.ended = show_time(lab.clock.now())

    def _attempt(self, lab: Any, step: Step) -> list[Failure]:
        looker = Looker(lab, self.checks, self.variables)
        if step.verb == EXPECT:
            failures = [one for expected in _expectations(step) for one in self._expect(looker, expected)]
        elif step.verb == REMEMBER:
            for name, query in step.arguments.items():
                self.variables[name] = looker.find(query)
            failures = []
        else:
            failures = self._act(lab, step)
            lab.settle()
        for expected in step.expectations if step.verb != EXPECT else ():
            failures += self._expect(looker, expected)
        for expected in step.retry.until if step.retry is not None else ():
            failures += self._expect(looker, expected)
        return failures

    def _act(self, lab: Any, step: Step) -> list[Failure]:
        arguments = resolve(step.arguments, self.variables)
        action = self.actions[step.verb]
        wrong = recheck(action, arguments)
        if wrong:
            raise ScenarioError(wrong)
        try:
            action.call(lab, arguments)
        except (ScenarioError, UnknownVariableError, KeyboardInterrupt):
            raise
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None and not isinstance(error, LdapUnreachableError):
                raise
            return self._refused(step, refusal or Refusal("unreachable", str(error)))
        if step.refused is not None:
            wanted = show(resolve(dict(step.refused), self.variables))
            return [self._failure(step, f"{step.verb} should have been refused", wanted, "it was carried out")]
        return []

    def _refused(self, step: Step, refusal: Refusal) -> list[Failure]:
        found = refusal.plain()
        if step.refused is None and _DISK_FULL.search(f"{refusal.code} {refusal.message}"):
            raise OSError(errno.ENOSPC, f"{refusal.message} Worlds are kept in", tempfile.gettempdir())
        if step.refused is None:
            return [self._failure(step, f"{step.verb} was refused", "", show(found, 600))]
        wanted = resolve(dict(step.refused), self.variables)
        return [
            self._failure(step, f"{step.verb} was refused otherwise ({one.where})", one.expected, one.found)
            for one in match(found, wanted)
        ]

    def _expect(self, looker: Looker, expectation: Expectation) -> list[Failure]:
        place = f"{self.file}:{expectation.position.line}:{expectation.position.column}"
        try:
            differences = compare(looker, expectation)
        except (ScenarioError, UnknownVariableError) as error:
            return [Failure(place, expectation.line_text, str(error))]
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            what = f"looking at {expectation.subject} was refused"
            return [Failure(place, expectation.line_text, what, "", show(refusal.plain(), 400))]
        subject = resolve(expectation.subject, self.variables)
        return [
            Failure(place, expectation.line_text, f"{subject}{_where(one.where)}", one.expected, one.found, one.closest)
            for one in differences
        ]

    def _failure(self, step: Step, what: str, expected: str = "", found: str = "") -> Failure:
        place = f"{self.file}:{step.position.line}:{step.position.column}"
        return Failure(place, step.line_text, what, expected, found)

    def _violations(self, watch: Invariants, step: Step, result: StepResult) -> None:
        found: list[Violation] = watch.check()
        allowed = {*step.violations, *self.scenario.violations}
        result.violations = sorted({one.name for one in found})
        self._broken.update(result.violations)
        for one in found:
            if one.name not in allowed:
                what = f"invariant {one.name} broke: {INVARIANTS[one.name]}"
                result.failures.append(self._failure(step, what, "", one.message))
        for name in step.violations:
            if name not in result.violations:
                result.failures.append(self._failure(step, f"this step was meant to break {name}, and did not"))
        if result.failures:
            result.status = FAILED


def _expectations(step: Step) -> tuple[Expectation, ...]:
    return step.expectations


def _where(where: str) -> str:
    return f" {where}" if where else ""


def recheck(action: Action, arguments: Any) -> str:
    """Return what is wrong with arguments once their variables have values; empty = nothing."""
    complaints: list[str] = []
    shapes = action.verb.arguments

    def report(path: tuple[str | int, ...], key: bool, message: str, hint: str, offset: int) -> None:
        complaints.append(f"{'.'.join(str(one) for one in path)}: {message}" if path else message)

    shapes.check(arguments, (), _Trusting(report))
    return "; ".join(complaints)


class _Trusting(Scope):
    """A scope in which every name exists: names were checked when the file was read, and the lab looks again."""

    def use(self, kind: str, name: str, path: Any, *, key: bool = False, offset: int = 0) -> None:
        """Any name will do."""


def repeat_command(file: str, case: str, seed: str, *, profile: str = "guide") -> str:
    """Return the command that runs this case again with its seed."""
    words = ["anchorage", "run", file, "--seed", seed]
    if case:
        words += ["-k", case]
    if profile != "guide":
        words += ["--profile", profile]
    return shlex.join(words)


def machine_fault(error: BaseException) -> str:
    """Return what a person has to mend on this machine, in one line; empty when the error is a fault of the stage."""
    if not isinstance(error, OSError) or error.errno not in _MACHINE:
        return ""
    where = f": {error.filename}" if error.filename else ""
    return f"this machine cannot go on: {error.strerror}{where}"


def describe(error: BaseException) -> str:
    """Return an unexpected error with where it arose."""
    return "".join(traceback.format_exception(error, limit=-6))
