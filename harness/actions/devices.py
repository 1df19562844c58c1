"""Device options in the wizard, and devices that register in the tenant. Source: facts "install" OPT-09, 15.5."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.directory import octets
from harness.actions.registry import Actions, ForestName, ServerName, TenantName
from harness.actions.writeback import GUID
from harness.lab.ldap_client import Entry
from harness.lab.reactor import in_reactor
from harness.refusal import ScenarioError, demand_completed
from harness.scenario.shapes import Choice, MapOf
from harness.scenario.world_shape import VALUE

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

OPERATIONS = ("hybrid-join", "enable-writeback", "disable-writeback")


@action("wizard.device_options", "wizard.device_options: {server: SYNC1, choose: enable-writeback}")
def device_options(
    lab: Lab,
    server: ServerName,
    choose: Annotated[str, Choice(OPERATIONS), "page Device options"],
    forest: Annotated[ForestName, "the only one without it"] | None = None,
    enterprise_admin: Annotated[
        str, "object that prepares the forest; its Administrator without it, none: nobody"
    ] = "Administrator",
    downlevel: Annotated[bool, "hybrid-join: Windows versions before 10 as well"] = False,
) -> None:
    """Run the task Configure device options. ``enterprise_admin: none`` gives no credentials: the forest has to be
    prepared already.
    """
    from harness.lab.write_back import configure_devices

    outcome = configure_devices(
        lab,
        lab.server(server),
        choose,
        forest=forest or "",
        enterprise_admin=None if enterprise_admin == "none" else enterprise_admin,
        downlevel=downlevel,
    )
    demand_completed(outcome)


@action(
    "directory.add_object",
    "directory.add_object: {dn: 'CN=PC1,OU=Computers', class: computer, set: {sAMAccountName: PC1$}}",
)
def add_object(
    lab: Lab,
    dn: Annotated[str, "where it stands; below the domain unless it says more"],
    class_: Annotated[str, "object class"],
    set_: Annotated[dict[str, Any], MapOf(VALUE), "attributes"] | None = None,
    forest: ForestName | None = None,
) -> None:
    """Create any object, as an administrator's LDAP tool does."""
    place = lab.forest(forest)
    where = dn if dn.lower().endswith(place.base_dn.lower()) else f"{dn},{place.base_dn}"
    values = {name: octets(place, lab, name, value, Entry(where, {})) for name, value in (set_ or {}).items()}
    place.ldap().add(where, {"objectClass": [class_.encode()], **values})


@action("tenant.register_device", "tenant.register_device: {name: LAPTOP1}")
def register_device(
    lab: Lab,
    name: Annotated[str, "display name"],
    id: Annotated[str, GUID, "device id; drawn without it"] | None = None,  # noqa: A002 - the word of the language
    system: Annotated[str, "operating system"] = "Windows",
    version: Annotated[str, "its version"] = "10.0.22631",
    tenant: TenantName | None = None,
) -> None:
    """Let a device register in the tenant, with the key it proves itself by."""
    place = lab.tenant(tenant)
    body: dict[str, Any] = {
        "displayName": name,
        "deviceId": id or str(lab.seeds.guid(f"{place.name}/devices/{name}")),
        "accountEnabled": True,
        "operatingSystem": system,
        "operatingSystemVersion": version,
        "alternativeSecurityIds": [_proof(lab, place.name, name)],
    }
    place.graph().post("devices", body)


@action("tenant.complete_registration", "tenant.complete_registration: PC1", shorthand="device")
def complete_registration(
    lab: Lab, device: Annotated[str, "id or display name"], tenant: TenantName | None = None
) -> None:
    """Let a computer that the sync server brought finish its registration: from now on it has a key."""
    place = lab.tenant(tenant)
    in_reactor(place.service.complete_registration, _find(place, device), _proof(lab, place.name, device))


@action("tenant.update_device", "tenant.update_device: {device: LAPTOP1, set: {isCompliant: true}}")
def update_device(
    lab: Lab,
    device: Annotated[str, "id or display name"],
    set_: Annotated[dict[str, Any], "Graph property and value"],
    tenant: TenantName | None = None,
) -> None:
    """Change properties of a device."""
    place = lab.tenant(tenant)
    place.graph().patch(f"devices/{_find(place, device)}", set_)


@action("tenant.delete_device", "tenant.delete_device: LAPTOP1", shorthand="device")
def delete_device(lab: Lab, device: Annotated[str, "id or display name"], tenant: TenantName | None = None) -> None:
    """Delete a device; there is no recycle bin for devices."""
    place = lab.tenant(tenant)
    place.graph().delete(f"devices/{_find(place, device)}")


def _proof(lab: Lab, tenant: str, device: str) -> dict[str, Any]:
    """What a device registers with: the thumbprint and the digest of a public key, drawn for it."""
    source = lab.seeds.stream(f"{tenant}/devices/{device}/key")
    text = f"X509:<SHA1-TP-PUBKEY>{source.getrandbits(160):040X}{base64.b64encode(source.randbytes(32)).decode()}"
    return {"type": 2, "identityProvider": None, "key": base64.b64encode(text.encode("utf-16-le")).decode()}


def _find(place: Any, name: str) -> str:
    found = [
        one
        for one in place.graph().collection("devices", ["id", "displayName"])
        if name.lower() in (one["id"].lower(), str(one.get("displayName")).lower())
    ]
    if len(found) != 1:
        raise ScenarioError(f"{place.name} has {len(found)} devices called {name}")
    return str(found[0]["id"])
