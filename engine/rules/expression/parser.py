"""Text to nodes, positions kept; every refusal is an ExpressionError that shows the place.

Source: facts "expressions" sections 2 and 3. The grammar's tables are built once per process, parsed texts remembered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from engine.rules.expression import nodes
from engine.rules.expression.errors import ExpressionError

DEPTH_LIMIT = 100
REMEMBERED_TEXTS = 4096

SKIPPED = re.compile(r'"(?:[^"]|"")*"|\[[^\[\]\r\n]*\]')
ESCAPED_QUOTE_OR_BACKSLASH = re.compile(r'""|\\\\')

NO_NUMBER = "this is no number: numbers are whole (123, -5) or hexadecimal (&HFF)"
UNCLOSED = {
    '"': 'this text is not closed: a straight double quote (") is missing',
    "[": "this is no attribute name: write [name], closed by ] on the same line",
    "%": "this is no parameter: write %Name% without blanks",
    "$": "a variable is written $name",
    "“": 'curly quotes are not accepted: use straight double quotes (")',
    "”": 'curly quotes are not accepted: use straight double quotes (")',
    "'": 'single quotes are not accepted: use straight double quotes (")',
    "|": "or is written ||",
    "!": "there is no ! in this language: compare with = False, and write <> for not equal",
    "{": "braces are not accepted outside a text: use round brackets",
}


@lru_cache(maxsize=REMEMBERED_TEXTS)
def parse(text: str) -> nodes.Node:
    """Return the node tree of an expression; raises ExpressionError with the place."""
    refuse_deep_nesting(text)
    try:
        return tables().parse(text)  # type: ignore[return-value]  # the transformer makes nodes of the tree
    except UnexpectedCharacters as problem:
        raise unexpected_character(text, problem.pos_in_stream or 0) from None
    except UnexpectedToken as problem:
        raise unexpected_token(text, problem) from None


@cache
def tables() -> Lark:
    """The LALR tables with the node maker built in."""
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=NodeMaker())


def refuse_deep_nesting(text: str) -> None:
    """Bound the depth of brackets, so that no text can exhaust the stack."""
    depth = 0
    bare = SKIPPED.sub(lambda found: " " * len(found.group()), text)
    for bracket in re.finditer(r"[()]", bare):
        depth += 1 if bracket.group() == "(" else -1
        if depth > DEPTH_LIMIT:
            raise ExpressionError.at(f"brackets are nested deeper than {DEPTH_LIMIT}", text, bracket.start())


def literal_text(quoted: str) -> str:
    """The characters a quoted text stands for: "" is a quote, two backslashes are one, any other pair stays."""
    return ESCAPED_QUOTE_OR_BACKSLASH.sub(lambda found: found.group()[0], quoted[1:-1])


def unexpected_character(text: str, position: int) -> ExpressionError:
    """The message for a character no token can start with."""
    character = text[position]
    message = UNCLOSED.get(character)
    if message is None and (character.isdigit() or text[position : position + 2] == "&H"):
        message = NO_NUMBER
    return ExpressionError.at(message or f"unexpected character {character!r}", text, position)


def unexpected_token(text: str, problem: UnexpectedToken) -> ExpressionError:
    """The message for a token in the wrong place."""
    token = problem.token
    if token.type == "$END":
        opened = SKIPPED.sub("", text)
        missing = opened.count("(") - opened.count(")")
        message = "the expression ends too early" + (": a closing bracket is missing" if missing > 0 else "")
        return ExpressionError.at(message, text, len(text.rstrip()))
    word, position = str(token), token.start_pos or 0
    before = text[:position].rstrip()
    if token.type == "NAME" and word.lower() in ("and", "or"):
        message = f"{word} is no operator: write {'&&' if word.lower() == 'and' else '||'}"
    elif word == "=" and before.endswith("="):
        message = "== is no operator: write ="
    elif word == ")" and before.endswith((",", "(")):
        message = "an argument is missing before )"
    elif word == ")":
        message = "this closing bracket has no opening one"
    elif word == ",":
        lacking = before.endswith((",", "("))
        message = "an argument is missing before ," if lacking else "a comma may only stand between arguments"
    elif text.startswith("&H", position):
        message = NO_NUMBER
    elif token.type in ("LOGIC", "COMPARE", "SUM", "MINUS"):
        message = f"{word} needs a value on each side"
    else:
        message = f"{word[:40]} is not expected here: an operator or comma is missing before it"
    return ExpressionError.at(message, text, position)


class NodeMaker(Transformer[Token, nodes.Node]):
    """One method per alternative of the grammar."""

    def text(self, children: Sequence[Token]) -> nodes.Literal:
        return nodes.Literal(literal_text(str(children[0])), start(children[0]))

    def number(self, children: Sequence[Token]) -> nodes.Literal:
        # A number of thousands of digits is far out of range; the compiler says so for any that does not fit.
        digits = str(children[0]).lstrip("0") or "0"
        return nodes.Literal(int(digits[:40]), start(children[0]))

    def hexadecimal(self, children: Sequence[Token]) -> nodes.Literal:
        value = int(str(children[0])[2:], 16)
        return nodes.Literal(value - 2**64 if 2**63 <= value < 2**64 else value, start(children[0]))

    def attribute(self, children: Sequence[Token]) -> nodes.Attribute:
        return nodes.Attribute(str(children[0])[1:-1], start(children[0]))

    def parameter(self, children: Sequence[Token]) -> nodes.Parameter:
        return nodes.Parameter(str(children[0])[1:-1], start(children[0]))

    def variable(self, children: Sequence[Token]) -> nodes.Variable:
        return nodes.Variable(str(children[0])[1:], start(children[0]))

    def word(self, children: Sequence[Token]) -> nodes.Word:
        return nodes.Word(str(children[0]), start(children[0]))

    def arguments(self, children: Sequence[nodes.Node]) -> tuple[nodes.Node, ...]:
        return tuple(children)

    def call(self, children: Sequence[Any]) -> nodes.Call:
        return nodes.Call(str(children[0]), children[1] or (), start(children[0]))

    def negative(self, children: Sequence[Any]) -> nodes.Negative:
        return nodes.Negative(children[1], start(children[0]))

    def sum(self, children: Sequence[Any]) -> nodes.Sum:
        return nodes.Sum(children[0], steps(children), children[0].position)

    def comparison(self, children: Sequence[Any]) -> nodes.Comparison:
        return nodes.Comparison(children[0], steps(children), children[0].position)

    def logic(self, children: Sequence[Any]) -> nodes.Logic:
        return nodes.Logic(children[0], steps(children), children[0].position)


def start(token: Token) -> int:
    """The offset of a token."""
    return token.start_pos or 0


def steps(children: Sequence[Any]) -> tuple[nodes.Step, ...]:
    """operand, operator, operand, ... as steps."""
    return tuple(
        nodes.Step(str(operator), operand, start(operator))
        for operator, operand in zip(children[1::2], children[2::2], strict=True)
    )
