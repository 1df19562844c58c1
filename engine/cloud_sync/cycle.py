"""What one cycle of a job exports: objects read against what the job holds of them. Pure.

An object in scope is added or, where values it gave before have changed, set; one that left the scope or the directory
is deleted. When deletes reach the threshold nothing is exported. Source: facts "tenant" 13.3, 13.5, 8.4; cloud-sync
how-to-accidental-deletes, plan-cloud-sync-topologies (anchor fixed), decision guide (50,000 members).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.cloud_sync.anchor import choose_anchor, guid_text
from engine.cloud_sync.functions import MappingError
from engine.cloud_sync.mapping import MEMBER, CompiledMapping, Mapped, Resolve, map_object
from engine.cloud_sync.scope import Scope
from engine.cloud_sync.work import SOURCE_TYPE, UNRESOLVED, Entry, Job
from engine.model.values import Value

MEMBERS_MAX = 50_000


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One object as the directory holds it now."""

    guid: bytes
    object_type: str
    dn: str
    attributes: Mapping[str, Value]


@dataclass(frozen=True)
class Export:
    """One object for the tenant. values: None clears. remember: what the job keeps of it."""

    object: str
    operation: str  # Add, Set, Delete
    object_type: str
    dn: str
    anchor: str
    cloud_anchor: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[tuple[str, ...], tuple[str, ...]] | None = None  # added, removed
    remember: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skip:
    """An object that is not exported, and why."""

    object: str
    object_type: str
    dn: str
    reason: str
    text: str = ""
    failed: bool = False


@dataclass
class Plan:
    """exports in order: deletes, then additions and changes."""

    exports: list[Export] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    entitled: int = 0

    @property
    def deletes(self) -> list[Export]:
        return [one for one in self.exports if one.operation == "Delete"]


@dataclass(frozen=True)
class Situation:
    """What a cycle decides with. compiled: by source type. domain: DomainFQDN, DomainNetBios."""

    job: Job
    scope: Scope
    compiled: Mapping[str, CompiledMapping]
    domain: Mapping[str, str]
    entries: Mapping[str, Entry]
    resolve: Resolve


def decide(
    situation: Situation, found: Iterable[SourceObject], gone: Sequence[str] = (), *, complete: bool = False
) -> Plan:
    """Plan a cycle. gone: identifiers of objects the directory deleted; complete: everything was read, so that an
    object which was not found is gone as well."""
    plan = Plan()
    seen: set[str] = set()
    for source in found:
        key = guid_text(source.guid)
        seen.add(key)
        _decide_one(situation, source, key, plan)
    lost = [key for key in situation.entries if key not in seen] if complete else [k for k in gone if k not in seen]
    for key in lost:
        entry = situation.entries.get(key)
        if entry is not None:
            plan.exports.append(_delete(entry))
    plan.exports.sort(key=lambda one: one.operation != "Delete")
    return plan


def held_back(job: Job, plan: Plan) -> bool:
    """Whether the deletes reach the threshold: of 500 at most 499 are carried out."""
    return job.delete_threshold is not None and not job.force_deletes and len(plan.deletes) >= job.delete_threshold


def _decide_one(situation: Situation, source: SourceObject, key: str, plan: Plan) -> None:
    entry = situation.entries.get(key)
    compiled = situation.compiled.get(source.object_type)
    reason = situation.scope.reason_against(source.dn, source.attributes)
    if compiled is None or reason is not None:
        if entry is not None and (compiled is None or "Delete" in compiled.mapping.flow_types):
            plan.exports.append(_delete(entry))
        elif reason is not None:
            plan.skipped.append(Skip(key, source.object_type, source.dn, reason))
        return
    plan.entitled += 1
    try:
        export = _export(situation, source, key, entry, compiled)
    except MappingError as failed:
        plan.skipped.append(Skip(key, source.object_type, source.dn, failed.code, failed.message, failed=True))
        return
    if export is not None:
        plan.exports.append(export)


def _export(
    situation: Situation, source: SourceObject, key: str, entry: Entry | None, compiled: CompiledMapping
) -> Export | None:
    anchor = choose_anchor(source.attributes, source.guid)
    if entry is not None and entry.anchor != anchor:
        raise MappingError("SourceAnchorChanged", f"The source anchor of the object was {entry.anchor}.")
    mapped = map_object(compiled, source.dn, source.attributes, situation.domain, situation.resolve)
    members = mapped.values.pop(MEMBER, None)
    if members is not None and len(members) + len(mapped.unresolved) > MEMBERS_MAX:
        raise MappingError("GroupTooLarge", f"A group of more than {MEMBERS_MAX} members is not provisioned.")
    if entry is None:
        return _add(source, key, anchor, compiled, mapped, members)
    return _set(source, entry, compiled, mapped, members)


def _add(
    source: SourceObject,
    key: str,
    anchor: str,
    compiled: CompiledMapping,
    mapped: Mapped,
    members: list[str] | None,
) -> Export | None:
    """The first export: only what has a value, so that an object which is there already loses nothing."""
    if "Add" not in compiled.mapping.flow_types:
        return None
    values = {name: value for name, value in mapped.values.items() if value is not None}
    remember: dict[str, Any] = {**values, UNRESOLVED: mapped.unresolved or None, SOURCE_TYPE: source.object_type}
    if members is not None:
        remember[MEMBER] = members
    change = (tuple(members), ()) if members else None
    return Export(key, "Add", compiled.mapping.target, source.dn, anchor, None, values, change, remember)


def _set(
    source: SourceObject, entry: Entry, compiled: CompiledMapping, mapped: Mapped, members: list[str] | None
) -> Export | None:
    """A later one: what differs from what was exported before."""
    if "Update" not in compiled.mapping.flow_types:
        return None
    values = {
        name: value
        for name, value in mapped.values.items()
        if name not in mapped.creating and value != entry.values.get(name)
    }
    remember: dict[str, Any] = dict(values)
    change = None
    if members is not None:
        before = set(entry.values.get(MEMBER) or ())
        added, removed = sorted(set(members) - before), sorted(before - set(members))
        if added or removed:
            change = (tuple(added), tuple(removed))
            remember[MEMBER] = members
    if (entry.values.get(UNRESOLVED) or []) != mapped.unresolved:
        remember[UNRESOLVED] = mapped.unresolved or None
    if not values and change is None and source.dn == entry.dn and not remember:
        return None
    return Export(
        entry.object, "Set", entry.type, source.dn, entry.anchor, entry.cloud_anchor, values, change, remember
    )


def _delete(entry: Entry) -> Export:
    return Export(entry.object, "Delete", entry.type, entry.dn, entry.anchor, entry.cloud_anchor)
