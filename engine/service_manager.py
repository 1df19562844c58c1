"""What an operator does in Synchronization Service Manager beside running profiles: empty a connector space.

Source: facts "engine" 1.1 (a whole space can be emptied), facts "install"; version history 1.1.524.0 (refused while the
scheduler is enabled). What becomes of the metaverse is ours: links go, objects stay until a full import links them
again or a synchronization finds nothing that keeps them alive.
"""

from __future__ import annotations

from engine.errors import EngineError
from engine.server import SyncServer
from engine.versions import at_least

#: The release from which the service manager asks for the scheduler first.
ASKS_FOR_THE_SCHEDULER = "1.1.524.0"


def delete_connector_space(server: SyncServer, connector: str) -> int:
    """Empty the space of a connector (name or identifier), and flag what fills it again. Returns how many went.

    Raises EngineError while a cycle runs, and while the scheduler is enabled.
    """
    ordinal, configuration = server.connector(connector)
    if server.cycle_in_progress or server.busy_connector is not None:
        raise EngineError("SYNC_IN_PROGRESS", "A synchronization cycle is in progress: stop it first.")
    enabled = server.scheduler_settings().sync_cycle_enabled
    if enabled and at_least(server.version, ASKS_FOR_THE_SCHEDULER):
        text = f"The scheduler is enabled: disable it before the connector space of {configuration.name} is deleted."
        raise EngineError("SCHEDULER_ENABLED", text)
    with server.database.transaction() as connection:
        of_it = "(SELECT number FROM cs WHERE connector = ?)"
        for table, column in (("object_error", "cs"), ("reference", "target"), ("reference", "source")):
            connection.execute(f"DELETE FROM {table} WHERE {column} IN {of_it}", (ordinal,))  # noqa: S608
        connection.execute("DELETE FROM watermark WHERE connector = ?", (ordinal,))
        count = connection.execute("DELETE FROM cs WHERE connector = ?", (ordinal,)).rowcount
        server.save_connector(configuration.with_(full_import_required=True, full_sync_required=True))
    return int(count)
