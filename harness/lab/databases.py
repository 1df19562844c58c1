"""Databases that stand on a SQL instance before any server uses them: made by a database administrator, or left
over.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

FILE_SUFFIX = ".sqlite"


def database_file(folder: Path, name: str) -> Path:
    return folder / f"{name}{FILE_SUFFIX}"


def make_database(folder: Path, name: str, state: str) -> None:
    """Leave a database in the state asked for: ``data`` (tables and rows), ``empty`` or ``absent``."""
    path = database_file(folder, name)
    for left in (path, *folder.glob(f"{path.name}-*")):
        left.unlink(missing_ok=True)
    if state == "absent":
        return
    connection = sqlite3.connect(path)
    try:
        if state == "data":
            connection.execute("CREATE TABLE mms_server_configuration (id INTEGER PRIMARY KEY, value TEXT)")
            connection.execute("INSERT INTO mms_server_configuration (value) VALUES ('left by an earlier server')")
        connection.commit()
    finally:
        connection.close()
