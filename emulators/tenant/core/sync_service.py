"""The operations of the sync web service, decoded JSON in and plain values out.

Source: facts "tenant" 1.5, 8.4, 9, 11, 17.2. A bad object fails alone; a batch-level error faults the whole call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from emulators.tenant.core import background, client_versions, cloud_users, roles, schema_extensions
from emulators.tenant.core.applications import SYNC_CLIENT
from emulators.tenant.core.clients import Client
from emulators.tenant.core.exported_values import unacceptable
from emulators.tenant.core.identities import User
from emulators.tenant.core.password_hashes import provision_credentials
from emulators.tenant.core.provisioning import KINDS, OPERATIONS, Change, Result, provision
from emulators.tenant.core.read_back import read_back
from emulators.tenant.core.refusals import ObjectRefusal, ServiceFault
from emulators.tenant.core.sync_settings import merge_configuration, set_features
from emulators.tenant.core.tenant import Tenant

LINKS_MAX = 15000
OBJECTS_MAX = 1000
#: exported names that are not values of the object: its anchors, and the write-only password of the connector schema
NOT_KEPT = frozenset({"sourceAnchor", "cloudAnchor", "export_password"})
IDENTIFIER = re.compile(r"[A-Za-z0-9-]{1,63}_[0-9a-fA-F]{12}")


Operation = Callable[[Tenant, Mapping[str, Any], Client], Any]


def capabilities(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    return client_versions.capabilities(tenant)


def get_company_configuration(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    sync = tenant.sync
    return {
        "TenantId": tenant.tenant_id,
        "DisplayName": tenant.display_name,
        "InitialDomain": tenant.initial_domain,
        "VerifiedDomains": [name for name, domain in tenant.domains.items() if domain.verified],
        "UnverifiedDomains": [name for name, domain in tenant.domains.items() if not domain.verified],
        "IsDirSyncing": sync.enabled is True,
        "IsPasswordSyncing": sync.has("PasswordHashSync"),
        "DirSyncFeatures": sync.features,
        "AllowedFeatures": ["ObjectWriteback", "PasswordWriteback"],
        "SynchronizationInterval": "PT30M",
        "MaxLinksSupportedAcrossBatchInProvision2": LINKS_MAX,
        "DirSyncConfiguration": {
            "AnchorAttribute": sync.anchor_attribute,
            "ApplicationVersion": SYNC_CLIENT,
            "ClientVersion": sync.client_version,
            "CurrentExport": {
                "DirSyncClientMachineName": sync.client_machine,
                "TotalConnectorSpaceObjects": sync.total_objects,
            },
            "IsTrackingChanges": sync.tracking_changes,
            "PreventAccidentalDeletion": dict(sync.deletion_guard),
            "WriteBack": {"UnifiedGroupContainer": sync.group_container, "UserContainer": sync.user_container},
            "Scheduler": dict(sync.scheduler) if sync.scheduler is not None else None,
        },
        "LastDirSyncTime": sync.last_sync,
        "LastPasswordSyncTime": sync.last_password_sync,
        "DirSyncServiceAccounts": _service_account_names(tenant),
    }


def _service_account_names(tenant: Tenant) -> list[str]:
    found = []
    for object_id in tenant.sync.service_accounts.values():
        user = tenant.objects.get(object_id)
        if isinstance(user, User) and user.upn is not None:
            found.append(user.upn)
    return found


#: what of the configuration only an administrator may change (facts 8.4: cloud administrator credentials)
ADMIN_FIELDS = frozenset({"AnchorAttribute", "PreventAccidentalDeletion"})


def set_dirsync_configuration(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    wanted = {name: value for name, value in request.items() if not name.startswith("@")}
    if not client.is_admin and ADMIN_FIELDS.intersection(wanted):
        raise ServiceFault(115, "Access to Windows Azure Active Directory has been denied. Contact Technical Support.")
    names = merge_configuration(tenant.sync, wanted)
    tenant.record("tenant.configuration.set", names=names, anchor=tenant.sync.anchor_attribute)
    return {}


def set_company_dirsync_features(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    mask = request.get("dirsyncFeatures")
    if isinstance(mask, bool) or not isinstance(mask, int) or mask < 0:
        raise ServiceFault("CONFIGURATION_INVALID", "dirsyncFeatures is not a number.")
    set_features(tenant.sync, mask)
    tenant.record("tenant.features.set", features=mask)
    return {"DirSyncFeatures": mask}


def set_company_dirsync_enabled(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    enabled = request.get("enabled")
    if not isinstance(enabled, bool):
        raise ServiceFault("CONFIGURATION_INVALID", "enabled is neither true nor false.")
    background.switch_directory_sync(tenant, enabled=enabled)
    return {"IsDirSyncing": tenant.sync.enabled is True}


def get_service_account(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """Create the account of a server, or give it a new password when it exists."""
    identifier = request.get("identifier")
    if not isinstance(identifier, str) or not IDENTIFIER.fullmatch(identifier):
        raise ServiceFault("SYNC_ACCOUNT_IDENTIFIER", "The identifier must read <SERVER>_<12 hexadecimal digits>.")
    password = cloud_users.draw_password(tenant)
    known = tenant.objects.get(tenant.sync.service_accounts.get(identifier, ""))
    if isinstance(known, User):
        cloud_users.set_password(tenant, known, password)
        tenant.record("tenant.service-account.reset", id=known.id)
        return {"UserName": known.upn, "Password": password}
    living = [o for o in tenant.sync.service_accounts.values() if o in tenant.objects]
    if len(living) >= tenant.settings.service_account_limit:
        raise ServiceFault("SYNC_ACCOUNT_LIMIT", f"There are already {len(living)} directory synchronization accounts.")
    upn = f"Sync_{identifier}@{tenant.initial_domain}"
    user = cloud_users.create_account(tenant, upn, password, "On-Premises Directory Synchronization Service Account")
    tenant.sync.service_accounts[identifier] = user.id
    roles.assign(tenant, roles.SYNCHRONIZATION_ACCOUNTS, user)
    tenant.record("tenant.service-account.created", id=user.id, upn=upn)
    return {"UserName": upn, "Password": password}


def provision_objects(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """One result per object, in the order of the request."""
    _require_sync(tenant)
    objects = request.get("SyncObjects")
    if not isinstance(objects, list) or len(objects) > OBJECTS_MAX:
        raise ServiceFault("REQUEST_INVALID", f"SyncObjects is not a list of at most {OBJECTS_MAX} objects.")
    results = []
    for given in objects:
        change = read_change(given)
        if isinstance(change, ObjectRefusal):
            results.append(_refused(tenant, given, change))
            continue
        problem = schema_extensions.refused(tenant, change.values) if tenant.schema_extensions.registered else None
        result = provision(tenant, change) if problem is None else Result(change, refusal=problem)
        if tenant.heard:
            _record(tenant, result, client)
        results.append(_answer(tenant, result))
    return {"SyncObjectResults": results}


def read_change(given: Any) -> Change | ObjectRefusal:
    """Check the shape of one exported object."""
    if type(given) is not dict:
        return ObjectRefusal("DataValidationFailed", "The exported object is not an object.")
    kind, operation, anchor = given.get("SyncObjectType"), given.get("SyncOperation"), given.get("SourceAnchor")
    values, cloud_anchor = given.get("PropertyValues"), given.get("CloudAnchor")
    if not isinstance(kind, str) or kind not in KINDS:
        return ObjectRefusal("DataValidationFailed", f"There is no object type {kind!r:.40}.", "SyncObjectType")
    if not isinstance(operation, str) or operation not in OPERATIONS:
        return ObjectRefusal("DataValidationFailed", f"There is no operation {operation!r:.40}.", "SyncOperation")
    if values is None:
        values = {}
    if type(values) is not dict:
        return ObjectRefusal("DataValidationFailed", "PropertyValues is not an object.", "PropertyValues")
    if anchor is None:
        anchor = values.get("sourceAnchor")
    if not isinstance(cloud_anchor, str | None):
        return ObjectRefusal("DataValidationFailed", "The cloud anchor is not a text.", "CloudAnchor")
    if operation == "Delete" and anchor is None and cloud_anchor:
        anchor = ""
    elif not isinstance(anchor, str) or not 0 < len(anchor) < 256:
        return ObjectRefusal("DataValidationFailed", "The source anchor is missing or not a text.", "SourceAnchor")
    if not NOT_KEPT.isdisjoint(values):
        values = {name: value for name, value in values.items() if name not in NOT_KEPT}
    problem = unacceptable(values)
    if problem is not None:
        return problem
    if given.get("ReferenceChanges") is None:
        return Change(KINDS[kind], operation, anchor, cloud_anchor, values)
    members = _read_members(given["ReferenceChanges"])
    if members is None:
        return ObjectRefusal("DataValidationFailed", "ReferenceChanges cannot be read.", "member")
    return Change(KINDS[kind], operation, anchor, cloud_anchor, values, *members)


def _read_members(given: Any) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    if type(given) is not dict or set(given) - {"member"}:
        return None
    added: list[str] = []
    removed: list[str] = []
    listed = given.get("member") or []
    if type(listed) is not list:
        return None
    for item in listed:
        if type(item) is not dict or not isinstance(item.get("Anchor"), str):
            return None
        if item.get("Operation") == "Add":
            added.append(item["Anchor"])
        elif item.get("Operation") == "Remove":
            removed.append(item["Anchor"])
        else:
            return None
    return tuple(added), tuple(removed)


def _answer(tenant: Tenant, result: Result) -> dict[str, Any]:
    change, target, refusal = result.change, result.target, result.refusal
    if refusal is None:
        details = None
        if result.category is not None:
            details = {"Category": result.category, "TrackingId": tenant.tracking_id()}
        return {
            "SourceAnchor": change.anchor,
            "CloudAnchor": f"{target.kind.value}_{target.id}" if target is not None else None,
            "SyncOperation": change.operation,
            "ObjectType": change.kind.value,
            "ResultCode": "Success",
            "ResultErrorCode": None,
            "ResultErrorDescription": None,
            "ErrorDetails": details,
        }
    answer = _failure(tenant, refusal)
    answer["SourceAnchor"] = change.anchor
    answer["CloudAnchor"] = change.cloud_anchor
    answer["SyncOperation"] = change.operation
    answer["ObjectType"] = change.kind.value
    return answer


def _failure(tenant: Tenant, refusal: ObjectRefusal) -> dict[str, Any]:
    details: dict[str, Any] = {"TrackingId": tenant.tracking_id()}
    if refusal.conflict_name is not None:
        details["AttributeConflictName"] = refusal.conflict_name
        details["AttributeConflictValues"] = list(refusal.conflict_values)
    if refusal.error_type is not None:
        details["ErrorType"] = refusal.error_type
        details["TrackingId"] = refusal.text.rpartition(" ")[2]
    return {
        "ResultCode": "Failure",
        "ResultErrorCode": refusal.code,
        "ResultErrorDescription": refusal.text,
        "ErrorDetails": details,
    }


def _refused(tenant: Tenant, given: Any, refusal: ObjectRefusal) -> dict[str, Any]:
    """The result of an object whose very shape was wrong: what can be read of it is given back."""
    known = given if type(given) is dict else {}
    names = {"SourceAnchor": "SourceAnchor", "CloudAnchor": "CloudAnchor", "SyncOperation": "SyncOperation",
             "ObjectType": "SyncObjectType"}  # fmt: skip
    shown = {name: known.get(key) if isinstance(known.get(key), str) else None for name, key in names.items()}
    tenant.record("tenant.provisioning.refused", code=refusal.code, attribute=refusal.conflict_name)
    return {**shown, **_failure(tenant, refusal)}


def _record(tenant: Tenant, result: Result, client: Client) -> None:
    change = result.change
    fields: dict[str, Any] = {
        "type": change.kind.value,
        "anchor": change.anchor,
        "changed": sorted(change.values),
        "machine": client.machine,
    }
    if result.target is not None:
        fields["id"] = result.target.id
    if change.added_members is not None:
        fields["members"] = {"added": len(change.added_members), "removed": len(change.removed_members)}
    if result.decision is not None:
        fields["outcome"] = result.decision.outcome.value
        fields["row"] = result.decision.row
        if result.decision.matched_on is not None:
            fields["matched_on"] = result.decision.matched_on
    if result.refusal is not None:
        fields["error"] = result.refusal.code
    if result.category is not None:
        fields["category"] = result.category
    tenant.record(f"tenant.provisioning.{change.operation.lower()}", **fields)


def finalize_export(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """The export of one server is over: note who, how much and when; group twins are withheld from now on."""
    total = request.get("TotalConnectorSpaceObjects")
    sync = tenant.sync
    if isinstance(total, int) and not isinstance(total, bool):
        sync.total_objects = total
    sync.client_machine = client.machine or sync.client_machine
    sync.client_version = client.build or sync.client_version
    sync.last_sync = tenant.stamp()
    sync.export_session += 1
    tenant.record("tenant.export.finished", machine=client.machine, total=request.get("TotalExported"))
    return {}


def finalize_import(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """A server has read back everything: it counts as a synchronization of the tenant, whoever it was (seed004)."""
    tenant.sync.last_sync = tenant.stamp()
    return {}


def read_back_objects(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    full, cookie, size = request.get("IsFullSync", False), request.get("InputCookie"), request.get("PageSize", 500)
    if not isinstance(full, bool) or not isinstance(cookie, str | None) or type(size) is not int:
        raise ServiceFault("REQUEST_INVALID", "IsFullSync, InputCookie or PageSize cannot be read.")
    page = read_back(tenant, full=full, cookie=cookie, size=size)
    return {"ResultObjects": page.objects, "Cookie": page.cookie, "MoreResults": page.more}


def _require_sync(tenant: Tenant) -> None:
    if tenant.sync.enabled is not True:
        raise ServiceFault("DIRECTORY_SYNC_DISABLED", "Directory synchronization is not activated for this company.")


def register_directory_extensions(tenant: Tenant, request: Mapping[str, Any], client: Client) -> dict[str, Any]:
    attributes = request.get("Attributes")
    if not isinstance(attributes, list) or not all(isinstance(one, dict) for one in attributes):
        raise ServiceFault("REQUEST_INVALID", "Attributes is not a list of attributes.")
    return {"ApplicationId": schema_extensions.register(tenant, attributes)}


OPERATION_TABLE: dict[str, Operation] = {
    "Capabilities": capabilities,
    "GetCompanyConfiguration": get_company_configuration,
    "SetDirSyncConfiguration": set_dirsync_configuration,
    "SetCompanyDirsyncFeatures": set_company_dirsync_features,
    "SetCompanyDirSyncEnabled": set_company_dirsync_enabled,
    "GetServiceAccount": get_service_account,
    "ProvisionAzureADSyncObjects2": provision_objects,
    "FinalizeExport": finalize_export,
    "FinalizeImport": finalize_import,
    "ReadBackAzureADSyncObjects2": read_back_objects,
    "ProvisionCredentials": provision_credentials,
    "RegisterDirectoryExtensions": register_directory_extensions,
}
#: operations of the real service that this one does not carry out
NOT_EMULATED = frozenset(
    {
        "ProvisionAzureADSyncObjects", "ReadBackAzureADSyncObjects", "GetKerberosDomainSyncConfig", "GetKerberosDomain",
        "GetWindowsCredentialsSyncConfig", "GetDeviceConfiguration", "GetMonitoringTenantCertificate",
        "ListDirSyncProvisioningErrors",
    }
)  # fmt: skip
#: operations that only an administrator may call
ADMIN_OPERATIONS = frozenset({"SetCompanyDirSyncEnabled", "GetServiceAccount", "RegisterDirectoryExtensions"})
#: operations after which a lost answer matters
CHANGING_OPERATIONS = frozenset({"ProvisionAzureADSyncObjects2", "ProvisionCredentials"})
