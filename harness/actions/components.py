"""What administrators of databases and of the machine do about a server's components. Facts "install" section 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.registry import Actions, ServerName
from harness.lab.installed_components import run_service_as
from harness.scenario.sql_shape import INSTANCE

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("sql.instance", "sql.instance: {name: SQL1, facts: {rights: direct}}")
def sql_instance(
    lab: Lab,
    name: Annotated[str, "name of the SQL instance"],
    facts: Annotated[dict[str, Any], INSTANCE, "what its administrator sets up otherwise; the rest stays"],
) -> None:
    """Set a SQL instance up otherwise: who may do what, its port, its listener."""
    lab.sql.describe(name, facts)


@action("service_account.change", "service_account.change: {server: SYNC1, account: 'CONTOSO\\svc-sync'}")
def change_service_account(
    lab: Lab, server: ServerName, account: Annotated[str, "the account the service shall run as"]
) -> None:
    """Let the sync service run as another account than it was installed with, which it does not."""
    run_service_as(lab.server(server), account)
