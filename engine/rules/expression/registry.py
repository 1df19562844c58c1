"""Functions by declaration: name, parameter types, result type and NULL rule; arity and types are checked centrally.

Source: facts "functions" (types, rules) and "expressions" sections 5 and 7.
A function module declares with @function (plain values in, value out) or @form (lazy: closures in, closure out).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from engine.rules.expression.context import Run, Sentinel
from engine.rules.expression.errors import ExpressionError


class Shape(Enum):
    """What a parameter does with a multi-value."""

    EACH = "each"  # the call runs over every value
    MANY = "many"  # needs the whole multi-value
    WHOLE = "whole"  # takes whatever comes


class Compare(Enum):
    """vbTextCompare ignores case, vbBinaryCompare does not."""

    BINARY = "vbBinaryCompare"
    TEXT = "vbTextCompare"


class CaseType(Enum):
    INSENSITIVE = "CaseInsensitive"
    SENSITIVE = "CaseSensitive"


class Encoding(Enum):
    UTF8 = "UTF8"
    ASCII = "ASCII"
    UNICODE = "Unicode"


CONSTANTS: dict[str, Enum] = {member.value: member for kind in (Compare, CaseType, Encoding) for member in kind}
SCALARS: tuple[type, ...] = (str, int, bool, bytes, datetime)


@dataclass(frozen=True, slots=True)
class Parameter:
    """The type of a parameter or result: its documented name and the Python classes that stand for it."""

    type_name: str
    classes: tuple[type, ...]
    shape: Shape = Shape.EACH
    optional: bool = False
    nullable: bool = False


Text = Parameter("str", (str,))
Number = Parameter("num", (int,))
Boolean = Parameter("bool", (bool,))
Binary = Parameter("bin", (bytes,))
Moment = Parameter("dt", (datetime,))
Reference = Parameter("ref", (str,))
TextOrBinary = Parameter("str or bin", (str, bytes))
BinaryOrText = Parameter("bin or str", (bytes, str))
BinaryTextOrNumber = Parameter("bin, str or num", (bytes, str, int))
Scalar = Parameter("str, num, bool, bin or dt", SCALARS)
Texts = Parameter("mvstr", (str,), Shape.MANY)
Values = Parameter("mvstr, mvbin or mvref", SCALARS, Shape.MANY)
Condition = Parameter("exp", (bool,), Shape.WHOLE)
Anything = Parameter("var", SCALARS, Shape.WHOLE)
Nothing = Parameter("void", ())


def option(kind: type[Enum]) -> Parameter:
    """An optional named constant of this kind."""
    return Parameter("enum", (kind,), optional=True)


def optional(parameter: Parameter) -> Parameter:
    """The same parameter, at the end of the list, may be left out."""
    return replace(parameter, optional=True)


def nullable(parameter: Parameter) -> Parameter:
    """The same parameter, handed NULL as None instead of the function's NULL rule."""
    return replace(parameter, nullable=True)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a call or operator stands."""

    name: str
    text: str
    position: int

    def error(self, message: str) -> ExpressionError:
        return ExpressionError.at(f"{self.name}: {message}", self.text, self.position)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled part of an expression and what is known about it without running it."""

    run: Run
    constant: bool = False
    value: Any = None  # of a constant
    attribute: str | None = None  # when it is nothing but [name]
    variable: str | None = None  # when it is nothing but $name
    sentinel: bool = False  # may be IgnoreThisFlow or AuthoritativeNull
    transient: bool = False  # may be a date or a named constant, which no attribute can hold
    reference: bool = False  # holds object numbers
    named: bool = False  # holds references as DN text
    multivalued: bool = False  # the schema says so


Builder = Callable[[Site, Sequence[Compiled]], Run]


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the language. null: the result when the first argument is NULL."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: Parameter
    summary: str
    body: Callable[..., Any] | None = None
    build: Builder | None = None
    null: Any = None
    on_references: Callable[..., Any] | None = None
    uses_context: bool = False
    deterministic: bool = True
    binds: bool = False
    names_attribute: bool = False
    repeats: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def fewest(self) -> int:
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def signature(self) -> str:
        """As documentation prints it: num InStr(str, str, [num], [enum])."""
        shown = [f"[{each.type_name}]" if each.optional else each.type_name for each in self.parameters]
        return f"{self.returns.type_name} {self.name}({', '.join([*shown, '...'] if self.repeats else shown)})"

    def check_count(self, count: int) -> str | None:
        """Why this number of arguments is wrong; pairing of a repeating list is checked when it is evaluated."""
        most = len(self.parameters)
        if self.fewest <= count and (count <= most or self.repeats):
            return None
        expected = f"{self.fewest}" if self.fewest == most else f"{self.fewest} to {most}"
        arguments = f"{expected}{' or more' if self.repeats else ''} argument{'' if expected == '1' else 's'}"
        return f"{self.name} takes {arguments}, not {count}: {self.signature}"


def function(
    name: str, *parameters: Parameter, returns: Parameter, **facts: Any
) -> Callable[[Callable[..., Any]], Function]:
    """Declare a function of plain values; the first line of its docstring documents it."""

    def declare(body: Callable[..., Any]) -> Function:
        return Function(name, parameters, returns, first_line(body), body=body, **facts)

    return declare


def form(name: str, *parameters: Parameter, returns: Parameter, **facts: Any) -> Callable[[Builder], Function]:
    """Declare a function that decides itself what to evaluate."""

    def declare(builder: Builder) -> Function:
        return Function(name, parameters, returns, first_line(builder), build=builder, **facts)

    return declare


def first_line(described: Callable[..., Any]) -> str:
    return (described.__doc__ or "").strip().split("\n", 1)[0]


TYPE_NAMES: dict[type, str] = {str: "str", int: "num", bool: "bool", bytes: "bin", datetime: "dt"}


def type_name(value: Any) -> str:
    """The documented type name of a run-time value."""
    if value is None:
        return "NULL"
    if isinstance(value, Sentinel):
        return value.value
    if isinstance(value, Enum):
        return "enum"
    if isinstance(value, list):
        kinds = {type_name(item) for item in value}
        return f"mv{kinds.pop()}" if len(kinds) == 1 else "mvvar"
    return TYPE_NAMES.get(type(value), type(value).__name__)
