"""What an expectation can look at about directory extensions in a tenant, as Graph shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.attribute_tasks import EXTENSION_APP
from harness.lab.tenant import Tenant
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("tenant")
check = CHECKS.check


@check("extension_properties", "tenant.extension_properties(attribute, dataType): {count: 1}", many=True)
def extension_properties(lab: Lab, place: Tenant, query: Query) -> Any:
    """Properties of the Tenant Schema Extension App: name, attribute (its last part), dataType, isMultiValued,
    targetObjects.
    """
    graph = place.graph()
    found: list[dict[str, Any]] = []
    for application in graph.pages("applications", {"$filter": f"displayName eq '{EXTENSION_APP}'"}):
        properties = graph.pages(f"applications/{application['id']}/extensionProperties", {})
        found += [{**one, "attribute": one["name"].split("_", 2)[2]} for one in properties]
    return found


@check("extended", "tenant.extended(upn, employeeNumber): {contains: {employeeNumber: '17'}}", many=True)
def extended(lab: Lab, place: Tenant, query: Query) -> Any:
    """Users and groups with the values of directory extensions, by the attributes' own names; upn, displayName."""
    names = {one["attribute"]: one["name"] for one in extension_properties(lab, place, query)}
    rows = []
    for kind, who in (("users", "userPrincipalName"), ("groups", "displayName")):
        for one in place.graph().collection(kind, ["id", "displayName", who, *names.values()]):
            values = {attribute: one.get(name) for attribute, name in names.items()}
            rows.append({"upn": one.get("userPrincipalName"), "displayName": one["displayName"], **values})
    return rows
