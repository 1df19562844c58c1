"""How Graph reads an object: for each kind, every property name it knows and where the value comes from.

A name Graph has but this tenant keeps nothing for reads as null or an empty list; any other name is refused. Source:
facts "tenant" 1.2, "graph_clients" 3 rows 1, 2, 8; the property names are those of the Graph v1.0 types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulators.tenant.core import graph_names, group_writeback
from emulators.tenant.core.attributes import (
    CONTACT_PLAIN,
    DEVICE_PLAIN,
    EXTENSION_ATTRIBUTES,
    GROUP_PLAIN,
    USER_PLAIN,
    as_list,
    guid_text,
    sid_text,
)
from emulators.tenant.core.identities import CloudObject, Device, Group, Kind, User
from emulators.tenant.core.schema_extensions import NAME
from emulators.tenant.core.service_plans import BY_ID

Reader = Callable[[Any], Any]

ODATA_TYPES: dict[Kind, str] = {
    Kind.USER: "#microsoft.graph.user",
    Kind.GROUP: "#microsoft.graph.group",
    Kind.CONTACT: "#microsoft.graph.orgContact",
    Kind.DEVICE: "#microsoft.graph.device",
    Kind.PUBLIC_FOLDER: "#microsoft.graph.directoryObject",
}
#: what a read without $select answers, in Graph's order (row 1 for users)
DEFAULTS: dict[Kind, tuple[str, ...]] = {
    Kind.USER: (
        "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
        "preferredLanguage", "surname", "userPrincipalName", "id",
    ),
    Kind.GROUP: (
        "id", "deletedDateTime", "classification", "createdDateTime", "description", "displayName", "groupTypes",
        "isAssignableToRole", "mail", "mailEnabled", "mailNickname", "membershipRule", "onPremisesDomainName",
        "onPremisesLastSyncDateTime", "onPremisesNetBiosName", "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "onPremisesProvisioningErrors", "proxyAddresses",
        "securityEnabled", "visibility",
    ),
    Kind.CONTACT: (
        "id", "deletedDateTime", "addresses", "companyName", "department", "displayName", "givenName", "jobTitle",
        "mail", "mailNickname", "onPremisesLastSyncDateTime", "onPremisesProvisioningErrors", "onPremisesSyncEnabled",
        "phones", "proxyAddresses", "surname",
    ),
    Kind.DEVICE: (
        "id", "deletedDateTime", "accountEnabled", "approximateLastSignInDateTime", "deviceId", "displayName",
        "isCompliant", "isManaged", "onPremisesLastSyncDateTime", "onPremisesSyncEnabled", "operatingSystem",
        "operatingSystemVersion", "physicalIds", "profileType", "trustType",
    ),
    Kind.PUBLIC_FOLDER: ("id", "deletedDateTime"),
}  # fmt: skip


def shown_upn(user: User) -> str | None:
    """A user in the deleted items has its UPN prefixed by its id without dashes (row 16)."""
    if user.deleted is not None and user.upn is not None:
        return user.id.replace("-", "") + user.upn
    return user.upn


def _plain(graph_name: str, shadow_name: str, otherwise: Any = None) -> Reader:
    def read(obj: CloudObject) -> Any:
        own = obj.own
        if graph_name in own:
            return own[graph_name]
        return obj.shadow.get(shadow_name, otherwise)

    return read


def _own(name: str, otherwise: Any = None) -> Reader:
    return lambda obj: obj.own.get(name, otherwise)


def _phones(user: CloudObject) -> list[str]:
    if "businessPhones" in user.own:
        return list(user.own["businessPhones"])
    return as_list(user.shadow.get("telephoneNumber"))


def _extension_attributes(obj: CloudObject) -> dict[str, Any]:
    own = obj.own.get("onPremisesExtensionAttributes") or {}
    return {name: own.get(name, obj.shadow.get(name)) for name in EXTENSION_ATTRIBUTES}


def _sid(obj: CloudObject) -> str | None:
    return sid_text(obj.sid) if obj.sid is not None else None


def provisioning_errors(obj: CloudObject) -> list[dict[str, Any]]:
    """Withheld values with the property name as Graph spells it: ProxyAddress in the singular."""
    return [
        {
            "category": "PropertyConflict",
            "occurredDateTime": error.occurred,
            "propertyCausingError": "ProxyAddress" if error.property == "ProxyAddresses" else error.property,
            "value": error.value,
        }
        for error in obj.errors
    ]


def _licences(user: User) -> list[dict[str, Any]]:
    return [{"disabledPlans": list(disabled), "skuId": sku_id} for sku_id, disabled in user.licences.items()]


def _plans(user: User) -> list[dict[str, Any]]:
    return [
        {"capabilityStatus": "Enabled", "service": plan.name.split("_")[0].lower(), "servicePlanId": plan.id}
        for sku_id, disabled in user.licences.items()
        for plan in BY_ID[sku_id].plans
        if plan.id not in disabled
    ]


def _mail_enabled(group: Group) -> bool:
    if "mailEnabled" in group.own:
        return bool(group.own["mailEnabled"])
    return bool(group.shadow.get("mailEnabled", group.mail is not None))


def _device_id(device: Device) -> str | None:
    return guid_text(device.device_id) or device.device_id if device.device_id is not None else None


_COMMON: dict[str, Reader] = {
    "id": lambda obj: obj.id,
    "deletedDateTime": lambda obj: obj.deleted,
    "createdDateTime": lambda obj: obj.created,
    "mail": lambda obj: obj.mail,
    "mailNickname": lambda obj: obj.nickname,
    "proxyAddresses": lambda obj: list(obj.proxies),
    "onPremisesSyncEnabled": lambda obj: obj.dirsync,
    "onPremisesLastSyncDateTime": lambda obj: obj.last_sync,
    "onPremisesProvisioningErrors": provisioning_errors,
    "onPremisesSecurityIdentifier": _sid,
}
_USER: dict[str, Reader] = {
    **_COMMON,
    **{graph: _plain(graph, shadow) for shadow, graph in USER_PLAIN.items()},
    "accountEnabled": _plain("accountEnabled", "accountEnabled", True),
    "userType": _plain("userType", "userType", "Member"),
    "userPrincipalName": shown_upn,
    "businessPhones": _phones,
    "onPremisesImmutableId": lambda user: user.anchor,
    "onPremisesObjectIdentifier": lambda user: user.object_identifier,
    "onPremisesExtensionAttributes": _extension_attributes,
    "assignedLicenses": _licences,
    "assignedPlans": _plans,
    "passwordPolicies": lambda user: user.password_policies,
    "lastPasswordChangeDateTime": lambda user: user.credential.changed if user.credential is not None else None,
    "signInSessionsValidFromDateTime": lambda user: user.sessions_valid_from or user.created,
    "refreshTokensValidFromDateTime": lambda user: user.sessions_valid_from or user.created,
    "employeeId": _plain("employeeId", "employeeId"),
    "otherMails": _own("otherMails", ()),
    "preferredDataLocation": _own("preferredDataLocation"),
    "showInAddressList": _own("showInAddressList"),
}
_GROUP: dict[str, Reader] = {
    **_COMMON,
    **{graph: _plain(graph, shadow) for shadow, graph in GROUP_PLAIN.items()},
    "securityEnabled": _plain("securityEnabled", "securityEnabled", False),
    "mailEnabled": _mail_enabled,
    "groupTypes": _own("groupTypes", ()),
    "visibility": _own("visibility"),
    "isAssignableToRole": _own("isAssignableToRole"),
    group_writeback.CONFIGURATION: group_writeback.configuration,
}
_CONTACT: dict[str, Reader] = {
    **{name: read for name, read in _COMMON.items() if name in graph_names.CONTACT},
    **{graph: _plain(graph, shadow) for shadow, graph in CONTACT_PLAIN.items()},
}
_DEVICE: dict[str, Reader] = {
    **{name: _COMMON[name] for name in ("id", "deletedDateTime", "createdDateTime", "onPremisesSyncEnabled",
                                        "onPremisesLastSyncDateTime", "onPremisesSecurityIdentifier")},
    **{graph: _plain(graph, shadow) for shadow, graph in DEVICE_PLAIN.items()},
    "deviceId": _device_id,
    "accountEnabled": _plain("accountEnabled", "accountEnabled", True),
    "physicalIds": _own("physicalIds", ()),
}  # fmt: skip


def _with_unset(readers: Mapping[str, Reader], names: tuple[str, ...]) -> dict[str, Reader]:
    """Every other property the Graph type has reads what an administrator set, or nothing."""
    found = dict(readers)
    for name in names:
        if name not in found:
            found[name] = _own(name, () if name in graph_names.COLLECTIONS else None)
    return found


class _WithExtensions(dict[str, Reader]):
    """Readers of a kind that directory extensions can be added to: any extension reads what was exported under it."""

    def __missing__(self, name: str) -> Reader:
        if not NAME.fullmatch(name):
            raise KeyError(name)
        return lambda obj: obj.shadow.get(name)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and NAME.fullmatch(name) is not None)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - dict.get knows nothing of __missing__


READERS: dict[Kind, dict[str, Reader]] = {
    Kind.USER: _WithExtensions(_with_unset(_USER, graph_names.USER)),
    Kind.GROUP: _WithExtensions(_with_unset(_GROUP, graph_names.GROUP)),
    Kind.CONTACT: _with_unset(_CONTACT, graph_names.CONTACT),
    Kind.DEVICE: _with_unset(_DEVICE, graph_names.DEVICE),
    Kind.PUBLIC_FOLDER: {"id": _COMMON["id"], "deletedDateTime": _COMMON["deletedDateTime"]},
}


def view(obj: CloudObject, names: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The object as Graph writes it: the default properties, or those asked for."""
    readers = READERS[obj.kind]
    return {name: readers[name](obj) for name in names or DEFAULTS[obj.kind]}


def typed_view(obj: CloudObject, names: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The same with its type, for lists that mix kinds."""
    known = READERS[obj.kind]
    kept = tuple(name for name in names if name in known) if names else None
    return {"@odata.type": ODATA_TYPES[obj.kind], **view(obj, kept)}
