"""Sync databases in their administrator's hands: copies that outlive a machine, attaching them, sizes, cleared runs.

Source: facts "install" section 22 (existing database, move to SQL, LocalDB 10 GB).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.lab.databases import database_file, make_database
from harness.refusal import ScenarioError, StepRefusedError

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMG])B", re.IGNORECASE)
_UNITS = {"K": 1024, "M": 1024**2, "G": 1024**3}


# ---- copies ----------------------------------------------------------------------------------------------------------
def kept_copy(lab: Lab, copy: str) -> bytes:
    """Return a copy of a sync database by the name it was given."""
    if copy not in lab.copies:
        known = ", ".join(sorted(lab.copies)) or "none"
        raise ScenarioError(f"no copy of a sync database is called {copy}; kept are: {known}")
    return lab.copies[copy]


def attach(lab: Lab, copy: str, instance: str, name: str) -> None:
    """Put a copy on a SQL instance under this name, in place of what is there."""
    octets = kept_copy(lab, copy)
    path = database_file(lab.sql.folder(instance), name)
    users = [one.name for one in lab.servers.values() if one.engine.database.path == path]
    if users:
        raise StepRefusedError("DATABASE_IN_USE", f"The database {name} on {instance} is in use by {users[0]}.")
    make_database(path.parent, name, "absent")
    path.write_bytes(octets)


# ---- sizes -----------------------------------------------------------------------------------------------------------
def octets_of(text: str) -> int:
    """Return a size such as ``10GB`` or ``9.5 GB`` in bytes."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ScenarioError(f"{text} is no size; write it as 10GB, 9.5GB or 800MB")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def grow(server: Server, to: str, holds: str) -> None:
    """Give a server's database a size, taken by one kind of contents."""
    server.engine.size.grow(octets_of(to), holds)


def clear_runs(server: Server, older_than: timedelta | None) -> None:
    """Operations > Clear Runs: all, or those that ended before a moment."""
    from engine.service_manager import clear_runs

    clear_runs(server.engine, older_than)
