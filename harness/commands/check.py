"""``anchorage check``: read files without running them; all complaints at once, exit 3 when there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from harness.exit_codes import CommandFailedError, ExitCode
from harness.scenario.reader import Files
from harness.scenario_files import (
    WORLDS,
    NoSuchPathError,
    find_files,
    is_world,
    nothing_found,
    read_file,
    shipped_folder,
    surroundings,
)


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path())
def command(paths: tuple[str, ...]) -> int:
    """Check scenario and world files: schema, names, variables, files they name."""
    from harness.vocabulary import the_language

    try:
        files = find_files(paths or [shipped_folder()])
    except NoSuchPathError as error:
        raise click.UsageError(str(error)) from None
    if not files:
        raise CommandFailedError(ExitCode.NOTHING_SELECTED, nothing_found(paths))
    files += world_files(paths or [shipped_folder()])
    language = the_language()
    count = 0
    for path in files:
        world = path.parent.name == "worlds" and is_world(path)
        reading = read_file(path, language, _shown(path), world=world, around=looked_through)
        for problem in reading.problems:
            click.echo(problem.render())
        count += len(reading.problems)
    click.echo(f"{len(files)} file{'s' * (len(files) != 1)}, {count} problem{'s' * (count != 1)}")
    return int(ExitCode.SCENARIO_INVALID if count else ExitCode.PASS)


def looked_through(path: Path) -> Files:
    """Return how the reader reaches other files, each looked through and not only found."""
    from harness.lab.named_files import examine_export, examine_world

    around = surroundings(path)

    def export(name: str) -> list[tuple[str, str]]:
        return around.export(name) or [(problem, "") for problem in examine_export(path.parent / name)]

    return replace(around, export=export, examine=examine_world)


def world_files(paths: Sequence[str | Path]) -> list[Path]:
    """Return the world files of the folders named."""
    found = [one for path in paths if Path(path).is_dir() for one in sorted(Path(path).rglob(f"{WORLDS}/*.yaml"))]
    return list(dict.fromkeys(found))


def _shown(path: Path) -> str:
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
