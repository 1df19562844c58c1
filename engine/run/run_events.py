"""What a run leaves in the Application log: one function from its result to events, in the order of its steps. Pure.

Source: facts "engine" section 22.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.eventlog import Event, event
from engine.model.configuration import ConnectorConfiguration, ConnectorType, StepType
from engine.run.not_reimported import NOT_REIMPORTED
from engine.store.run_history import RunResult, StepResult

#: Connection results that mean that the account was not let in.
DENIED = ("failed-authentication", "failed-permission")
_IMPORTS = (StepType.FULL_IMPORT, StepType.DELTA_IMPORT, StepType.SPECIFIC_OBJECT_IMPORT)
_EXPORTS = (StepType.EXPORT, StepType.SPECIFIC_OBJECT_EXPORT)
_NO_CONNECTION = (
    "no-start-connection",
    "no-start-no-domain-controller",
    "stopped-connectivity",
    "stopped-server-down",
)
#: Stopped for a reason of the operator or of a guard: no failure of the server (116 tells of the guard).
_ON_PURPOSE = ("stopped-deletion-threshold-exceeded", "stopped-user-termination-from-wmi-or-ui", "stopped-object-limit")


def run_events(configuration: ConnectorConfiguration, run: RunResult, stale: Collection[str] = ()) -> Iterator[Event]:
    """The events of a run. stale: types of delta steps that ran although a full one is due (run/since_full.py)."""
    entra = configuration.type is ConnectorType.ENTRA
    for step in run.steps:
        if entra:
            yield from _tenant_events(step)
        yield from _result_events(configuration, run, step)
        if StepType.DELTA_IMPORT.value in stale and step.type == StepType.DELTA_IMPORT.value:
            yield event(6126, connector=configuration.name)
        if StepType.DELTA_SYNCHRONIZATION.value in stale and step.type == StepType.DELTA_SYNCHRONIZATION.value:
            yield event(6127, connector=configuration.name)


def _tenant_events(step: StepResult) -> Iterator[Event]:
    """What the provider Directory Synchronization says of a step of the tenant's connector."""
    if step.type in _IMPORTS:
        yield event(117)
    if step.connection != "success":
        code, _, message = step.connection.partition(": ")
        yield event(106, detail=message or code)
        if code in DENIED:
            yield event(115)
        return
    if step.type in _IMPORTS:
        read = sum(count for name, count in step.statistics.counters.items() if name.startswith("Stage"))
        yield event(105, detail=f"Objects: {read}.")
    elif step.type in _EXPORTS:
        for iteration in range(1, step.statistics["LastSuccessfulExportBatchNumber"] + 1):
            yield event(104, detail=f"Iteration: {iteration}.")
        for error in step.errors:
            yield event(6941, name=error.error_type, detail=f"{error.text} Dn: {error.dn}")
        if not step.result.startswith(("no-start", "stopped")):
            yield event(114, detail=f"Errors: {len(step.errors)}.")


def _result_events(configuration: ConnectorConfiguration, run: RunResult, step: StepResult) -> Iterator[Event]:
    """How the step ended, in the words of the engine."""
    names = {"connector": configuration.name, "profile": run.profile}
    if step.result == "no-start-credentials":
        yield event(6000, connector=configuration.name)
    elif step.result in _NO_CONNECTION:
        yield event(6050, **names)
    elif step.result == "stopped-extension-dll-exception":
        yield event(6801, detail=step.connection.partition(": ")[2] or step.connection)
        yield event(6803, **names)
    elif step.result == "stopped-database-disk-full":
        yield event(6323)
        yield event(6803, **names)
    elif step.result.startswith("stopped") and step.result not in _ON_PURPOSE:
        yield event(6803, **names)
    elif step.result in ("completed-warnings", "completed-transient-objects"):
        yield event(6105, **names)
    elif step.result.startswith("completed") and step.result.endswith("-errors"):
        yield event(6100, "", **names, **_counts(step))


def _counts(step: StepResult) -> dict[str, int]:
    warnings = sum(error.error_type == NOT_REIMPORTED for error in step.errors)
    errors = len(step.errors) - warnings
    importing, exporting = step.type in _IMPORTS, step.type in _EXPORTS
    return {
        "discovery": errors if importing else 0,
        "synchronization": 0 if importing or exporting else errors,
        "retry": 0,  # an object in error is retried as itself, not by its metaverse object
        "export": errors if exporting else 0,
        "warnings": warnings,
    }
