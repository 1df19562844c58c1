"""An existing SQL Server instance as the installer finds it: how it is reached, who may what, how a database was made.

A database is a file in the instance's folder; what its administrator set it up with stands beside it, in
``<database>.properties`` (JSON). Source: facts "install" IRC-03 to IRC-08, PRE-15, PRE-16; sql-delegation.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

DATABASE_SUFFIX = ".sqlite"
PROPERTIES_SUFFIX = ".properties"
DEFAULT_COLLATION = "Latin1_General_CI_AS"
DEFAULT_PORT = 1433
#: What the installation sets a database to that came otherwise; of the collation it keeps its hands off (IRC-07).
CORRECTED: Mapping[str, str] = {"recovery_model": "SIMPLE", "compatibility_level": "150", "containment": "NONE"}


@dataclass(frozen=True, slots=True)
class Listener:
    """The listener of an Always On availability group."""

    commit: str = "synchronous"
    register_all_providers_ip: bool = False


@dataclass(frozen=True)
class SqlInstance:
    """A folder of databases, and what its administrator set up.

    collations: database name to collation, where the database has no properties of its own. dbo: how the installing
    administrator may use the instance: ``sa``, ``direct`` (dbo of a database made in advance) or ``nested`` (dbo only
    through a group). port, browsing: whether the name alone finds it. kind: ``server`` or ``azure``. protocol: ``tcp``
    or ``named-pipes``. remote: whether it runs on another machine.
    """

    folder: Path
    collations: Mapping[str, str] = field(default_factory=dict)
    dbo: str = "sa"
    port: int = DEFAULT_PORT
    browsing: bool = True
    kind: str = "server"
    protocol: str = "tcp"
    remote: bool = False
    mirrored: bool = False
    listener: Listener | None = None


def database_path(folder: Path, database: str) -> Path:
    """One database is one file in the folder of its instance."""
    return folder / f"{database}{DATABASE_SUFFIX}"


def has_data(path: Path) -> bool:
    """Whether a database of this name exists and holds anything; an empty one is as good as none."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    except sqlite3.DatabaseError:
        return True  # something is there that is not ours to overwrite


def properties_of(instance: SqlInstance, database: str) -> dict[str, str]:
    """What the database was made with."""
    path = instance.folder / f"{database}{PROPERTIES_SUFFIX}"
    found = {"collation": instance.collations.get(database, DEFAULT_COLLATION)}
    return found | (json.loads(path.read_text(encoding="utf-8")) if path.exists() else {})


def to_correct(instance: SqlInstance, database: str) -> dict[str, str]:
    """What the installation wants otherwise, by name with the value it will have (IRC-07)."""
    held = properties_of(instance, database)
    return {name: value for name, value in CORRECTED.items() if held.get(name, value) != value}


def correct_properties(instance: SqlInstance, database: str) -> None:
    changed = to_correct(instance, database)
    if changed:
        path = instance.folder / f"{database}{PROPERTIES_SUFFIX}"
        text = json.dumps(properties_of(instance, database) | changed, sort_keys=True)
        path.write_text(text, encoding="utf-8")


def reached(instances: Mapping[str, SqlInstance], wanted: str) -> SqlInstance | None:
    """The instance of that name, as ``instance`` or ``instance,port``; without browsing only the port finds it."""
    name, comma, port = (part.strip() for part in wanted.partition(","))
    found = next((one for known, one in instances.items() if known.lower() == name.lower()), None)
    if found is None or (comma and port != str(found.port)):
        return None
    return found if comma or found.browsing else None


def other_engines(instance: SqlInstance, database: str) -> tuple[str, ...]:
    """Databases of other sync servers on the instance, which may hold one only (PRE-16)."""
    others = (path for path in sorted(instance.folder.glob(f"*{DATABASE_SUFFIX}")) if path.stem != database)
    return tuple(path.stem for path in others if _of_an_engine(path))


def _of_an_engine(path: Path) -> bool:
    """Whether a database holds connectors of a sync server."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            asked = "SELECT 1 FROM sqlite_master WHERE name IN ('connector', 'mms_server_configuration')"
            return connection.execute(asked).fetchone() is not None
    except sqlite3.DatabaseError:
        return False
