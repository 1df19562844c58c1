"""``python -m harness.bench``: the performance table, ours beside the peers, measured now on this machine."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import click

from harness.bench.machine import describe
from harness.bench.measuring import Line, Row, Settings
from harness.bench.report import markdown, plain, write_table
from harness.bench.rows import UnknownRowError, chosen

_PEOPLE_MAX = 1_000_000


def sizes(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[int, ...]:
    """Read "1000,10000"."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdigit() and 0 < int(word) <= _PEOPLE_MAX for word in words):
        raise click.BadParameter(f"{text!r} is no list of numbers of people such as 1000,10000")
    return tuple(int(word) for word in words)


@click.command("bench")
@click.option("--rows", "numbers", default=None, metavar="4,7,10", help="Only these rows of the performance table.")
@click.option("--runs", type=click.IntRange(1), default=None, help="How often each line is measured.")
@click.option("--size", "people", default="1000,10000", callback=sizes, help="People in row 7.", show_default=True)
@click.option("--large", type=click.IntRange(200), default=100_000, help="People in rows 8 and 9.", show_default=True)
@click.option(
    "--configuration",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="An exported server configuration: rows 8 and 9 run with its rules too.",
)
@click.option("--copies", type=click.IntRange(1), default=40, help="Scenarios in row 10.", show_default=True)
@click.option("--json", "json_file", type=click.Path(dir_okay=False), default=None, help="Write every figure.")
@click.option("--markdown", "markdown_file", type=click.Path(dir_okay=False), default=None, help="Write the table.")
def command(
    numbers: str | None,
    runs: int | None,
    people: tuple[int, ...],
    large: int,
    configuration: Path | None,
    copies: int,
    json_file: str | None,
    markdown_file: str | None,
) -> None:
    """Measure the rows of the performance table, each beside its peer."""
    from harness.lab.reactor import stop_reactor

    try:
        rows = chosen(numbers)
    except UnknownRowError as unknown:
        raise click.UsageError(str(unknown)) from None
    machine = describe()
    folder = Path(tempfile.mkdtemp(prefix="anchorage-bench-"))
    try:
        lines, failed = measure(rows, Settings(folder, runs, people, copies, large, configuration))
    finally:
        stop_reactor()
        shutil.rmtree(folder, ignore_errors=True)
    write_table(lines, sys.stdout)
    if json_file is not None:
        Path(json_file).write_text(json.dumps(plain(lines, machine), indent=1) + "\n")
    if markdown_file is not None:
        Path(markdown_file).write_text(markdown(lines, machine, "python -m tox -e bench"))
    sys.exit(1 if failed else 0)


def measure(rows: tuple[Row, ...], settings: Settings) -> tuple[list[Line], list[str]]:
    """Measure row by row; one that fails is told and the others go on."""
    lines: list[Line] = []
    failed: list[str] = []
    for row in rows:
        sys.stderr.write(f"row {row.number}: {row.title} ...\n")
        try:
            lines.extend(row.measure(settings))
        except Exception:  # noqa: BLE001 - one row must not cost the others
            failed.append(row.number)
            sys.stderr.write(f"row {row.number} could not be measured:\n{traceback.format_exc(limit=-4)}")
    return lines, failed


if __name__ == "__main__":
    command()
