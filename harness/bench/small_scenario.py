"""Row 10: one small scenario in a warm process beside an empty pytest run, and two workers beside one.

Source: design document, section 5, row 10.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from harness.bench.measuring import Collector, Goal, Line, Peer, Row, Settings, child_environment
from harness.outcome import PASSED
from harness.runner import Runner
from harness.scenario.document import Scenario
from harness.scenario_files import read_file, shipped_folder
from harness.vocabulary import actions, checks, the_language

NUMBER = "10"
STORY = "title_change.yaml"
RUNS_WARM = 25
RUNS_WORKERS = 3
WARM_UPS = 3
OURS, PEER = "ours", "peer"
BARE = "pytest without any plugin"
ONE_PROCESS = "scenarios per second without workers"
TWO_SPINS = "what two busy processes get done here, of what one does"
_MILLISECONDS = 1000.0
_EMPTY_TEST = "def test_nothing():\n    pass\n"
#: counts down, then says how long that took
_SPIN = """
from time import perf_counter as now
began, left = now(), 3_000_000
while left:
    left -= 1
print(now() - began)
"""


class ScenarioDidNotPassError(RuntimeError):
    """A scenario that fails is not worth a measurement."""


def measure(settings: Settings) -> Iterator[Line]:
    yield warm_scenario(settings)
    yield two_workers(settings)


ROW = Row(NUMBER, "small scenarios", measure)


# ---- one, warm -------------------------------------------------------------------------------------------------------
def warm_scenario(settings: Settings) -> Line:
    """The first example of the README in a process that has run it before, beside one empty test in a new process."""
    reading = read_file(shipped_folder() / STORY, the_language())
    if reading.scenario is None:
        raise ScenarioDidNotPassError(f"{STORY} cannot be read: {reading.problems[0].render()}")
    folder = settings.folder / "empty-test"
    folder.mkdir()
    (folder / "test_empty.py").write_text(_EMPTY_TEST)
    taken = Collector()
    for _ in range(WARM_UPS):
        _run(reading.scenario)
    _empty_pytest(settings, folder), _empty_pytest(settings, folder, "-p", "xdist.plugin", "-n0")
    for _ in range(settings.runs or RUNS_WARM):
        taken.put(OURS, _run(reading.scenario))
        taken.calibrate()
        taken.put(PEER, _empty_pytest(settings, folder, "-p", "xdist.plugin", "-n0"))
        taken.put(BARE, _empty_pytest(settings, folder))
    return Line(
        NUMBER,
        "one small scenario, warm process",
        "ms",
        taken.of(OURS),
        Peer("pytest with xdist, one empty test", taken.of(PEER)),
        Goal(0.25),
        taken.parts(OURS, PEER),
        calibration=taken.calibration,
    )


def _run(scenario: Scenario) -> float:
    began = perf_counter()
    outcome = Runner(scenario, scenario.cases[0], actions=actions(), checks=checks()).run()
    if outcome.status != PASSED:
        raise ScenarioDidNotPassError(outcome.render())
    return (perf_counter() - began) * _MILLISECONDS


def _empty_pytest(settings: Settings, folder: Path, *words: str) -> float:
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(folder), "-c", "/dev/null", *words]
    return _seconds(["-m", "pytest", *options, "test_empty.py"], settings, folder) * _MILLISECONDS


# ---- two workers -----------------------------------------------------------------------------------------------------
def two_workers(settings: Settings) -> Line:
    """Many copies of the example through ``anchorage run``, whole command, with two workers and with one."""
    folder = settings.folder / "copies"
    folder.mkdir()
    for number in range(settings.copies):
        shutil.copy(shipped_folder() / STORY, folder / f"copy_{number:03d}.yaml")
    taken = Collector()
    _throughput(settings, folder, 0)  # compiles
    for _ in range(settings.runs or RUNS_WORKERS):
        taken.put(OURS, _throughput(settings, folder, 2))
        taken.calibrate()
        taken.put(PEER, _throughput(settings, folder, 1))
        taken.put(ONE_PROCESS, _throughput(settings, folder, 0))
        taken.put(TWO_SPINS, _two_spins())
    return Line(
        NUMBER,
        f"{settings.copies} small scenarios, two workers",
        "/s",
        taken.of(OURS),
        Peer("one worker", taken.of(PEER)),
        Goal(1.7, at_most=False),
        taken.parts(OURS, PEER),
        {TWO_SPINS: "x"},
        taken.calibration,
    )


def _throughput(settings: Settings, folder: Path, workers: int) -> float:
    """Return scenarios per second of a whole command."""
    return settings.copies / _seconds(["-m", "harness", "run", str(folder), "-n", str(workers)], settings, folder)


def _two_spins() -> float:
    """Return how much more two processes get done than one: what this machine leaves to gain now."""
    (before,), both, (after,) = _spinning(1), _spinning(2), _spinning(1)
    return sum((before + after) / 2 / one for one in both)


def _spinning(count: int) -> list[float]:
    """Return how many seconds each of so many busy processes at once took."""
    command = [sys.executable, "-I", "-c", _SPIN]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]  # noqa: S603
    return [float(process.communicate()[0]) for process in started]


def _seconds(words: Sequence[str], settings: Settings, folder: Path) -> float:
    """Return the wall seconds of a Python command that must succeed."""
    began = perf_counter()
    ended = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        env=child_environment(settings.folder),
        cwd=folder,
    )
    seconds = perf_counter() - began
    if ended.returncode:
        raise ScenarioDidNotPassError(f"{' '.join(words[:3])} ended with {ended.returncode}: {ended.stdout[-600:]}")
    return seconds
