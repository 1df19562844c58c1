"""Open one sync database: an SQLite file in WAL mode, its version checked, one transaction per page or batch.

A file that is none, or not ours, is refused with its path and what to do, and left as it is. Source: facts "engine" 5.2
for the full disk; the other refusals are decisions of the ledger (crash).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from engine.errors import ConfigurationError, EngineError

FORMAT = "1"


class DatabaseFull(EngineError):
    """The disk or the size limit of the database is reached: run result stopped-database-disk-full."""

    def __init__(self) -> None:
        super().__init__("stopped-database-disk-full", "The sync database cannot grow: the disk is full.")


_REBUILD = (
    "Put a copy of the sync database in its place, or remove it and install the server again: it finds every object by "
    "its source anchor."
)
_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"})
_MAGIC = b"SQLite format 3\0"


class Database:
    """One connection to one database file. Not shared between threads."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        if create and path.exists():
            raise ConfigurationError("DB_EXISTS", f"{path} is there already.")
        if not create:
            self.read_only(path).close()  # whatever is wrong with it is said before anything is written
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            with self.writing():
                self.connection.executescript(
                    # rows of two or three kilobytes: two to four a page; the log is folded in every 64 MB, because a
                    # bulk step writes the same index pages over and over
                    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=8192;"
                    " PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;"
                )
                if create:
                    self._create()
        except BaseException:
            self.connection.close()
            raise

    def _create(self) -> None:
        script = resources.files("engine.store").joinpath("schema.sql").read_text(encoding="utf-8")
        script += f"INSERT INTO fact VALUES ('format', '{FORMAT}');"  # noqa: S608
        self.connection.executescript(f"BEGIN;{script}COMMIT;")

    def _check_version(self) -> None:
        """Raises ConfigurationError for a database of something else, and for one of another version."""
        tables = {row[0] for row in self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"fact", "cs", "mv"} <= tables:
            reason = "it is the database of another program"
            raise ConfigurationError("DB_FOREIGN", f"{self.path} is not a usable sync database: {reason}. {_REBUILD}")
        row = self.connection.execute("SELECT value FROM fact WHERE name = 'format'").fetchone()
        held = row[0] if row else "none"
        if held != FORMAT:
            newer = held.isdigit() and int(held) > int(FORMAT)
            hint = "Open it with the version that wrote it." if newer else _REBUILD
            raise ConfigurationError(
                "DB_FORMAT", f"{self.path} has database format {held}; this engine reads format {FORMAT}. {hint}"
            )

    @classmethod
    def read_only(cls, path: Path) -> Database:
        """Look into a database without touching it: a live server writes on meanwhile, a stopped one's file stays as it
        is. Raises ConfigurationError for a file that is no sync database."""
        if not path.is_file():
            raise ConfigurationError("DB_MISSING", f"There is no sync database {path}.")
        log = path.with_name(path.name + "-wal")
        # without a log nobody has the file open: read as it lies, so that SQLite makes no files beside it
        mode = "mode=ro" if log.exists() else "mode=ro&immutable=1"
        self = cls.__new__(cls)
        self.path = path
        uri = f"file:{quote(str(path.resolve()))}?{mode}"
        try:
            _look_at(path, whole=not log.exists())
            self.connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        except OSError as unreadable:
            raise ConfigurationError("DB_UNREADABLE", f"{path} cannot be read: {unreadable.strerror}.") from None
        except sqlite3.Error as unreadable:
            raise ConfigurationError("DB_UNREADABLE", f"{path} cannot be read: {unreadable}.") from None
        try:
            with self.writing():
                self._check_version()
        except BaseException:
            self.connection.close()
            raise
        return self

    @contextmanager
    def tried(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is taken back at the end, transactions inside included: what would happen, without it."""
        connection = self.connection
        spill = connection.execute("PRAGMA cache_spill").fetchone()[0]
        connection.execute("PRAGMA cache_spill = OFF")  # nothing of it may reach a file
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        finally:
            self._roll_back()
            connection.execute(f"PRAGMA cache_spill = {spill}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. A full disk becomes DatabaseFull and nothing of the batch stays.

        Inside another one it is part of that: the outer one decides.
        """
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        with self.writing():
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Name what SQLite says: DatabaseFull for a full disk, ConfigurationError for a damaged or unreadable file."""
        try:
            yield
        except sqlite3.Error as failed:
            name = getattr(failed, "sqlite_errorname", "")
            if name in _FULL:
                raise DatabaseFull from None
            if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
                raise damaged(self.path, str(failed)) from None
            if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_BUSY")):
                raise ConfigurationError("DB_UNREADABLE", f"{self.path} cannot be used: {failed}.") from None
            raise

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    @property
    def identity(self) -> str:
        """What the GUIDs of this database's objects are made from (model/identity.py)."""
        return self.fact("identity") or f"{self.fact('server')}/{self.fact('tenant')}"

    def fact(self, name: str, default: str = "") -> str:
        row = self.connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def set_fact(self, name: str, value: str) -> None:
        with self.writing():
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


def damaged(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError("DB_CORRUPT", f"{path} is not a usable sync database: {reason}. {_REBUILD}")


def _look_at(path: Path, *, whole: bool) -> None:
    """Refuse what is no SQLite file or, when no log can complete it, one that has lost pages at its end."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(_MAGIC):
        raise damaged(path, "it is empty" if not head else "it is no SQLite file")
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    held = path.stat().st_size // (65536 if page == 1 else page)
    if whole and held < pages:
        raise damaged(path, f"it was cut short, {held} of {pages} pages are left")
