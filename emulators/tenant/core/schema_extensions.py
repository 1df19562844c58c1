"""The application "Tenant Schema Extension App": attributes a sync server adds to users and groups of the tenant.

A property is called extension_<application id without dashes>_<attribute>. Source: facts "install" 13.4 (DEX-02 to
DEX-06); directory-extensions. The operation by which the wizard registers them is the sync service's here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulators.tenant.core.refusals import ObjectRefusal, ServiceFault, bad_request, not_found

if TYPE_CHECKING:
    from emulators.tenant.core.tenant import Tenant

APP_NAME = "Tenant Schema Extension App"
PREFIX = "extension_"
NAME = re.compile(r"extension_[0-9a-f]{32}_[A-Za-z][A-Za-z0-9-]*")
DATA_TYPES = ("String", "Boolean", "Integer", "LargeInteger", "Binary")
TARGETS = ("User", "Group")
VALUES_MAX = 100  # per object
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,255}")
_GONE = "The service principal of the Tenant Schema Extension App does not exist."


@dataclass
class SchemaExtensions:
    """ids empty: nothing was registered yet. properties: by name. principal_id empty: it was deleted."""

    object_id: str = ""
    client_id: str = ""
    principal_id: str = ""
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def registered(self) -> bool:
        return bool(self.client_id)


def property_name(client_id: str, attribute: str) -> str:
    return f"{PREFIX}{client_id.replace('-', '')}_{attribute}"


def register(tenant: Tenant, attributes: Sequence[Mapping[str, Any]]) -> str:
    """Make the application when it is not there and add attributes it does not have; gives its application id."""
    read = [_read(one) for one in attributes]
    app = tenant.schema_extensions
    if not app.registered:
        app.object_id, app.client_id, app.principal_id = tenant.new_id(), tenant.new_id(), tenant.new_id()
        tenant.record("tenant.application.registered", id=app.object_id, name=APP_NAME)
    for one in read:
        name = property_name(app.client_id, one["attribute"])
        held = app.properties.get(name)
        if held is None:
            app.properties[name] = {
                "id": tenant.new_id(),
                "name": name,
                "dataType": one["dataType"],
                "isMultiValued": one["isMultiValued"],
                "targetObjects": one["targetObjects"],
            }
            tenant.record("tenant.extension.registered", name=name)
        elif (held["dataType"], held["isMultiValued"]) != (one["dataType"], one["isMultiValued"]):
            raise ServiceFault("EXTENSION_INVALID", f"{name} exists with another type.")
        else:
            held["targetObjects"] = sorted({*held["targetObjects"], *one["targetObjects"]})
    return app.client_id


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    """One attribute of the request, in known shapes."""
    attribute, kind = given.get("Name"), given.get("DataType")
    targets, many = given.get("TargetObjects"), given.get("IsMultiValued")
    sound = (
        isinstance(attribute, str)
        and _ATTRIBUTE.fullmatch(attribute) is not None
        and kind in DATA_TYPES
        and isinstance(many, bool)
        and isinstance(targets, list)
        and bool(targets)
        and all(one in TARGETS for one in targets)
    )
    if not sound or (many and kind not in ("String", "Binary")):
        raise ServiceFault("EXTENSION_INVALID", f"{attribute} cannot be a directory extension.")
    return {
        "attribute": attribute,
        "dataType": kind,
        "isMultiValued": many,
        "targetObjects": sorted(set(targets or ())),
    }


def refused(tenant: Tenant, values: Mapping[str, Any]) -> ObjectRefusal | None:
    """Why an object with these values is not taken: an extension nobody registered, or the principal is gone."""
    app = tenant.schema_extensions
    names = [name for name in values if name.startswith(PREFIX) and NAME.fullmatch(name)]
    if not names or not app.registered:
        return None
    if not app.principal_id:
        return ObjectRefusal("ExtensionPropertyUnavailable", _GONE, names[0])
    unknown = next((name for name in names if name not in app.properties), None)
    if unknown is not None:
        return ObjectRefusal("DataValidationFailed", f"There is no extension property {unknown}.", unknown)
    if len(names) > VALUES_MAX:
        return ObjectRefusal("DataValidationFailed", f"An object has at most {VALUES_MAX} extension values.", names[0])
    return None


# ---- what administrators see and do ----------------------------------------------------------------------------------
def application(tenant: Tenant) -> dict[str, Any]:
    app = tenant.schema_extensions
    return {"id": app.object_id, "appId": app.client_id, "displayName": APP_NAME, "signInAudience": "AzureADMyOrg"}


def principal(tenant: Tenant) -> dict[str, Any] | None:
    app = tenant.schema_extensions
    if not app.registered or not app.principal_id:
        return None
    return {
        "id": app.principal_id,
        "appId": app.client_id,
        "displayName": APP_NAME,
        "appDisplayName": APP_NAME,
        "servicePrincipalType": "Application",
        "accountEnabled": True,
    }


def delete_principal(tenant: Tenant) -> None:
    """Take the service principal away; synchronization of the values breaks until there is one again (DEX-06)."""
    app = tenant.schema_extensions
    tenant.record("tenant.principal.deleted", id=app.principal_id, name=APP_NAME)
    app.principal_id = ""


def create_principal(tenant: Tenant, client_id: str) -> dict[str, Any]:
    """Make the service principal again."""
    app = tenant.schema_extensions
    if not app.registered or client_id != app.client_id:
        raise not_found(client_id)
    if app.principal_id:
        raise bad_request(f"The service principal cannot be created because {client_id} is already in use.")
    app.principal_id = tenant.new_id()
    tenant.record("tenant.principal.created", id=app.principal_id, name=APP_NAME)
    made = principal(tenant)
    assert made is not None
    return made


def extension_properties(tenant: Tenant) -> list[dict[str, Any]]:
    shown = {"appDisplayName": APP_NAME, "isSyncedFromOnPremises": True}
    return [{**one, **shown} for one in tenant.schema_extensions.properties.values()]
