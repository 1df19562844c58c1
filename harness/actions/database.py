"""What a database administrator does: backups that outlive a machine, restores, file copies, sizes, shrinking; and
Clear Runs of Synchronization Service Manager.

Source: facts "install" section 22 (existing database, move to SQL, LocalDB 10 GB).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from harness.actions.registry import Actions, ServerName

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

Copy = Annotated[str, "what the copy is called"]


@action("db.keep", "db.keep: {server: SYNC1, copy: monday}")
def keep(lab: Lab, server: ServerName, copy: Copy) -> None:
    """Back up the sync database of a server, as happens every night; the server works on and the copy outlives it."""
    lab.server(server).keep_database(copy)


@action("db.restored_from", "db.restored_from: {server: SYNC1, copy: monday}")
def restored_from(lab: Lab, server: ServerName, copy: Annotated[str, "the copy, made by db.keep"]) -> None:
    """Put an older copy of the sync database in place and start the service on it; forest and tenant are further
    along.
    """
    lab.server(server).restore_database(copy)


@action("db.copy_files", "db.copy_files: {server: SYNC1, copy: moved}")
def copy_files(lab: Lab, server: ServerName, copy: Copy) -> None:
    """Copy ADSync.mdf and ADSync_log.ldf off the machine; refused while the service has them open."""
    lab.server(server).copy_files(copy)


@action("db.attach", "db.attach: {copy: moved, instance: SQL1}")
def attach(
    lab: Lab,
    copy: Annotated[str, "a copy, made by db.keep or db.copy_files"],
    instance: Annotated[str, "name of the SQL instance"],
    database: Annotated[str, "name of the database there"] = "ADSync",
) -> None:
    """Restore or attach a copy on a SQL instance; refused while a server works on the database of that name."""
    from harness.lab.database_copies import attach

    attach(lab, copy, instance, database)


@action("db.grow", "db.grow: {server: SYNC1, to: 10GB, in: run-history}")
def grow(
    lab: Lab,
    server: ServerName,
    to: Annotated[str, "size, such as 10GB, 9.5GB, 800MB"],
    in_: Annotated[Literal["run-history", "white-space", "objects"], "what takes the room"] = "run-history",
) -> None:
    """Give the sync database a size. Run history is spread over the runs there are and freed as they are cleared, white
    space is freed by db.shrink, what objects hold stays.
    """
    from harness.lab.database_copies import grow

    grow(lab.server(server), to, in_)


@action("db.shrink", "db.shrink: SYNC1", shorthand="server")
def shrink(lab: Lab, server: ServerName) -> None:
    """Run DBCC SHRINKDATABASE(ADSync,1): white space goes back; nothing is gained where there is none."""
    lab.server(server).engine.size.shrink()


@action("clear_runs", "clear_runs: {server: SYNC1, older_than: 2d}")
def clear_runs(
    lab: Lab, server: ServerName, older_than: Annotated[timedelta, "all runs without it"] | None = None
) -> None:
    """Clear runs in Synchronization Service Manager; refused while the service does not run."""
    from harness.lab.database_copies import clear_runs

    clear_runs(lab.server(server), older_than)
