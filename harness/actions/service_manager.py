"""What an operator does in Synchronization Service Manager beside running profiles (verb run_profile)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ServerName

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("delete_connector_space", "delete_connector_space: {server: SYNC1, connector: contoso.com}")
def delete_connector_space(
    lab: Lab, server: ServerName, connector: Annotated[str, "name of the connector, a forest or tenant"]
) -> None:
    """Empty the connector space of one connector; refused while the scheduler is enabled. The next cycle reads and
    synchronizes everything of that connector again.
    """
    lab.server(server).delete_connector_space(connector)


@action("delete_connector", "delete_connector: {server: SYNC1, connector: contoso.com}")
def delete_connector(
    lab: Lab, server: ServerName, connector: Annotated[str, "name of the connector, a forest or tenant"]
) -> None:
    """Delete a connector with its space and its rules; refused while the scheduler is enabled."""
    lab.server(server).delete_connector(connector)
