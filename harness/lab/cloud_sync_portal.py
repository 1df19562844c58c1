"""What an administrator does with Cloud Sync in the portal, as the Graph calls behind it: configure, change, control.

Source: facts "tenant" 13.2; cloud-sync how-to-configure, how-to-inbound-synch-ms-graph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.lab.cloud_sync import PRINCIPALS, TEMPLATE, configuration, jobs
from harness.lab.forest import Forest
from harness.lab.tenant import Tenant
from harness.refusal import ScenarioError

PROVISIONING, PASSWORDS = "AD2AADProvisioning", "AD2AADPasswordHash"
BETA = "beta"


@dataclass(frozen=True)
class Wishes:
    """What of a configuration is set; None is left as it is. mappings: by source type."""

    scope: Mapping[str, list[str]] | None = None
    mappings: Mapping[str, Mapping[str, Any]] | None = None
    only_mapped: bool = False
    password_hash_sync: bool | None = None
    delete_threshold: int | None = None
    notify: str | None = None


def configure(tenant: Tenant, forest: Forest, wishes: Wishes, *, name: str | None, enable: bool) -> None:
    """A new configuration of a domain, in the steps of the how-to; the last one enables it."""
    graph = tenant.graph()
    made = graph.post(
        f"applicationTemplates/{TEMPLATE}/instantiate", {"displayName": name or forest.name}, version=BETA
    )
    principal = made["servicePrincipal"]
    base = f"{PRINCIPALS}/{principal['id']}/synchronization"
    for template in (PROVISIONING, PASSWORDS):
        graph.post(f"{base}/jobs", {"templateId": template}, version=BETA)
    _put_secrets(tenant, base, {"Domain": {"domain": forest.name}}, wishes)
    try:
        _put_schema(tenant, forest, principal, wishes)
    except Exception:
        graph.delete(f"{PRINCIPALS}/{principal['id']}")
        raise
    if enable:
        control(tenant, principal["displayName"], "start")


def change(tenant: Tenant, forest: Forest, name: str | None, wishes: Wishes) -> None:
    """Change a configuration; what is not named stays."""
    principal = configuration(tenant, name)
    base = f"{PRINCIPALS}/{principal['id']}/synchronization"
    if wishes.delete_threshold is not None or wishes.notify is not None or wishes.password_hash_sync is not None:
        held = tenant.graph().get(f"{base}/secrets", version=BETA)["value"]
        _put_secrets(tenant, base, {one["key"]: json.loads(one["value"]) for one in held}, wishes)
    if wishes.scope is not None or wishes.mappings is not None or wishes.password_hash_sync is not None:
        _put_schema(tenant, forest, principal, wishes)


def control(tenant: Tenant, name: str | None, command: str, reset: str | None = None) -> None:
    """Start, pause or restart the jobs of a configuration, allow its deletes, clear its quarantine, remove it."""
    principal = configuration(tenant, name)
    if command == "remove":
        tenant.graph().delete(f"{PRINCIPALS}/{principal['id']}")
        return
    found = jobs(tenant, principal)
    base = f"{PRINCIPALS}/{principal['id']}/synchronization/jobs"
    if command in ("start", "pause"):
        for job in found.values():
            tenant.graph().post(f"{base}/{job['id']}/{command}", version=BETA)
        return
    scope = {"allow-deletes": "ForceDeletes", "clear-quarantine": "QuarantineState,Watermark,Escrows"}.get(
        command, reset
    )
    body = {"criteria": {"resetScope": scope}} if scope is not None else {}
    tenant.graph().post(f"{base}/{found[PROVISIONING]['id']}/restart", body, version=BETA)


def _put_secrets(tenant: Tenant, base: str, held: Mapping[str, Any], wishes: Wishes) -> None:
    secrets = dict(held)
    said = dict(
        secrets.get("SyncNotificationSettings") or {"DeleteThresholdEnabled": True, "DeleteThresholdValue": 500}
    )
    if wishes.delete_threshold is not None:
        said["DeleteThresholdEnabled"] = wishes.delete_threshold > 0
        said["DeleteThresholdValue"] = wishes.delete_threshold or said["DeleteThresholdValue"]
    if wishes.notify is not None:
        said |= {"Enabled": True, "Recipients": wishes.notify}
    secrets["SyncNotificationSettings"] = said
    if wishes.password_hash_sync is not None or "AppKey" not in secrets:
        secrets["AppKey"] = {"appKeyScenario": PASSWORDS if wishes.password_hash_sync else PROVISIONING}
    value = [{"key": key, "value": json.dumps(one)} for key, one in secrets.items()]
    tenant.graph().put(f"{base}/secrets", {"value": value}, version=BETA)


def _put_schema(tenant: Tenant, forest: Forest, principal: Mapping[str, Any], wishes: Wishes) -> None:
    job = jobs(tenant, principal)[PROVISIONING]
    path = f"{PRINCIPALS}/{principal['id']}/synchronization/jobs/{job['id']}/schema"
    schema = tenant.graph().get(path, version=BETA)
    rule = schema["synchronizationRules"][0]
    if wishes.scope is not None:
        ous = [forest.container(one) for one in wishes.scope.get("ous") or ()]
        groups = [forest.find(one).dn for one in wishes.scope.get("groups") or ()]
        rule["containerFilter"] = {"includedContainers": ous} if ous else None
        rule["groupFilter"] = {"includedGroups": groups} if groups else None
    wanted = wishes.mappings or {}
    for mapping in rule["objectMappings"]:
        source = mapping["sourceObjectName"]
        if wishes.mappings is not None and (source in wanted or wishes.only_mapped):
            _change_mappings(mapping, wanted.get(source, {}), only=wishes.only_mapped)
        if wishes.password_hash_sync is not None and source in ("user", "inetOrgPerson"):
            kept = [one for one in mapping["attributeMappings"] if one["targetAttributeName"] != "CredentialData"]
            passwords = [_mapping("CredentialData", {"attribute": "PasswordHash"})] if wishes.password_hash_sync else []
            mapping["attributeMappings"] = kept + passwords
    tenant.graph().put(path, schema, version=BETA)


def _change_mappings(mapping: dict[str, Any], wanted: Mapping[str, Any], *, only: bool) -> None:
    """Replace, add or take away mappings; only: no other mapping but that of the anchor stays."""
    held = {one["targetAttributeName"]: one for one in mapping["attributeMappings"]}
    stays = {"sourceAnchorBinary"} if only else set(held)
    kept = [one for target, one in held.items() if target in stays - set(wanted)]
    made = [_mapping(target, plain) for target, plain in wanted.items() if not plain.get("remove")]
    mapping["attributeMappings"] = kept + made


def _mapping(target: str, plain: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in ("attribute", "constant", "expression") if kind in plain]
    if len(kinds) != 1:
        raise ScenarioError(f"the mapping of {target} needs exactly one of attribute, constant, expression")
    if kinds == ["attribute"]:
        name = plain["attribute"]
        source = {"expression": f"[{name}]", "name": name, "type": "Attribute", "parameters": []}
    elif kinds == ["constant"]:
        text = str(plain["constant"])
        source = {"expression": text, "name": text, "type": "Constant", "parameters": []}
    else:
        text = str(plain["expression"])
        source = {"expression": text, "name": text.partition("(")[0], "type": "Function", "parameters": []}
    return {
        "defaultValue": plain.get("default"),
        "exportMissingReferences": False,
        "flowBehavior": "FlowWhenChanged",
        "flowType": "ObjectAddOnly" if plain.get("apply") == "only-when-creating" else "Always",
        "matchingPriority": 0,
        "targetAttributeName": target,
        "source": source,
    }
