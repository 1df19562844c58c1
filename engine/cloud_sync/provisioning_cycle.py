"""One cycle of a job from end to end: load, decide, send, report. Every two minutes on the agent that leads the job.

Source: facts "tenant" 13.1, 13.3, 13.5, 8.4; cloud-sync how-to-accidental-deletes, reference-error-codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.cloud_sync.anchor import choose_anchor, guid_text
from engine.cloud_sync.cycle import Export, Plan, Situation, Skip, SourceObject, decide, held_back
from engine.cloud_sync.functions import MappingError
from engine.cloud_sync.mapping import ALWAYS_READ, MEMBER, CompiledMapping
from engine.cloud_sync.password_hashes import PasswordHashes
from engine.cloud_sync.provisioning_service import CycleReport, ExportResult, ProvisioningService
from engine.cloud_sync.scope import Scope
from engine.cloud_sync.source_directory import Changes, SourceDirectory
from engine.cloud_sync.work import UNRESOLVED, Entry, Job, ScopingFilter
from engine.errors import ConnectorError

DIRECTORY_ERROR = "HybridSynchronizationActiveDirectoryInternalServerError"
_NEVER_THERE = frozenset({"ObjectNotFound"})


@dataclass
class Outcome:
    """What a cycle did. moved: whether the next one may find something that waits."""

    kind: str
    exported: int = 0
    error: str = ""
    deletes_held: int = 0

    @property
    def moved(self) -> bool:
        return bool(self.exported or self.error)


class ProvisioningCycle:
    """The cycles of one agent in its domain."""

    def __init__(
        self,
        directory: SourceDirectory,
        service: ProvisioningService,
        passwords: PasswordHashes,
        domain: Mapping[str, str],
    ) -> None:
        self._directory = directory
        self._service = service
        self._passwords = passwords
        self._domain = domain

    def run(self, job: Job) -> Outcome:
        """One cycle. A domain that cannot be read, or mappings that cannot be used, fail the cycle as a whole."""
        kind = "Full" if job.full else "Delta"
        try:
            return self._run(job, kind)
        except ConnectorError as error:
            if error.run_result == "no-start-full-import-required" and not job.full:
                return self._run_again_in_full(job)
            return self._fail(job, kind, DIRECTORY_ERROR, error.message)
        except MappingError as error:
            return self._fail(job, kind, error.code, error.message)

    def _run_again_in_full(self, job: Job) -> Outcome:
        """The directory does not know the cookie any more."""
        return self.run(replace(job, full=True, watermark=None))

    def _run(self, job: Job, kind: str) -> Outcome:
        compiled = {one.source: CompiledMapping.of(one) for one in job.mappings}
        attributes = sorted({*ALWAYS_READ, *(name for one in compiled.values() for name in one.sources())})
        groups = frozenset(dn.lower() for dn in job.scope.groups)
        if groups and MEMBER not in attributes:
            attributes.append(MEMBER)
        if job.full or job.watermark is None:
            changes = self._directory.everything(attributes)
        else:
            changes = self._directory.changes(attributes, job.watermark, groups)
            self._directory.look_again(attributes, job.escrows, changes)
        report = CycleReport(kind, job.revision, watermark=changes.watermark, imported=changes.read)
        outcome = Outcome(kind)
        if changes.objects or changes.gone or job.full:
            self._export(job, compiled, attributes, changes, report, outcome)
        if report.error is None and job.password_hash_sync:
            report.password_watermark = self._passwords.send(job, self._service, moved=bool(report.exported))
        self._service.report(job, report)
        return outcome

    def _export(
        self,
        job: Job,
        compiled: Mapping[str, CompiledMapping],
        attributes: Sequence[str],
        changes: Changes,
        report: CycleReport,
        outcome: Outcome,
    ) -> None:
        situation = self._situation(job, compiled, attributes, changes)
        plan = decide(situation, changes.objects, changes.gone, complete=job.full)
        report.entitled, report.skipped = plan.entitled, plan.skipped
        if held_back(job, plan):
            report.staged_deletes = plan.deletes
            outcome.deletes_held, outcome.error = len(plan.deletes), "TooManyDeletes"
            text = f"Delete threshold exceeded: {len(plan.deletes)} deletes, the threshold is {job.delete_threshold}."
            report.error = {"Code": "DeleteThresholdExceeded", "Message": text, "Reason": "TooManyDeletes"}
            return
        self._send(job, plan, situation.entries, report, outcome)
        if any(one.operation == "Add" for one in plan.exports):
            self._send_awaited(job, situation, attributes, report, outcome)

    def _situation(
        self, job: Job, compiled: Mapping[str, CompiledMapping], attributes: Sequence[str], changes: Changes
    ) -> Situation:
        scope = Scope(job.scope, self._directory.members(job.scope.groups) if job.scope.groups else frozenset())
        if job.full:
            entries = self._service.entries(job)
        else:
            entries = self._service.entries(job, [*map(guid_text, (o.guid for o in changes.objects)), *changes.gone])
        known: dict[str, str | None] = {}
        for source in changes.objects:
            inside = source.object_type in compiled and scope.reason_against(source.dn, source.attributes) is None
            known[source.dn.lower()] = choose_anchor(source.attributes, source.guid) if inside else None

        def resolve(dn: str) -> str | None:
            folded = dn.lower()
            if folded not in known:
                known[folded] = self._anchor_at(dn, scope, compiled)
            return known[folded]

        return Situation(job, scope, compiled, self._domain, entries, resolve)

    def _anchor_at(self, dn: str, scope: Scope, compiled: Mapping[str, CompiledMapping]) -> str | None:
        if scope.reason_against_name(dn) is not None:
            return None
        target = self._directory.object_at(ALWAYS_READ, dn)
        if target is None or target.object_type not in compiled:
            return None
        if scope.reason_against(target.dn, target.attributes) is not None:
            return None
        return choose_anchor(target.attributes, target.guid)

    def _send(self, job: Job, plan: Plan, entries: Mapping[str, Entry], report: CycleReport, outcome: Outcome) -> None:
        results = self._service.provision(job, plan.exports, len(plan.deletes))
        sent = zip(plan.exports, results, strict=True)
        again = [_as_new(one, entries.get(one.object)) for one, result in sent if _lost(one, result)]
        if again:
            results = [result for result in results if result.error_code not in _NEVER_THERE]
            results += self._service.provision(job, again, 0)
        good = sum(1 for one in results if one.error_code is None)
        report.exported += good
        outcome.exported += good

    def _send_awaited(
        self, job: Job, situation: Situation, attributes: Sequence[str], report: CycleReport, outcome: Outcome
    ) -> None:
        """References to what has just come into scope: those who wait for them did not change themselves."""
        entries: dict[str, Entry] = self._service.entries(job)
        waiting = {key: entry for key, entry in entries.items() if entry.values.get(UNRESOLVED)}
        found: list[SourceObject] = []
        for entry in waiting.values():
            source = self._directory.object_at(attributes, entry.dn)
            if source is not None:
                found.append(source)
        if not found:
            return
        later = Situation(job, situation.scope, situation.compiled, self._domain, waiting, situation.resolve)
        plan = decide(later, found)
        if plan.exports:
            self._send(job, plan, waiting, report, outcome)

    def _fail(self, job: Job, kind: str, code: str, text: str) -> Outcome:
        self._service.report(job, CycleReport(kind, job.revision, error={"Code": code, "Message": text}))
        return Outcome(kind, error=code)

    # ---- provision on demand -----------------------------------------------------------------------------------------
    def on_demand(self, job: Job, dn: str) -> tuple[SourceObject | None, Plan, list[ExportResult]]:
        """One object, whatever the scoping filter says (facts 13.4)."""
        compiled = {one.source: CompiledMapping.of(one) for one in job.mappings}
        attributes = sorted({*ALWAYS_READ, *(name for one in compiled.values() for name in one.sources())})
        source = self._directory.object_at(attributes, dn)
        if source is None:
            return None, Plan(), []
        situation = self._situation(job, compiled, attributes, Changes([source]))
        free = replace(situation, scope=Scope(ScopingFilter()), job=replace(job, full=False))
        plan = decide(free, [source])
        return source, plan, self._service.provision(job, plan.exports, 0) if plan.exports else []


def _lost(one: Export, result: ExportResult) -> bool:
    """The tenant's object is gone for good: a change makes a new one."""
    return one.operation == "Set" and result.error_code in _NEVER_THERE


def _as_new(one: Export, entry: Entry | None) -> Export:
    """The whole object, as it was exported before and has changed since."""
    held = dict(entry.values) if entry is not None else {}
    members = one.remember.get(MEMBER, held.pop(MEMBER, None))
    values = {name: value for name, value in {**held, **one.values}.items() if value is not None and name[0] != "#"}
    change = (tuple(members), ()) if members else None
    return replace(one, operation="Add", cloud_anchor=None, values=values, members=change)


__all__ = ["Outcome", "ProvisioningCycle", "Skip"]
