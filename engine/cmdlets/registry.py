"""Declares cmdlets with their parameters and runs a line: names, types and unknown things are checked here, once.

A cmdlet is a function (server, parameters) -> rows, each row an ordered mapping of property names to values.
Source: facts "engine" section 18.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from engine.clock import Clock
from engine.cmdlets.line import Argument, CommandLine, read_line
from engine.errors import EngineError
from engine.eventlog import EventLog
from engine.model.configuration import ConnectorConfiguration
from engine.network import Network
from engine.profile import Behaviour
from engine.scheduler import PolicyType, SchedulerSettings
from engine.store.run_history import RunResult
from engine.timespan import timespan

Row = dict[str, object]
#: A user name to that user's password, typed by whoever sits at the prompt.
Prompt = Callable[[str], str]


class History(Protocol):
    def runs(self, connector: str | None = None, limit: int | None = None) -> Iterator[RunResult]: ...

    def purge(self, before: datetime) -> int: ...


class OperatedServer(Protocol):
    """The public face of a server that cmdlets use; engine.server.SyncServer satisfies it."""

    name: str
    seed: str
    clock: Clock
    network: Network
    behaviour: Behaviour
    events: EventLog
    connectors: dict[int, ConnectorConfiguration]
    global_settings: dict[str, str]
    busy_connector: str | None

    @property
    def history(self) -> History: ...

    @property
    def version(self) -> str: ...

    @property
    def cycle_in_progress(self) -> bool: ...

    def connector(self, name: str) -> tuple[int, ConnectorConfiguration]: ...

    def save_connector(self, connector: ConnectorConfiguration) -> None: ...

    def save_setting(self, name: str, value: str) -> None: ...

    def scheduler_settings(self) -> SchedulerSettings: ...

    def save_scheduler_settings(self, settings: SchedulerSettings) -> None: ...

    def last_cycle_start(self) -> datetime | None: ...

    def start_sync_cycle(self, policy: PolicyType | str = PolicyType.DELTA) -> object: ...

    def stop_sync_cycle(self) -> None: ...

    def run_profile(self, connector: str, profile: str) -> RunResult: ...


class Kind(StrEnum):
    """What a parameter's text is turned into."""

    TEXT = "String"
    BOOLEAN = "Boolean"
    SWITCH = "SwitchParameter"
    UNSIGNED = "UInt32"
    TIMESPAN = "TimeSpan"
    GUID = "Guid"
    POLICY = "SynchronizationPolicyType"


@dataclass(frozen=True, slots=True)
class Parameter:
    """needed: the cmdlet refuses without it. position: it may be given without its name, in this order."""

    name: str
    kind: Kind = Kind.TEXT
    needed: bool = False
    position: int | None = None


@dataclass
class Parameters:
    """The checked parameters of one call. ``warn`` adds a warning; ``prompt`` asks for a user's password."""

    values: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    prompt: Prompt | None = None

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def password_of(self, user: str) -> str:
        """Ask the operator; without anybody to ask the cmdlet refuses."""
        if self.prompt is None:
            raise EngineError("CREDENTIAL_NEEDED", f"The password of {user} is needed and nobody can be asked for it.")
        return self.prompt(user)


Body = Callable[[OperatedServer, Parameters], Sequence[Row]]


@dataclass(frozen=True)
class Cmdlet:
    """One cmdlet: its name, what it takes, what it does."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    help: str

    def __call__(self, server: OperatedServer, parameters: Parameters) -> Sequence[Row]:
        return self.body(server, parameters)


@dataclass(frozen=True)
class CmdletAnswer:
    """rows: what the pipeline would carry; warnings: yellow lines."""

    rows: tuple[Row, ...] = ()
    warnings: tuple[str, ...] = ()


def cmdlet(name: str, *parameters: Parameter) -> Callable[[Body], Cmdlet]:
    """Declare a function as a cmdlet."""

    def declare(body: Body) -> Cmdlet:
        return Cmdlet(name, parameters, body, (body.__doc__ or "").strip())

    return declare


def table(cmdlets: Iterable[Cmdlet]) -> dict[str, Cmdlet]:
    """Look-up by lower-case name; two cmdlets of one name are a mistake."""
    found: dict[str, Cmdlet] = {}
    for each in cmdlets:
        if each.name.lower() in found:
            raise ValueError(f"{each.name} is declared twice")
        found[each.name.lower()] = each
    return found


def run_line(
    text: str, server: OperatedServer, cmdlets: Mapping[str, Cmdlet], prompt: Prompt | None = None
) -> CmdletAnswer:
    """Read a line and run it. Raises EngineError for what is not understood and for what the cmdlet refuses."""
    line = read_line(text)
    if line is None:
        return CmdletAnswer()
    found = cmdlets.get(line.name.lower())
    if found is None:
        near = get_close_matches(line.name.lower(), cmdlets, 1)
        hint = f" Did you mean {cmdlets[near[0]].name}?" if near else ""
        raise EngineError("UNKNOWN_CMDLET", f"The cmdlet {line.name} is not emulated.{hint}")
    parameters = Parameters(checked(found, line), prompt=prompt)
    rows = found(server, parameters)
    return CmdletAnswer(tuple(rows), tuple(parameters.warnings))


def checked(found: Cmdlet, line: CommandLine) -> dict[str, Any]:
    """Names (any case, unambiguous beginnings), types and needed parameters."""
    values: dict[str, Any] = {}
    for name, argument in line.parameters.items():
        parameter = _parameter(found, name)
        values[parameter.name] = convert(parameter, argument)
    placed = sorted((p for p in found.parameters if p.position is not None), key=lambda p: p.position or 0)
    open_places = [p for p in placed if p.name not in values]
    if len(line.positional) > len(open_places):
        extra = line.positional[len(open_places)]
        text = f"A positional parameter cannot be found that accepts argument '{extra}'."
        raise EngineError("POSITIONAL_PARAMETER", text)
    for parameter, argument in zip(open_places, line.positional, strict=False):
        values[parameter.name] = convert(parameter, argument)
    missing = [p.name for p in found.parameters if p.needed and p.name not in values]
    if missing:
        raise EngineError("PARAMETER_MISSING", f"{found.name} needs -{', -'.join(missing)}.")
    return values


def _parameter(found: Cmdlet, name: str) -> Parameter:
    exact = [p for p in found.parameters if p.name.lower() == name.lower()]
    begins = exact or [p for p in found.parameters if p.name.lower().startswith(name.lower())]
    if len(begins) == 1:
        return begins[0]
    if begins:
        names = ", ".join(f"-{p.name}" for p in begins)
        raise EngineError("AMBIGUOUS_PARAMETER", f"The parameter -{name} is ambiguous: {names}.")
    text = f"A parameter cannot be found that matches parameter name '{name}'."
    raise EngineError("UNSUPPORTED_PARAMETER", text)


def convert(parameter: Parameter, argument: Argument) -> Any:
    """Turn the text of an argument into the parameter's type."""
    try:
        return _convert(parameter.kind, argument)
    except (ValueError, EngineError):
        text = f"Cannot bind parameter '{parameter.name}': {argument!r} is not a {parameter.kind}."
        raise EngineError("PARAMETER_VALUE", text) from None


def _convert(kind: Kind, argument: Argument) -> Any:
    match kind:
        case Kind.SWITCH | Kind.BOOLEAN:
            if isinstance(argument, bool):
                return argument
            if argument in ("0", "1"):
                return argument == "1"
            raise ValueError
        case Kind.TIMESPAN:
            return None if argument is None else timespan(_text(argument))
        case Kind.UNSIGNED:
            text = _text(argument)
            if not (text.isascii() and text.isdigit()) or int(text) > 0xFFFFFFFF:
                raise ValueError
            return int(text)
        case Kind.GUID:
            return str(UUID(_text(argument)))
        case Kind.POLICY:
            wanted = _text(argument).lower()
            return next(p for p in PolicyType if p.value.lower() == wanted) if _is_policy(wanted) else _refuse()
        case Kind.TEXT:
            return _text(argument)


def _is_policy(text: str) -> bool:
    return any(p.value.lower() == text for p in PolicyType)


def _refuse() -> PolicyType:
    raise ValueError


def _text(argument: Argument) -> str:
    if not isinstance(argument, str):
        raise ValueError
    return argument


def shown(value: object) -> object:
    """A property as the prompt prints it: spans and moments in the product's forms, absent as empty text."""
    if value is None:
        return ""
    if isinstance(value, timedelta):
        from engine.timespan import timespan_text

        return timespan_text(value)
    if isinstance(value, datetime):
        return value.strftime("%m/%d/%Y %H:%M:%S")
    return value
