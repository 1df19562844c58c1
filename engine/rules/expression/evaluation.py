"""One expression tried out: the answer `anchorage expr --json` prints.

Source: design section 2. kind: value, null, authoritative-null, ignore or error. type: str, num, bool, bin, dt, ref, or
for a multi-value mvstr, mvnum, mvbool, mvbin, mvdt, mvref, mvvar. Binary is {"base64": "..."} on both sides.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from engine.model.values import Value
from engine.rules.expression.compiler import compile_expression
from engine.rules.expression.context import AUTHORITATIVE_NULL, IGNORE_THIS_FLOW, Context
from engine.rules.expression.errors import ErrorRaised, ExpressionError
from engine.rules.expression.operators import LEAST, MOST
from engine.rules.expression.registry import type_name

FUNCTION_TRIGGERED = "sync-rule-error-function-triggered"


def evaluate_text(
    text: str,
    attributes: Mapping[str, Any],
    parameters: Mapping[str, str],
    imported: Mapping[str, Any],
    now: datetime,
    random: random.Random,
    *,
    reference_attributes: frozenset[str] = frozenset(),
    multivalued: frozenset[str] | None = None,
    distinguished_name: Callable[[int], str | None] | None = None,
) -> dict[str, Any]:
    """Compile and evaluate; every outcome is an answer, errors included. Raises ValueError for values that are none."""
    context = Context(read_values(attributes), read_values(imported), dict(parameters), now, random, distinguished_name)
    try:
        expression = compile_expression(text, reference_attributes=reference_attributes, multivalued=multivalued)
        return answer(expression.raw(context), text, expression.reference)
    except ExpressionError as problem:
        return failure(problem)


def answer(value: Any, text: str, reference: bool) -> dict[str, Any]:
    """The answer for an outcome that is no error."""
    if value is None:
        return {"kind": "null", "type": None, "value": None}
    if value is AUTHORITATIVE_NULL:
        return {"kind": "authoritative-null", "type": None, "value": None}
    if value is IGNORE_THIS_FLOW:
        return {"kind": "ignore", "type": None, "value": None}
    if isinstance(value, Enum):
        raise ExpressionError.at(f"{value.value} is no value: it only stands in an argument", text, 0)
    kind = type_name(value)
    if reference and kind in ("str", "num", "mvstr", "mvnum"):
        kind = "mvref" if kind.startswith("mv") else "ref"
    return {"kind": "value", "type": kind, "value": shown(value)}


def failure(problem: ExpressionError) -> dict[str, Any]:
    """The answer for an expression that cannot be read or evaluated; error is the engine's name for Error("...")."""
    return {
        "kind": "error",
        "type": None,
        "value": None,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
        "explanation": problem.explain(),
        "error": FUNCTION_TRIGGERED if isinstance(problem, ErrorRaised) else None,
    }


def shown(value: Any) -> Any:
    """A value in JSON."""
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def read_values(given: Mapping[str, Any]) -> dict[str, Value]:
    """Attribute values out of JSON; null and an empty list are an absent attribute."""
    read = {name: read_value(name, value) for name, value in given.items()}
    return {name: value for name, value in read.items() if value is not None}


def read_value(name: str, value: Any) -> Value | None:
    """One value: text, whole number, Boolean, {"base64": ...}, or a list of them."""
    if isinstance(value, list):
        return [item for item in (scalar(name, each) for each in value) if item is not None] or None
    return scalar(name, value)


def scalar(name: str, value: Any) -> str | int | bool | bytes | None:
    """One single value; what is none is refused with the attribute's name."""
    if type(value) is int and not LEAST <= value <= MOST:
        raise ValueError(f"the value of {name} does not fit into 64 bits")
    if value is None or isinstance(value, (str, int, bool, bytes)):
        return value
    if isinstance(value, dict) and set(value) == {"base64"} and isinstance(value["base64"], str):
        try:
            return base64.b64decode(value["base64"], validate=True)
        except ValueError:
            raise ValueError(f"the value of {name} is no Base64") from None
    raise ValueError(f"the value of {name} must be text, a whole number, a Boolean, binary or a list of them")
