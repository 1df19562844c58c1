"""/applications and their extension properties. Source: facts "install" 13.4; Graph ``extensionProperty``."""

from __future__ import annotations

import re
from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, Route, lacking, ok, text_key
from emulators.tenant.api.rendering import context
from emulators.tenant.core import schema_extensions
from emulators.tenant.core.refusals import GraphError, not_emulated, not_found

READ = ("Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("Application.ReadWrite.All",)
_EQUALS = re.compile(r"\s*(displayName|appId)\s+eq\s+'((?:[^']|'')*)'\s*", re.IGNORECASE)


def _applications(desk: Desk) -> list[dict[str, Any]]:
    """The application of the directory extensions, and those registered by hand."""
    own = [
        {"id": one.object_id, "appId": one.client_id, "displayName": one.display_name, "signInAudience": "AzureADMyOrg"}
        for one in desk.tenant.applications.values()
    ]
    extension = [schema_extensions.application(desk.tenant)] if desk.tenant.schema_extensions.registered else []
    return own + extension


def _filtered(rows: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    if not text:
        return rows
    found = _EQUALS.fullmatch(text)
    if found is None:
        raise not_emulated(f"$filter={text} on applications")
    name = {"displayname": "displayName", "appid": "appId"}[found[1].lower()]
    wanted = found[2].replace("''", "'").lower()
    return [row for row in rows if str(row[name]).lower() == wanted]


def list_applications(desk: Desk, call: Call) -> Answer:
    rows = _filtered(_applications(desk), call.query.get("$filter", ""))
    return ok({"@odata.context": context(call, "applications"), "value": rows})


def _found(desk: Desk, key: str) -> dict[str, Any]:
    row = next((one for one in _applications(desk) if one["id"] == key), None)
    if row is None:
        raise not_found(key)
    return row


def get_application(desk: Desk, call: Call, key: str) -> Answer:
    return ok({"@odata.context": context(call, "applications/$entity"), **_found(desk, key)})


def delete_application(desk: Desk, call: Call, key: str) -> Answer:
    """The application of the directory extensions is the system's own; others are not taken away here."""
    if _found(desk, key)["id"] == desk.tenant.schema_extensions.object_id:
        raise GraphError(403, "Authorization_RequestDenied", "The application is managed by the system.")
    raise not_emulated("deleting an application")


def list_extension_properties(desk: Desk, call: Call, key: str) -> Answer:
    _found(desk, key)
    own = key == desk.tenant.schema_extensions.object_id
    rows = schema_extensions.extension_properties(desk.tenant) if own else []
    return ok({"@odata.context": context(call, f"applications('{key}')/extensionProperties"), "value": rows})


def create_principal(desk: Desk, call: Call) -> Answer:
    made = schema_extensions.create_principal(desk.tenant, text_key(call.json().get("appId"), "appId"))
    return ok({"@odata.context": context(call, "servicePrincipals/$entity"), **made}, 201)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/applications", list_applications, READ),
    Route("GET", "/applications/<key>", get_application, READ),
    Route("POST", "/applications", lacking("Registering an application over Graph"), WRITE),
    Route("PATCH", "/applications/<key>", lacking("Changing an application"), WRITE),
    Route("DELETE", "/applications/<key>", delete_application, WRITE),
    Route("GET", "/applications/<key>/extensionProperties", list_extension_properties, READ),
    Route("POST", "/servicePrincipals", create_principal, WRITE),
)
