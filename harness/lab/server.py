"""A sync server on the stage: a machine with a folder of its own and, once the wizard has run, the engine on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.lab.database_copies import kept_copy
from harness.refusal import ScenarioError, StepRefusedError

if TYPE_CHECKING:
    from engine import SyncServer
    from harness.lab.lab import Lab


class Server:
    """What actions and checks see of a sync server. ``engine`` is the engine's public face."""

    def __init__(self, lab: Lab, name: str, engine: SyncServer, outcome: Any, tenant: str) -> None:
        self.lab = lab
        self.name = name
        self.engine = engine
        self.outcome = outcome  # what the wizard showed: InstallOutcome
        self.tenant = tenant
        self.last_task: Any = None  # what the wizard showed when a task was run last: TaskOutcome
        self.held_cycle: Iterator[Any] | None = None  # one that was begun and stands in the middle

    @staticmethod
    def folder_of(lab: Lab, name: str) -> Path:
        folder = lab.folder / "servers" / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    @property
    def staging(self) -> bool:
        return bool(self.engine.staging)

    def tick(self, now: datetime) -> None:
        self.engine.tick(now)

    def next_due(self) -> datetime | None:
        return self.engine.next_due()

    def close(self) -> None:
        self.engine.close()

    def destroy(self) -> None:
        """Lose the machine: the engine stops without a word and its folder is gone; a SQL instance elsewhere stays."""
        log = Path(self.paths()["events"])
        self.engine.close(stopped=False)
        log.unlink(missing_ok=True)  # the machine's, also where the database is on a SQL instance
        shutil.rmtree(self.folder_of(self.lab, self.name), ignore_errors=True)

    def connector_name(self, name: str) -> str:
        """Return a connector's own name; a tenant's connector answers to the tenant's name too."""
        names = [configuration.name for configuration in self.engine.connectors.values()]
        folded = name.lower()
        exact = [one for one in names if one.lower() == folded]
        starting = [one for one in names if one.lower().startswith(f"{folded} ")]
        return (exact or starting or [name])[0]

    def connector_account(self, forest: str) -> str:
        """Return the logon name of the account a forest's connector signs in with."""
        wanted = self.connector_name(forest)
        found = next((one for one in self.engine.connectors.values() if one.name == wanted), None)
        if found is None or "forest-login-user" not in found.parameters:
            raise ScenarioError(f"{self.name} has no connector to {forest}")
        return str(found.parameters["forest-login-user"])

    def delete_connector_space(self, connector: str) -> None:
        """Empty a connector's space, as Synchronization Service Manager does."""
        from engine.service_manager import delete_connector_space

        delete_connector_space(self.engine, self.connector_name(connector))

    def delete_connector(self, connector: str) -> None:
        """Delete a connector, as Synchronization Service Manager does."""
        from engine.service_manager import delete_connector

        delete_connector(self.engine, self.connector_name(connector))

    def set_connector_password(self, connector: str, password: str) -> None:
        """Type the password of a connector's account, as Synchronization Service Manager asks for it."""
        from engine.service_manager import set_connector_password

        set_connector_password(self.engine, self.connector_name(connector), password)

    def limit_connector(self, connector: str, object_types: list[str] | None, without: list[str]) -> None:
        """Take object types and attributes off a connector, as Synchronization Service Manager does."""
        from engine.service_manager import limit_connector

        limit_connector(self.engine, self.connector_name(connector), object_types, without)

    def add_run_profile(self, connector: str, name: str) -> None:
        """Give a connector a run profile of one's own."""
        from engine.service_manager import add_run_profile

        add_run_profile(self.engine, self.connector_name(connector), name)

    def paths(self) -> dict[str, str]:
        """Return where the database and the log of the server are, for a person who looks into them."""
        database = self.engine.database.path
        return {"database": str(database), "events": str(database.with_suffix(".events"))}

    # ---- copies of the database ------------------------------------------------------------------------------------
    def keep_database(self, copy: str) -> None:
        """Copy the sync database aside."""
        self.lab.copies[copy] = self.engine.database.snapshot()

    def copy_files(self, copy: str) -> None:
        """Copy the database's files as they lie on the disk, which only a stopped service lets go of."""
        if self.engine.service.running:
            text = "The process cannot access the file because it is being used by another process: ADSync.mdf."
            raise StepRefusedError("FILE_IN_USE", text)
        self.keep_database(copy)

    def restore_database(self, copy: str) -> None:
        """Put a copy in place of the sync database; the machine, its log included, stays as it is."""
        held = kept_copy(self.lab, copy)
        self.engine.restore({"database": held, "events": self.engine.events.snapshot()})

    # ---- snapshots -------------------------------------------------------------------------------------------------
    def snapshot(self) -> dict[str, Any]:
        """Return the machine's state; the engine object goes along, so that a lost server can come back."""
        return {"server": self, "engine": self.engine, "state": self.engine.snapshot(), "outcome": self.outcome}

    def restore(self, state: dict[str, Any]) -> None:
        self.folder_of(self.lab, self.name)
        self.engine = state["engine"]
        self.engine.restore(state["state"])
        self.outcome = state["outcome"]
