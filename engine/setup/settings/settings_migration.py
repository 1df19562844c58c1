"""MigrateSettings.ps1: the settings of a server that cannot export them itself, as the folder a new server imports.

The script as it is delivered stumbles on a server without settings management; with $true taken out it runs through.
When exactly the product's script stumbles is not documented: here it always does on such releases. Source:
import-export-config; facts "install" CFG-06.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.setup.configuration.server_configuration import write_server_configuration
from engine.setup.promotion import exported_configuration
from engine.versions import at_least

if TYPE_CHECKING:
    from engine.server import SyncServer

MIGRATED = "MigratedPolicy.json"
#: The first release whose wizard exports and imports settings.
SETTINGS_SINCE = "1.5.42.0"
POSITIONAL = "A positional parameter cannot be found that accepts argument 'True'."


def migrate_settings(server: SyncServer, folder: Path, *, edited: bool = False) -> Path:
    """Write the folder and return the policy file in it. edited: $true was taken out of the script."""
    if not edited and not at_least(server.version, SETTINGS_SINCE):
        raise EngineError("POSITIONAL_PARAMETER", POSITIONAL)
    write_server_configuration(exported_configuration(server), folder)
    path = folder / MIGRATED
    document = {"policyMetadata": {"type": "migration", "version": server.version}}
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    return path
