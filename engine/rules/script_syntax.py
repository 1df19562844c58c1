"""PowerShell text of the rules editor to statements with their places, and a text to its quoted form. Nothing runs.

Source: about_Quoting_Rules, about_Parsing (Windows PowerShell 5.1); facts "engine" section 18.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

SINGLE_QUOTES = "'‘’‚‛"
DOUBLE_QUOTES = '"“”„'
#: what may stand before an assigned variable; the reader of a value checks it anyway
CASTS = ("bool", "guid", "int", "string")

_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = re.compile(rf"`(.|\n)|([{DOUBLE_QUOTES}])[{DOUBLE_QUOTES}]|\$[\w({{:^$?]", re.DOTALL)
_DOUBLED = re.compile(rf"[{SINGLE_QUOTES}]([{SINGLE_QUOTES}])")
_REFERENCE = re.compile(r"\$(\w+)(?:\[(\d+)\])?((?:\.\w+)*)")
_NEEDS_ESCAPES = re.compile(r"[\r\0]")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Line and column, both from 1."""

    line: int
    column: int


class ScriptFault(Exception):
    """Something at a place of a script that cannot be read."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text or, with ``bare``, a word without quotes. raw: the opening quote and what follows."""

    place: Place
    text: str
    bare: bool = False
    raw: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """``$name``, ``$name[0]`` or ``$name[0].Property``."""

    place: Place
    name: str
    index: int | None = None
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Values between commas, in ``@()`` or not."""

    place: Place
    items: tuple[Item, ...]


Item = Text | Reference | Listing


@dataclass(frozen=True, slots=True)
class Parameter:
    """``-Name``; with ``bound`` a colon follows."""

    place: Place
    name: str
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A character that no call of the rules editor holds."""

    place: Place
    text: str


Part = Item | Parameter | Other


@dataclass(frozen=True, slots=True)
class Statement:
    """calls: a pipeline. target: the variable that takes its result."""

    place: Place
    calls: tuple[tuple[Part, ...], ...]
    target: str = ""


def statements(text: str) -> Iterator[Statement]:
    """Statements in order; raises ScriptFault for a text that is not closed or not of the language."""
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = _tables().parse(source)
    except UnexpectedInput as problem:
        raise _unexpected(source, problem) from None
    return (_statement(child) for child in tree.children if isinstance(child, Tree))


@cache
def _tables() -> Lark:
    grammar = Path(__file__).with_name("script_grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=False)


def _unexpected(source: str, problem: UnexpectedInput) -> ScriptFault:
    position = problem.pos_in_stream if problem.pos_in_stream is not None else len(source)
    if getattr(getattr(problem, "token", None), "type", "") == "$END":
        position = len(source.rstrip())
    place = _place_at(source, position)
    found = source[position : position + 1]
    before = source[:position].rstrip()
    if source.startswith(("@'", '@"'), position):
        return ScriptFault(
            place, f"this here-string is not closed: expected {found and source[position + 1]}@ on a line."
        )
    if found and found in SINGLE_QUOTES + DOUBLE_QUOTES:
        return ScriptFault(place, f"this text is not closed: expected another {found}.")
    if not found or before.count("@(") > before.count(")"):
        expected = "a value" if before.endswith((",", "=", "|")) else ")"
        return ScriptFault(place, f"expected {expected}, found {repr(found) if found.strip() else 'the end'}.")
    return ScriptFault(place, f"{found!r} is not expected here: expected a value, a parameter or the end of the line.")


def _place_at(source: str, position: int) -> Place:
    before = source[:position]
    return Place(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def _place(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _statement(tree: Tree[Token]) -> Statement:
    *head, pipeline = tree.children
    assert isinstance(pipeline, Tree)
    calls = tuple(tuple(_part(part) for part in call.children) for call in pipeline.children if isinstance(call, Tree))
    if tree.data != "assignment":
        return Statement(calls[0][0].place, calls)
    cast, reference = head if len(head) == 2 else (None, head[0])
    assert isinstance(reference, Token)
    if isinstance(cast, Token) and cast[1:-1].lower() not in CASTS:
        raise ScriptFault(_place(cast), f"{cast} is not read before a variable: expected one of {', '.join(CASTS)}.")
    target = _reference(reference)
    if target.index is not None or target.properties:
        raise ScriptFault(target.place, f"{reference} cannot be assigned to: expected a plain variable.")
    return Statement(target.place, calls, target.name)


def _part(part: Token | Tree[Token]) -> Part:
    if isinstance(part, Tree):
        items = tuple(_item(item) for item in part.children)
        return items[0] if len(items) == 1 else Listing(items[0].place, items)
    if part.type == "PARAMETER":
        return Parameter(_place(part), part[1:].removesuffix(":"), part.endswith(":"))
    return Other(_place(part), str(part))


def _item(item: Token | Tree[Token]) -> Item:
    if isinstance(item, Token):
        return _atom(item)
    opening = item.children[0]
    assert isinstance(opening, Token)
    items = tuple(_spread(item))
    nested = next((one for one in items if isinstance(one, Tree)), None)
    if nested is not None:
        raise ScriptFault(_place(opening), "a list inside a list is not read: expected texts or variables in @().")
    return Listing(_place(opening), tuple(_item(one) for one in items))


def _spread(array: Tree[Token]) -> Iterator[Token | Tree[Token]]:
    """The items of an array, which the grammar nests to the right."""
    rest: Tree[Token] | None = array
    while rest is not None:
        children, rest = rest.children, None
        for child in children:
            if isinstance(child, Tree) and child.data == "items":
                rest = child
            elif not (isinstance(child, Token) and child.type in ("OPENING", "CLOSING")):
                yield child


def _atom(token: Token) -> Item:
    place, text = _place(token), str(token)
    match token.type:
        case "REFERENCE":
            return _reference(token)
        case "WORD":
            return Text(place, text, bare=True)
        case "QUOTED":
            return Text(place, _DOUBLED.sub(r"\1", text[1:-1]), raw=text[:-1])
        case "EXPANDED":
            return Text(place, _expanded(text[1:-1], place), raw=text[:-1])
        case _:
            inside = text[text.index("\n") + 1 : -2].removesuffix("\n")
            return Text(place, inside if token.type == "HERE_QUOTED" else _expanded(inside, place, here=True))


def _reference(token: Token) -> Reference:
    found = _REFERENCE.fullmatch(token)
    assert found is not None
    index = int(found[2]) if found[2] is not None else None
    return Reference(_place(token), found[1], index, tuple(found[3].split(".")[1:]))


def _expanded(inside: str, place: Place, *, here: bool = False) -> str:
    """The characters between double quotes; what would be put in at run time is refused, for nothing runs."""

    def character(match: re.Match[str]) -> str:
        if match[1] is not None:
            return _ESCAPES.get(match[1], match[1])
        if match[2] is not None:
            return match[0] if here else match[0][1]
        raise ScriptFault(
            place, f"{match[0]}... inside double quotes asks for a value at run time: expected `$ or single quotes."
        )

    return _ESCAPED.sub(character, inside)


def quoted(text: str) -> str:
    """The text as PowerShell reads it back: in single quotes, in double ones where a character needs an escape."""
    if not _NEEDS_ESCAPES.search(text):
        return "'" + re.sub(rf"([{SINGLE_QUOTES}])", r"\1\1", text) + "'"
    escaped = re.sub(rf"([`${DOUBLE_QUOTES}])", r"`\1", text)
    return '"' + escaped.replace("\r", "`r").replace("\0", "`0") + '"'
