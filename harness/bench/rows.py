"""The rows of the performance table that are measured today, in the order they are shown.

A row is one function that yields lines; a new one is written beside these and named here. Source: design document,
section 5.
"""

from __future__ import annotations

from harness.bench import forest_start, initial_cycle, large_cycle, small_scenario
from harness.bench.measuring import Row

ROWS: tuple[Row, ...] = (
    forest_start.ROW,
    initial_cycle.ROW,
    large_cycle.INITIAL,
    large_cycle.DELTA,
    small_scenario.ROW,
)


class UnknownRowError(ValueError):
    """A row was asked for that nobody measures."""


def chosen(numbers: str | None) -> tuple[Row, ...]:
    """Return the rows of a list such as "4,10", in the table's order; all without one."""
    if not numbers:
        return ROWS
    wanted = {one.strip() for one in numbers.split(",")}
    unknown = wanted - {row.number for row in ROWS}
    if unknown:
        known = ", ".join(row.number for row in ROWS)
        raise UnknownRowError(f"no row has the number {', '.join(sorted(unknown))}; there are {known}")
    return tuple(row for row in ROWS if row.number in wanted)
