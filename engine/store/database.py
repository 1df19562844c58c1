"""Open one sync database: an SQLite file in WAL mode, its version checked, one transaction per page or batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from engine.errors import ConfigurationError, EngineError

FORMAT = "1"


class DatabaseFull(EngineError):
    """The disk or the size limit of the database is reached: run result stopped-database-disk-full."""

    def __init__(self) -> None:
        super().__init__("stopped-database-disk-full", "The sync database cannot grow: the disk is full.")


class Database:
    """One connection to one database file. Not shared between threads."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        if create and path.exists():
            raise ConfigurationError("DB_EXISTS", f"{path.name} is there already.")
        if not create and not path.exists():
            raise ConfigurationError("DB_MISSING", f"There is no sync database {path.name}.")
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self.connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
                " PRAGMA cache_size=-65536;"
            )
            if create:
                self._create()
            self._check_version()
        except sqlite3.DatabaseError as damaged:
            self.connection.close()
            raise ConfigurationError("DB_CORRUPT", f"{path.name} is not a usable sync database: {damaged}") from None

    def _create(self) -> None:
        script = resources.files("engine.store").joinpath("schema.sql").read_text(encoding="utf-8")
        self.connection.executescript("BEGIN;" + script + "COMMIT;")
        self.connection.execute("INSERT INTO fact VALUES ('format', ?)", (FORMAT,))

    def _check_version(self) -> None:
        row = self.connection.execute("SELECT value FROM fact WHERE name = 'format'").fetchone()
        if row is None or row[0] != FORMAT:
            held = row[0] if row else "none"
            raise ConfigurationError(
                "DB_FORMAT", f"{self.path.name} has database format {held}; this engine reads format {FORMAT}."
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. A full disk becomes DatabaseFull and nothing of the batch stays."""
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as failed:
            self._roll_back()
            if getattr(failed, "sqlite_errorname", "") in {"SQLITE_FULL", "SQLITE_IOERR_WRITE"}:
                raise DatabaseFull from None
            raise
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def fact(self, name: str, default: str = "") -> str:
        row = self.connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def set_fact(self, name: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def snapshot(self) -> bytes:
        """The whole database as bytes."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.connection.serialize()

    @staticmethod
    def restore(path: Path, state: bytes) -> Database:
        """Put a snapshot in place of the file and open it."""
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        # serialize() keeps the WAL flag of the header: bytes 18 and 19 say which journal the file was written with
        path.write_bytes(state)
        return Database(path)

    def close(self) -> None:
        self.connection.close()
