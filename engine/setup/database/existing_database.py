"""/UseExistingDatabase: which database may be used, what is read out of it, and how a new server takes it over.

Everything but credentials is recovered: connectors, rules, connector spaces, metaverse, watermarks. Nothing is written
to it before the systems have new accounts, and then in one transaction. Source: existing-database; facts "install" 22
(XDB-01 to XDB-10), 18 step 8.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.rules.rule import SyncRule
from engine.setup.answers import HostMachine, SetupAnswers
from engine.setup.database.sql_instance import has_data
from engine.setup.page import PageOutcome, Warned, WizardState, refuse
from engine.store.configuration import StoredConfiguration
from engine.store.database import Database
from engine.store.run_history import TIME
from engine.versions import at_least, version

PAGE = "Install required components"
SWITCH_SINCE = "1.1.613.0"
#: A database written by an older release than this leaves the sign-in method unset (XDB-05).
RESTORES_SIGN_IN_SINCE = "1.2.65.0"
#: How old the last synchronization may be; beyond it the tenant's watermark is of no use (XDB-04).
RECENT = timedelta(days=21)


@dataclass(frozen=True)
class ExistingDatabase:
    """What the wizard reads out of it. last_active None = nothing was ever synchronized."""

    path: Path
    version: str
    tenant: str
    last_active: datetime | None
    connectors: tuple[ConnectorConfiguration, ...]
    rules: tuple[SyncRule, ...]
    settings: Mapping[str, str]

    @property
    def directories(self) -> tuple[ConnectorConfiguration, ...]:
        return tuple(one for one in self.connectors if one.type is ConnectorType.ACTIVE_DIRECTORY)

    @property
    def forests(self) -> tuple[str, ...]:
        return tuple(one.parameters.get("forest-name", one.name) for one in self.directories)

    @property
    def password_hash_sync(self) -> bool:
        return any(one.password_hash_sync for one in self.directories)

    @property
    def sign_in(self) -> str:
        """Password hash synchronization is restored with the database, no other method is (XDB-05)."""
        restored = at_least(self.version, RESTORES_SIGN_IN_SINCE) and self.password_hash_sync
        return "password-hash-sync" if restored else "do-not-configure"

    def recent(self, now: datetime) -> bool:
        return self.last_active is not None and now - self.last_active <= RECENT


def read_existing(path: Path) -> ExistingDatabase:
    """Raises ConfigurationError for what is no sync database; nothing of it is changed."""
    database = Database.read_only(path)
    try:
        stored = StoredConfiguration(database)
        asked = "SELECT max(max(started), coalesce(max(ended), '')) FROM run"
        last = database.connection.execute(asked).fetchone()[0] or database.fact("last-cycle")
        return ExistingDatabase(
            path,
            database.fact("product-version"),
            database.fact("tenant"),
            datetime.strptime(last, TIME).replace(tzinfo=UTC) if last else None,
            tuple(stored.connectors().values()),
            tuple(stored.rules().values()),
            stored.settings(),
        )
    finally:
        database.close()


def in_use(path: Path) -> bool:
    """Whether another server has the database open: two cannot share one (XDB-07)."""
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as refused:
        return getattr(refused, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    except sqlite3.DatabaseError:
        return False  # no database at all: reading it says so
    return False


# ---- the page Install required components ----------------------------------------------------------------------------
def not_offered(answers: SetupAnswers, host: HostMachine) -> PageOutcome | None:
    """What the switch does not go together with: an old installer, imported settings, LocalDB (XDB-01, 02, IRC-12)."""
    if not answers.switches.use_existing_database:
        return None
    if not at_least(host.product_version, SWITCH_SINCE):
        text = f"/UseExistingDatabase came with version {SWITCH_SINCE}; this installer is {host.product_version}."
        return refuse(PAGE, "SWITCH_UNKNOWN", text)
    if answers.components.import_settings is not None:
        text = "Importing synchronization settings and using an existing database exclude each other."
        return refuse(PAGE, "IMPORT_WITH_EXISTING_DATABASE", text)
    if answers.components.sql_instance is None:
        text = (
            "An existing database can be used on a full SQL Server only, not in LocalDB: restore it to a SQL Server"
            " first."
        )
        return refuse(PAGE, "DB_NEEDS_FULL_SQL", text)
    return None


def choose(name: str, path: Path, state: WizardState) -> PageOutcome | None:
    """Look into the database of that name; the page stays where it cannot be used."""
    if not has_data(path):
        text = (
            f"The database {name} holds no data of an earlier installation; start the wizard without"
            " /UseExistingDatabase."
        )
        return refuse(PAGE, "DB_EMPTY", text)
    if in_use(path):
        text = f"Another server uses the database {name}; two servers cannot share one."
        return refuse(PAGE, "DB_SHARED", text)
    try:
        found = read_existing(path)
    except EngineError as refusal:
        return refuse(PAGE, refusal.code, refusal.message)
    if version(found.version) > version(state.host.product_version):
        text = (
            f"The database was last used by version {found.version}; this installer is {state.host.product_version},"
            " which is older."
        )
        return refuse(PAGE, "DB_NEWER_THAN_BINARIES", text)
    state.existing = found
    state.fixed_forests = found.forests
    return None


def found_facts(state: WizardState) -> dict[str, object]:
    """What the page says of the database it accepted."""
    found = state.existing
    if found is None:
        return {}
    last = found.last_active.strftime("%Y-%m-%dT%H:%M:%SZ") if found.last_active is not None else None
    return {"existing_version": found.version, "existing_last_active": last, "existing_forests": list(found.forests)}


def found_warnings(state: WizardState) -> tuple[Warned, ...]:
    found = state.existing
    if found is None or found.recent(state.clock.now()):
        return ()
    text = (
        "The last synchronization with this database was more than three weeks ago: a full import from Microsoft Entra"
        " ID comes first."
    )
    return (Warned("DB_NOT_RECENT", text),)


def wrong_tenant(state: WizardState, page: str) -> PageOutcome | None:
    """A database goes on with the tenant it was filled from."""
    if state.existing is None or state.company is None:
        return None
    if state.company.initial_domain.lower() == state.existing.tenant.lower():
        return None
    text = f"The database synchronizes to {state.existing.tenant}, not to {state.company.initial_domain}."
    return refuse(page, "DB_OTHER_TENANT", text)
