"""Invoke-ADSyncRunProfile and the run history. Source: facts "engine" 5.3, 5.4, 18.1.

Invoke runs what it is told, also an Export on a staging server: only the scheduler leaves exports out (T-12).
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.cmdlets.registry import Kind, OperatedServer, Parameter, Parameters, Row, cmdlet, shown
from engine.errors import EngineError
from engine.store.run_history import RunResult, StepResult


@cmdlet(
    "Invoke-ADSyncRunProfile",
    Parameter("ConnectorName"),
    Parameter("ConnectorIdentifier", Kind.GUID),
    Parameter("RunProfileName", needed=True),
    Parameter("Resume", Kind.SWITCH),
)
def invoke_adsync_run_profile(server: OperatedServer, parameters: Parameters) -> Sequence[Row]:
    """Run one profile of one connector and wait for its end."""
    if parameters.get("Resume"):
        raise EngineError("UNSUPPORTED_PARAMETER", "Resuming a stopped run is not emulated.")
    name = parameters.get("ConnectorIdentifier") or parameters.get("ConnectorName")
    if name is None:
        raise EngineError("PARAMETER_MISSING", "Give -ConnectorName or -ConnectorIdentifier.")
    run = server.run_profile(name, parameters["RunProfileName"])
    return [{"Result": run.result, "RunHistoryId": run.identifier}]


@cmdlet(
    "Get-ADSyncRunProfileResult",
    Parameter("RunHistoryId", Kind.GUID),
    Parameter("ConnectorId", Kind.GUID),
    Parameter("RunProfileId", Kind.GUID),
    Parameter("RunNumber", Kind.UNSIGNED),
    Parameter("NumberRequested", Kind.UNSIGNED),
    Parameter("RunStepDetails", Kind.SWITCH),
    Parameter("StepNumber", Kind.UNSIGNED),
)
def get_adsync_run_profile_result(server: OperatedServer, parameters: Parameters) -> Sequence[Row]:
    """Show finished runs, newest first."""
    profiles = {p.identifier: p.name for c in server.connectors.values() for p in c.run_profiles}
    rows: list[Row] = []
    wanted = parameters.get("NumberRequested")
    for run in server.history.runs(parameters.get("ConnectorId")):
        if wanted is not None and len(rows) >= wanted:
            break
        if _matches(run, parameters, profiles):
            rows.append(_run_row(run, server, parameters))
    return rows


def _matches(run: RunResult, parameters: Parameters, profiles: dict[str, str]) -> bool:
    return (
        parameters.get("RunHistoryId", run.identifier) == run.identifier
        and parameters.get("RunNumber", run.run_number) == run.run_number
        and ("RunProfileId" not in parameters or profiles.get(parameters["RunProfileId"]) == run.profile)
    )


def _run_row(run: RunResult, server: OperatedServer, parameters: Parameters) -> Row:
    connector = next((c for c in server.connectors.values() if c.identifier == run.connector), None)
    profile = connector.profile(run.profile) if connector is not None else None
    number = parameters.get("StepNumber")
    steps = [s for s in run.steps if number is None or s.number == number]
    return {
        "RunHistoryId": run.identifier,
        "ConnectorId": run.connector,
        "ConnectorName": run.connector_name,
        "RunProfileId": profile.identifier if profile is not None else "",
        "RunProfileName": run.profile,
        "RunNumber": run.run_number,
        "IsRunComplete": run.ended is not None,
        "Result": run.result,
        "CurrentStepNumber": len(run.steps),
        "TotalSteps": len(run.steps),
        "StartDate": shown(run.started),
        "EndDate": shown(run.ended),
        "RunStepResults": [_step_row(run, s) if parameters.get("RunStepDetails") else s.result for s in steps],
    }


def _step_row(run: RunResult, step: StepResult) -> Row:
    return {
        "RunHistoryId": run.identifier,
        "StepNumber": step.number,
        "StepResult": step.result,
        "StartDate": shown(step.started),
        "EndDate": shown(step.ended),
        **{name: count for name, count in sorted(step.statistics.counters.items()) if count},
        "Errors": [{"ObjectDn": e.dn, "ErrorType": e.error_type, "ExtensionErrorInfo": e.text} for e in step.errors],
    }
