"""What an operator does in Synchronization Service Manager beside running profiles: empty a connector space, delete a
connector, clear runs, type the password of a connector's account, limit what it imports, add a run profile.

Source: facts "engine" 1.1 (a whole space can be emptied), facts "install"; version history 1.1.524.0 (refused while the
scheduler is enabled). What becomes of the metaverse is ours: links go, objects stay until a full import links them
again or a synchronization finds nothing that keeps them alive.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from engine.errors import EngineError
from engine.model.configuration import ConnectorType
from engine.run.import_step import HIERARCHY
from engine.scheduler import DELTA_IMPORT
from engine.server import SyncServer
from engine.versions import at_least

#: The release from which the service manager asks for the scheduler first.
ASKS_FOR_THE_SCHEDULER = "1.1.524.0"


def delete_connector_space(server: SyncServer, connector: str) -> int:
    """Empty the space of a connector (name or identifier), and flag what fills it again. Returns how many went.

    Raises EngineError while a cycle runs, and while the scheduler is enabled.
    """
    ordinal, configuration = server.connector(connector)
    _demand_standstill(server, f"the connector space of {configuration.name}")
    with server.database.transaction():
        count = _empty_space(server, ordinal)
        server.save_connector(configuration.with_(full_import_required=True, full_sync_required=True))
    return count


def delete_connector(server: SyncServer, connector: str) -> None:
    """Delete a connector with its space, its rules and its password; refused as for the space alone.

    The tenant's connector has a fixed identifier that upgrades look for (facts "install" 26).
    """
    ordinal, configuration = server.connector(connector)
    _demand_standstill(server, f"the connector {configuration.name}")
    kept = [rule for rule in server.rules().values() if rule.connector != configuration.identifier]
    with server.database.transaction():
        _empty_space(server, ordinal)
        server.configuration.save_rules(kept)
        server.configuration.delete_connector(configuration.identifier)
    server.reload()


def _demand_standstill(server: SyncServer, what: str) -> None:
    if server.cycle_in_progress or server.busy_connector is not None:
        raise EngineError("SYNC_IN_PROGRESS", "A synchronization cycle is in progress: stop it first.")
    enabled = server.scheduler_settings().sync_cycle_enabled
    if enabled and at_least(server.version, ASKS_FOR_THE_SCHEDULER):
        raise EngineError("SCHEDULER_ENABLED", f"The scheduler is enabled: disable it before {what} is deleted.")


def _empty_space(server: SyncServer, ordinal: int) -> int:
    """Inside a transaction: the objects of a connector, their errors, who refers to them, how far it has read."""
    connection = server.database.connection
    of_it = "(SELECT number FROM cs WHERE connector = ?)"
    for table, column in (("object_error", "cs"), ("reference", "target"), ("reference", "source")):
        connection.execute(f"DELETE FROM {table} WHERE {column} IN {of_it}", (ordinal,))  # noqa: S608
    connection.execute("DELETE FROM watermark WHERE connector = ?", (ordinal,))
    return int(connection.execute("DELETE FROM cs WHERE connector = ?", (ordinal,)).rowcount)


def clear_runs(server: SyncServer, older_than: timedelta | None = None) -> int:
    """Clear runs that ended longer ago than this, or all of them; returns how many (facts "install" 22)."""
    server.service.require_running()
    now = server.clock.now()
    return server.history.purge(now + timedelta(seconds=1) if older_than is None else now - older_than)


def set_connector_password(server: SyncServer, connector: str, password: str) -> None:
    """Connectors > Properties > Connect to Active Directory Forest: the service holds the old password in memory until
    it is restarted (CRD-01). The Entra connector's is not typed here: Add-ADSyncAADServiceAccount resets it."""
    server.service.require_running()
    _, configuration = server.connector(connector)
    if configuration.type is ConnectorType.ENTRA:
        text = "The password of the Entra connector cannot be typed in; use Add-ADSyncAADServiceAccount."
        raise EngineError("CONNECTOR_PASSWORD", text)
    server.configuration.save_secret(configuration.identifier, password)


def limit_connector(
    server: SyncServer, connector: str, object_types: Collection[str] | None, without: Collection[str] = ()
) -> None:
    """Connectors > Properties > Select Object Types, Select Attributes: what is taken off is not imported any more.

    The hierarchy's own types cannot be taken off. A full import and a full synchronization are due afterwards.
    """
    server.service.require_running()
    _, configuration = server.connector(connector)
    known = {name.lower(): name for partition in configuration.partitions for name in partition.object_types}
    unknown = [name for name in object_types or () if name.lower() not in known]
    names = {name.lower() for name in configuration.attributes}
    unknown += [name for name in without if name.lower() not in names]
    if unknown:
        raise EngineError("NOT_SELECTED", f"{configuration.name} has not selected {', '.join(unknown)}.")
    wanted = {name.lower() for name in object_types} | {name.lower() for name in HIERARCHY} if object_types else known
    gone = {name.lower() for name in without}
    partitions = tuple(
        replace(one, object_types=tuple(name for name in one.object_types if name.lower() in wanted))
        for one in configuration.partitions
    )
    attributes = tuple(name for name in configuration.attributes if name.lower() not in gone)
    server.save_connector(
        configuration.with_(
            partitions=partitions, attributes=attributes, full_import_required=True, full_sync_required=True
        )
    )


def add_run_profile(server: SyncServer, connector: str, name: str) -> None:
    """Configure Run Profiles > New Profile: a delta import of every selected partition."""
    server.service.require_running()
    _, configuration = server.connector(connector)
    if configuration.profile(name) is not None:
        raise EngineError("PROFILE_EXISTS", f"{configuration.name} has a run profile {name} already.")
    like = next(one for one in configuration.run_profiles if one.name == DELTA_IMPORT)
    profile = replace(like, identifier=server.identifier(f"profile/{configuration.identifier}/{name}"), name=name)
    server.save_connector(configuration.with_(run_profiles=(*configuration.run_profiles, profile)))
