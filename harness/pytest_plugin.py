"""pytest plugin: scenario files are test items, one for each case, safe under xdist; fixtures ``lab`` and ``world``.

Installed with the package, so it stays out of the way: nothing of the harness is imported until a scenario file or a
fixture is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.outcome import Outcome
    from harness.scenario.document import Case, Scenario, World

SUFFIXES = (".yaml", ".yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("anchorage", "scenarios")
    group.addoption("--anchorage-seed", default=None, help="run scenarios with this seed instead of their own")
    group.addoption("--anchorage-profile", default=None, help="run scenarios with this behaviour profile")
    group.addoption("--anchorage-spool", default=None, help="folder in which outcomes are collected")
    group.addoption("--anchorage-root", default=None, help="folder that file names in reports start from")
    group.addoption("--anchorage-journal", action="store_true", default=False, help="collect every hop")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "scenario: a scenario file run by Anchorage")
    folder = config.getoption("--anchorage-spool")
    if folder is not None and hasattr(config, "workerinput"):
        Path(folder, f"{os.getpid()}.worker").touch()  # whoever started the run ends this process when interrupted


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix not in SUFFIXES:
        return None
    named = parent.session.isinitpath(file_path) and parent.config.getoption("--anchorage-spool") is not None
    if not named and not _is_scenario(file_path):
        return None
    return ScenarioFile.from_parent(parent, path=file_path)  # type: ignore[no-any-return]


def _is_scenario(path: Path) -> bool:
    """Ask cheaply first: most YAML files of most projects are no scenarios."""
    if path.parent.name == "worlds":
        return False
    try:
        with path.open("rb") as file:
            head = file.read(65536)
    except OSError:
        return False
    return head.startswith(b"scenario:") or b"\nscenario:" in head


class ScenarioFile(pytest.File):
    """A YAML file with a ``scenario:`` key."""

    def collect(self) -> Iterator[pytest.Item]:
        from harness.scenario_files import read_file
        from harness.vocabulary import the_language

        reading = read_file(self.path, the_language(), shown_name(self.path, self.config))
        if reading.scenario is None:
            text = "\n".join(problem.render() for problem in reading.problems)
            yield InvalidScenario.from_parent(self, name=self.path.stem, complaints=text)
            return
        known = self.config.getini("markers")
        for order, case in enumerate(reading.scenario.cases):
            name = f"{self.path.stem}[{case.name}]" if case.name else self.path.stem
            item = ScenarioItem.from_parent(self, name=name, scenario=reading.scenario, case=case, order=order)
            item.add_marker("scenario")
            for tag in reading.scenario.tags:
                if not any(line.split(":")[0].strip() == tag for line in known):
                    self.config.addinivalue_line("markers", f"{tag}: a tag of scenarios")
                    known = self.config.getini("markers")
                item.add_marker(tag)
            yield item


class InvalidScenario(pytest.Item):
    """A scenario file that cannot be read: it fails with all its complaints, and the others run."""

    def __init__(self, *, complaints: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.complaints = complaints

    def runtest(self) -> None:
        from harness.outcome import INVALID, Outcome

        name = report_name(self.path, self.config)
        outcome = Outcome(name, self.path.stem, "", "", "guide", status=INVALID, trouble=self.complaints)
        outcome.repeat = f"anchorage check {shown_name(self.path, self.config)}"
        spool(self.config, outcome, name, 0)
        raise ScenarioFailedError(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return self.complaints if isinstance(excinfo.value, ScenarioFailedError) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"scenario file: {self.path.name}"


class ScenarioItem(pytest.Item):
    """One case of a scenario."""

    def __init__(self, *, scenario: Scenario, case: Case, order: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.scenario = scenario
        self.case = case
        self.order = order

    def runtest(self) -> None:
        outcome = run_case(self.scenario, self.case, self.config, shown_name(self.path, self.config))
        self.user_properties.append(("seed", outcome.seed))
        spool(self.config, outcome, report_name(self.path, self.config), self.order)
        if outcome.status != "passed":
            raise ScenarioFailedError(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ScenarioFailedError):
            return excinfo.value.outcome.render()
        if isinstance(excinfo.value, OutcomeLostError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.scenario.position.line - 1, self.name


class ScenarioFailedError(Exception):
    """Carries the outcome to the report."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.status)
        self.outcome = outcome


class OutcomeLostError(Exception):
    """The outcome cannot be handed to whoever started the run: the disk is full, or the folder is gone."""


def run_case(scenario: Scenario, case: Case, config: pytest.Config, shown: str) -> Outcome:
    """Run one case with the options of this pytest run."""
    from harness.runner import Runner
    from harness.vocabulary import actions, checks

    runner = Runner(
        scenario,
        case,
        actions=actions(),
        checks=checks(),
        seed=config.getoption("--anchorage-seed"),
        profile=config.getoption("--anchorage-profile"),
        shown_file=shown,
        journal=config.getoption("--anchorage-journal"),
    )
    return runner.run()


def spool(config: pytest.Config, outcome: Outcome, name: str, order: int) -> None:
    """Hand the outcome to whoever started the run, if somebody asked for it."""
    folder = config.getoption("--anchorage-spool")
    if folder is None:
        return
    from harness.run_spool import Spool

    try:
        Spool(Path(folder), journals=config.getoption("--anchorage-journal")).put(outcome, name, order)
    except OSError as error:
        raise OutcomeLostError(
            f"what came of {name} could not be kept in {folder}: {error.strerror or error}"
        ) from None


def shown_name(path: Path, config: pytest.Config) -> str:
    """Return a file's name as a person would type it here."""
    start = config.invocation_params.dir
    try:
        return str(path.relative_to(start))
    except ValueError:
        return str(path)


def report_name(path: Path, config: pytest.Config) -> str:
    """Return a file's name as the journal has it: below the folder the run was asked for, the same on every machine."""
    root = config.getoption("--anchorage-root")
    try:
        return path.relative_to(root).as_posix() if root else path.name
    except ValueError:
        return path.name


# ---- fixtures ------------------------------------------------------------------------------------------------------
@pytest.fixture
def world() -> Callable[..., World]:
    """Return a maker of worlds: ``world(forests={...}, tenants={...})``, written as in a scenario file."""
    return make_world


def make_world(**keys: Any) -> World:
    """Return a world from the keys of ``world:``; raises ValueError with every complaint."""
    import yaml

    from harness.scenario.reader import read_world_file
    from harness.vocabulary import the_language

    reading = read_world_file("world", yaml.safe_dump(keys), the_language())
    if reading.world is None:
        raise ValueError("\n".join(problem.render() for problem in reading.problems))
    return reading.world


@pytest.fixture
def lab() -> Iterator[Callable[..., Lab]]:
    """Return a maker of running labs: ``lab(world(...))`` or ``lab(forests={...}, tenants={...})``;
    closed at the end.
    """
    from harness.lab.lab import Lab

    started: list[Lab] = []

    def start(world: World | None = None, *, profile: str = "guide", **keys: Any) -> Lab:
        one = Lab(world if world is not None else make_world(**keys), profile=profile)
        started.append(one)
        return one

    yield start
    for one in reversed(started):
        one.close()
