"""Provision on demand on the agent's side: one object through import, scope, match and action, told step by step.

Source: facts "tenant" 13.4 (names of the steps); cloud-sync how-to-on-demand-provision.
"""

from __future__ import annotations

from typing import Any, Protocol

from engine.cloud_sync.cycle import Plan, SourceObject
from engine.cloud_sync.functions import MappingError
from engine.cloud_sync.provisioning_service import ExportResult
from engine.cloud_sync.work import Demand, Job
from engine.errors import ConnectorError

DIRECTORY_ERROR = "HybridSynchronizationActiveDirectoryInternalServerError"
_ACTIONS = {"Add": "Create", "Set": "Update", "Delete": "Delete"}


class Provisioning(Protocol):
    """What provisions one object of a job."""

    def on_demand(self, job: Job, dn: str) -> tuple[SourceObject | None, Plan, list[ExportResult]]: ...


def provision_on_demand(cycle: Provisioning, demand: Demand) -> dict[str, Any]:
    """Do it and tell what became of it; a failure is an answer, too."""
    try:
        source, plan, results = cycle.on_demand(demand.job, demand.dn)
    except ConnectorError as error:
        return _failed(DIRECTORY_ERROR, error.message, [_step("EntryImport", "Import", "Failure")])
    except MappingError as error:
        return _failed(error.code, error.message, [_step("EntryImport", "Import", "Failure")])
    if source is None:
        text = f"There is no object {demand.dn} that could be imported."
        return _failed("EntryNotFound", text, [_step("EntryImport", "Import", "Failure")])
    steps = [_step("EntryImport", "Import", "Success")]
    for skip in plan.skipped:
        steps.append(_step("EntrySynchronizationScoping", "Scoping", "Failure" if skip.failed else "Skipped"))
        said = _failed(skip.reason, skip.text or f"{demand.dn} is left out.", steps)
        return said if skip.failed else {**said, "result": "Skipped"}
    steps.append(_step("EntrySynchronizationScoping", "Scoping", "Success"))
    export = plan.exports[0] if plan.exports else None
    action = _ACTIONS[export.operation] if export is not None else "Update"
    steps.append(_step("EntryMatching", "Matching", "Success"))
    failed = next((one for one in results if one.error_code is not None), None)
    outcome = "Failure" if failed is not None else "Success" if export is not None else "Skipped"
    steps.append(_step(f"Entry{action}", "Export", outcome))
    return {
        "result": "Success" if failed is None else "Failure",
        "errorCode": failed.error_code if failed is not None else None,
        "errorMessage": failed.error_text if failed is not None else None,
        "action": action,
        "modified": sorted(export.values) if export is not None else [],
        "steps": steps,
    }


def _step(name: str, kind: str, status: str) -> dict[str, str]:
    return {"name": name, "type": kind, "status": status}


def _failed(code: str, text: str, steps: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "result": "Failure", "errorCode": code, "errorMessage": text, "action": None, "modified": [], "steps": steps,
    }  # fmt: skip
