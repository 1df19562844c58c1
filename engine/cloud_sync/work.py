"""What the tenant hands an agent to work on: a job's scope and mappings, where it stands, what it holds of an object.

Source: facts "tenant" 13.2, 13.3; the wire is a stand-in of ours for the hybrid identity service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: what an entry remembers beside exported values: references that had no target in scope, and the source's class
UNRESOLVED, SOURCE_TYPE = "#unresolved", "#source"


@dataclass(frozen=True, slots=True)
class ScopingFilter:
    """DNs of organizational units or of groups; both empty is everything."""

    organizational_units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """target: name in the tenant. type: Attribute (direct), Constant or Function (expression)."""

    target: str
    type: str
    source: str
    default: str | None = None
    only_when_creating: bool = False


@dataclass(frozen=True, slots=True)
class ObjectMapping:
    """One object type of the directory and what becomes of it."""

    source: str
    target: str
    flow_types: tuple[str, ...]
    attributes: tuple[AttributeMapping, ...]


@dataclass(frozen=True)
class Job:
    """A job as the tenant describes it for one cycle. watermark None: read everything."""

    id: str
    domain: str
    revision: int
    full: bool
    watermark: bytes | None
    force_deletes: bool
    delete_threshold: int | None
    password_hash_sync: bool
    password_watermark: bytes
    scope: ScopingFilter
    mappings: tuple[ObjectMapping, ...] = ()
    escrows: tuple[str, ...] = ()  # objects that failed before and are tried again


@dataclass(frozen=True)
class Entry:
    """What the job holds of an object it provisioned."""

    object: str
    type: str
    dn: str
    anchor: str
    cloud_anchor: str | None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demand:
    """One object an administrator wants provisioned now."""

    id: str
    dn: str
    job: Job


def read_job(document: Mapping[str, Any], mappings: Sequence[ObjectMapping] | None) -> Job:
    """Read one job of an answer; the mappings are those known of its revision when the answer leaves them out."""
    watermark = document.get("Watermark")
    given = document.get("ObjectMappings")
    scope = document.get("Scope") or {}
    return Job(
        id=str(document["JobId"]),
        domain=str(document["Domain"]),
        revision=int(document["Revision"]),
        full=bool(document["Full"]) or not watermark,
        watermark=bytes.fromhex(watermark) if watermark else None,
        force_deletes=bool(document.get("ForceDeletes")),
        delete_threshold=document.get("DeleteThreshold"),
        password_hash_sync=bool(document.get("PasswordHashSync")),
        password_watermark=bytes.fromhex(document.get("PasswordWatermark") or ""),
        scope=ScopingFilter(tuple(scope.get("OrganizationalUnits") or ()), tuple(scope.get("Groups") or ())),
        escrows=tuple(document.get("Escrows") or ()),
        mappings=tuple(mappings or ()) if given is None else tuple(map(_read_mapping, given)),
    )


def _read_mapping(document: Mapping[str, Any]) -> ObjectMapping:
    return ObjectMapping(
        str(document["Source"]),
        str(document["Target"]),
        tuple(document["FlowTypes"]),
        tuple(
            AttributeMapping(
                str(one["Target"]), str(one["Type"]), str(one["Source"]), one.get("Default"), one["OnlyWhenCreating"]
            )
            for one in document["Mappings"]
        ),
    )


def read_entry(document: Mapping[str, Any]) -> Entry:
    return Entry(
        str(document["Object"]),
        str(document["Type"]),
        str(document["Dn"]),
        str(document["Anchor"]),
        document.get("CloudAnchor"),
        dict(document.get("Values") or {}),
    )
