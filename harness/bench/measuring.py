"""What a measurement is: a series of runs, a line beside its peer, a goal, a verdict; and how fast the machine was.

Source: design document, section 5: ratios, measured side by side in one run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import harness

_SPIN_LOOPS = 1_000_000


@dataclass(frozen=True)
class Settings:
    """What the command line asks of every row. runs: None = each row's own number; folder: scratch, gone afterwards.

    large: people in rows 8 and 9. configuration: an exported server configuration whose rules they run with too.
    """

    folder: Path
    runs: int | None = None
    sizes: tuple[int, ...] = (1_000, 10_000)
    copies: int = 40
    large: int = 100_000
    configuration: Path | None = None


@dataclass(frozen=True)
class Series:
    """The same thing measured several times, in order."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a series has at least one value")

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)


@dataclass(frozen=True)
class Goal:
    """Where the ratio of ours to the peer's must lie: at most, or at least, a bound."""

    bound: float
    at_most: bool = True

    def met(self, ratio: float) -> bool:
        return ratio <= self.bound if self.at_most else ratio >= self.bound

    @property
    def text(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.bound:g}x"

    def verdict(self, ratio: float) -> str:
        """Return "met", or by how much the goal is missed."""
        if self.met(ratio):
            return "met"
        factor = ratio / self.bound if self.at_most else self.bound / ratio
        return f"missed by {factor:.2f}x"


@dataclass(frozen=True)
class Peer:
    """What ours is measured beside; ``series`` None: it is absent, and ``absence`` says why."""

    name: str
    series: Series | None = None
    absence: str = ""


@dataclass(frozen=True)
class Calibration:
    """How fast and how free the machine was beside one line: million loops per CPU second, share of a core."""

    speed: Series
    share: Series


@dataclass(frozen=True)
class Line:
    """One line of the table. parts: further series by name, in the line's unit unless ``units`` names another."""

    row: str
    measure: str
    unit: str
    ours: Series
    peer: Peer | None = None
    goal: Goal | None = None
    parts: Mapping[str, Series] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    calibration: Calibration | None = None

    @property
    def ratio(self) -> float | None:
        """Median of ours to median of the peer's; None without a peer's figure."""
        if self.peer is None or self.peer.series is None or self.peer.series.median == 0:
            return None
        return self.ours.median / self.peer.series.median

    @property
    def verdict(self) -> str:
        if self.peer is not None and self.peer.series is None:
            return f"{self.peer.name} absent: {self.peer.absence}"
        if self.goal is None or self.ratio is None:
            return "no goal"
        return self.goal.verdict(self.ratio)


@dataclass(frozen=True)
class Row:
    """A row of the table: its number in the performance contract, what it is about, and the function that measures."""

    number: str
    title: str
    measure: Callable[[Settings], Iterator[Line]]


@dataclass
class Collector:
    """Collects series by name while ours and the peer take turns, and the machine's speed between them."""

    series: dict[str, list[float]] = field(default_factory=dict)
    spins: list[tuple[float, float]] = field(default_factory=list)

    def put(self, name: str, value: float) -> None:
        self.series.setdefault(name, []).append(value)

    def calibrate(self) -> None:
        self.spins.append(spin())

    def has(self, name: str) -> bool:
        return name in self.series

    def of(self, name: str) -> Series:
        return Series(tuple(self.series[name]))

    def parts(self, *without: str) -> dict[str, Series]:
        return {name: self.of(name) for name in self.series if name not in without}

    @property
    def calibration(self) -> Calibration | None:
        if not self.spins:
            return None
        speeds, shares = zip(*self.spins, strict=True)
        return Calibration(Series(tuple(speeds)), Series(tuple(shares)))


def spin(loops: int = _SPIN_LOOPS) -> tuple[float, float]:
    """Return million pure-Python loops per CPU second, and the share of a core this process got meanwhile."""
    wall, busy = perf_counter(), process_time()
    left = loops
    while left:
        left -= 1
    busy, wall = process_time() - busy, perf_counter() - wall
    return loops / 1e6 / max(busy, 1e-9), min(1.0, busy / max(wall, 1e-9))


def child_environment(folder: Path) -> dict[str, str]:
    """Return the environment of child processes: bytecode is cached, in a folder of ours, for ours and for peers."""
    strange = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    environment = {name: value for name, value in os.environ.items() if name not in strange}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    environment["NO_COLOR"] = "1"
    ours = str(Path(harness.__file__).parent.parent)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (ours, environment.get("PYTHONPATH"))))
    return environment
