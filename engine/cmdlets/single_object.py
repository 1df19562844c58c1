"""Invoke-ADSyncSingleObjectSync of the module ADSyncDiagnostics. Source: facts "engine" 18.2, 21."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.single_object.sync import single_object_sync


@cmdlet(
    "Invoke-ADSyncSingleObjectSync",
    Parameter("DistinguishedName", needed=True, position=0),
    Parameter("StagingMode", Kind.SWITCH),
    Parameter("NoHtmlReport", Kind.SWITCH),
)
def invoke_adsync_single_object_sync(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Synchronize one object of a forest to the tenant, step by step, with a reason where it stops."""
    if not parameters.get("NoHtmlReport"):
        parameters.warn("The HTML report is not emulated; the result is below.")
    result = single_object_sync(
        server,  # type: ignore[arg-type]
        dn=parameters["DistinguishedName"],
        staging=bool(parameters.get("StagingMode")),
    )
    return [_record("SingleObjectSyncResult", result.document())]


def _record(type_name: str, document: Mapping[str, Any]) -> Record:
    return Record(type_name, {name: _value(name, value) for name, value in document.items()})


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return _record(name, value)
    if isinstance(value, list | tuple):
        return [_value(name.removesuffix("s"), one) for one in value]
    return value
