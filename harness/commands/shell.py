"""``anchorage shell``: the operator's prompt of a sync server.

With --world a server of a world that ``anchorage up`` keeps; without, the database of a stopped server, read only.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.exit_codes import CommandFailedError, ExitCode
from harness.shell.place import Place, PlaceGoneError


@click.command("shell")
@click.argument("server")
@click.option(
    "--world", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="READY.json",
    help="The ready file of a running world.",
)  # fmt: skip
@click.option("-c", "line", default=None, metavar="LINE", help="Type one line and leave.")
@click.option("--json", "as_json", is_flag=True, help="Print the records of each line as JSON.")
def command(server: str, world: Path | None, line: str | None, as_json: bool) -> int:
    """Type ADSync cmdlets on SERVER: a name in the world of --world, else a database or its folder. Lines come from the
    terminal, from standard input, or from -c; exit code 1 when one of those was refused.
    """
    from harness.shell.typist import Typist

    try:
        place = open_place(server, world)
        try:
            typist = Typist(place, as_json=as_json)
            if line is not None:
                typist.one(line)
            elif sys.stdin.isatty() and sys.stdout.isatty():
                typist.converse()
                return int(ExitCode.PASS)
            else:
                typist.lines(iter(sys.stdin))
        finally:
            place.close()
    except PlaceGoneError as gone:
        raise CommandFailedError(ExitCode.FAULT, str(gone)) from None
    return int(ExitCode.ASSERTION_FAILED if typist.failed else ExitCode.PASS)


def open_place(server: str, world: Path | None) -> Place:
    """The prompt that SERVER and --world name; raises click.UsageError when there is none."""
    if world is not None:
        from harness.shell.running import RunningServer

        return RunningServer(world, server)
    from harness.shell.stopped import StoppedServer

    return StoppedServer(Path(server))
