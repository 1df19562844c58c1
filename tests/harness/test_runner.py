"""The runner over a lab made of nothing: captures, refusals, retries, invariants, faults of the stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest

from harness.actions.registry import Actions
from harness.checks.registry import Checks
from harness.invariants import Violation
from harness.lab.clock import VirtualClock
from harness.outcome import Outcome
from harness.refusal import StepRefusedError
from harness.runner import Runner, repeat_command
from harness.scenario.language import Language, Verb, View
from harness.scenario.reader import read_scenario
from harness.timeline import Timeline
from harness.vocabulary import EXPECT, REMEMBER

ACTIONS = Actions()
CHECKS = Checks("world")


@dataclass
class FakeLab:
    """A world with one number in it."""

    clock: VirtualClock = field(default_factory=lambda: VirtualClock(datetime(2026, 3, 2, 8, tzinfo=UTC)))
    value: int = 0
    closed: int = 0
    broken: list[str] = field(default_factory=list)
    tenants: Mapping[str, Any] = field(default_factory=dict)
    forests: Mapping[str, Any] = field(default_factory=dict)
    servers: Mapping[str, Any] = field(default_factory=dict)
    lost_servers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.timeline = Timeline(self.clock)

    def advance(self, span: timedelta) -> None:
        self.clock.set(self.clock.now() + span)
        self.value += int(span.total_seconds() // 60)

    def settle(self) -> None:
        """Nothing lives in another thread."""

    def close(self) -> None:
        self.closed += 1


@ACTIONS.action("put", "put: 5")
def put(lab: Any, number: Annotated[str, "a number"]) -> None:
    """Set the number."""
    lab.value = int(number)


@ACTIONS.action("refuse", "refuse: X")
def refuse(lab: Any, code: Annotated[str, "code"]) -> None:
    """Be refused."""
    raise StepRefusedError(code, "It is not allowed.", "Some page")


@ACTIONS.action("crash", "crash: now")
def crash(lab: Any, how: Annotated[str, "how"]) -> None:
    """Fail inside the stage."""
    raise ZeroDivisionError(how)


@ACTIONS.action("break", "break: delete-guard")
def break_invariant(lab: Any, name: Annotated[str, "invariant"]) -> None:
    """Break an invariant."""
    lab.broken.append(name)


@CHECKS.check("value", "world.value: 5")
def value(lab: Any, place: Any, query: Any) -> Any:
    """The number."""
    return lab.value


@CHECKS.check("rows", "world.rows(id): {count: 2}", many=True)
def rows(lab: Any, place: Any, query: Any) -> Any:
    """Two rows."""
    return [{"id": 1, "name": "Ana", "value": lab.value}, {"id": 2, "name": "Ben", "value": lab.value}]


class Watch:
    """An invariant check that finds what the actions broke."""

    def __init__(self, lab: Any) -> None:
        self.lab = lab

    def check(self) -> list[Violation]:
        found = [Violation(name, "x", f"{name} broke") for name in self.lab.broken]
        self.lab.broken.clear()
        return found


def run(steps: str, lab: FakeLab | None = None, head: str = "") -> Outcome:
    """Run steps in a world of nothing."""
    verbs: dict[str, Verb] = {"expect": EXPECT, "remember": REMEMBER}
    verbs |= {name: one.verb for name, one in ACTIONS.by_name.items()}
    views: dict[tuple[str, str], View] = {("world", name): one.view for name, one in CHECKS.by_name.items()}
    text = f"scenario: x\n{head}world: {{seed: 7}}\nsteps:\n" + "".join(f"  {one}\n" for one in steps.splitlines())
    reading = read_scenario("dir/f.yaml", text, Language(verbs, views))
    assert reading.scenario is not None, "\n".join(one.render() for one in reading.problems)
    stage = lab if lab is not None else FakeLab()
    runner = Runner(
        reading.scenario,
        reading.scenario.cases[0],
        actions=ACTIONS.by_name,
        checks={("world", name): one for name, one in CHECKS.by_name.items()},
        stage=lambda case, *, seed, profile: stage,
        invariants=Watch,  # type: ignore[arg-type]
    )
    outcome = runner.run()
    assert stage.closed == 1
    return outcome


def test_a_story_that_holds() -> None:
    outcome = run("- put: 5\n- remember: {before: world.rows(id, value)}\n- expect: {world.rows: {equals: $before}}")
    assert outcome.status == "passed", outcome.render()
    assert [step.status for step in outcome.steps] == ["passed"] * 3
    assert [record["kind"] for record in outcome.records] == ["stage.step"] * 3


def test_a_wrong_expectation_tells_everything() -> None:
    outcome = run("- put: 5\n- expect:\n    world.value: 6\n    world.rows: {contains: {name: Cid}}\n- put: 7")
    assert outcome.status == "failed"
    assert [step.status for step in outcome.steps] == ["passed", "failed", "not run"]
    shown = outcome.render()
    assert "dir/f.yaml:6:7: world.value" in shown
    assert "| world.value: 6" in shown
    assert "expected: 6" in shown
    assert "found:    5" in shown
    assert "closest:  {id: 1, name: Ana" in shown
    assert shown.endswith("repeat with: anchorage run dir/f.yaml --seed 7")


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("- refuse: X\n  refused: {code: X}", "passed"),
        ("- refuse: X\n  refused: X", "passed"),
        ("- refuse: X\n  refused: {message: {contains: not allowed}, page: Some page}", "passed"),
        ("- refuse: X\n  refused: {code: Y}", "failed"),
        ("- refuse: X", "failed"),
        ("- put: 5\n  refused: {code: X}", "failed"),
    ],
)
def test_refusals(step: str, status: str) -> None:
    assert run(step).status == status


@pytest.mark.parametrize(
    ("step", "status", "attempts"),
    [
        ("- expect: {world.value: {at_least: 60}}\n  retry: {times: 5, every: 30m}", "passed", 3),
        ("- expect: {world.value: {at_least: 600}}\n  retry: {times: 5, every: 30m}", "failed", 5),
        ("- put: 5\n  retry: {times: 3, every: 1m, until: {world.value: 6}}", "failed", 3),
        ("- put: 5\n  retry: {times: 3, every: 1m, until: {world.value: 5}}", "passed", 1),
    ],
)
def test_retries_pass_in_virtual_time(step: str, status: str, attempts: int) -> None:
    outcome = run(step)
    assert (outcome.status, outcome.steps[0].attempts) == (status, attempts)


def test_a_fault_of_the_stage_is_an_error_and_closes_the_world() -> None:
    outcome = run("- crash: now\n- put: 5")
    assert outcome.status == "error"
    assert "ZeroDivisionError: now" in outcome.trouble


@pytest.mark.parametrize(
    ("steps", "head", "status"),
    [
        ("- break: delete-guard", "", "failed"),
        ("- break: delete-guard\n  expects_violation: delete-guard", "", "passed"),
        ("- put: 5\n  expects_violation: delete-guard", "", "failed"),
        ("- break: delete-guard", "expects_violation: [delete-guard]\n", "passed"),
        ("- put: 5", "expects_violation: [delete-guard]\n", "failed"),
        ("- break: licence-kept\n  expects_violation: delete-guard", "", "failed"),
    ],
)
def test_invariants(steps: str, head: str, status: str) -> None:
    assert run(steps, head=head).status == status


def test_arguments_are_checked_again_when_variables_have_values() -> None:
    outcome = run("- remember: {rows: world.rows}\n- put: $rows")
    assert outcome.status == "failed"
    assert "here belongs a number" in outcome.render() or "here belongs text" in outcome.render()


def test_steps_of_other_cases_are_left_out() -> None:
    outcome = run("- put: $size\n- crash: x\n  only: many", head="cases: {few: {size: 2}, many: {size: 9}}\n")
    assert outcome.status == "passed", outcome.render()
    assert len(outcome.steps) == 1
    assert outcome.repeat.endswith("-k few")


def test_expectations_beside_a_verb() -> None:
    assert run("- put: 5\n  expect: {world.value: 5}").status == "passed"
    assert run("- put: 5\n  expect: {world.value: 6}").status == "failed"


def test_choosing_with_where() -> None:
    assert run("- expect: {world.rows: {where: {name: Ana}, count: 1}}").status == "passed"
    assert run("- expect: {world.rows: {where: {name: Cid}, count: 1}}").status == "failed"


def test_ctrl_c_closes_the_world_and_passes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = FakeLab()
    monkeypatch.setattr(lab, "advance", lambda span: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run("- expect: {world.value: 1}\n  retry: {times: 2, every: 1m}", lab)
    assert lab.closed == 1


def test_the_command_that_repeats() -> None:
    assert repeat_command("a b.yaml", "few", "7", profile="vendor") == (
        "anchorage run 'a b.yaml' --seed 7 -k few --profile vendor"
    )
