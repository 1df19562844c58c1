"""PowerShell text to statements with their columns. Nothing runs here; what is not of the language tells where.

Source: about_Parsing, about_Quoting_Rules (Windows PowerShell 5.1). What the grammar leaves out is refused: functions,
loops, redirection, the call operator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from engine.errors import EngineError

_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_QUOTES = "'‘’‚‛\"“”„"
_KEYWORDS = frozenset(
    {
        "if", "else", "elseif", "foreach", "for", "while", "do", "switch", "function", "filter", "param", "return",
        "try", "catch", "finally", "throw", "class",
    }
)  # fmt: skip
_LOOPS = frozenset({"foreach", "for", "while", "do"})
#: a statement with brackets behind its keyword, up to where reading it ended: ``foreach ($c in``
_LOOP = re.compile(r"(?:^|[;{\n])\s*(?P<word>foreach|for|while|switch|if)\s*\([^;{}\n]*$", re.IGNORECASE)
_REFUSED = {
    "&": "the call operator is not read here; type the cmdlet's name.",
    ">": "redirection is not read here; what the prompt prints can be sent to a file from outside of it.",
}
_EXPANDING = re.compile(
    r"`(?P<escaped>.|\n)|(?P<doubled>[\"“”„]{2})|\$(?P<name>(?:env:)?\w+)|\$\{(?P<braced>[^}]+)\}|(?P<inner>\$\()",
    re.DOTALL,
)


class CommandLineError(EngineError):
    """A line that cannot be read; ``incomplete`` when more of it may follow."""

    def __init__(self, line: int, column: int, text: str, *, incomplete: bool = False) -> None:
        where = f"column {column}" if line == 1 else f"line {line}, column {column}"
        super().__init__("COMMAND_LINE", f"{where}: {text}")
        self.incomplete = incomplete


@dataclass(frozen=True, slots=True)
class Place:
    line: int = 1
    column: int = 1

    def mistake(self, text: str) -> CommandLineError:
        return CommandLineError(self.line, self.column, text)


@dataclass(frozen=True, slots=True)
class Literal:
    value: object
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Expanded:
    """The parts of a double-quoted text: texts and expressions."""

    parts: tuple[str | Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Member:
    target: Node
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Method:
    target: Node
    name: str
    arguments: Node | None
    place: Place


@dataclass(frozen=True, slots=True)
class Static:
    """``[type]::Name`` or, with ``called``, ``[type]::Name(arguments)``."""

    type_name: str
    name: str
    called: bool
    arguments: Node | None
    place: Place


@dataclass(frozen=True, slots=True)
class Index:
    target: Node
    index: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Cast:
    type_name: str
    operand: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Array:
    statements: tuple[Statement, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Group:
    statement: Statement
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    entries: tuple[tuple[str, Pipeline], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Block:
    """A script block; text: what stands between its braces."""

    statements: tuple[Statement, ...]
    text: str
    place: Place


Node = (
    Literal | Expanded | Variable | Member | Method | Static | Index | Unary | Binary | Cast | Listing | Array | Group
    | Table | Block
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """``-Name`` or, with a value, ``-Name:value``."""

    name: str
    value: Node | None
    place: Place


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    elements: tuple[Named | Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Pipeline:
    stages: tuple[Command | Node, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    target: Variable | Member
    value: Pipeline


Statement = Pipeline | Assignment


def read_statements(text: str) -> tuple[Statement, ...]:
    """The statements of a text; raises CommandLineError with line and column."""
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if source.rstrip(" \t").endswith("`"):
        lines = source.splitlines()
        raise CommandLineError(len(lines), len(lines[-1].rstrip()), "the line goes on.", incomplete=True)
    try:
        tree = _grammar().parse(source)
    except UnexpectedInput as problem:
        raise _unexpected(source, problem) from None
    return _Reader(source).statements(_children(tree)[0])


@cache
def _grammar() -> Lark:
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False, propagate_positions=True)


def _unexpected(source: str, problem: UnexpectedInput) -> CommandLineError:
    position = problem.pos_in_stream if problem.pos_in_stream is not None else len(source)
    token = problem.token if isinstance(problem, UnexpectedToken) else None
    at_end = token is not None and (token.type == "$END" or (token.type == "NEWLINE" and not source[position:].strip()))
    if at_end:
        position = len(source.rstrip())
    before = source[:position]
    line, column = before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
    found = source[position : position + 1]
    if at_end:
        return CommandLineError(line, column, "something is missing at the end of the line.", incomplete=True)
    if found and found in _QUOTES:
        return CommandLineError(line, column, "The quoted text does not end.", incomplete=True)
    if source.startswith(("@'", '@"'), position):
        return CommandLineError(line, column, "The here-string does not end.", incomplete=True)
    if found in _REFUSED:
        return CommandLineError(line, column, _REFUSED[found])
    if keyword := _LOOP.search(before):
        start = keyword.start("word")
        line, column = before.count("\n", 0, start) + 1, start - (before.rfind("\n", 0, start) + 1) + 1
        return CommandLineError(line, column, _no_keyword(keyword["word"]))
    if not before.strip() or before.rstrip().endswith(("|", ";")):
        return CommandLineError(line, column, f"{_word(source, position)!r} begins no command.")
    return CommandLineError(line, column, f"{_word(source, position)!r} is not expected here.")


def _no_keyword(name: str) -> str:
    nearest = "ForEach-Object" if name.lower() in _LOOPS else "Where-Object"
    return f"{name} is not read here: pipelines of cmdlets are; the nearest is {nearest}."


def _word(source: str, position: int) -> str:
    found = re.match(r"\S{1,30}", source[position:])
    return found[0] if found else source[position : position + 1]


def _children(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


class _Reader:
    """Turns the parser's tree into nodes."""

    def __init__(self, source: str) -> None:
        self.source = source

    def statements(self, tree: Tree[Token]) -> tuple[Statement, ...]:
        return tuple(self.statement(child) for child in _children(tree))

    def statement(self, tree: Tree[Token]) -> Statement:
        if tree.data == "pipeline":
            return self.pipeline(tree)
        target, value = _children(tree)
        node = self.node(target)
        if not isinstance(node, Variable | Member):
            raise node.place.mistake("only a variable or a property of one can be assigned to.")
        return Assignment(node, self.pipeline(value))

    def pipeline(self, tree: Tree[Token]) -> Pipeline:
        return Pipeline(
            tuple(self.command(one) if one.data == "command" else self.node(one) for one in _children(tree))
        )

    def command(self, tree: Tree[Token]) -> Command:
        name = tree.children[0]
        assert isinstance(name, Token)
        place = _place(name)
        if name.lower() in _KEYWORDS and not (name.lower() == "foreach" and len(tree.children) > 1):
            raise place.mistake(_no_keyword(str(name)))
        elements = tuple(self.element(one) for one in tree.children[1:] if isinstance(one, Tree))
        return Command(str(name), elements, place)

    def element(self, tree: Tree[Token]) -> Named | Node:
        if tree.data not in ("switch", "bound"):
            return self.node(tree)
        token = tree.children[0]
        assert isinstance(token, Token)
        value = self.node(_children(tree)[0]) if tree.data == "bound" else None
        return Named(token[1:].removesuffix(":"), value, _place(token))

    def node(self, tree: Tree[Token]) -> Node:
        place = Place(tree.meta.line, tree.meta.column) if not tree.meta.empty else Place()
        kind = str(tree.data)
        tokens = [child for child in tree.children if isinstance(child, Token) and child.type != "NEWLINE"]
        inner = _children(tree)
        match kind:
            case "word":
                return Literal(str(tokens[0]), place)
            case "number":
                return Literal(_number(str(tokens[0])), place)
            case "quoted" | "here_quoted" | "expanded" | "here_expanded":
                return self._text(kind, str(tokens[0]), place)
            case "variable":
                return Variable(tokens[0][1:].strip("{}"), place)
            case "member":
                return Member(self.node(inner[0]), tokens[0][1:].strip("'"), _place(tokens[0]))
            case "method":
                return Method(self.node(inner[0]), tokens[0][1:-1], self._arguments(inner[1]), _place(tokens[0]))
            case "static":
                name = str(tokens[1])[2:]
                called = name.endswith("(")
                arguments = self._arguments(inner[0]) if called else None
                return Static(tokens[0][1:-1], name.rstrip("("), called, arguments, place)
            case "index":
                return Index(self.node(inner[0]), self.node(inner[1]), place)
            case "unary_operator":
                return Unary(tokens[0].lower(), self.node(inner[0]), place)
            case "binary":
                return Binary(tokens[0].lower(), self.node(inner[0]), self.node(inner[1]), _place(tokens[0]))
            case "cast":
                return Cast(tokens[0][1:-1], self.node(inner[0]), place)
            case "listing":
                return Listing(tuple(self.node(one) for one in inner), place)
            case "group":
                return Group(self.statement(inner[0]), place)
            case "array":
                return Array(self.statements(inner[0]), place)
            case "table":
                return Table(tuple(self._entry(one) for one in inner), place)
        assert kind == "block", kind
        text = self.source[tree.meta.start_pos + 1 : tree.meta.end_pos - 1]
        return Block(self.statements(inner[0]), text, place)

    def _arguments(self, tree: Tree[Token]) -> Node | None:
        inner = _children(tree)
        return self.node(inner[0]) if inner else None

    def _entry(self, tree: Tree[Token]) -> tuple[str, Pipeline]:
        key = next(child for child in tree.children if isinstance(child, Token) and child.type != "NEWLINE")
        name = str(key) if key.type == "COMMAND" else _single(str(key)[1:-1])
        return name, self.pipeline(_children(tree)[0])

    def _text(self, kind: str, raw: str, place: Place) -> Node:
        if kind == "quoted":
            return Literal(_single(raw[1:-1]), place)
        here = kind.startswith("here")
        inside = raw[raw.index("\n") + 1 : -2].removesuffix("\n") if here else raw[1:-1]
        if kind == "here_quoted":
            return Literal(inside, place)
        return _expanded(inside, place, here=here)


def _expanded(text: str, place: Place, *, here: bool) -> Node:
    parts: list[str | Node] = []
    held, position = "", 0
    while found := _EXPANDING.search(text, position):
        held += text[position : found.start()]
        position = found.end()
        if found["escaped"] is not None:
            held += _ESCAPES.get(found["escaped"], found["escaped"])
            continue
        if found["doubled"] is not None:
            held += found["doubled"] if here else found["doubled"][0]
            continue
        if held:
            parts.append(held)
            held = ""
        if found["inner"] is None:
            parts.append(Variable(found["name"] or found["braced"], place))
            continue
        end = _closing(text, position, place)
        parts.append(Array(read_statements(text[position:end]), place))
        position = end + 1
    held += text[position:]
    if not parts:
        return Literal(held, place)
    return Expanded((*parts, held) if held else tuple(parts), place)


def _closing(text: str, position: int, place: Place) -> int:
    depth = 1
    for index in range(position, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    raise place.mistake("a $( inside the text is not closed.")


def _single(text: str) -> str:
    return re.sub(r"[‘’‚‛'](['‘’‚‛])", r"\1", text)


def _number(text: str) -> int | float:
    lowered = text.lower()
    for suffix, factor in (("kb", 1024), ("mb", 1024**2), ("gb", 1024**3)):
        if lowered.endswith(suffix):
            return int(float(lowered[:-2]) * factor)
    return float(text) if "." in text else int(text)


def _place(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1)
