"""Applications that may sign in: those of the vendor, known to every tenant, and those registered in this one.

Source: facts "tenant" 1.5, 10, 15; "graph_clients" 2.1.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

SYNC_CLIENT = "1651564e-7ce4-4d99-88be-0a65050d8dc3"
WIZARD = "cb1056e2-e479-49de-ae31-7812af012ed8"
#: public clients of the vendor: client id -> name
PUBLIC_CLIENTS: dict[str, str] = {
    SYNC_CLIENT: "Microsoft Azure AD Connect sync client",
    "6eb59a73-39b2-4c23-a70f-e2e3ce8965b1": "Microsoft Azure AD Connect sync client (V2)",
    WIZARD: "Microsoft Azure Active Directory Connect",
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Microsoft Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Microsoft Azure PowerShell",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Microsoft Graph Command Line Tools",
    "1b730954-1685-4b74-9bfd-dac224a7b894": "Azure Active Directory PowerShell",
}
#: clients that the sync service is made for; another one is noted as unknown (supported topologies)
SYNC_CLIENTS = frozenset({SYNC_CLIENT, "6eb59a73-39b2-4c23-a70f-e2e3ce8965b1", WIZARD})
SYNC_SERVICE = "6bf85cfa-ac8a-4be5-b5de-425a0d0dc016"
LEGACY_GRAPH = "https://graph.windows.net"
GRAPH = "https://graph.microsoft.com"
GRAPH_ID = "00000003-0000-0000-c000-000000000000"
LEGACY_GRAPH_ID = "00000002-0000-0000-c000-000000000000"
SYNC_APP_ROLE = "ADSynchronization.ReadWrite.All"

#: every Graph application permission this tenant looks at
GRAPH_PERMISSIONS: tuple[str, ...] = (
    "Application.ReadWrite.All", "AuditLog.Read.All", "Device.ReadWrite.All", "Directory.Read.All",
    "Directory.ReadWrite.All", "Domain.Read.All", "Domain.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All",
    "GroupMember.Read.All", "GroupMember.ReadWrite.All", "LicenseAssignment.ReadWrite.All",
    "OnPremDirectorySynchronization.Read.All", "OnPremDirectorySynchronization.ReadWrite.All", "OrgContact.Read.All",
    "Organization.Read.All", "Organization.ReadWrite.All", "Policy.ReadWrite.ConditionalAccess",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory", "Synchronization.Read.All", "Synchronization.ReadWrite.All",
    "User-OnPremisesSyncBehavior.ReadWrite.All", "User.Read.All", "User.ReadWrite.All",
    "UserAuthenticationMethod.ReadWrite.All",
)  # fmt: skip


@dataclass
class Application:
    """An app registration with its service principal. The secret is kept as a hash."""

    client_id: str
    object_id: str
    display_name: str
    secret_hash: bytes
    permissions: tuple[str, ...]
    resource: str = GRAPH

    def accepts(self, secret: str) -> bool:
        return hmac.compare_digest(hash_secret(secret), self.secret_hash)


def hash_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
