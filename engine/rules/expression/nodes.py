"""The parsed expression: frozen nodes, each with its offset into the text.

Source: facts "expressions" sections 2 and 3. Chains stay flat, because operators of one level run left to right.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number as written."""

    value: str | int
    position: int


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: True, NULL, IgnoreThisFlow, vbTextCompare ..."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """[name]"""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """%Name.Part%"""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Variable:
    """$name; the name is kept without the sign."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """Name(argument, ...)"""

    name: str
    arguments: tuple[Node, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Negative:
    """-operand"""

    operand: Node
    position: int


@dataclass(frozen=True, slots=True)
class Step:
    """One operator of a chain with the operand on its right."""

    operator: str
    operand: Node
    position: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Operands joined by + - * / & on one level, left to right."""

    first: Node
    steps: tuple[Step, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Operands joined by < <= <> = > >=, left to right."""

    first: Node
    steps: tuple[Step, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Logic:
    """Operands joined by && and || on one level, left to right."""

    first: Node
    steps: tuple[Step, ...]
    position: int


Chain = Sum | Comparison | Logic
Node = Literal | Word | Attribute | Parameter | Variable | Call | Negative | Sum | Comparison | Logic
