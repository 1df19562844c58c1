"""Install required components: which database, which service account, which groups, and where the programs go.

Source: seed001 (Install required components); facts "install" IRC-01 to IRC-13, PRE-15, PRE-16. Texts of our own where
the product's are not known (decision D16).
"""

from __future__ import annotations

from engine.setup import service_account
from engine.setup.answers import Components, HostMachine, Mode, SetupAnswers
from engine.setup.database import existing_database
from engine.setup.database.sql_instance import (
    SqlInstance,
    database_path,
    has_data,
    other_engines,
    properties_of,
    reached,
    to_correct,
)
from engine.setup.page import InstalledComponents, PageOutcome, Warned, WizardState, refuse
from engine.setup.settings import settings_import

PAGE = "Install required components"
DATABASE_HAS_DATA = (
    "The ADSync database already contains data and cannot be overwritten."
    " Please remove the existing database and try again."
)
LOCAL_DB = "LocalDB"
#: The groups a server gets by itself: administrators, operators, browse, password reset.
GROUPS = ("ADSyncAdmins", "ADSyncOperators", "ADSyncBrowse", "ADSyncPasswordSet")
LOCATION = "C:\\Program Files\\Microsoft Azure AD Sync"


def install_required_components(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Decide what is installed; an existing database with data stays untouched, and the page stays with it."""
    components = answers.components
    refused = (
        existing_database.not_offered(answers, state.host)
        or settings_import.chosen(answers, state)
        or _groups(components, state.host)
    )
    if refused is not None:
        return refused
    instance = SqlInstance(state.host.folder)
    if components.sql_instance is not None:
        found = reached(state.host.sql_instances, components.sql_instance)
        if found is None:
            text = f"The SQL Server instance {components.sql_instance} cannot be reached."
            return refuse(PAGE, "SQL_NOT_FOUND", text)
        instance = found
    given = None if answers.mode is Mode.EXPRESS else components.service_account
    account = service_account.choose(given, state.host, remote_sql=instance.remote)
    if isinstance(account, service_account.Refused):
        return refuse(PAGE, account.code, account.text)
    refused = _instance(instance) or _delegation(instance, components.database)
    if refused is not None:
        return refused
    path = database_path(instance.folder, components.database)
    if answers.switches.use_existing_database:
        refused = existing_database.choose(components.database, path, state)
        if refused is not None:
            return refused
    elif has_data(path):
        return refuse(PAGE, "DATABASE_NOT_EMPTY", DATABASE_HAS_DATA)
    return _install(components, account, instance, state)


def _install(
    components: Components, account: service_account.ServiceAccount, instance: SqlInstance, state: WizardState
) -> PageOutcome:
    """What pressing Install decides; a database made in advance will be set right where the wizard may (IRC-07)."""
    path = database_path(instance.folder, components.database)
    corrected = to_correct(instance, components.database) if path.exists() else {}
    state.database = path
    state.components = InstalledComponents(
        location=components.location or LOCATION,
        service_account=account.name,
        service_account_kind=str(account.kind),
        groups=components.sync_groups or GROUPS,
        sql=components.sql_instance or LOCAL_DB,
        database=components.database,
    )
    facts: dict[str, object] = {
        "database": components.database,
        "sql": components.sql_instance or LOCAL_DB,
        "service_account": account.name,
        "service_account_kind": str(account.kind),
        "groups": list(state.components.groups),
        "location": state.components.location,
        "corrected": corrected,
    }
    if instance.listener is not None:
        facts["availability"] = instance.listener.commit
    others = other_engines(instance, components.database) if components.sql_instance else ()
    text = f"The instance already serves another sync server ({', '.join(others)}), which is not supported."
    warnings: tuple[Warned, ...] = (Warned("SQL_INSTANCE_SHARED", text),) if others else ()
    warnings += (*existing_database.found_warnings(state), *settings_import.found_warnings(state))
    facts |= existing_database.found_facts(state) | settings_import.found_facts(state)
    return PageOutcome(PAGE, warnings=warnings, facts=facts)


def _groups(components: Components, host: HostMachine) -> PageOutcome | None:
    """Four groups, all of this machine (IRC-11)."""
    own = (".", host.name.lower())
    foreign = [
        group
        for group in components.sync_groups
        if group in host.domain_groups or ("\\" in group and group.partition("\\")[0].lower() not in own)
    ]
    if foreign:
        return refuse(PAGE, "GROUP_NOT_LOCAL", f"The groups must be local on this server: {', '.join(foreign)}.")
    if components.sync_groups and len(components.sync_groups) != len(GROUPS):
        text = "All four groups have to be named: Administrators, Operators, Browse, Password Reset."
        return refuse(PAGE, "GROUPS_INCOMPLETE", text)
    return None


def _instance(instance: SqlInstance) -> PageOutcome | None:
    """Kinds of instance that are not supported, and the listener of an availability group (IRC-08, PRE-16)."""
    if instance.kind == "azure":
        text = "Azure SQL Database and Azure SQL Managed Instance are not supported as a database."
        return refuse(PAGE, "SQL_AZURE", text)
    if instance.protocol == "named-pipes":
        return refuse(PAGE, "SQL_NAMED_PIPES", "The instance answers on Named Pipes only; TCP/IP is needed.")
    if instance.mirrored:
        return refuse(PAGE, "SQL_MIRRORING", "A mirrored database is not supported; use Always On availability groups.")
    if instance.listener is not None and instance.listener.register_all_providers_ip:
        text = "The listener of the availability group registers all its addresses; set RegisterAllProvidersIP to 0."
        return refuse(PAGE, "SQL_LISTENER_ADDRESSES", text)
    return None


def _delegation(instance: SqlInstance, database: str) -> PageOutcome | None:
    if instance.dbo == "nested":
        text = "The account is database owner only through a group; SQL delegation needs a login of its own."
        return refuse(PAGE, "SQL_NO_DBO", text)
    if instance.dbo != "sa" and not database_path(instance.folder, database).exists():
        text = f"The account may not create a database; ask for an empty {database} to be created in advance."
        return refuse(PAGE, "SQL_NO_CREATE", text)
    collation = properties_of(instance, database)["collation"]
    if "_CS_" in collation.upper() + "_":
        text = f"The database {database} has the case-sensitive collation {collation}, which is not supported."
        return refuse(PAGE, "SQL_COLLATION", text)
    return None


__all__ = ["GROUPS", "LOCATION", "PAGE", "database_path", "has_data", "install_required_components"]
