"""Running profiles by hand, and the run history. Source: facts "engine" 5.3, 5.4, 18.1.

Invoke runs what it is told, also an Export on a staging server: only the scheduler leaves exports out (T-12).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_OID, uuid5

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.model.statistics import EXPORT_COUNTERS, IMPORT_COUNTERS, SYNC_COUNTERS
from engine.run.specific_object import specific_object_run
from engine.store.run_history import ObjectError, RunResult, StepResult

_BY_KIND = {"import": IMPORT_COUNTERS, "sync": SYNC_COUNTERS, "export": EXPORT_COUNTERS}


@cmdlet(
    "Invoke-ADSyncRunProfile",
    Parameter("ConnectorName", piped=("ConnectorName", "Name")),
    Parameter("ConnectorIdentifier", Kind.GUID),
    Parameter("RunProfileName", needed=True),
    Parameter("Resume", Kind.SWITCH),
)
def invoke_adsync_run_profile(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Run one profile of one connector and wait for its end."""
    if parameters.get("Resume"):
        raise EngineError("UNSUPPORTED_PARAMETER", "Resuming a stopped run is not emulated.")
    name = parameters.one_of("ConnectorIdentifier", "ConnectorName")
    run = server.run_profile(name, parameters["RunProfileName"])
    return [Record("RunProfileOutcome", {"Result": run.result, "RunHistoryId": run.identifier})]


@cmdlet(
    "Invoke-ADSyncSpecificObjectRunProfile",
    Parameter("DistinguishedName", needed=True, position=0),
    Parameter("ConnectorIdentifier", Kind.GUID, needed=True, position=1),
    Parameter("RunProfileName", needed=True, position=2),
    Parameter("StepNumber", Kind.INTEGER, position=3),
)
def invoke_adsync_specific_object_run_profile(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Run one step of a profile for one object: Specific Object Import or Export."""
    run = specific_object_run(
        server,  # type: ignore[arg-type]
        connector=parameters["ConnectorIdentifier"],
        profile=parameters["RunProfileName"],
        dn=parameters["DistinguishedName"],
        step=parameters.get("StepNumber"),
    )
    return [_run_record(run, server, Parameters({"RunStepDetails": True}))]


@cmdlet("Stop-ADSyncRunProfile", Parameter("ConnectorName", position=0, piped=("ConnectorName", "Name")))
def stop_adsync_run_profile(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Stop the run of a connector, without a name of whichever runs; nothing happens when the engine is idle."""
    name = parameters.get("ConnectorName")
    wanted = server.connector(name)[1].name if name else server.busy_connector
    if wanted is not None and wanted == server.busy_connector:
        server.stop_run()
    return []


@cmdlet(
    "Get-ADSyncRunProfileResult",
    Parameter("RunHistoryId", Kind.GUID),
    Parameter("ConnectorId", Kind.GUID),
    Parameter("RunProfileId", Kind.GUID),
    Parameter("RunNumber", Kind.INTEGER),
    Parameter("NumberRequested", Kind.INTEGER),
    Parameter("RunStepDetails", Kind.SWITCH),
    Parameter("StepNumber", Kind.INTEGER),
    reads=True,
)
def get_adsync_run_profile_result(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show finished runs, newest first."""
    profiles = {p.identifier: p.name for c in server.connectors.values() for p in c.run_profiles}
    rows: list[Record] = []
    wanted = parameters.get("NumberRequested")
    for run in server.history.runs(parameters.get("ConnectorId")):
        if wanted is not None and len(rows) >= wanted:
            break
        if _matches(run, parameters, profiles):
            rows.append(_run_record(run, server, parameters))
    return rows


@cmdlet(
    "Get-ADSyncRunStepResult",
    Parameter("RunHistoryId", Kind.GUID),
    Parameter("StepHistoryId", Kind.GUID),
    Parameter("First", Kind.SWITCH),
    Parameter("StepNumber", Kind.INTEGER),
    reads=True,
)
def get_adsync_run_step_result(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show the steps of runs with what each counted and which objects failed, newest run first."""
    found: list[Record] = []
    for run, step in _steps(server, parameters):
        found.append(_step_record(run, step))
        if parameters.get("First"):
            break
    return found


def _steps(server: OperatedServer, parameters: Parameters) -> Iterator[tuple[RunResult, StepResult]]:
    for run in server.history.runs():
        if parameters.get("RunHistoryId", run.identifier) != run.identifier:
            continue
        for step in run.steps:
            own = step_identifier(run, step)
            if parameters.get("StepNumber", step.number) == step.number and parameters.get("StepHistoryId", own) == own:
                yield run, step


def _matches(run: RunResult, parameters: Parameters, profiles: dict[str, str]) -> bool:
    return (
        parameters.get("RunHistoryId", run.identifier) == run.identifier
        and parameters.get("RunNumber", run.run_number) == run.run_number
        and ("RunProfileId" not in parameters or profiles.get(parameters["RunProfileId"]) == run.profile)
    )


def _run_record(run: RunResult, server: OperatedServer, parameters: Parameters) -> Record:
    connector = next((c for c in server.connectors.values() if c.identifier == run.connector), None)
    profile = connector.profile(run.profile) if connector is not None else None
    number = parameters.get("StepNumber")
    steps = [s for s in run.steps if number is None or s.number == number]
    details = bool(parameters.get("RunStepDetails"))
    return Record(
        "RunProfileResult",
        {
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
            "StartDate": run.started,
            "EndDate": run.ended,
            "RunStepResults": [_step_record(run, s) if details else s.result for s in steps],
        },
    )


def step_identifier(run: RunResult, step: StepResult) -> str:
    """The GUID of a step, made from its run's."""
    return str(uuid5(NAMESPACE_OID, f"{run.identifier}/{step.number}"))


def _step_record(run: RunResult, step: StepResult) -> Record:
    kind = "export" if step.type == "export" else "sync" if "sync" in step.type else "import"
    counters = step.statistics.counters
    extra = sorted(name for name, count in counters.items() if count and name not in _BY_KIND[kind])
    return Record(
        "RunStepResult",
        {
            "RunHistoryId": run.identifier,
            "StepHistoryId": step_identifier(run, step),
            "StepNumber": step.number,
            "StepResult": step.result,
            "StartDate": step.started,
            "EndDate": step.ended,
            **{name: counters.get(name, 0) for name in (*_BY_KIND[kind], *extra)},
            "OutboundFlowCounters": [
                Record("OutboundFlowCounters", {"Name": connector, **counts})
                for connector, counts in sorted(step.statistics.outbound.items())
            ],
            "Errors": [_error_record(error) for error in step.errors],
        },
    )


def _error_record(error: ObjectError) -> Record:
    row = {
        "ObjectDn": error.dn,
        "FirstOccurred": error.detail.get("first-occurred", ""),
        "DateOccurred": error.detail.get("date-occurred", ""),
        "RetryCount": int(error.detail.get("retry-count", "0")),
        "ErrorType": error.error_type,
        "ExtensionErrorInfo": error.text,
    }
    return Record("RunStepErrorObject", row)
