"""The agent's conversation with the tenant: registration, work, what a job holds, exports, passwords, reports.

Source: facts "tenant" 13.1; the operations are a stand-in of ours for the hybrid identity service and its message bus.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.cloud_sync.cycle import Export, Skip
from engine.cloud_sync.mapping import MEMBER
from engine.cloud_sync.work import Demand, Entry, Job, ObjectMapping, read_entry, read_job
from engine.connectors.entra.tenant_client import TenantClient

BATCH = 200
CREDENTIALS_MAX = 50


@dataclass(frozen=True, slots=True)
class Registration:
    """What the tenant gave an agent that registered; the account is that of the service."""

    agent_id: str
    user_name: str
    password: str


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What became of one exported object."""

    object: str
    cloud_anchor: str | None
    error_code: str | None
    error_text: str


@dataclass
class CycleReport:
    """How a cycle went."""

    kind: str
    revision: int
    watermark: bytes | None = None
    password_watermark: bytes | None = None
    imported: int = 0
    entitled: int = 0
    exported: int = 0
    skipped: Sequence[Skip] = ()
    staged_deletes: Sequence[Export] = ()
    error: Mapping[str, str] | None = None


def register(client: TenantClient, machine: str, domain: str, version: str) -> Registration:
    """Register an agent; the client is signed in as an administrator."""
    answer = client.call("RegisterProvisioningAgent", {"Machine": machine, "Domain": domain, "Version": version})
    return Registration(str(answer["AgentId"]), str(answer["UserName"]), str(answer["Password"]))


class ProvisioningService:
    """The service as one registered agent sees it."""

    def __init__(self, client: TenantClient, agent_id: str) -> None:
        self._client = client
        self._agent = agent_id
        self._mappings: dict[str, tuple[int, tuple[ObjectMapping, ...]]] = {}

    def close(self) -> None:
        self._client.close()

    def work(self) -> tuple[list[Job], list[Demand]]:
        """Say that the agent lives, and fetch what it shall do: the jobs it leads, what is asked on demand."""
        known = {job: revision for job, (revision, _) in self._mappings.items()}
        answer = self._call("GetProvisioningWork", {"Known": known})
        jobs = []
        for document in answer["Jobs"]:
            held = self._mappings.get(str(document["JobId"]))
            job = read_job(document, held[1] if held is not None else None)
            self._mappings[job.id] = (job.revision, job.mappings)
            jobs.append(job)
        demands = [
            Demand(str(one["DemandId"]), str(one["Dn"]), read_job(one["Job"], None)) for one in answer["Demands"]
        ]
        return jobs, demands

    def answer(self, demand: Demand, said: Mapping[str, Any]) -> None:
        """Tell what became of provisioning on demand."""
        self._call("AnswerProvisioningDemand", {"DemandId": demand.id, "Said": dict(said)})

    def entries(self, job: Job, objects: Iterable[str] | None = None) -> dict[str, Entry]:
        """What the job holds of these objects, or of all."""
        wanted = None if objects is None else list(objects)
        if wanted == []:
            return {}
        answer = self._call("GetProvisioningEntries", {"JobId": job.id, "Objects": wanted})
        return {entry.object: entry for entry in map(read_entry, answer["Entries"])}

    def provision(self, job: Job, exports: Sequence[Export], deletes: int) -> list[ExportResult]:
        """Send exports in batches; one result per object, in order."""
        results: list[ExportResult] = []
        for start in range(0, len(exports), BATCH):
            documents = [_export_document(one) for one in exports[start : start + BATCH]]
            request = {"JobId": job.id, "Entries": documents, "CycleDeletes": deletes}
            for answer in self._call("ProvisionEntries", request)["Results"]:
                text = str(answer.get("ErrorDescription") or "")
                results.append(
                    ExportResult(str(answer["Object"]), answer.get("CloudAnchor"), answer.get("ErrorCode"), text)
                )
        return results

    def send_passwords(self, items: Sequence[Mapping[str, object]]) -> int:
        """Send salted hashes; the number that was taken."""
        taken = 0
        for start in range(0, len(items), CREDENTIALS_MAX):
            answers = self._client.provision_credentials(items[start : start + CREDENTIALS_MAX])
            taken += sum(1 for answer in answers if answer.get("Result") == 0)
        return taken

    def report(self, job: Job, report: CycleReport) -> None:
        """Tell how the cycle went, and where the next one goes on."""
        skipped = [
            {"Object": one.object, "Type": one.object_type, "Dn": one.dn, "Reason": one.reason, "Text": one.text,
             "Failed": one.failed}
            for one in report.skipped
        ]  # fmt: skip
        staged = [{"Object": one.object, "Type": one.object_type, "Dn": one.dn} for one in report.staged_deletes]
        self._call(
            "ReportProvisioningCycle",
            {
                "JobId": job.id,
                "Kind": report.kind,
                "Revision": report.revision,
                "Watermark": report.watermark.hex() if report.watermark else None,
                "PasswordWatermark": report.password_watermark.hex() if report.password_watermark else None,
                "Imported": report.imported,
                "ImportedDeltas": report.imported if report.kind == "Delta" else 0,
                "Entitled": report.entitled,
                "Exported": report.exported,
                "Skipped": skipped,
                "StagedDeletes": staged,
                "Error": report.error,
            },
        )

    def _call(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._client.call(operation, {"AgentId": self._agent, **body})


def _export_document(one: Export) -> dict[str, Any]:
    document: dict[str, Any] = {
        "Object": one.object,
        "SyncObjectType": one.object_type,
        "SyncOperation": one.operation,
        "SourceAnchor": one.anchor,
        "CloudAnchor": one.cloud_anchor,
        "Dn": one.dn,
        "PropertyValues": dict(one.values),
        "Remember": dict(one.remember),
    }
    if one.members is not None:
        added, removed = one.members
        changes = [(anchor, "Remove") for anchor in removed] + [(anchor, "Add") for anchor in added]
        document["ReferenceChanges"] = {
            MEMBER: [{"Anchor": a, "ReferenceType": "SourceAnchor", "Operation": word} for a, word in changes]
        }
    return document
