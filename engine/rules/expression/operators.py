"""Operators as closures: what + - * / &, the comparisons and && || do with values, NULL and multi-values.

Source: facts "expressions" sections 4, 5 and 7; decision D1. Silent points follow VBA: NULL is empty for & and makes
arithmetic NULL. A comparison with NULL on either side is False, <> included. && and || take NULL as False, stop early.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from engine.rules.expression.calls import gather
from engine.rules.expression.context import Context, Run
from engine.rules.expression.errors import ArgumentError
from engine.rules.expression.registry import Compiled, Site, type_name

LEAST, MOST = -(2**63), 2**63 - 1

Binary = Callable[[Any, Any], Any]

RELATIONS: dict[str, Binary] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
EQUALITY = frozenset({"=", "<>"})
ORDERED: frozenset[type] = frozenset({str, int, datetime})
COMPARABLE: frozenset[type] = frozenset({str, int, bool, bytes, datetime})


def in_range(number: int) -> int:
    """Numbers are 64-bit signed integers."""
    if LEAST <= number <= MOST:
        return number
    raise ArgumentError("the number does not fit into 64 bits")


def divide(left: int, right: int) -> int:
    """Whole division, cut towards zero."""
    if right == 0:
        raise ArgumentError("division by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


ARITHMETIC: dict[str, Binary] = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": divide}


def pairwise(decide: Binary, left: Any, right: Any) -> Any:
    """Run over multi-values: single values repeat, two multi-values pair by index."""
    if type(left) is list and type(right) is list:
        if len(left) != len(right):
            raise ArgumentError("the two multi-values have different numbers of values")
        return gather([decide(a, b) for a, b in zip(left, right, strict=True)])
    if type(left) is list:
        return gather([decide(a, right) for a in left])
    if type(right) is list:
        return gather([decide(left, b) for b in right])
    return decide(left, right)


def calculation(sign: str) -> Binary:
    """+ - * / on two values."""
    calculate = ARITHMETIC[sign]

    def decide(left: Any, right: Any) -> Any:
        if left is None or right is None:
            other = right if left is None else left
            if other is None or type(other) is int:
                return None
        if type(left) is int and type(right) is int:
            return in_range(calculate(left, right))
        hint = "; texts are joined by &" if sign == "+" and type(left) is type(right) is str else ""
        raise ArgumentError(f"numbers are expected, not {type_name(left)} and {type_name(right)}{hint}")

    return decide


def concatenate(left: Any, right: Any) -> Any:
    """& on two values: texts, numbers as their digits, binary with binary; NULL adds nothing."""
    for value in (left, right):
        if value is not None and type(value) not in (str, int, bytes):
            raise ArgumentError(f"texts or numbers are expected, not {type_name(value)}; use CStr")
    if left is None or right is None:
        other = right if left is None else left
        return str(other) if type(other) is int else other
    if type(left) is bytes or type(right) is bytes:
        if type(left) is not type(right):
            raise ArgumentError(f"{type_name(left)} cannot be joined with {type_name(right)}")
        return left + right
    return f"{left}{right}"


def relation(sign: str) -> Binary:
    """A comparison of two values of one type."""
    compare = RELATIONS[sign]
    allowed = COMPARABLE if sign in EQUALITY else ORDERED

    def decide(left: Any, right: Any) -> bool:
        for value in (left, right):
            if value is not None and type(value) not in COMPARABLE:
                raise ArgumentError(f"{type_name(value)} cannot be compared")
        if left is None or right is None:
            return False
        if type(left) is not type(right):
            raise ArgumentError(f"{type_name(left)} cannot be compared with {type_name(right)}")
        if type(left) not in allowed:
            raise ArgumentError(f"{type_name(left)} has no order; only = and <> compare it")
        return bool(compare(left, right))

    return decide


def logic(sign: str) -> Binary:
    """&& or || on two values that are both known."""

    def truth(value: Any) -> bool:
        if value is None or type(value) is bool:
            return bool(value)
        raise ArgumentError(f"bool is expected, not {type_name(value)}")

    if sign == "&&":
        return lambda left, right: bool(truth(left) & truth(right))
    return lambda left, right: bool(truth(left) | truth(right))


DECISIONS: dict[str, Binary] = (
    {sign: calculation(sign) for sign in ARITHMETIC}
    | {sign: relation(sign) for sign in RELATIONS}
    | {sign: logic(sign) for sign in ("&&", "||")}
    | {"&": concatenate}
)


def decided(site: Site, left: Any, right: Any) -> Any:
    """One operator on any two values, refusals placed."""
    try:
        return pairwise(DECISIONS[site.name], left, right)
    except ArgumentError as problem:
        raise site.error(str(problem)) from None


def build_negative(site: Site, operand: Run) -> Run:
    """-operand"""

    def run(context: Context) -> Any:
        value = operand(context)
        return decided(site, None if value is None else 0, value)

    return run


def build_sum(sites: Sequence[Site], operands: Sequence[Compiled]) -> Run:
    """A chain of + - * / &, left to right."""
    runs = tuple(operand.run for operand in operands)
    if all(site.name == "&" for site in sites):
        return build_concatenation(sites, runs)
    first, steps = runs[0], tuple(zip(sites, runs[1:], strict=True))

    def run(context: Context) -> Any:
        result = first(context)
        for site, operand in steps:
            result = decided(site, result, operand(context))
        return result

    return run


def build_concatenation(sites: Sequence[Site], runs: Sequence[Run]) -> Run:
    """a & b & ...; all texts is the usual case."""

    def folded(values: Sequence[Any]) -> Any:
        result = values[0]
        for site, value in zip(sites, values[1:], strict=True):
            result = decided(site, result, value)
        return result

    if len(runs) == 2:
        first, second = runs

        def join_two(context: Context) -> Any:
            left = first(context)
            right = second(context)
            return left + right if type(left) is str and type(right) is str else folded((left, right))

        return join_two

    def join_all(context: Context) -> Any:
        values = [run(context) for run in runs]
        try:
            return "".join(values)
        except TypeError:
            return folded(values)

    return join_all


def build_comparison(sites: Sequence[Site], operands: Sequence[Compiled]) -> Run:
    """A chain of comparisons; nearly always there is one."""
    site, (left, right) = sites[0], operands[:2]
    if right.constant:
        result = compare_with_constant(site, left, right.value)
    else:
        result = compare_two(site, left.run, right.run)
    for later, operand in zip(sites[1:], operands[2:], strict=True):
        result = compare_two(later, result, operand.run)
    return result


def compare_with_constant(site: Site, left: Compiled, constant: Any) -> Run:
    """a = "x", a > 0, a = True"""
    kind, compare, operand, attribute = type(constant), RELATIONS[site.name], left.run, left.attribute
    if kind not in (COMPARABLE if site.name in EQUALITY else ORDERED):
        return compare_two(site, operand, lambda _context: constant)
    if attribute is not None:
        name = attribute

        def compare_attribute(context: Context) -> Any:
            value = context.attributes.get(name)
            if type(value) is kind:
                return compare(value, constant)
            return False if value is None else decided(site, value, constant)

        return compare_attribute

    def compare_operand(context: Context) -> Any:
        value = operand(context)
        if type(value) is kind:
            return compare(value, constant)
        return False if value is None else decided(site, value, constant)

    return compare_operand


def compare_two(site: Site, first: Run, second: Run) -> Run:
    """a = b"""
    compare = RELATIONS[site.name]

    def run(context: Context) -> Any:
        left = first(context)
        right = second(context)
        kind = type(left)
        if kind is type(right) and kind in ORDERED:
            return compare(left, right)
        return decided(site, left, right)

    return run


def build_logic(sites: Sequence[Site], operands: Sequence[Compiled]) -> Run:
    """A chain of && and ||, left to right on one level; stops a step early when its left side decides."""
    if all(site.name == "||" for site in sites):
        return build_any(sites, tuple(operand.run for operand in operands))
    first, steps = operands[0].run, tuple(zip(sites, (operand.run for operand in operands[1:]), strict=True))
    head = sites[0]

    def run(context: Context) -> Any:
        result = first(context)
        if type(result) is not bool:
            result = decided(head, result, head.name == "&&")  # checks the type; NULL becomes False
        for site, operand in steps:
            if result is (site.name == "||"):
                continue
            result = decided(site, result, operand(context))
        return result

    return run


def build_any(sites: Sequence[Site], runs: Sequence[Run]) -> Run:
    """a || b || ...: the first True ends it."""
    last = len(runs) - 1

    def mixed(context: Context, position: int, value: Any) -> Any:
        """All before were False; this value is a multi-value or wrong."""
        result = decided(sites[max(position - 1, 0)], value, False)
        for index in range(position, last):
            result = decided(sites[index], result, runs[index + 1](context)) if result is not True else True
        return result

    def run(context: Context) -> Any:
        for position, operand in enumerate(runs):
            value = operand(context)
            if value is True:
                return True
            if value is not False and value is not None:
                return mixed(context, position, value)
        return False

    return run
