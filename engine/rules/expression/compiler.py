"""Nodes to closures: names resolved, constants folded, what is known without running noted on the way.

Source: facts "expressions" sections 2 to 9. The outermost layer turns "" and an empty list into NULL (section 6).
"""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from engine.model.values import Value
from engine.rules.expression import nodes
from engine.rules.expression.calls import CallSite, build_call, text_of_reference
from engine.rules.expression.context import Context, Run, Sentinel
from engine.rules.expression.errors import ErrorRaised, ExpressionError
from engine.rules.expression.functions import BY_NAME
from engine.rules.expression.operators import (
    LEAST,
    MOST,
    build_comparison,
    build_logic,
    build_negative,
    build_sum,
)
from engine.rules.expression.parser import parse
from engine.rules.expression.registry import (
    CONSTANTS,
    SCALARS,
    Anything,
    Compiled,
    Function,
    Reference,
    Scalar,
    Site,
    Values,
)

LITERALS: Mapping[str, Any] = {
    "True": True,
    "False": False,
    "CRLF": "\r\n",
    **{sentinel.value: sentinel for sentinel in Sentinel},
    **CONSTANTS,
}
PASSED_ON = (Anything, Scalar, Values)  # results that are one of the arguments
FOLDING = Context({}, {}, {}, datetime(2000, 1, 1, tzinfo=UTC), random.Random(0))


@dataclass(slots=True)
class Expression:
    """A compiled expression.

    evaluate: the flow outcome; None is NULL. A list may hold repeats and may be the object's own: copy it to change it.
    raw: the same, but a date may come out. reference: the result is a reference, an object number or DN text.
    """

    text: str
    attributes: frozenset[str]
    imported: frozenset[str]
    parameters: frozenset[str]
    deterministic: bool
    reference: bool
    evaluate: Callable[[Context], Value | Sentinel | None]
    raw: Callable[[Context], Any] = field(repr=False)


def compile_expression(
    text: str, *, reference_attributes: frozenset[str] = frozenset(), multivalued: frozenset[str] | None = None
) -> Expression:
    """Compile an expression; raises ExpressionError with line and column when it cannot be read."""
    return _compiled(text, reference_attributes, multivalued or frozenset())


@lru_cache(maxsize=4096)
def _compiled(text: str, reference_attributes: frozenset[str], multivalued: frozenset[str]) -> Expression:
    """Servers of one process mostly have the same rules; an Expression holds nothing of what it is evaluated for."""
    compiler = Compiler(text, reference_attributes, multivalued)
    compiled = compiler.compile(parse(text))
    raw = settled(compiled)
    return Expression(
        text=text,
        attributes=frozenset(compiler.attributes),
        imported=frozenset(compiler.imported),
        parameters=frozenset(compiler.parameters),
        deterministic=compiler.deterministic,
        reference=compiled.reference or compiled.named,
        evaluate=storable(raw, text) if compiled.transient else raw,
        raw=raw,
    )


def settled(compiled: Compiled) -> Run:
    """The outermost layer: empty text, empty binary and empty lists are NULL, and no list holds one."""
    if compiled.constant:
        constant = compiled.value if compiled.value not in ("", b"") else None
        return lambda _context: constant
    inner = compiled.run

    def evaluate(context: Context) -> Any:
        value = inner(context)
        if value:
            return full(value) if type(value) is list else value
        return value if type(value) is bool or type(value) is int else None

    return evaluate


def full(values: list[Any]) -> list[Any] | None:
    """The values that are not empty."""
    if all(value or type(value) in (bool, int) for value in values):
        return values
    return [value for value in values if value or type(value) in (bool, int)] or None


def storable(raw: Run, text: str) -> Run:
    """Refuse what no attribute can hold: dates and named constants."""

    def evaluate(context: Context) -> Any:
        value = raw(context)
        for item in value if type(value) is list else (value,):
            if isinstance(item, datetime):
                raise ExpressionError.at("a date cannot be stored in an attribute: use FormatDateTime", text, 0)
            if isinstance(item, Enum) and not isinstance(item, Sentinel):
                raise ExpressionError.at(f"{item.value} is no value: it only stands in an argument", text, 0)
        return value

    return evaluate


@dataclass(slots=True)
class Compiler:
    """One expression on its way to closures."""

    text: str
    reference_attributes: frozenset[str]
    multivalued: frozenset[str]
    attributes: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    deterministic: bool = True
    scope: dict[str, Compiled] = field(default_factory=dict)

    def compile(self, node: nodes.Node) -> Compiled:
        """One node and everything below it."""
        match node:
            case nodes.Literal(value=value, position=position):
                return self.literal(value, position)
            case nodes.Word(name=name, position=position):
                return self.word(name, position)
            case nodes.Attribute(name=name):
                return self.attribute(name)
            case nodes.Parameter(name=name, position=position):
                return self.parameter(name, position)
            case nodes.Variable(name=name, position=position):
                return self.variable(name, position)
            case nodes.Negative(operand=operand, position=position):
                return self.negative(operand, position)
            case nodes.Call():
                return self.call(node)
            case nodes.Sum():
                return self.chain(node, build_sum)
            case nodes.Comparison():
                return self.chain(node, build_comparison)
            case nodes.Logic():
                return self.chain(node, build_logic)

    def error(self, message: str, position: int) -> ExpressionError:
        return ExpressionError.at(message, self.text, position)

    def literal(self, value: str | int, position: int) -> Compiled:
        if isinstance(value, int) and not LEAST <= value <= MOST:
            raise self.error("the number does not fit into 64 bits", position)
        return constant(value)

    def word(self, name: str, position: int) -> Compiled:
        if name.upper() == "NULL":
            return constant(None)
        if name not in LITERALS:
            if self.text[:position].endswith("&") and re.fullmatch("H[0-9A-Fa-f]+", name):
                raise self.error(f"&{name} is a number: an operator or comma is missing before it", position - 1)
            known = [*LITERALS, "NULL"]
            hint = nearest(name, known) or (f"; a function is called {name}()" if name in BY_NAME else "")
            if not hint:
                hint = f"; an attribute is written [{name}] and a text in quotes"
            raise self.error(f"unknown word {name}{hint}", position)
        return constant(LITERALS[name])

    def attribute(self, name: str) -> Compiled:
        self.attributes.add(name)
        return Compiled(
            lambda context: context.attributes.get(name),
            attribute=name,
            reference=name in self.reference_attributes,
            multivalued=name in self.multivalued,
        )

    def parameter(self, name: str, position: int) -> Compiled:
        self.parameters.add(name)
        text = self.text

        def run(context: Context) -> str:
            value = context.parameters.get(name)
            if value is None:
                hint = nearest(name, context.parameters)
                raise ExpressionError.at(f"the parameter %{name}% is not defined{hint}", text, position)
            return value

        return Compiled(run)

    def variable(self, name: str, position: int) -> Compiled:
        if name not in self.scope:
            hint = nearest(name, self.scope, "$")
            raise self.error(f"the variable ${name} is not bound by Select, Where or With here{hint}", position)
        return replace(
            self.scope[name],
            run=lambda context: context.variables[name],  # type: ignore[index]  # bound by the form around it
            variable=name,
        )

    def negative(self, operand: nodes.Node, position: int) -> Compiled:
        if isinstance(operand, nodes.Literal) and operand.value == MOST + 1:
            return constant(LEAST)
        compiled = self.compile(operand)
        site = Site("-", self.text, position)
        return folded(Compiled(build_negative(site, self.as_text(compiled, site))), [compiled])

    def as_text(self, compiled: Compiled, site: Site) -> Run:
        """References used as text are asked for their names."""
        return text_of_reference(site, compiled) if compiled.reference else compiled.run

    def chain(self, node: nodes.Chain, build: Callable[[Sequence[Site], Sequence[Compiled]], Run]) -> Compiled:
        sites = [Site(step.operator, self.text, step.position) for step in node.steps]
        operands = [self.compile(operand) for operand in (node.first, *(step.operand for step in node.steps))]
        if not (isinstance(node, nodes.Comparison) and all(operand.reference for operand in operands)):
            operands = [
                replace(operand, run=self.as_text(operand, site), attribute=None) if operand.reference else operand
                for operand, site in zip(operands, (sites[0], *sites), strict=True)
            ]
        return folded(Compiled(build(sites, operands)), operands)

    def call(self, node: nodes.Call) -> Compiled:
        function = BY_NAME.get(node.name)
        if function is None:
            raise self.error(f"unknown function {node.name}{nearest(node.name, BY_NAME)}", node.position)
        refusal = function.check_count(len(node.arguments))
        if refusal:
            raise self.error(refusal, node.position)
        self.deterministic = self.deterministic and function.deterministic
        site = Site(function.name, self.text, node.position)
        if function.binds:
            arguments = self.binding_arguments(function, node)
        elif function.names_attribute:
            return self.named_attribute(function, node, site)
        else:
            arguments = [self.compile(argument) for argument in node.arguments]
        if function.on_references and arguments[0].reference:
            function = replace(function, body=function.on_references)
        arguments = [self.argument(function, index, each, site) for index, each in enumerate(arguments)]
        if function.build is not None:
            run = function.build(site, arguments)
        else:
            known = frozenset(index for index, argument in enumerate(arguments) if argument.multivalued)
            run = build_call(CallSite(function, site, known), arguments)
        compiled = passed_on(function, run, arguments)
        return folded(compiled, arguments) if function.deterministic and function.name != "Error" else compiled

    def argument(self, function: Function, index: int, argument: Compiled, site: Site) -> Compiled:
        """A reference keeps its object number only where any type is taken."""
        parameter = function.parameters[min(index, len(function.parameters) - 1)]
        if not argument.reference or len(parameter.classes) == len(SCALARS):
            return argument
        return replace(argument, run=text_of_reference(site, argument), attribute=None)

    def binding_arguments(self, function: Function, node: nodes.Call) -> list[Compiled]:
        """With, Select, Where: the variable is known in the last argument only."""
        name = node.arguments[0]
        if not isinstance(name, nodes.Variable):
            raise self.error(f"the first argument of {function.name} must be a variable such as $item", name.position)
        part = self.compile(node.arguments[1])
        outer = self.scope
        bound = replace(part, constant=False, value=None, attribute=None, run=part.run)
        self.scope = {**outer, name.name: bound if function.name == "With" else replace(bound, multivalued=False)}
        try:
            whole = self.compile(node.arguments[2])
        finally:
            self.scope = outer
        return [Compiled(part.run, variable=name.name), part, whole]

    def named_attribute(self, function: Function, node: nodes.Call, site: Site) -> Compiled:
        """ImportedValue and ValueCount take the name of an attribute as a quoted text."""
        name = node.arguments[0]
        if not isinstance(name, nodes.Literal) or not isinstance(name.value, str) or not name.value:
            shown = name.name if isinstance(name, nodes.Attribute) else "name"
            raise self.error(f'{function.name} takes the name of an attribute in quotes: "{shown}"', name.position)
        self.imported.add(name.value)
        assert function.build is not None
        returned = function.name == "ImportedValue"
        return Compiled(
            function.build(site, [constant(name.value)]),
            reference=returned and name.value in self.reference_attributes,
            multivalued=returned and name.value in self.multivalued,
        )


def constant(value: Any) -> Compiled:
    """A value known now."""
    return Compiled(
        lambda _context: value,
        constant=True,
        value=value,
        sentinel=isinstance(value, Sentinel),
        transient=isinstance(value, Enum) and not isinstance(value, Sentinel),
    )


def passed_on(function: Function, run: Run, arguments: Iterable[Compiled]) -> Compiled:
    """What the result of a call can be, from what its arguments can be."""
    if function.returns not in PASSED_ON:
        return Compiled(run, transient=datetime in function.returns.classes, named=function.returns is Reference)
    arguments = list(arguments)
    return Compiled(
        run,
        sentinel=any(argument.sentinel for argument in arguments),
        transient=any(argument.transient for argument in arguments),
        reference=any(argument.reference for argument in arguments),
        named=any(argument.named for argument in arguments),
    )


def folded(compiled: Compiled, arguments: Iterable[Compiled]) -> Compiled:
    """Evaluate now what needs no object; a refusal stays where it is, for its branch may never be chosen."""
    if not all(argument.constant for argument in arguments):
        return compiled
    try:
        value = compiled.run(FOLDING)
    except (ExpressionError, ErrorRaised):
        return compiled
    if isinstance(value, (list, datetime)):
        return compiled
    return replace(constant(value), named=compiled.named)


def nearest(name: str, known: Iterable[str], sign: str = "") -> str:
    """The hint "did you mean X?" for the nearest known name, preferring one that differs in case only."""
    names = list(known)
    same = [each for each in names if each.lower() == name.lower()]
    found = same or difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {sign}{found[0]}?" if found else ""
