"""What lives in a tenant: users, groups, contacts and devices, with the facts kept about each.

``shadow`` holds what the sync client wrote, by connector-space name; ``own`` what was set in the cloud, by Graph
name; the slots hold what the service computed from both. A value in ``own`` wins over its shadow. Source: facts
"tenant" section 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """The object types of the sync service; the value is the word used on its wire and in cloud anchors."""

    USER = "User"
    GROUP = "Group"
    CONTACT = "Contact"
    DEVICE = "Device"
    PUBLIC_FOLDER = "PublicFolder"


@dataclass(frozen=True, slots=True)
class ProvisioningError:
    """One value withheld because another object owns it. ``property`` is UserPrincipalName or ProxyAddresses."""

    property: str
    value: str
    occurred: str
    reason: str = "PropertyConflict"


@dataclass(frozen=True, slots=True)
class Credential:
    """The salted, stretched hash of a password; never the password. ``synced`` tells password hash sync from a cloud
    reset.
    """

    salt: bytes
    iterations: int
    digest: bytes
    changed: str
    force_change: bool = False
    synced: bool = False


NOTHING: dict[str, Any] = {}
NO_ADDRESSES: tuple[str, ...] = ()


class CloudObject:
    """What every kind of object has. Only ``Tenant`` writes the indexed slots."""

    __slots__ = (
        "anchor",
        "changed",
        "cloud_managed",
        "created",
        "created_changed",
        "created_session",
        "deleted",
        "dirsync",
        "errors",
        "id",
        "last_sync",
        "mail",
        "nickname",
        "number",
        "own",
        "proxies",
        "rendered",
        "shadow",
        "sid",
    )
    kind: Kind

    def __init__(self, object_id: str, created: str) -> None:
        self.id = object_id
        self.created = created
        self.anchor: str | None = None
        self.dirsync: bool | None = None
        self.cloud_managed = False
        self.shadow: dict[str, Any] = NOTHING
        self.own: dict[str, Any] = NOTHING
        self.nickname: str | None = None
        self.mail: str | None = None
        self.proxies: tuple[str, ...] = NO_ADDRESSES
        self.sid: str | None = None
        self.errors: tuple[ProvisioningError, ...] = ()
        self.deleted: str | None = None
        self.last_sync: str | None = None
        self.number = 0
        self.changed = 0
        self.created_changed = 0
        self.created_session = 0
        self.rendered: tuple[object, bytes] | None = None

    @property
    def cloud_anchor(self) -> str:
        return f"{self.kind.value}_{self.id}"

    def value(self, graph_name: str, shadow_name: str) -> Any:
        """Return the value that counts: the cloud's own if it was set there, else what the client wrote."""
        if graph_name in self.own:
            return self.own[graph_name]
        return self.shadow.get(shadow_name)


class User(CloudObject):
    """A person, a shared mailbox or a service account."""

    __slots__ = (
        "credential",
        "federated_override",
        "licences",
        "manager",
        "moera",
        "object_identifier",
        "overrides",
        "password_policies",
        "sessions_valid_from",
        "upn",
    )
    kind = Kind.USER

    def __init__(self, object_id: str, created: str) -> None:
        super().__init__(object_id, created)
        self.upn: str | None = None
        self.moera: str | None = None
        self.manager: str | None = None
        self.object_identifier: str | None = None
        self.licences: dict[str, tuple[str, ...]] = NOTHING
        self.credential: Credential | None = None
        self.password_policies: str | None = None
        self.sessions_valid_from: str | None = None
        self.overrides: tuple[str, ...] = ()
        self.federated_override = False


class Group(CloudObject):
    """A security, distribution or Microsoft 365 group; members are object ids in order of arrival."""

    __slots__ = ("member_log", "members", "owners")
    kind = Kind.GROUP

    def __init__(self, object_id: str, created: str) -> None:
        super().__init__(object_id, created)
        self.members: dict[str, None] = {}
        self.owners: dict[str, None] = {}
        self.member_log: list[tuple[int, str, bool]] = []


class Contact(CloudObject):
    """A mail contact (``orgContact`` in Graph)."""

    __slots__ = ("manager",)
    kind = Kind.CONTACT

    def __init__(self, object_id: str, created: str) -> None:
        super().__init__(object_id, created)
        self.manager: str | None = None


class Device(CloudObject):
    """A hybrid joined or registered computer."""

    __slots__ = ("device_id",)
    kind = Kind.DEVICE

    def __init__(self, object_id: str, created: str) -> None:
        super().__init__(object_id, created)
        self.device_id: str | None = None


class PublicFolder(CloudObject):
    """A mail-enabled public folder; the sync service knows it, Graph has no such type."""

    __slots__ = ()
    kind = Kind.PUBLIC_FOLDER


CLASSES: dict[Kind, type[CloudObject]] = {
    Kind.USER: User,
    Kind.GROUP: Group,
    Kind.CONTACT: Contact,
    Kind.DEVICE: Device,
    Kind.PUBLIC_FOLDER: PublicFolder,
}
