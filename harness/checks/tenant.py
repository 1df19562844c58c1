"""What an expectation can look at in a tenant, as Graph shows it to an administrator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks, wanted_fields
from harness.lab import federated_sign_in
from harness.lab.graph_client import TenantRefusedError
from harness.lab.tenant import SYNCHRONIZATION, Tenant
from harness.refusal import ScenarioError
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("tenant")
check = CHECKS.check

USER_FIELDS = (
    "id", "userPrincipalName", "displayName", "givenName", "surname", "jobTitle", "department", "companyName",
    "officeLocation", "city", "state", "country", "postalCode", "streetAddress", "businessPhones", "mobilePhone",
    "faxNumber", "mail", "mailNickname", "otherMails", "proxyAddresses", "accountEnabled", "userType", "usageLocation",
    "employeeId", "preferredLanguage", "passwordPolicies", "assignedLicenses", "onPremisesSyncEnabled",
    "onPremisesImmutableId", "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier", "onPremisesUserPrincipalName", "onPremisesLastSyncDateTime",
    "onPremisesExtensionAttributes", "onPremisesProvisioningErrors", "createdDateTime", "lastPasswordChangeDateTime",
)  # fmt: skip
GROUP_FIELDS = (
    "id", "displayName", "description", "mail", "mailNickname", "mailEnabled", "securityEnabled", "groupTypes",
    "proxyAddresses", "onPremisesSyncEnabled", "onPremisesLastSyncDateTime", "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier", "onPremisesDomainName", "onPremisesProvisioningErrors", "createdDateTime",
)  # fmt: skip
CONTACT_FIELDS = (
    "id", "displayName", "givenName", "surname", "jobTitle", "department", "companyName", "mail", "mailNickname",
    "proxyAddresses", "onPremisesSyncEnabled", "onPremisesLastSyncDateTime",
)  # fmt: skip
DEVICE_FIELDS = ("id", "displayName", "deviceId", "trustType", "operatingSystem", "accountEnabled")


def _is_person(place: Tenant, user: dict[str, Any]) -> bool:
    """Leave out what no scenario means by users: the world's administrator and the accounts of sync servers."""
    upn = str(user.get("userPrincipalName") or "").lower()
    if upn.startswith("adtoaadsyncserviceaccount@"):  # Cloud Sync's own
        return False
    return upn != place.service.admin_upn.lower() and not _is_service_account(user)


def _is_service_account(user: dict[str, Any]) -> bool:
    upn = str(user.get("userPrincipalName") or "")
    return upn.startswith("Sync_") and upn.lower().endswith(".onmicrosoft.com")


def read_users(place: Tenant, fields: list[str], filter_text: str = "") -> list[dict[str, Any]]:
    """Return people with these fields; ``manager`` becomes the manager's UPN."""
    select = [name for name in fields if name != "manager"]
    expand = "manager($select=id,userPrincipalName)" if "manager" in fields else ""
    users = place.graph().collection("users", select, filter_text, expand)
    for user in users:
        if "manager" in fields:
            user["manager"] = (user.get("manager") or {}).get("userPrincipalName")
    return [user for user in users if _is_person(place, user)]


def _fields(query: Query, all_fields: tuple[str, ...], always: tuple[str, ...], *, named: bool = False) -> list[str]:
    return wanted_fields(query, named=named, all_fields=all_fields, always=always)


@check("users", "tenant.users(id, userPrincipalName, department = Sales): {count: 3}", many=True, fields=USER_FIELDS)
def users(lab: Lab, place: Tenant, query: Query) -> Any:
    """People of the tenant; its administrator and the accounts of sync servers are left out."""
    return read_users(place, _fields(query, USER_FIELDS, ("id", "userPrincipalName")))


@check("user", "tenant.user(ana.lopez@contoso.com): {jobTitle: Lead}", named=True, fields=USER_FIELDS)
def user(lab: Lab, place: Tenant, query: Query) -> Any:
    """One person by id, UPN or display name; nothing when there is none."""
    names = ("id", "userPrincipalName", "displayName")
    found = read_users(place, _fields(query, USER_FIELDS, names, named=True))
    return _named(found, query.name() or "", names)


def _named(found: list[dict[str, Any]], name: str, keys: tuple[str, ...]) -> Any:
    folded = name.lower()
    for key in keys:
        hits = [one for one in found if str(one.get(key) or "").lower() == folded]
        if len(hits) > 1:
            raise ScenarioError(f"{len(hits)} objects have the {key} {name}; look at the list and choose with where")
        if hits:
            return hits[0]
    return None


@check("deleted_users", "tenant.deleted_users(id): {count: 1}", many=True, fields=USER_FIELDS)
def deleted_users(lab: Lab, place: Tenant, query: Query) -> Any:
    """People in the recycle bin."""
    fields = _fields(query, (*USER_FIELDS, "deletedDateTime"), ("id", "userPrincipalName"))
    return place.graph().collection("directory/deletedItems/microsoft.graph.user", fields)


@check("groups", "tenant.groups(displayName, members): {count: 5}", many=True, fields=(*GROUP_FIELDS, "members"))
def groups(lab: Lab, place: Tenant, query: Query) -> Any:
    """Groups; ``members`` are read when asked for, as UPNs or names."""
    fields = _fields(query, GROUP_FIELDS, ("id", "displayName"))
    found = place.graph().collection("groups", [name for name in fields if name != "members"])
    if "members" in fields:
        for group in found:
            group["members"] = _members(place, group["id"])
    return found


@check("group", "tenant.group(Readers): {members: [ana.lopez@contoso.com]}", named=True, fields=GROUP_FIELDS)
def group(lab: Lab, place: Tenant, query: Query) -> Any:
    """One group by id or name, with its members."""
    found = place.graph().collection("groups", list(GROUP_FIELDS))
    one = _named(found, query.name() or "", ("id", "displayName", "mail"))
    if one is not None:
        one["members"] = _members(place, one["id"])
    return one


def _members(place: Tenant, identifier: str) -> list[str]:
    members = place.graph().pages(f"groups/{identifier}/members", {"$top": "999"})
    return sorted(str(one.get("userPrincipalName") or one.get("displayName") or one["id"]) for one in members)


@check("contacts", "tenant.contacts(displayName, mail): {count: 2}", many=True, fields=CONTACT_FIELDS)
def contacts(lab: Lab, place: Tenant, query: Query) -> Any:
    """Contacts."""
    return place.graph().collection("contacts", _fields(query, CONTACT_FIELDS, ("id", "displayName")))


@check("devices", "tenant.devices(displayName): {count: 0}", many=True, fields=DEVICE_FIELDS)
def devices(lab: Lab, place: Tenant, query: Query) -> Any:
    """Devices."""
    return place.graph().collection("devices", _fields(query, DEVICE_FIELDS, ("id", "displayName")))


@check("service_accounts", "tenant.service_accounts(userPrincipalName): {count: 1}", many=True)
def service_accounts(lab: Lab, place: Tenant, query: Query) -> Any:
    """Accounts that sync servers sign in with; ``server`` is the machine they were made for."""
    found = place.graph().collection("users", ["id", "userPrincipalName", "displayName", "accountEnabled"])
    accounts = [one for one in found if _is_service_account(one)]
    for one in accounts:
        one["server"] = str(one["userPrincipalName"]).split("_")[1]
    return accounts


@check("organization", "tenant.organization: {onPremisesSyncEnabled: true}")
def organization(lab: Lab, place: Tenant, query: Query) -> Any:
    """The organization: name, verified domains, whether and when it synchronises."""
    found = place.graph().pages("organization", {})
    return found[0] if found else None


@check("domains", "tenant.domains(id, isVerified): {contains: {id: contoso.com}}", many=True)
def domains(lab: Lab, place: Tenant, query: Query) -> Any:
    """Domain names and whether they are verified."""
    return place.graph().pages("domains", {})


@check("features", "tenant.features: {passwordSyncEnabled: true}")
def features(lab: Lab, place: Tenant, query: Query) -> Any:
    """Features of directory synchronisation, by their Graph names."""
    found = place.graph().get(f"{SYNCHRONIZATION}/{place.service.tenant_id}")
    return found.get("features")


@check("policy", "tenant.policy: {source_anchor: mS-DS-ConsistencyGuid}")
def policy(lab: Lab, place: Tenant, query: Query) -> Any:
    """What the tenant keeps for its sync servers: source anchor, deletion threshold, scheduler settings, last
    exporter.
    """
    company = place.provisioning("GetCompanyConfiguration", {})
    configuration = company.get("DirSyncConfiguration") or {}
    threshold = configuration.get("PreventAccidentalDeletion") or {}
    return {
        "source_anchor": configuration.get("AnchorAttribute"),
        "deletion_prevention": threshold.get("DeletionPrevention"),
        "deletion_threshold": threshold.get("ThresholdCount"),
        "scheduler": configuration.get("Scheduler"),
        "exporter": (configuration.get("CurrentExport") or {}).get("DirSyncClientMachineName"),
        "directory_sync": company.get("IsDirSyncing"),
        "password_sync": company.get("IsPasswordSyncing"),
        "last_sync": company.get("LastDirSyncTime"),
        "last_password_sync": company.get("LastPasswordSyncTime"),
    }


@check("sync_errors", "tenant.sync_errors: {count: 0}", many=True)
def sync_errors(lab: Lab, place: Tenant, query: Query) -> Any:
    """Values withheld because another object owns them: object, property, value, since when."""
    rows: list[dict[str, Any]] = []
    for kind, path, name in (("user", "users", "userPrincipalName"), ("group", "groups", "displayName")):
        found = place.graph().collection(path, ["id", name, "displayName", "onPremisesProvisioningErrors"])
        rows += [
            {
                "kind": kind,
                "object": one.get(name),
                "id": one["id"],
                "property": error.get("propertyCausingError"),
                "value": error.get("value"),
                "category": error.get("category"),
                "occurred": error.get("occurredDateTime"),
            }
            for one in found
            for error in one.get("onPremisesProvisioningErrors") or ()
        ]
    return rows


@check("licences", "tenant.licences: {contains: {plan: ENTERPRISEPACK, used: 1}}", many=True)
def licences(lab: Lab, place: Tenant, query: Query) -> Any:
    """Licence plans: how many there are and how many are used."""
    plans = place.graph().pages("subscribedSkus", {})
    return [
        {
            "plan": plan.get("skuPartNumber"),
            "used": plan.get("consumedUnits"),
            "total": (plan.get("prepaidUnits") or {}).get("enabled"),
        }
        for plan in plans
    ]


@check("sign_in", "tenant.sign_in(ana.lopez@contoso.com, password = Aa1-x): {outcome: success}", named=True, whole=True)
def sign_in(lab: Lab, place: Tenant, query: Query) -> Any:
    """Try a sign-in with a password: ``outcome`` is success, or the code and message of the refusal."""
    password = next((str(one.wanted) for one in query.conditions if one.name == "password"), "")
    try:
        federated_sign_in.sign_in(lab, place, query.name() or "", password)
    except TenantRefusedError as refusal:
        return {"outcome": "refused", "code": refusal.code, "message": refusal.text}
    return {"outcome": "success", "code": None, "message": None}


@check("flips", "tenant.flips(id, times, property = department): {count: 0}", many=True)
def flips(lab: Lab, place: Tenant, query: Query) -> Any:
    """Properties that one sync server wrote over what another had written: id, property, times, servers."""
    last: dict[tuple[str, str], str] = {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for record in lab.timeline.records:
        if record["actor"] != place.name or record["kind"] not in _WRITES or "error" in record:
            continue
        machine = record["machine"]
        for name in record["changed"]:
            key = (str(record.get("id")), name)
            if last.setdefault(key, machine) != machine:
                row = found.setdefault(key, {"id": key[0], "property": name, "times": 0, "servers": {last[key]}})
                row["times"] += 1
                row["servers"].add(machine)
            last[key] = machine
    return [{**row, "servers": sorted(row["servers"])} for row in found.values()]


_WRITES = ("tenant.provisioning.add", "tenant.provisioning.set")


@check("last_active_export", "tenant.last_active_export: {server: SYNC1}")
def last_active_export(lab: Lab, place: Tenant, query: Query) -> Any:
    """The last export that came to its end by a server that was not in staging mode: server, time, result. The
    tenant's own time of the last synchronization is no such proof: imports move it too, also those of a staging server.
    """
    for record in reversed(lab.timeline.records):
        if record["kind"] != "engine.run" or record["profile"] != "Export" or record["staging"]:
            continue
        if place.name.lower() in str(record["connector"]).lower() and _SENT.match(str(record["result"])):
            return {"server": record["actor"], "time": record["at"], "result": record["result"]}
    return None


_SENT = re.compile(r"success|completed-")
