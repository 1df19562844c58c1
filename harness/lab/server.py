"""A sync server on the stage: a machine with a folder of its own and, once the wizard has run, the engine on it."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.refusal import ScenarioError

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
        self._copies: dict[str, bytes] = {}  # of the sync database, by the name they were given

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
        self.engine.close(stopped=False)
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

    def paths(self) -> dict[str, str]:
        """Return where the database and the log of the server are, for a person who looks into them."""
        database = self.engine.database.path
        return {"database": str(database), "events": str(database.with_suffix(".events"))}

    # ---- copies of the database ------------------------------------------------------------------------------------
    def keep_database(self, copy: str) -> None:
        """Copy the sync database aside."""
        self._copies[copy] = self.engine.database.snapshot()

    def restore_database(self, copy: str) -> None:
        """Put a copy in place of the sync database; the machine, its log included, stays as it is."""
        if copy not in self._copies:
            known = ", ".join(sorted(self._copies)) or "none"
            raise ScenarioError(f"no copy of the database of {self.name} is called {copy}; kept are: {known}")
        self.engine.restore({"database": self._copies[copy], "events": self.engine.events.snapshot()})

    # ---- snapshots -------------------------------------------------------------------------------------------------
    def snapshot(self) -> dict[str, Any]:
        """Return the machine's state; the engine object goes along, so that a lost server can come back."""
        return {"server": self, "engine": self.engine, "state": self.engine.snapshot(), "outcome": self.outcome}

    def restore(self, state: dict[str, Any]) -> None:
        self.folder_of(self.lab, self.name)
        self.engine = state["engine"]
        self.engine.restore(state["state"])
        self.outcome = state["outcome"]
