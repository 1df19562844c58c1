"""ProvisionCredentials: password hashes of synchronised users, found by anchor; an empty list is the heartbeat.

Source: facts "tenant" 9.2, 9.3, 17.2 (fault 90 while the feature is off; at most 50 at once).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulators.tenant.core import passwords
from emulators.tenant.core.clients import Client
from emulators.tenant.core.identities import CloudObject, User
from emulators.tenant.core.refusals import CLOUD_ONLY_CREDENTIAL, PASSWORD_SYNC_OFF, ServiceFault
from emulators.tenant.core.tenant import Tenant

CREDENTIALS_MAX = 50


def provision_credentials(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """Take password hashes; an empty list is the heartbeat."""
    if not tenant.sync.has("PasswordHashSync"):
        raise ServiceFault(90, PASSWORD_SYNC_OFF)
    items = request.get("RequestItems") or []
    if type(items) is not list or len(items) > CREDENTIALS_MAX:
        raise ServiceFault("REQUEST_INVALID", f"RequestItems is not a list of at most {CREDENTIALS_MAX} items.")
    results = [_take_credential(tenant, item) for item in items]
    tenant.sync.last_password_sync = tenant.stamp()
    if tenant.heard:
        failed = sum(1 for result in results if result["Result"] != 0)
        tenant.record("tenant.credentials.provisioned", count=len(items), failed=failed)
    return {"Results": results}


def _take_credential(tenant: Tenant, item: Any) -> dict[str, Any]:
    if type(item) is not dict:
        item = {}
    anchor, cloud_anchor = item.get("SourceAnchor"), item.get("CloudAnchor")
    user = _credential_owner(tenant, anchor, cloud_anchor)
    data, problem = item.get("CredentialData"), None
    credential = None
    if user is None:
        problem = "The object of the credential was not found."
    elif user.dirsync is not True:
        problem = CLOUD_ONLY_CREDENTIAL
    else:
        force = item.get("ForcePasswordChangeOnLogon") is True and (
            user.credential is None or tenant.sync.has("EnableUserForcePasswordChangeOnLogon")
        )
        changed = tenant.stamp()
        credential = passwords.read_credential(data, changed, force_change=force) if isinstance(data, str) else None
        if credential is None:
            problem = "The credential data cannot be read."
    if user is not None and credential is not None:
        cloud_policy = tenant.sync.has("EnforceCloudPasswordPolicyForPasswordSyncedUsers")
        policies = passwords.policies_after_hash_sync(user.password_policies, cloud_policy=cloud_policy)
        user.credential = credential
        user.password_policies = policies
        tenant.failed_sign_ins.pop(user.id, None)
    return {
        "SourceAnchor": anchor if isinstance(anchor, str) else None,
        "CloudAnchor": cloud_anchor if isinstance(cloud_anchor, str) else None,
        "Result": 0 if problem is None else 1,
        "ExtendedErrorInformation": problem,
    }


def _credential_owner(tenant: Tenant, anchor: Any, cloud_anchor: Any) -> User | None:
    found: CloudObject | None = None
    if isinstance(cloud_anchor, str):
        found = tenant.objects.get(cloud_anchor.partition("_")[2])
    if found is None and isinstance(anchor, str):
        found = tenant.by_anchor.get(anchor)
    return found if isinstance(found, User) else None
