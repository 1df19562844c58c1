"""A stopped server: its database is opened to be read; what needs the running service says so."""

from __future__ import annotations

from pathlib import Path

import click

from harness.shell.place import Answer, Line, Words, answer_of

_DATABASES = "*.sqlite"


class StoppedServer:
    """The prompt over one database file, or over the only one in a folder."""

    def __init__(self, path: Path) -> None:
        from engine.cmdlets import CMDLETS, Session
        from engine.cmdlets.stopped_server import open_stopped
        from engine.errors import EngineError

        try:
            self._server = open_stopped(database_in(path))
        except EngineError as refusal:
            raise click.UsageError(refusal.message) from None
        self.name = self._server.name
        self._session = Session(self._server, CMDLETS, stopped=True)

    def type(self, line: Line) -> Answer:
        from harness.lab.prompt import told

        return answer_of(told(self._session.run(line.text, skip=line.skip), line.width))

    def words(self) -> Words:
        connectors = list(self._server.connectors.values())
        profiles = {profile.name for connector in connectors for profile in connector.run_profiles}
        return Words(tuple(one.name for one in connectors), tuple(sorted(profiles)))

    def close(self) -> None:
        self._server.close()


def database_in(path: Path) -> Path:
    """The database that a path means; raises click.UsageError when it means none or several."""
    if path.is_file():
        return path
    if not path.is_dir():
        text = f"there is no database {path}; a server of a running world is named with --world READY.json"
        raise click.UsageError(text)
    found = sorted(path.glob(_DATABASES))
    if len(found) != 1:
        names = ", ".join(one.name for one in found)
        told = f"holds several databases, name one of {names}" if found else f"holds no database ({_DATABASES})"
        raise click.UsageError(f"the folder {path} {told}")
    return found[0]
