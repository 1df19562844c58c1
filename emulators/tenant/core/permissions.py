"""Who may do what: the rights an application was granted, and those that come with a user's directory roles.

Source: facts "tenant" 14, 15; the sync account may only serve the sync service and read little. A delegated token
carries the rights of its user's roles; scopes are listed in the token but do not widen them (decided).
"""

from __future__ import annotations

from dataclasses import dataclass

from emulators.tenant.core import roles
from emulators.tenant.core.applications import GRAPH_PERMISSIONS, SYNC_APP_ROLE

EVERYTHING = frozenset(GRAPH_PERMISSIONS)
READING = frozenset(name for name in GRAPH_PERMISSIONS if ".Read." in name)
MEMBER = frozenset(
    {
        "User.Read.All",
        "Group.Read.All",
        "GroupMember.Read.All",
        "OrgContact.Read.All",
        "Organization.Read.All",
        "Domain.Read.All",
        "RoleManagement.Read.Directory",
    }
)
ROLE_RIGHTS: dict[str, frozenset[str]] = {
    roles.GLOBAL_ADMINISTRATOR: EVERYTHING,
    roles.HYBRID_IDENTITY_ADMINISTRATOR: READING
    | {
        "OnPremDirectorySynchronization.ReadWrite.All",
        "Organization.ReadWrite.All",
        "Domain.ReadWrite.All",
        "Application.ReadWrite.All",
        "Synchronization.ReadWrite.All",
    },
    roles.SYNCHRONIZATION_ACCOUNTS: frozenset({"Organization.Read.All", "Domain.Read.All"}),
    roles.USER_ADMINISTRATOR: MEMBER
    | {"User.ReadWrite.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
    | {"UserAuthenticationMethod.ReadWrite.All"},
    roles.GLOBAL_READER: READING,
    roles.DIRECTORY_READERS: READING,
}
#: roles that may administer directory synchronisation through the sync service
SYNC_ADMINS = frozenset({roles.GLOBAL_ADMINISTRATOR, roles.HYBRID_IDENTITY_ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a verified token."""

    object_id: str
    app_id: str
    audience: str
    name: str
    rights: frozenset[str]
    roles: frozenset[str] = frozenset()
    is_application: bool = False

    @property
    def administers_sync(self) -> bool:
        return bool(self.roles & SYNC_ADMINS)

    @property
    def synchronises(self) -> bool:
        """Whether the caller may import from and export to the tenant."""
        return self.administers_sync or roles.SYNCHRONIZATION_ACCOUNTS in self.roles or SYNC_APP_ROLE in self.rights


def rights_of_user(held: frozenset[str]) -> frozenset[str]:
    """The rights of a user by the roles it holds; a plain member reads the directory."""
    if not held:
        return MEMBER
    found: frozenset[str] = frozenset() if held == {roles.SYNCHRONIZATION_ACCOUNTS} else MEMBER
    for role in held:
        found |= ROLE_RIGHTS.get(role, MEMBER)
    return found
