"""The wizard run again over a configured server: which services, attributes and extensions are synchronized.

Source: facts "install" 13.3, 13.4, 15.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ServerName, TenantName
from harness.lab.attribute_tasks import EXTENSION_APP, choose_attributes
from harness.refusal import ScenarioError, demand_completed
from harness.scenario.pages_shape import SERVICES
from harness.scenario.shapes import Choice, ListOf

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("wizard.attributes", "wizard.attributes: {server: SYNC1, extensions: [employeeNumber]}")
def attributes(
    lab: Lab,
    server: ServerName,
    filtering: Annotated[bool, "the box Microsoft Entra app and attribute filtering"] | None = None,
    services: Annotated[list[str], ListOf(Choice(SERVICES)), "all that are ticked; as they are without it"]
    | None = None,
    without: Annotated[list[str], "all attributes that are cleared; as they are without it"] | None = None,
    extensions: Annotated[list[str], "all directory extensions; as they are without it"] | None = None,
) -> None:
    """Run Customize synchronization options and choose services, attributes and directory extensions anew."""
    outcome = choose_attributes(
        lab, lab.server(server), filtering=filtering, services=services, without=without, extensions=extensions
    )
    demand_completed(outcome)


@action("tenant.delete_extension_principal", "tenant.delete_extension_principal: {}", shorthand="tenant")
def delete_extension_principal(lab: Lab, tenant: TenantName | None = None) -> None:
    """Delete the service principal of the Tenant Schema Extension App, which owns the directory extensions."""
    graph = lab.tenant(tenant).graph()
    found = [one["id"] for one in graph.pages("servicePrincipals", {}) if one["displayName"] == EXTENSION_APP]
    if not found:
        raise ScenarioError("the tenant has no service principal of directory extensions")
    graph.delete(f"servicePrincipals/{found[0]}")


@action("tenant.create_extension_principal", "tenant.create_extension_principal: {}", shorthand="tenant")
def create_extension_principal(lab: Lab, tenant: TenantName | None = None) -> None:
    """Create the service principal of the Tenant Schema Extension App again."""
    graph = lab.tenant(tenant).graph()
    found = [one["appId"] for one in graph.pages("applications", {}) if one["displayName"] == EXTENSION_APP]
    if not found:
        raise ScenarioError("the tenant has no application of directory extensions")
    graph.post("servicePrincipals", {"appId": found[0]})
