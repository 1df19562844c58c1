"""A server whose service does not run: its database is read, nothing is written, no system is reached."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine.network import Network
from engine.server import SyncServer
from engine.store.database import Database
from engine.store.run_history import TIME


class _StandingClock:
    """The moment at which the server was last seen alive."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


def open_stopped(path: Path) -> SyncServer:
    """Open the database for cmdlets that only read. Raises ConfigurationError for a file that is no sync database."""
    database = Database.read_only(path)
    last = database.connection.execute("SELECT max(max(started), coalesce(max(ended), '')) FROM run").fetchone()[0]
    moment = datetime.strptime(last, TIME).replace(tzinfo=UTC) if last else datetime(1970, 1, 1, tzinfo=UTC)
    events = path.with_suffix(".events")
    server = SyncServer(
        database,
        name=database.fact("server"),
        network=Network(),
        clock=_StandingClock(moment),
        seed="",
    )
    if events.exists():
        server.events.restore(line for line in events.read_text(encoding="utf-8").splitlines() if line)
    return server
