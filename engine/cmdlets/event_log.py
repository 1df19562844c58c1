"""Get-WinEvent over the Application log of the server, newest first. Facts "engine" 22, seed004."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record, listed, moment_of, number_of, text_of, wildcard
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.eventlog import EventRecord, Level

LOG = "Application"
_LEVELS = {Level.ERROR: 2, Level.WARNING: 3, Level.INFORMATION: 4}
_KEYS = ("LogName", "ProviderName", "Id", "Level", "StartTime", "EndTime")


@cmdlet(
    "Get-WinEvent",
    Parameter("LogName", Kind.TEXTS, position=0),
    Parameter("FilterHashtable", Kind.TABLE, position=0),
    Parameter("ProviderName", Kind.TEXTS),
    Parameter("MaxEvents", Kind.UNSIGNED),
    Parameter("Oldest", Kind.SWITCH),
    reads=True,
)
def get_win_event(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show events of the Application log, newest first."""
    wanted = _filter(parameters.get("FilterHashtable") or {})
    wanted |= {name.lower(): parameters[name] for name in ("LogName", "ProviderName") if name in parameters}
    if not wanted:
        raise EngineError("PARAMETER_MISSING", "Give -LogName, -ProviderName or -FilterHashtable.")
    for name in listed(wanted.get("logname")):
        if not wildcard(text_of(name)).match(LOG):
            text = f'There is not an event log on the localhost computer that matches "{name}"; there is {LOG}.'
            raise EngineError("NoMatchingLogsFound", text)
    found = [
        _record(number, record, server.name)
        for number, record in enumerate(server.events.read(), start=1)
        if _matches(record, wanted)
    ]
    if not found:
        text = "No events were found that match the specified selection criteria."
        raise EngineError("NoMatchingEventsFound", text)
    ordered = found if parameters.get("Oldest") else found[::-1]
    return ordered[: parameters.get("MaxEvents", len(ordered))]


def _filter(table: Mapping[str, Any]) -> dict[str, Any]:
    known = {name.lower() for name in _KEYS}
    for key in table:
        if key.lower() not in known:
            text = f"The key {key} of -FilterHashtable is not emulated; there are {', '.join(_KEYS)}."
            raise EngineError("PARAMETER_VALUE", text)
    wanted = {key.lower(): value for key, value in table.items()}
    for key in ("starttime", "endtime"):
        if key in wanted:
            wanted[key] = moment_of(wanted[key])
    for key in ("id", "level"):
        if key in wanted:
            wanted[key] = [int(number_of(one)) for one in listed(wanted[key])]
    return wanted


def _matches(record: EventRecord, wanted: Mapping[str, Any]) -> bool:
    providers = [text_of(one) for one in listed(wanted.get("providername"))]
    return (
        (not providers or any(wildcard(one).match(record.provider) for one in providers))
        and record.id in wanted.get("id", (record.id,))
        and _LEVELS[record.level] in wanted.get("level", _LEVELS.values())
        and wanted.get("starttime", record.time) <= record.time <= wanted.get("endtime", record.time)
    )


def _record(number: int, record: EventRecord, machine: str) -> Record:
    return Record(
        "EventLogRecord",
        {
            "TimeCreated": record.time,
            "Id": record.id,
            "LevelDisplayName": record.level.value,
            "Message": record.text,
            "ProviderName": record.provider,
            "LogName": LOG,
            "Level": _LEVELS[record.level],
            "MachineName": machine,
            "RecordId": number,
        },
        record,
    )
