"""Bits and random numbers. Source: facts "functions", category Math and IsBitSet; numbers are 64-bit signed."""

from __future__ import annotations

from engine.rules.expression.context import Context
from engine.rules.expression.errors import ArgumentError
from engine.rules.expression.registry import Boolean, Number, function, nullable


@function("BitAnd", nullable(Number), nullable(Number), returns=Number)
def bit_and(first: int | None, second: int | None) -> int:
    """The bits set in both; NULL counts as 0. Source: function reference, BitAnd."""
    return (first or 0) & (second or 0)


@function("BitOr", nullable(Number), nullable(Number), returns=Number)
def bit_or(first: int | None, second: int | None) -> int:
    """The bits set in either; NULL counts as 0. Source: function reference, BitOr."""
    return (first or 0) | (second or 0)


@function("IsBitSet", Number, Number, returns=Boolean, null=False)
def is_bit_set(value: int, mask: int) -> bool:
    """Whether all bits of the mask are set. Source: function reference, IsBitSet."""
    return value & mask == mask


@function("RandomNum", Number, Number, returns=Number, uses_context=True, deterministic=False)
def random_number(context: Context, start: int, end: int) -> int:
    """A random number, both limits included. Source: function reference, RandomNum."""
    if start > end:
        raise ArgumentError("the first limit is greater than the second")
    return context.random.randint(start, end)
