"""The cmdlets of PowerShell itself that an operator puts behind a pipe: filter, choose, sort, count, show.

Source: reference of Microsoft.PowerShell.Core and .Utility (Windows PowerShell 5.1); seed004.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cmp_to_key
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.cmdlets.powershell.formatting import Layout, Property, render
from engine.cmdlets.powershell.operators import compare
from engine.cmdlets.powershell.syntax import Block
from engine.cmdlets.powershell.values import (
    Record,
    Value,
    equal,
    listed,
    names_of,
    number_of,
    order,
    property_of,
    single,
    text_of,
    truth,
    wildcard,
)
from engine.cmdlets.registry import Kind, Parameter, Parameters
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.cmdlets.powershell.session import Session

Objects = list[Value]
Body = Callable[["Session", Parameters, Objects], Objects]

_OPERATORS = (
    "EQ", "NE", "GT", "GE", "LT", "LE", "Like", "NotLike", "Match", "NotMatch", "Contains", "NotContains", "In",
    "NotIn", "CEQ", "CNE", "CLike", "CMatch",
)  # fmt: skip
_PROPERTY = Parameter("Property", Kind.OBJECT, position=0)


@dataclass(frozen=True)
class PipelineCmdlet:
    """A cmdlet that works on what the pipeline brings."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    help: str
    aliases: tuple[str, ...] = ()


def _cmdlet(name: str, *parameters: Parameter, aliases: tuple[str, ...] = ()) -> Callable[[Body], PipelineCmdlet]:
    def declare(body: Body) -> PipelineCmdlet:
        return PipelineCmdlet(name, parameters, body, (body.__doc__ or "").strip(), aliases)

    return declare


@_cmdlet(
    "Where-Object",
    Parameter("FilterScript", Kind.BLOCK, position=0),
    Parameter("Property", position=0),
    Parameter("Value", Kind.OBJECT, position=1),
    *(Parameter(name, Kind.SWITCH) for name in _OPERATORS),
    aliases=("where", "?"),
)
def where_object(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Keep the objects for which the script block, or the comparison, holds."""
    if "FilterScript" in parameters:
        block = parameters["FilterScript"]
        return [one for one in objects if truth(single(session.call(block, one)))]
    name = parameters.one_of("FilterScript", "Property")
    chosen = [operator for operator in _OPERATORS if parameters.get(operator)]
    if len(chosen) > 1:
        raise EngineError("PARAMETER_VALUE", f"Where-Object takes one operator, not -{' -'.join(chosen)}.")
    if not chosen:
        return [one for one in objects if truth(property_of(one, name))]
    if "Value" not in parameters:
        text = (
            "The specified operator requires both the -Property and -Value parameters. Provide values for both"
            " parameters, and then try the command again."
        )
        raise EngineError("PARAMETER_MISSING", text)
    wanted = parameters.get("Value")
    return [one for one in objects if truth(compare(f"-{chosen[0].lower()}", property_of(one, name), wanted))]


@_cmdlet(
    "ForEach-Object",
    Parameter("Process", Kind.BLOCK, position=0),
    Parameter("MemberName", position=0),
    aliases=("foreach", "%"),
)
def for_each_object(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Run the script block for each object, or take one property of each."""
    if "Process" in parameters:
        return [result for one in objects for result in session.call(parameters["Process"], one)]
    name = parameters.one_of("Process", "MemberName")
    return [held for one in objects for held in listed(property_of(one, name))]


@_cmdlet(
    "Select-Object",
    _PROPERTY,
    *(Parameter(name, Kind.UNSIGNED) for name in ("First", "Last", "Skip")),
    Parameter("Index", Kind.OBJECT),
    Parameter("ExpandProperty"),
    Parameter("ExcludeProperty", Kind.TEXTS),
    Parameter("Unique", Kind.SWITCH),
    aliases=("select",),
)
def select_object(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Choose objects by their number, and properties of them."""
    chosen = objects[parameters.get("Skip", 0) :]
    if "Index" in parameters:
        wanted = [int(number_of(one)) for one in listed(parameters["Index"])]
        chosen = [chosen[one] for one in wanted if 0 <= one < len(chosen)]
    if "First" in parameters:
        chosen = chosen[: parameters["First"]]
    if "Last" in parameters:
        chosen = chosen[-parameters["Last"] :] if parameters["Last"] else []
    if "Property" in parameters:
        properties = properties_of(session, parameters["Property"], chosen)
        left_out = [wildcard(one) for one in parameters.get("ExcludeProperty", ())]
        kept = [one for one in properties if not any(pattern.match(one[0]) for pattern in left_out)]
        chosen = [Record("", {label: get(one) for label, get in kept}) for one in chosen]
    if "ExpandProperty" in parameters:
        chosen = [held for one in chosen for held in _expanded(one, parameters["ExpandProperty"])]
    return _unique(chosen) if parameters.get("Unique") else chosen


def _expanded(one: Value, name: str) -> Objects:
    if isinstance(one, Record) and one.find(name) is None:
        raise EngineError("PROPERTY_UNKNOWN", f'Property "{name}" cannot be found.')
    return listed(property_of(one, name))


def _unique(objects: Objects) -> Objects:
    seen: dict[str, Value] = {}
    for one in objects:
        key = repr([(k, text_of(v)) for k, v in one.items()]) if isinstance(one, Mapping) else text_of(one)
        seen.setdefault(key, one)
    return list(seen.values())


@_cmdlet(
    "Sort-Object", _PROPERTY, Parameter("Descending", Kind.SWITCH), Parameter("Unique", Kind.SWITCH), aliases=("sort",)
)
def sort_object(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Put objects in the order of properties."""
    keys = properties_of(session, parameters["Property"], objects) if "Property" in parameters else None

    def compared(one: Value, other: Value) -> int:
        pairs = [(get(one), get(other)) for _, get in keys] if keys is not None else [(one, other)]
        return next((sign for sign in (order(*pair) for pair in pairs) if sign), 0)

    ordered = sorted(objects, key=cmp_to_key(compared), reverse=bool(parameters.get("Descending")))
    if not parameters.get("Unique"):
        return ordered
    return [one for number, one in enumerate(ordered) if number == 0 or compared(one, ordered[number - 1])]


@_cmdlet("Group-Object", _PROPERTY, Parameter("NoElement", Kind.SWITCH), aliases=("group",))
def group_object(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Gather objects that have the same value of a property."""
    keys = properties_of(session, parameters["Property"], objects) if "Property" in parameters else None
    groups: list[tuple[list[Value], Objects]] = []
    for one in objects:
        held = [get(one) for _, get in keys] if keys is not None else [one]
        members = next((m for k, m in groups if all(map(equal, k, held))), None)
        if members is None:
            groups.append((held, members := []))
        members.append(one)
    without = parameters.get("NoElement")
    return [
        Record("GroupInfo", {"Count": len(m), "Name": ", ".join(map(text_of, k))} | ({} if without else {"Group": m}))
        for k, m in groups
    ]


@_cmdlet(
    "Measure-Object",
    Parameter("Property", position=0),
    *(Parameter(name, Kind.SWITCH) for name in ("Sum", "Average", "Maximum", "Minimum")),
    aliases=("measure",),
)
def measure_object(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Count objects; sum, average, maximum and minimum of a property."""
    name = parameters.get("Property")
    values = [v for one in objects for v in listed(property_of(one, name) if name else one)]
    asked = any(parameters.get(one) for one in ("Sum", "Average", "Maximum", "Minimum"))
    numbers = [number_of(one) for one in values] if asked and values else []
    total = sum(numbers)
    row = {
        "Count": len(values),
        "Average": total / len(numbers) if parameters.get("Average") and numbers else None,
        "Sum": total if parameters.get("Sum") else None,
        "Maximum": max(numbers) if parameters.get("Maximum") and numbers else None,
        "Minimum": min(numbers) if parameters.get("Minimum") and numbers else None,
        "Property": name,
    }
    return [Record("GenericMeasureInfo", row)]


# ---- showing ---------------------------------------------------------------------------------------------------------
@_cmdlet("Format-List", _PROPERTY, Parameter("Force", Kind.SWITCH), Parameter("GroupBy"), aliases=("fl",))
def format_list(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Show each property on a line of its own."""
    return _laid_out("list", session, parameters, objects)


@_cmdlet(
    "Format-Table",
    _PROPERTY,
    *(Parameter(name, Kind.SWITCH) for name in ("AutoSize", "Wrap", "HideTableHeaders", "Force")),
    Parameter("GroupBy"),
    aliases=("ft",),
)
def format_table(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Show each object in a row."""
    return _laid_out("table", session, parameters, objects)


def _laid_out(kind: str, session: Session, parameters: Parameters, objects: Objects) -> Objects:
    spec = parameters.get("Property")
    if spec is None and kind == "table" and objects:
        spec = names_of(objects[0])
    properties = properties_of(session, spec, objects) if spec is not None else ()
    if not all(isinstance(one, Mapping) for one in objects):
        return objects
    headers = not parameters.get("HideTableHeaders")
    return [Layout(kind, tuple(objects), tuple(properties), headers, parameters.get("GroupBy", ""))]


@_cmdlet("Out-String", Parameter("Width", Kind.UNSIGNED))
def out_string(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Turn what would be shown into one text."""
    return ["\n".join(render(objects, parameters.get("Width")))]


@_cmdlet("Out-Null")
def out_null(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Throw the objects away."""
    return []


@_cmdlet("Out-Host", Parameter("Paging", Kind.SWITCH), aliases=("oh", "more"))
def out_host(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Show the objects, as the prompt does anyway."""
    return objects


@_cmdlet("Write-Output", Parameter("InputObject", Kind.OBJECT, position=0), aliases=("echo", "write"))
def write_output(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Hand a value to the pipeline."""
    return [*objects, *listed(parameters.get("InputObject"))]


@_cmdlet(
    "Write-Host",
    Parameter("Object", Kind.OBJECT, position=0),
    Parameter("ForegroundColor"),
    Parameter("NoNewline", Kind.SWITCH),
)
def write_host(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Show a text."""
    return [text_of(one) for one in (*objects, parameters.get("Object"))]


# ---- time, modules, help ---------------------------------------------------------------------------------------------
@_cmdlet("Get-Date", Parameter("Date", Kind.MOMENT, position=0))
def get_date(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """The server's time."""
    moment: datetime = parameters.get("Date") or session.server.clock.now()
    return [moment]


@_cmdlet("New-TimeSpan", *(Parameter(name, Kind.UNSIGNED) for name in ("Days", "Hours", "Minutes", "Seconds")))
def new_time_span(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Make a time span."""
    return [timedelta(**{name.lower(): count for name, count in parameters.values.items()})]


@_cmdlet(
    "Import-Module", Parameter("Name", needed=True, position=0), Parameter("Force", Kind.SWITCH), aliases=("ipmo",)
)
def import_module(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Load a module; those that are emulated are there already."""
    name = parameters["Name"].rpartition("\\")[2].lower().removesuffix(".psd1")
    if name not in ("adsync", "activedirectory"):
        raise EngineError("MODULE_UNKNOWN", f"The module {parameters['Name']} is not emulated; there is ADSync.")
    return []


@_cmdlet("Get-Command", Parameter("Name", position=0), Parameter("Module"), aliases=("gcm",))
def get_command(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """List the cmdlets of this prompt."""
    pattern = wildcard(parameters.get("Name", "*"))
    known: dict[str, tuple[Parameter, ...]] = {one.name: one.parameters for one in PIPELINE_CMDLETS.values()}
    known |= {one.name: one.parameters for one in session.cmdlets.values()}
    return [
        Record("Command", {"Name": name, "Parameters": " ".join(f"-{p.name}" for p in known[name])})
        for name in sorted(known)
        if pattern.match(name)
    ]


@_cmdlet("Get-Help", Parameter("Name", position=0), aliases=("help", "man"))
def get_help(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Say what a cmdlet does and takes; what each does, for a name with * and for none."""
    from engine.cmdlets.powershell.syntax import Command, Place

    name = parameters.get("Name", "*")
    if "*" in name or "?" in name:
        pattern = wildcard(name)
        known = sorted({one.name: one.help for one in (*session.cmdlets.values(), *PIPELINE_CMDLETS.values())}.items())
        return [
            Record("HelpTopic", {"Name": each, "Synopsis": _in_words(text)})
            for each, text in known
            if pattern.match(each)
        ]
    found = session.find(Command(name, (), Place()))
    lines = [f"{found.name}: {_in_words(found.help)}"]
    for one in found.parameters:
        needed = ", needed" if one.needed else ""
        told = f": {', '.join(one.values())}" if one.values() else ""
        lines.append(f"    -{one.name} <{one.kind}{needed}>{told}")
    return lines


def _in_words(text: str) -> str:
    return " ".join(text.replace("``", "").split())


@_cmdlet("Get-Service", Parameter("Name", Kind.TEXTS, position=0), aliases=("gsv",))
def get_service(session: Session, parameters: Parameters, objects: Objects) -> Objects:
    """Show the service of the sync server, the only one there is."""
    if not any(wildcard(name).match("ADSync") for name in parameters.get("Name", ["*"])):
        name = parameters["Name"][0]
        raise EngineError("SERVICE_UNKNOWN", f"Cannot find any service with service name '{name}'; there is ADSync.")
    runs = getattr(getattr(session.server, "service", None), "running", True)
    row = {
        "Name": "ADSync",
        "DisplayName": "Microsoft Azure AD Sync",
        "Status": "Stopped" if session.stopped or not runs else "Running",
        "StartType": "Automatic",
    }
    return [Record("ServiceController", row)]


# ---- properties ------------------------------------------------------------------------------------------------------
def properties_of(session: Session, spec: Value, objects: Sequence[Value]) -> list[Property]:
    """What ``-Property`` names: names, patterns, script blocks, and ``@{Name=...; Expression={...}}``."""
    found: list[Property] = []
    for one in spec if isinstance(spec, list | tuple) else [spec]:
        found += _properties(session, one, objects)
    return found


def _properties(session: Session, one: Value, objects: Sequence[Value]) -> Iterable[Property]:
    if isinstance(one, Block):
        return [(one.text.strip(), lambda value: single(session.call(one, value)))]
    if isinstance(one, Mapping):
        return [_calculated(session, one)]
    name = text_of(one)
    if "*" in name or "?" in name:
        pattern = wildcard(name)
        return [_plain(each) for each in dict.fromkeys(n for o in objects for n in names_of(o)) if pattern.match(each)]
    held = next((key for o in objects if isinstance(o, Record) and (key := o.find(name)) is not None), name)
    return [_plain(held)]


def _plain(name: str) -> Property:
    return name, lambda value: property_of(value, name)


def _calculated(session: Session, table: Mapping[str, Value]) -> Property:
    known = {"name": "label", "n": "label", "label": "label", "l": "label", "expression": "value", "e": "value"}
    parts: dict[str, Value] = {}
    for key, held in table.items():
        if key.lower() not in known:
            raise EngineError("PROPERTY_TABLE", f"@{{{key}=...}} is not read; there are Name and Expression.")
        parts[known[key.lower()]] = held
    expression = parts.get("value")
    if expression is None:
        raise EngineError("PROPERTY_TABLE", "A calculated property needs Expression={...}.")
    label = text_of(parts.get("label")) or (expression.text if isinstance(expression, Block) else text_of(expression))
    if isinstance(expression, Block):
        return label, lambda value: single(session.call(expression, value))
    return label, _plain(text_of(expression))[1]


_ALL = (
    where_object, for_each_object, select_object, sort_object, group_object, measure_object, format_list, format_table,
    out_string, out_null, out_host, write_output, write_host, get_date, new_time_span, import_module, get_command,
    get_help, get_service,
)  # fmt: skip
PIPELINE_CMDLETS: Mapping[str, PipelineCmdlet] = MappingProxyType(
    {name.lower(): one for one in _ALL for name in (one.name, *one.aliases)}
)
