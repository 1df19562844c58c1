"""The expressions of attribute mappings: functions of functions, attributes, texts and numbers; nothing else.

An argument may be left out between commas; a backslash escapes in a text; there are no operators. Source: cloud-sync
reference-expressions, syntax overview; seed004 "Should I migrate" (no equivalent of inline IIF).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.cloud_sync.functions import FUNCTIONS, MISSING, MappingError
from engine.model.values import Value

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|\[(?P<attribute>[^\[\]]+)\]|(?P<hex>&H[0-9A-Fa-f]+)|(?P<number>-?\d+)'
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>[(),]))"
)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_ATTRIBUTE = re.compile(r"\[[^\[\]]+\]")
_CALL = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\(")
DEPTH_MAX = 30


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """An argument that was left out."""


Node = Attribute | Literal | Call | Absent


def parse(text: str) -> Call:
    """Read an expression; raises MappingError naming what cannot be read or is not offered."""
    for name in _CALL.findall(_ATTRIBUTE.sub(" ", _TEXT.sub(" ", text))):
        if name.lower() not in FUNCTIONS:
            raise MappingError("FunctionNotOffered", f"Cloud sync does not offer the function {name}.")
    tokens = _tokens(text)
    node, position = _node(tokens, 0, text, 0)
    if position != len(tokens) or not isinstance(node, Call):
        raise MappingError("ExpressionInvalid", f"The expression is not one function: {text}")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            rest = text[position:].strip()
            raise MappingError("OperatorNotOffered", f"An expression is made of functions alone; not of: {rest[:40]}")
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        position = match.end()
    return found


def _node(tokens: list[tuple[str, str]], position: int, text: str, depth: int) -> tuple[Node, int]:
    if position >= len(tokens) or depth > DEPTH_MAX:
        raise MappingError("ExpressionInvalid", f"The expression ends too early or is nested too deep: {text}")
    kind, word = tokens[position]
    match kind:
        case "text":
            return Literal(re.sub(r"\\(.)", r"\1", word[1:-1])), position + 1
        case "attribute":
            return Attribute(word), position + 1
        case "number":
            return Literal(int(word)), position + 1
        case "hex":
            return Literal(int(word[2:], 16)), position + 1
        case "name" if position + 1 < len(tokens) and tokens[position + 1] == ("mark", "("):
            return _call(tokens, position, text, depth)
        case "name":
            return Literal(word), position + 1
    raise MappingError("ExpressionInvalid", f"{word} is not expected here: {text}")


def _call(tokens: list[tuple[str, str]], position: int, text: str, depth: int) -> tuple[Node, int]:
    name = tokens[position][1]
    arguments: list[Node] = []
    position += 2
    while True:
        if position >= len(tokens):
            raise MappingError("ExpressionInvalid", f"A closing bracket is missing: {text}")
        if tokens[position] in (("mark", ","), ("mark", ")")):
            node: Node = Absent()
        else:
            node, position = _node(tokens, position, text, depth + 1)
        if position >= len(tokens) or tokens[position][0] != "mark" or tokens[position][1] == "(":
            raise MappingError("ExpressionInvalid", f"A comma or closing bracket is missing: {text}")
        mark = tokens[position][1]
        position += 1
        if not (mark == ")" and isinstance(node, Absent) and not arguments):
            arguments.append(node)
        if mark == ")":
            return Call(name, tuple(arguments)), position


def attributes_in(node: Node) -> frozenset[str]:
    """The source attributes an expression reads."""
    if isinstance(node, Attribute):
        return frozenset((node.name,))
    if isinstance(node, Call):
        return frozenset().union(*map(attributes_in, node.arguments))
    return frozenset()


def evaluate(node: Node, attributes: Mapping[str, Value]) -> object:
    """The value of an expression for one object; None when there is none."""
    match node:
        case Literal():
            return node.value
        case Attribute():
            return attributes.get(node.name)
        case Absent():
            return MISSING
    arguments = [evaluate(each, attributes) for each in node.arguments]
    try:
        return FUNCTIONS[node.name.lower()](*arguments)
    except TypeError:
        raise MappingError("ExpressionInvalid", f"{node.name} does not take these arguments.") from None
