"""A whole tenant as bytes and back: versioned msgpack. What the description fixes (settings, sizes) is not stored.

Ids, random state, change sequence and tombstones travel along, so a restored tenant goes on exactly as the stored one
would.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgpack

from emulators.tenant.core.applications import Application
from emulators.tenant.core.attributes import SHARED_VALUES
from emulators.tenant.core.cloud_sync.state import thawed
from emulators.tenant.core.domains import Domain, refresh_verified
from emulators.tenant.core.identities import (
    CLASSES,
    CloudObject,
    Credential,
    Kind,
    ProvisioningError,
)
from emulators.tenant.core.schema_extensions import SchemaExtensions
from emulators.tenant.core.signing_in.conditional_access import AccessFacts
from emulators.tenant.core.sync_settings import SyncSettings
from emulators.tenant.core.tenant import Tenant, Tombstone

FORMAT = "anchorage-tenant"
VERSION = 1
NOT_STORED = frozenset({"rendered"})
SLOTS: dict[Kind, tuple[str, ...]] = {
    kind: tuple(name for klass in (CloudObject, special) for name in klass.__slots__ if name not in NOT_STORED)
    for kind, special in CLASSES.items()
}
PLAIN = ("tenant_id", "display_name", "created", "next_sweep", "mails", "audit", "consumed_licences")


class UnreadableSnapshot(ValueError):
    """These bytes are no snapshot of a tenant that this version can read."""


def freeze(tenant: Tenant) -> bytes:
    """Write the tenant down."""
    state: dict[str, Any] = {name: getattr(tenant, name) for name in PLAIN}
    state["access"] = asdict(tenant.access)
    state["draw"] = _pack_random(tenant.draw.getstate())
    state["noise"] = _pack_random(tenant.noise.getstate())
    state["sync"] = asdict(tenant.sync)
    state["cloud_sync"] = asdict(tenant.cloud_sync)
    state["schema_extensions"] = asdict(tenant.schema_extensions)
    state["domains"] = [asdict(domain) for domain in tenant.domains.values()]
    state["applications"] = [asdict(application) for application in tenant.applications.values()]
    state["role_assignments"] = [[a, *held] for a, held in tenant.role_assignments.items()]
    state["refresh_tokens"] = [[t, *kept] for t, kept in tenant.refresh_tokens.items()]
    state["failed_sign_ins"] = [[u, *kept] for u, kept in tenant.failed_sign_ins.items()]
    state["queue"] = [[i, *kept] for i, kept in tenant.recalculation_queue.items()]
    state["waiting"] = [[anchor, [list(holder) for holder in holders]] for anchor, holders in tenant.waiting.items()]
    state["pending"] = [[holder, list(keys)] for holder, keys in tenant.pending_of.items()]
    state["sequence"] = tenant.changes.sequence
    state["lengths"] = {kind.value: len(line) for kind, line in tenant.order.items()}
    state["objects"] = [_pack(obj) for obj in (*tenant.objects.values(), *tenant.recycled.values())]
    state["tombstones"] = [
        [t.id, t.kind.value, t.anchor, t.was_synced, t.changed]
        for t in tenant.changes.since(-1)
        if isinstance(t, Tombstone)
    ]
    packed = msgpack.packb([FORMAT, VERSION, state], use_bin_type=True)
    assert isinstance(packed, bytes)
    return packed


def thaw(tenant: Tenant, packed: bytes) -> None:
    """Make the tenant what the snapshot says. Nothing is changed when the bytes cannot be read."""
    try:
        name, version, state = msgpack.unpackb(packed, raw=False, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException) as problem:
        raise UnreadableSnapshot("these bytes are no snapshot") from problem
    if name != FORMAT or version != VERSION:
        raise UnreadableSnapshot(f"a snapshot of {name} version {version} cannot be read, {FORMAT} {VERSION} can")
    for key in PLAIN:
        setattr(tenant, key, state[key])
    tenant.draw.setstate(_unpack_random(state["draw"]))
    tenant.noise.setstate(_unpack_random(state["noise"]))
    tenant.sync = SyncSettings(**state["sync"])
    tenant.cloud_sync = thawed(state.get("cloud_sync"))
    tenant.schema_extensions = SchemaExtensions(**state["schema_extensions"])
    tenant.access = AccessFacts(**state.get("access", {}))
    tenant.domains = {d["name"]: Domain(**d) for d in state["domains"]}
    refresh_verified(tenant)
    tenant.applications = {
        a["client_id"]: Application(**{**a, "permissions": tuple(a["permissions"])}) for a in state["applications"]
    }
    tenant.role_assignments = {a: (role, who) for a, role, who in state["role_assignments"]}
    tenant.roles_of = {}
    for role, who in tenant.role_assignments.values():
        tenant.roles_of.setdefault(who, {})[role] = None
    tenant.refresh_tokens = {t: (a, b, c, d) for t, a, b, c, d in state["refresh_tokens"]}
    tenant.failed_sign_ins = {u: (count, since) for u, count, since in state["failed_sign_ins"]}
    tenant.recalculation_queue = {i: (at, trigger) for i, at, trigger in state["queue"]}
    tenant.changes.sequence = state["sequence"]
    tenant.shared = {}
    objects = [_unpack(tenant, row) for row in state["objects"]]
    tombstones = [
        Tombstone(i, Kind(k), anchor, synced, changed) for i, k, anchor, synced, changed in state["tombstones"]
    ]
    tenant.rebuild(objects, tombstones, {Kind(kind): length for kind, length in state["lengths"].items()})
    tenant.waiting = {a: dict.fromkeys((h, n) for h, n in holders) for a, holders in state["waiting"]}
    tenant.pending_of = {holder: dict.fromkeys(keys) for holder, keys in state["pending"]}


def _pack(obj: CloudObject) -> list[Any]:
    row: list[Any] = [obj.kind.value]
    for name in SLOTS[obj.kind]:
        value = getattr(obj, name)
        if name == "errors":
            value = [[e.property, e.value, e.occurred, e.reason] for e in value]
        elif name == "credential" and value is not None:
            value = [value.salt, value.iterations, value.digest, value.changed, value.force_change, value.synced]
        elif name in ("members", "owners"):
            value = list(value)
        row.append(value)
    return row


def _unpack(tenant: Tenant, row: list[Any]) -> CloudObject:
    kind = Kind(row[0])
    obj = CLASSES[kind]("", "")
    for name, value in zip(SLOTS[kind], row[1:], strict=True):
        setattr(obj, name, _value(tenant, name, value))
    return obj


def _value(tenant: Tenant, name: str, value: Any) -> Any:
    if name == "errors":
        return tuple(ProvisioningError(*error) for error in value)
    if name == "credential":
        return Credential(*value) if value is not None else None
    if name in ("members", "owners"):
        return dict.fromkeys(value)
    if name == "member_log":
        return [(number, member, added) for number, member, added in value]
    if name in ("proxies", "overrides"):
        return tuple(value)
    if name == "licences":
        return {sku: tuple(disabled) for sku, disabled in value.items()}
    if name == "shadow":
        for key in SHARED_VALUES:
            known = value.get(key)
            if known is not None:
                value[key] = tenant.shared.setdefault(known, known)
    return value


def _pack_random(state: tuple[Any, ...]) -> list[Any]:
    version, numbers, gauss = state
    return [version, list(numbers), gauss]


def _unpack_random(state: list[Any]) -> tuple[Any, ...]:
    version, numbers, gauss = state
    return (version, tuple(numbers), gauss)
