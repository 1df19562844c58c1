"""What is surely wrong with an expression before any object meets it: every unknown function, count and type at once.

Only certain failures are told: a NULL, a multi-value or a variable may be anything. Source: facts "expressions" 5 and
7, "functions" (rules: functions are strongly typed).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from engine.model.schema import AttributeDefinition, AttributeType
from engine.rules.expression import Expression, ExpressionError, compile_expression, nodes
from engine.rules.expression.functions import BY_NAME
from engine.rules.expression.parser import parse
from engine.rules.expression.registry import CONSTANTS, SCALARS, TYPE_NAMES, Function, Shape
from engine.rules.nearest import nearest_name

Types = frozenset[type] | None  # None = anything

_TEXT, _NUMBER, _BOOLEAN, _BINARY = (frozenset({kind}) for kind in (str, int, bool, bytes))
_WORDS: Mapping[str, Types] = {
    "True": _BOOLEAN,
    "False": _BOOLEAN,
    "CRLF": _TEXT,
    **{name: frozenset({type(constant)}) for name, constant in CONSTANTS.items()},
}
#: functions that ask what type a value has; the attributes they look at may then be anything
_ASKING = frozenset({"IsString", "IsDate", "IsNumeric", "IsGuid", "IsCert"})
_ATTRIBUTES: Mapping[AttributeType, Types] = {
    AttributeType.STRING: _TEXT,
    AttributeType.INTEGER: _NUMBER,
    AttributeType.BOOLEAN: _BOOLEAN,
    AttributeType.BINARY: _BINARY,
}


@dataclass(frozen=True, slots=True)
class ExpressionFault:
    """offset: of the place in the text. kind: unparsable, or type for what every value would fail on."""

    kind: str
    message: str
    offset: int


def examine_expression(
    text: str, attributes: Mapping[str, AttributeDefinition] | None = None
) -> tuple[Expression | None, list[ExpressionFault]]:
    """Compile, and tell every fault. attributes: of the source object, where its schema is known."""
    try:
        node = parse(text)
    except ExpressionError as error:
        return None, [_unparsable(error)]
    known = attributes or {}
    walk = _Walk({name: known[name] for name in known.keys() - set(_asked_about(node))} if known else {})
    walk.types(node)
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        # a fault the walk has not seen: a bad word, a number out of range
        if not any(fault.kind == "unparsable" for fault in walk.faults):
            walk.faults.append(_unparsable(error))
        return None, sorted(walk.faults, key=lambda fault: fault.offset)
    return expression, sorted(walk.faults, key=lambda fault: fault.offset)


def _unparsable(error: ExpressionError) -> ExpressionFault:
    lines = error.text.splitlines(keepends=True)
    return ExpressionFault("unparsable", error.message, sum(map(len, lines[: error.line - 1])) + error.column - 1)


def _asked_about(node: nodes.Node) -> Iterator[str]:
    """Attributes whose type the expression itself asks about."""
    match node:
        case nodes.Call(name, arguments):
            for argument in arguments:
                if name in _ASKING and isinstance(argument, nodes.Attribute):
                    yield argument.name
                yield from _asked_about(argument)
        case nodes.Negative(operand):
            yield from _asked_about(operand)
        case nodes.Sum() | nodes.Comparison() | nodes.Logic():
            for part in (node.first, *(step.operand for step in node.steps)):
                yield from _asked_about(part)


class _Walk:
    """Goes over the nodes, telling what type each surely has."""

    def __init__(self, attributes: Mapping[str, AttributeDefinition]) -> None:
        self.attributes = attributes
        self.faults: list[ExpressionFault] = []

    def fault(self, node: nodes.Node | nodes.Step, message: str, kind: str = "type") -> None:
        self.faults.append(ExpressionFault(kind, message, node.position))

    def types(self, node: nodes.Node) -> Types:
        match node:
            case nodes.Literal(value):
                return frozenset({type(value)})
            case nodes.Word(name):
                return _WORDS.get(name)
            case nodes.Attribute(name):
                return self.of_attribute(name)
            case nodes.Parameter():
                return _TEXT
            case nodes.Negative(operand):
                self.expect(node, "-", self.types(operand), _NUMBER)
                return _NUMBER
            case nodes.Sum():
                return self.sum(node)
            case nodes.Comparison():
                return self.comparison(node)
            case nodes.Logic():
                for operand, step in ((node.first, node.steps[0]), *((step.operand, step) for step in node.steps)):
                    self.expect(step, step.operator, self.types(operand), _BOOLEAN)
                return _BOOLEAN
            case nodes.Call():
                return self.call(node)
        return None

    def of_attribute(self, name: str) -> Types:
        definition = self.attributes.get(name)
        return _ATTRIBUTES.get(definition.type) if definition is not None else None

    def expect(self, node: nodes.Node | nodes.Step, sign: str, found: Types, wanted: frozenset[type]) -> None:
        if found is not None and found.isdisjoint(wanted):
            self.fault(node, f"{sign} takes {_names(wanted)}, not {_names(found)}")

    def sum(self, node: nodes.Sum) -> Types:
        held = self.types(node.first)
        for step in node.steps:
            other = self.types(step.operand)
            if step.operator == "&":
                for one in (held, other):
                    self.expect(step, "&", one, _TEXT | _NUMBER | _BINARY)
                known = [one for one in (held, other) if one is not None and bytes not in one]
                held = _TEXT if known else None
            else:
                for one in (held, other):
                    self.expect(step, step.operator, one, _NUMBER)
                held = _NUMBER
        return held

    def comparison(self, node: nodes.Comparison) -> Types:
        held = self.types(node.first)
        for step in node.steps:
            other = self.types(step.operand)
            if held is not None and other is not None and held.isdisjoint(other):
                self.fault(step, f"{_names(held)} cannot be compared with {_names(other)}")
            held = _BOOLEAN
        return held

    def call(self, node: nodes.Call) -> Types:
        function = BY_NAME.get(node.name)
        if function is None:
            near = nearest_name(node.name, BY_NAME)
            told = f"unknown function {node.name}{f'; did you mean {near}?' if near else ''}"
            self.fault(node, told, "unparsable")
            for argument in node.arguments:
                self.types(argument)
            return None
        refusal = function.check_count(len(node.arguments))
        if refusal:
            self.fault(node, refusal, "unparsable")
        if function.names_attribute:
            name = node.arguments[0] if node.arguments else None
            if isinstance(name, nodes.Literal) and function.name == "ImportedValue":
                return self.of_attribute(str(name.value))
            return _returned(function)
        for index, argument in enumerate(node.arguments):
            if not (function.binds and index == 0):
                self.argument(function, index, argument, self.types(argument))
        return _returned(function)

    def argument(self, function: Function, index: int, node: nodes.Node, found: Types) -> None:
        count = len(function.parameters)
        if index >= count and not function.repeats:
            return
        parameter = function.parameters[index % count if function.repeats else index]
        lonely = parameter.shape is Shape.MANY and isinstance(node, nodes.Literal)
        if found is not None and (found.isdisjoint(parameter.classes) or lonely):
            wanted = _names(parameter.classes) if parameter.type_name == "enum" else parameter.type_name
            self.fault(node, f"{function.name}: argument {index + 1} must be {wanted}, not {_names(found)}")


def _returned(function: Function) -> Types:
    """What a call gives; nothing is sure of one that passes an argument on."""
    classes = function.returns.classes
    return frozenset(classes) if 0 < len(classes) < len(SCALARS) else None


def _names(types: Iterable[type]) -> str:
    return " or ".join(sorted(TYPE_NAMES.get(kind) or _constants(kind) for kind in types))


def _constants(kind: type) -> str:
    return " or ".join(member.value for member in kind) if issubclass(kind, Enum) else kind.__name__
