"""``anchorage support bundle``: the three artifacts an escalation takes along, in one archive.

Of a server of a running world or of the database of a stopped one. Source: seed004 (where to look next).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.exit_codes import CommandFailedError, ExitCode

if TYPE_CHECKING:
    from engine.support_bundle import Bundle
    from harness.shell.place import Place

SCHEDULER = "Get-ADSyncScheduler | Format-List"


@click.group("support")
def command() -> None:
    """What support asks for."""


@command.command("bundle")
@click.argument("server")
@click.option(
    "--world", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="READY.json",
    help="The ready file of a running world; SERVER is a name in it.",
)  # fmt: skip
@click.option(
    "--object", "about", default=None, metavar="DN", help="The failing object; all that stand in error without it."
)
@click.option(
    "--to", "target", type=click.Path(path_type=Path, dir_okay=False), default=Path("support-bundle.zip"),
    show_default=True, metavar="F", help="Where the archive is written.",
)  # fmt: skip
def bundle(server: str, world: Path | None, about: str | None, target: Path) -> int:
    """Collect Get-ADSyncScheduler, the connector-space export of the failing object and the Application log of the last
    six hours of SERVER: a name in the world of --world, else a database or its folder. No password is among it.
    """
    from harness.commands.shell import open_place
    from harness.shell.place import PlaceGoneError
    from harness.whole_file import write_whole

    try:
        place = open_place(server, world)
        try:
            made = _collected(place, _database(server, world, place), about)
        finally:
            place.close()
    except PlaceGoneError as gone:
        raise CommandFailedError(ExitCode.FAULT, str(gone)) from None
    try:
        write_whole(target, [made.archive()])
    except OSError as error:
        raise CommandFailedError(ExitCode.FAULT, f"{target} cannot be written: {error.strerror or error}") from None
    for name in made.files:
        click.echo(name)
    return int(ExitCode.PASS)


def _database(server: str, world: Path | None, place: Place) -> Path:
    """The file of the server's database: the ready file says where, or the argument is it."""
    from harness.shell.stopped import database_in

    if world is None:
        return database_in(Path(server))
    ready: dict[str, Any] = json.loads(world.read_text(encoding="utf-8"))
    name = getattr(place, "name", server)
    if name not in ready.get("servers", {}):
        raise click.UsageError(f"{world} was written before {name} was installed; give the path of its database")
    return Path(ready["servers"][name]["database"])


def _collected(place: Place, database: Path, about: str | None) -> Bundle:
    from engine.cmdlets.stopped_server import open_stopped
    from engine.errors import EngineError
    from engine.support_bundle import support_bundle
    from engine.views import Windows

    try:
        stopped = open_stopped(database)
        try:
            records, version = stopped.events.read(), stopped.version
            moment = max([stopped.clock.now(), *(one.time for one in records)])
        finally:
            stopped.close(stopped=False)
        with Windows.of_file(database) as windows:
            return support_bundle(
                windows,
                records,
                _typed(place, SCHEDULER),
                server=getattr(place, "name", database.stem),
                version=version,
                moment=moment,
                about=about,
            )
    except LookupError as unknown:
        raise click.UsageError(str(unknown)) from None
    except EngineError as unusable:
        raise CommandFailedError(ExitCode.FAULT, unusable.message) from None


def _typed(place: Place, line: str) -> Callable[[], str]:
    """What a line prints; a refusal is told in its place."""
    from harness.shell.place import Line

    def type_it() -> str:
        answer = place.type(Line(line))
        said = [*answer.lines, *([answer.error.get("message", "")] if answer.error else [])]
        return "\n".join([f"> {line}", *said]) + "\n"

    return type_it
