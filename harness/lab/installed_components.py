"""What the installation put on a server's machine, and what of it can be changed afterwards."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from harness.lab.databases import database_properties

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server


def shown_components(lab: Lab, server: Server) -> dict[str, Any] | None:
    """Return the components of a server with the properties of its database, as far as somebody set them."""
    from engine.setup.installed_components import recorded

    found = recorded(server.engine.database)
    if found is None:
        return None
    instance = found.sql.partition(",")[0].strip()
    held = database_properties(lab.sql.folder(instance), found.database) if instance in lab.sql.facts else {}
    return {**asdict(found), "groups": list(found.groups), "database_properties": held}


def run_service_as(server: Server, account: str) -> None:
    """Let the service run as another account, which the engine refuses."""
    from engine.setup.installed_components import change_service_account
    from engine.setup.service_account import Kind, ServiceAccount

    change_service_account(server.engine.database, ServiceAccount(account, Kind.DOMAIN))
