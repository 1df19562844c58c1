"""Declares cmdlets with their parameters and binds a call's arguments to them: names, types, unknown things, once.

A cmdlet is a function (server, parameters) -> objects, most of them records. Source: facts "engine" section 18;
about_Parameters, about_CommonParameters (Windows PowerShell 5.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.syntax import Block
from engine.cmdlets.powershell.values import Keyed, Record, moment_of, text_of
from engine.errors import EngineError
from engine.scheduler import PolicyType
from engine.timespan import timespan, timespan_text

Row = dict[str, Any]
#: A user name to that user's password, typed by whoever sits at the prompt.
Prompt = Callable[[str], str]


class Kind(StrEnum):
    """What an argument is turned into."""

    TEXT = "String"
    TEXTS = "String[]"
    BOOLEAN = "Boolean"
    SWITCH = "SwitchParameter"
    UNSIGNED = "UInt32"
    INTEGER = "Int32"
    TIMESPAN = "TimeSpan"
    MOMENT = "DateTime"
    GUID = "Guid"
    POLICY = "SynchronizationPolicyType"
    BLOCK = "ScriptBlock"
    TABLE = "Hashtable"
    OBJECT = "Object"


@dataclass(frozen=True, slots=True)
class Parameter:
    """needed: the cmdlet refuses without it. position: it may be given without its name, in this order. choices: the
    only values. piped: properties of an object of the pipeline from which the value is taken, one call each; ``*`` is
    the object itself."""

    name: str
    kind: Kind = Kind.TEXT
    needed: bool = False
    position: int | None = None
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    piped: tuple[str, ...] = ()

    def values(self) -> tuple[str, ...]:
        """The only values it takes; none where any will do."""
        return self.choices or (tuple(one.value for one in PolicyType) if self.kind is Kind.POLICY else ())


#: every cmdlet has these
COMMON = (
    Parameter("OutVariable", aliases=("ov",)),
    Parameter("ErrorAction", aliases=("ea",), choices=("SilentlyContinue", "Ignore", "Continue", "Stop")),
    Parameter("WarningAction", aliases=("wa",), choices=("SilentlyContinue", "Ignore", "Continue")),
    Parameter("Verbose", Kind.SWITCH, aliases=("vb",)),
    Parameter("Debug", Kind.SWITCH, aliases=("db",)),
)


@dataclass
class Parameters:
    """The checked parameters of one call. ``warn`` adds a warning; ``prompt`` asks for a user's password. folder: where
    the operator stands, for paths."""

    values: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    prompt: Prompt | None = None
    folder: Path = field(default_factory=Path.cwd)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def one_of(self, *names: str) -> Any:
        """The value of the first of these that is given; raises EngineError when none is."""
        for name in names:
            if name in self.values:
                return self.values[name]
        raise EngineError("PARAMETER_MISSING", f"Give {' or '.join(f'-{name}' for name in names)}.")

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def password_of(self, user: str) -> str:
        """Ask the operator; without anybody to ask the cmdlet refuses."""
        if self.prompt is None:
            raise EngineError("CREDENTIAL_NEEDED", f"The password of {user} is needed and nobody can be asked for it.")
        return self.prompt(user)


Body = Callable[[OperatedServer, Parameters], Sequence[Any]]


@dataclass(frozen=True)
class Cmdlet:
    """One cmdlet: its name, what it takes, what it does. reads: the database alone answers, a stopped server's too.
    machine: it needs the machine, not its service."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    help: str
    reads: bool = False
    machine: bool = False

    def __call__(self, server: OperatedServer, parameters: Parameters) -> Sequence[Any]:
        return self.body(server, parameters)


@dataclass(frozen=True)
class CmdletAnswer:
    """rows: what the pipeline carries at its end; warnings: yellow lines."""

    rows: tuple[Row, ...] = ()
    warnings: tuple[str, ...] = ()


def cmdlet(name: str, *parameters: Parameter, reads: bool = False, machine: bool = False) -> Callable[[Body], Cmdlet]:
    """Declare a function as a cmdlet."""

    def declare(body: Body) -> Cmdlet:
        return Cmdlet(name, parameters, body, (body.__doc__ or "").strip(), reads, machine)

    return declare


def table(cmdlets: Iterable[Cmdlet]) -> dict[str, Cmdlet]:
    """Look-up by lower-case name; two cmdlets of one name are a mistake."""
    found: dict[str, Cmdlet] = {}
    for each in cmdlets:
        if each.name.lower() in found:
            raise ValueError(f"{each.name} is declared twice")
        found[each.name.lower()] = each
    return found


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call, in order: a value, ``-Name`` alone, or ``-Name:value``."""

    value: Any = None
    name: str = ""
    bound: bool = False


def bind(name: str, parameters: Sequence[Parameter], arguments: Sequence[Argument]) -> dict[str, Any]:
    """Arguments to values by parameter: names in any case, unambiguous beginnings, aliases, places; common ones too."""
    values: dict[str, Any] = {}
    placed: list[Any] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if not argument.name:
            placed.append(argument.value)
            continue
        parameter = find_parameter(name, parameters, argument.name)
        if parameter.name in values:
            text = f"Cannot bind parameter because parameter '{parameter.name}' is specified more than once."
            raise EngineError("PARAMETER_TWICE", text)
        if argument.bound:
            values[parameter.name] = convert(parameter, argument.value)
        elif parameter.kind is Kind.SWITCH:
            values[parameter.name] = True
        elif waiting and not waiting[0].name:
            values[parameter.name] = convert(parameter, waiting.pop(0).value)
        else:
            text = (
                f"Missing an argument for parameter '{parameter.name}'. Specify a parameter of type"
                f" 'System.{parameter.kind}' and try again."
            )
            raise EngineError("PARAMETER_VALUE", text)
    _place(parameters, placed, values)
    return values


def _place(parameters: Sequence[Parameter], placed: Sequence[Any], values: dict[str, Any]) -> None:
    """Arguments without a name go where their kind fits, in the order of positions."""
    taken: set[int] = set()
    for value in placed:
        places = sorted({p.position for p in parameters if p.position is not None} - taken)
        chosen = None
        for place in places:
            here = [p for p in parameters if p.position == place]
            if any(p.name in values for p in here):
                taken.add(place)
                continue
            chosen = next((p for p in here if _fits(p, value)), here[-1])
            taken.add(place)
            break
        if chosen is None:
            text = f"A positional parameter cannot be found that accepts argument '{text_of(value)}'."
            raise EngineError("POSITIONAL_PARAMETER", text)
        values[chosen.name] = convert(chosen, value)


def _fits(parameter: Parameter, value: Any) -> bool:
    if isinstance(value, Block) != (parameter.kind is Kind.BLOCK):
        return False
    try:
        convert(parameter, value)
    except EngineError:
        return False
    return True


def require(name: str, parameters: Sequence[Parameter], values: Mapping[str, Any]) -> None:
    """Refuse a call without a needed parameter."""
    missing = [p.name for p in parameters if p.needed and p.name not in values]
    if missing:
        raise EngineError("PARAMETER_MISSING", f"{name} needs -{', -'.join(missing)}.")


def find_parameter(cmdlet_name: str, parameters: Sequence[Parameter], name: str) -> Parameter:
    folded = name.lower()
    known = (*parameters, *COMMON)
    exact = [p for p in known if folded in (p.name.lower(), *(alias.lower() for alias in p.aliases))]
    begins = exact or [p for p in known if p.name.lower().startswith(folded)]
    if len(begins) == 1:
        return begins[0]
    if begins:
        names = " ".join(f"-{p.name}" for p in begins)
        text = (
            f"Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches"
            f" include: {names}."
        )
        raise EngineError("AMBIGUOUS_PARAMETER", text)
    near = get_close_matches(folded, [p.name.lower() for p in known], 1)
    own = [f"-{p.name}" for p in known if near and p.name.lower() == near[0]] or [f"-{p.name}" for p in parameters]
    hint = f" {cmdlet_name} has {', '.join(own) or 'none of its own'}."
    text = f"A parameter cannot be found that matches parameter name '{name}'.{hint}"
    raise EngineError("UNSUPPORTED_PARAMETER", text)


def convert(parameter: Parameter, argument: Any) -> Any:
    """Turn an argument into the parameter's type."""
    choices = parameter.values()
    try:
        value = _convert(parameter.kind, argument)
    except (ValueError, EngineError):
        text = f"Cannot bind parameter '{parameter.name}'. {_cannot(parameter.kind, argument)}"
        raise EngineError("PARAMETER_VALUE", text) from None
    if not choices:
        return value
    chosen = next((one for one in choices if one.lower() == str(value).lower()), None)
    if chosen is None:
        text = (
            f"Cannot bind parameter '{parameter.name}'. Unable to match the identifier name {text_of(value)} to a valid"
            f" enumerator name. Specify one of the following enumerator names and try again: {', '.join(choices)}"
        )
        raise EngineError("PARAMETER_VALUE", text)
    return PolicyType(chosen) if parameter.kind is Kind.POLICY else chosen


def _cannot(kind: Kind, argument: Any) -> str:
    text = f'Cannot convert value "{text_of(argument)}" to type "System.{kind}".'
    if kind in (Kind.BOOLEAN, Kind.SWITCH):
        text += " Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0 instead."
    return text


def _convert(kind: Kind, argument: Any) -> Any:
    match kind:
        case Kind.SWITCH | Kind.BOOLEAN:
            return _boolean(argument)
        case Kind.TIMESPAN:
            return argument if argument is None or isinstance(argument, timedelta) else timespan(_text(argument))
        case Kind.MOMENT:
            return moment_of(argument)
        case Kind.UNSIGNED | Kind.INTEGER:
            text = _text(argument)
            if not (text.isascii() and text.isdigit()) or int(text) > (0xFFFFFFFF if kind is Kind.UNSIGNED else 2**31):
                raise ValueError
            return int(text)
        case Kind.GUID:
            return str(UUID(_text(argument)))
        case Kind.TEXT | Kind.POLICY:
            return _text(argument)
        case Kind.TEXTS:
            return [_text(one) for one in (argument if isinstance(argument, list | tuple) else [argument])]
        case Kind.BLOCK:
            if not isinstance(argument, Block):
                raise ValueError
        case Kind.TABLE:
            if not isinstance(argument, Mapping):
                raise ValueError
    return argument


def _boolean(argument: Any) -> bool:
    if isinstance(argument, bool):
        return argument
    if isinstance(argument, int) or argument in ("0", "1"):
        return bool(int(argument))
    raise ValueError


def _text(argument: Any) -> str:
    if isinstance(argument, list | tuple) and len(argument) == 1:
        argument = argument[0]
    if argument is None or isinstance(argument, bool | list | tuple | Block):
        raise ValueError
    return text_of(argument)


def shown(value: Any) -> Any:
    """A property as a row of an answer carries it: spans and moments in text, absent as empty text."""
    match value:
        case None:
            return ""
        case timedelta():
            return timespan_text(value)
        case datetime():
            return value.strftime("%m/%d/%Y %H:%M:%S")
        case Enum():
            return str(value.value)
        case Keyed():
            return {name: shown(one.get("Value") if isinstance(one, Record) else one) for name, one in value.items()}
        case Mapping():
            return {str(name): shown(one) for name, one in value.items()}
        case list() | tuple():
            return [shown(one) for one in value]
    return value
