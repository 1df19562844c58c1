"""The one case of a scenario file that a command runs by itself: trace and explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.exit_codes import CommandFailedError, ExitCode

if TYPE_CHECKING:
    from harness.scenario.document import Case, Scenario


def one_case(file: str, name: str | None) -> tuple[Scenario, Case]:
    """Read the file and choose the case, its first without a name; what is wrong with either ends the command."""
    from harness.scenario_files import read_file
    from harness.vocabulary import the_language

    path = Path(file)
    if not path.exists():
        raise click.UsageError(f"there is no file {file}")
    reading = read_file(path, the_language(), file)
    if reading.scenario is None:
        raise CommandFailedError(ExitCode.SCENARIO_INVALID, "\n".join(problem.render() for problem in reading.problems))
    cases = reading.scenario.cases
    for case in cases:
        if name in (None, case.name):
            return reading.scenario, case
    names = [case.name for case in cases if case.name]
    others = f"there is {', '.join(names)}" if names else "the file has no cases"
    raise click.UsageError(f"there is no case {name}; {others}")
