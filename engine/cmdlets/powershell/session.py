"""One operator's session at a server's prompt: runs statements, keeps variables, binds pipelines to cmdlets.

Source: about_Pipelines, about_Variables, about_Script_Blocks (Windows PowerShell 5.1). Stricter than the product where
a slip of the pen would pass silently: a variable that is not set is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell import operators
from engine.cmdlets.powershell.formatting import Layout, render
from engine.cmdlets.powershell.pipeline import PIPELINE_CMDLETS, PipelineCmdlet
from engine.cmdlets.powershell.syntax import (
    Array,
    Assignment,
    Binary,
    Block,
    Cast,
    Command,
    Expanded,
    Group,
    Index,
    Listing,
    Literal,
    Member,
    Method,
    Named,
    Node,
    Pipeline,
    Place,
    Statement,
    Static,
    Table,
    Unary,
    Variable,
    read_statements,
)
from engine.cmdlets.powershell.values import Record, Value, item_of, listed, property_of, single, text_of, truth
from engine.cmdlets.registry import Argument, Cmdlet, Parameter, Parameters, Prompt, bind, convert, require
from engine.errors import EngineError

_CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "null": None}
#: what an administrator also types on a sync server, and the nearest thing here
_NEAREST: Mapping[str, str] = {
    "get-eventlog": "Get-WinEvent",
    "get-adobject": "Search-ADSyncDirectoryObjects",
    "get-adgroup": "Search-ADSyncDirectoryObjects",
    "get-adsyncrunhistory": "Get-ADSyncRunProfileResult",
    "get-adsyncrunhistorycount": "Get-ADSyncRunProfileResult",
    "start-adsyncsynccyle": "Start-ADSyncSyncCycle",
    "get-adsyncconnectorpartition": "Get-ADSyncConnector",
    "get-adsyncconnectorparameter": "Get-ADSyncConnector",
    "get-adsyncconnectortypes": "Get-ADSyncConnector",
    "get-adsyncglobalsettingsparameter": "Get-ADSyncGlobalSettings",
    "get-adsyncaadcompanyfeature": "Get-ADSyncGlobalSettings",
}


def service_runs(server: OperatedServer) -> bool:
    """Whether the ADSync service of the machine runs; a server that is only read has none."""
    service = getattr(server, "service", None)
    return service is None or bool(service.running)


@dataclass(frozen=True)
class Failure:
    """What stopped a line: the refusal and the cmdlet it came from, empty for the line itself."""

    refusal: EngineError
    cmdlet: str = ""


@dataclass
class Transcript:
    """What one input brought: the objects of each statement, warnings, and what stopped it."""

    parts: list[list[Value]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def output(self) -> list[Value]:
        return [one for part in self.parts for one in part]

    def lines(self, width: int | None = None) -> list[str]:
        """The output as a console shows it, each statement's on its own."""
        return [line for part in self.parts for line in render(part, width)]


class _CmdletFailed(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.refusal.message)
        self.failure = failure


class Session:
    """``stopped``: the server's service does not run, so only cmdlets that read its database answer."""

    def __init__(
        self,
        server: OperatedServer,
        cmdlets: Mapping[str, Cmdlet],
        *,
        prompt: Prompt | None = None,
        stopped: bool = False,
        folder: Path | None = None,
    ) -> None:
        self.server = server
        self.cmdlets = cmdlets
        self.prompt = prompt
        self.stopped = stopped
        self.folder = folder or Path.cwd()
        self.variables: dict[str, Value] = {}
        self.spelled: dict[str, str] = {}
        self.warnings: list[str] = []

    # ---- running -----------------------------------------------------------------------------------------------------
    def run(self, text: str, skip: int = 0) -> Transcript:
        """Run every statement of a text but the first ``skip``; one that fails ends it, what came before stays."""
        transcript = Transcript()
        self.warnings = transcript.warnings
        try:
            for statement in read_statements(text)[skip:]:
                transcript.parts.append(self.perform(statement))
        except _CmdletFailed as failed:
            transcript.failure = failed.failure
        except EngineError as refusal:
            transcript.failure = Failure(refusal)
        return transcript

    def perform(self, statement: Statement) -> list[Value]:
        """Run one statement and return its output."""
        if isinstance(statement, Pipeline):
            return self.pipeline(statement)
        value = single(self.pipeline(statement.value))
        if isinstance(statement.target, Variable):
            self.set_variable(statement.target.name, value)
        else:
            self._set_property(statement, value)
        return []

    def pipeline(self, pipeline: Pipeline) -> list[Value]:
        objects: list[Value] | None = None
        for stage in pipeline.stages:
            if isinstance(stage, Command):
                objects = self.command(stage, objects)
            else:
                objects = listed(self.value(stage))
        return objects or []

    def call(self, block: Block, item: Value) -> list[Value]:
        """Run a script block with an object as ``$_``."""
        with self._current(item):
            return [one for statement in block.statements for one in self.perform(statement)]

    @contextmanager
    def _current(self, item: Value) -> Iterator[None]:
        held: dict[str, Value] = {name: self.variables[name] for name in ("_", "psitem") if name in self.variables}
        self.variables["_"] = self.variables["psitem"] = item
        try:
            yield
        finally:
            for name in ("_", "psitem"):
                self.variables.pop(name)
            self.variables.update(held)

    # ---- commands ----------------------------------------------------------------------------------------------------
    def command(self, command: Command, objects: list[Value] | None) -> list[Value]:
        """Run one cmdlet with what the pipeline brings it; None when it stands first."""
        found = self.find(command)
        arguments = [self._argument(element) for element in command.elements]
        try:
            values = bind(found.name, found.parameters, arguments)
            common = {name: values.pop(name) for name in ("OutVariable", "ErrorAction") if name in values}
            silent = values.pop("WarningAction", "") in ("SilentlyContinue", "Ignore")
            try:
                output = self._perform(found, values, objects, silent=silent)
            except EngineError as refusal:
                if common.get("ErrorAction") not in ("SilentlyContinue", "Ignore") or _is_slip(refusal):
                    raise
                output = []
        except EngineError as refusal:
            if refusal.code == "COMMAND_LINE":
                raise
            raise _CmdletFailed(Failure(refusal, found.name)) from None
        if "OutVariable" in common:
            self.set_variable(common["OutVariable"].lstrip("+"), list(output))
        return output

    def _perform(
        self, found: Cmdlet | PipelineCmdlet, values: dict[str, Value], objects: list[Value] | None, *, silent: bool
    ) -> list[Value]:
        warnings: list[str] = [] if silent else self.warnings
        if isinstance(found, PipelineCmdlet):
            require(found.name, found.parameters, values)
            return found.body(self, Parameters(values, warnings, self.prompt, self.folder), objects or [])
        if self.stopped and not found.reads:
            raise EngineError(
                "SERVICE_STOPPED",
                f"{found.name} needs the running service: this prompt reads the database of a stopped server.",
            )
        if not (found.reads or found.machine or service_runs(self.server)):
            raise EngineError("SERVICE_STOPPED", f"{found.name} needs the ADSync service, which is not running.")
        output: list[Value] = []
        for given in self._calls(found, values, objects):
            require(found.name, found.parameters, given)
            output.extend(found(self.server, Parameters(given, warnings, self.prompt, self.folder)))
        return output

    def _calls(
        self, found: Cmdlet, values: dict[str, Value], objects: list[Value] | None
    ) -> Iterator[dict[str, Value]]:
        """The parameters of each call: one for every object that the pipeline brings."""
        if objects is None:
            yield values
            return
        for one in objects:
            piped = next((p for p in found.parameters if p.piped and p.name not in values), None)
            if piped is None:
                text = f"{found.name} takes no objects from a pipeline; use ForEach-Object {{ {found.name} ... $_ }}."
                raise EngineError("PIPELINE_INPUT", text)
            yield {**values, piped.name: convert(piped, _taken(one, piped))}

    def find(self, command: Command) -> Cmdlet | PipelineCmdlet:
        """The cmdlet of that name or alias; one that does not exist tells the nearest."""
        name = command.name.rpartition("\\")[2].lower()
        known: dict[str, Cmdlet | PipelineCmdlet] = {**self.cmdlets, **PIPELINE_CMDLETS}
        if name in known:
            return known[name]
        near = _NEAREST.get(name)
        if near is None:
            close = get_close_matches(name, known, 1, 0.6)
            near = known[close[0]].name if close else ""
        hint = f"Did you mean {near}?" if near else "Get-Command lists those that are."
        text = f"The cmdlet {command.name} is not emulated. {hint}"
        raise _CmdletFailed(Failure(EngineError("UNKNOWN_CMDLET", text), command.name))

    def _argument(self, element: Named | Node) -> Argument:
        if not isinstance(element, Named):
            return Argument(self.value(element))
        if element.value is None:
            return Argument(name=element.name)
        return Argument(self.value(element.value), element.name, bound=True)

    # ---- values ------------------------------------------------------------------------------------------------------
    def value(self, node: Node) -> Value:
        """The value of an expression; a script block is its own value."""
        match node:
            case Literal():
                return node.value
            case Block():
                return node
            case Variable():
                return self.variable(node.name, node.place)
            case Expanded():
                return "".join(part if isinstance(part, str) else text_of(self.value(part)) for part in node.parts)
            case Listing():
                return [self.value(one) for one in node.items]
            case Array():
                return [one for statement in node.statements for one in self.perform(statement)]
            case Group():
                return single(self.perform(node.statement))
            case Table():
                return {key: single(self.pipeline(held)) for key, held in node.entries}
        return self._computed(node)

    def _computed(self, node: Node) -> Value:
        match node:
            case Member():
                return property_of(self.value(node.target), node.name)
            case Index():
                return item_of(self.value(node.target), self.value(node.index))
            case Unary():
                return operators.unary(node.operator, self.value(node.operand), node.place)
            case Binary():
                return self._binary(node)
            case Cast():
                return operators.cast(node.type_name, self.value(node.operand), node.place)
            case Method():
                arguments = self._arguments(node.arguments)
                return operators.method(self.value(node.target), node.name, arguments, node.place)
            case Static():
                arguments = self._arguments(node.arguments)
                return operators.static(node.type_name, node.name, arguments, self.server.clock, node.place)
        raise TypeError(f"{node!r} is no expression")

    def _binary(self, node: Binary) -> Value:
        left = self.value(node.left)
        if node.operator == "-and" and not truth(left):
            return False
        if node.operator == "-or" and truth(left):
            return True
        return operators.binary(node.operator, left, self.value(node.right), node.place)

    def _arguments(self, node: Node | None) -> list[Value]:
        if node is None:
            return []
        value = self.value(node)
        return value if isinstance(node, Listing) else [value]

    # ---- variables ---------------------------------------------------------------------------------------------------
    def variable(self, name: str, place: Place) -> Value:
        folded = name.lower()
        if folded in _CONSTANTS:
            return _CONSTANTS[folded]
        if folded in self.variables:
            return self.variables[folded]
        if folded.startswith("env:"):
            if folded == "env:computername":
                return self.server.name
            raise place.mistake(f"${name} is not emulated; the only one is $env:COMPUTERNAME.")
        near = get_close_matches(folded, [one for one in self.variables if one != "_"], 1, 0.5)
        hint = f"; did you mean ${self.spelled.get(near[0], near[0])}?" if near else "."
        raise place.mistake(f"The variable ${name} is not set{hint}")

    def set_variable(self, name: str, value: Value) -> None:
        folded = name.lower()
        if folded in _CONSTANTS or folded.startswith("env:"):
            raise EngineError("COMMAND_LINE", f"${name} cannot be set.")
        self.variables[folded] = value
        self.spelled[folded] = name

    def _set_property(self, statement: Assignment, value: Value) -> None:
        target = statement.target
        assert isinstance(target, Member)
        held = self.value(target.target)
        if not isinstance(held, dict):
            raise target.place.mistake("only an object's own property can be set.")
        key = held.find(target.name) if isinstance(held, Record) else target.name
        if key is None:
            near = get_close_matches(target.name, list(held), 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise target.place.mistake(f"The property '{target.name}' cannot be found on this object{hint}")
        held[key] = value


def _taken(one: Value, piped: Parameter) -> Value:
    """What an object of the pipeline says for a parameter: itself, or the first of its properties that is there."""
    if not isinstance(one, Record) or "*" in piped.piped:
        return one
    return next((one[key] for name in piped.piped if (key := one.find(name)) is not None), None)


def _is_slip(refusal: EngineError) -> bool:
    """Mistakes in the line itself, which no -ErrorAction hides."""
    return refusal.code in (
        "UNSUPPORTED_PARAMETER", "PARAMETER_VALUE", "PARAMETER_MISSING", "AMBIGUOUS_PARAMETER", "COMMAND_LINE",
        "POSITIONAL_PARAMETER", "PARAMETER_TWICE",
    )  # fmt: skip


def rows_of(output: Sequence[Value]) -> Iterator[dict[str, Value]]:
    """What a pipeline carries at its end, one mapping an object; what is no record stands under Value."""
    for one in output:
        if isinstance(one, Layout):
            yield from ({label: get(each) for label, get in one.properties} or dict(each) for each in one.objects)
        elif isinstance(one, Mapping):
            yield dict(one)
        else:
            yield {"Value": one}
