"""Install required components: which database, which service account. Facts "install" IRC-01 to IRC-13, PRE-15."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from engine.setup.answers import HostMachine, SetupAnswers, SqlInstance
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Install required components"
DATABASE_HAS_DATA = (
    "The ADSync database already contains data and cannot be overwritten."
    " Please remove the existing database and try again."
)
DATABASE_SUFFIX = ".sqlite"


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


def install_required_components(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Decide where the database goes; an existing one with data stays untouched."""
    components = answers.components
    if components.import_settings is not None:
        return refuse(PAGE, "IMPORT_SETTINGS_NOT_EMULATED", "Importing synchronization settings is not emulated.")
    if answers.switches.use_existing_database:
        return refuse(PAGE, "EXISTING_DATABASE_NOT_EMULATED", "/UseExistingDatabase is not emulated.")
    domain_groups = [g for g in components.sync_groups if g in state.host.domain_groups or "\\" in g]
    if domain_groups:
        return refuse(PAGE, "GROUP_NOT_LOCAL", f"The groups must be local on this server: {', '.join(domain_groups)}.")
    if components.sync_groups and len(components.sync_groups) != 4:
        return refuse(PAGE, "GROUPS_INCOMPLETE", "All four groups have to be named: Administrators, Operators, Browse,"
                      " Password Reset.")  # fmt: skip
    instance = _instance(state.host, components.sql_instance)
    if instance is None:
        return refuse(PAGE, "SQL_NOT_FOUND", f"The SQL Server instance {components.sql_instance} cannot be reached.")
    problem = _delegation(instance, components.database)
    if problem is not None:
        return problem
    path = database_path(instance.folder, components.database)
    if has_data(path):
        return refuse(PAGE, "DATABASE_NOT_EMPTY", DATABASE_HAS_DATA)
    state.database = path
    return PageOutcome(PAGE, facts={"database": components.database, "sql": components.sql_instance or "LocalDB"})


def _instance(host: HostMachine, name: str | None) -> SqlInstance | None:
    """LocalDB, or the instance of that name; a port after a comma only helps when browsing is off."""
    if name is None:
        return SqlInstance(host.folder)
    wanted = name.partition(",")[0].strip().lower()
    return next((i for n, i in host.sql_instances.items() if n.lower() == wanted), None)


def _delegation(instance: SqlInstance, database: str) -> PageOutcome | None:
    if instance.dbo == "nested":
        text = "The account is database owner only through a group; SQL delegation needs a login of its own."
        return refuse(PAGE, "SQL_NO_DBO", text)
    if instance.dbo != "sa" and not database_path(instance.folder, database).exists():
        text = f"The account may not create a database; ask for an empty {database} to be created in advance."
        return refuse(PAGE, "SQL_NO_CREATE", text)
    collation = instance.collations.get(database, "Latin1_General_CI_AS")
    if "_CS_" in collation.upper() + "_":
        text = f"The database {database} has the case-sensitive collation {collation}, which is not supported."
        return refuse(PAGE, "SQL_COLLATION", text)
    return None
