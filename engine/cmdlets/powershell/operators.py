"""The operators of an expression and the few casts, methods and static members an operator's line needs.

Source: about_Operators, about_Comparison_Operators, about_Casts (Windows PowerShell 5.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import partial
from uuid import UUID

from engine.clock import Clock
from engine.cmdlets.powershell.syntax import Place
from engine.cmdlets.powershell.values import (
    Keyed,
    Value,
    converted,
    equal,
    listed,
    moment_of,
    number_of,
    order,
    text_of,
    truth,
    wildcard,
)
from engine.errors import EngineError
from engine.timespan import timespan, timespan_text

_COMPARED = frozenset(["eq", "ne", "gt", "ge", "lt", "le", "like", "notlike", "match", "notmatch"])
_EMPTY_GUID = "00000000-0000-0000-0000-000000000000"


def binary(operator: str, left: Value, right: Value, place: Place) -> Value:
    """The value of ``left operator right``."""
    try:
        return _binary(operator, left, right)
    except EngineError as refusal:
        raise place.mistake(refusal.message) from None
    except (ZeroDivisionError, OverflowError):
        raise place.mistake("the result is no number.") from None
    except (TypeError, re.error, ValueError, IndexError) as wrong:
        raise place.mistake(f"{operator} does not fit these values: {wrong}.") from None


def _binary(operator: str, left: Value, right: Value) -> Value:
    match operator:
        case "-and":
            return truth(left) and truth(right)
        case "-or":
            return truth(left) or truth(right)
        case "-xor":
            return truth(left) != truth(right)
        case "+":
            return _sum(left, right)
        case "-":
            return _difference(left, right)
        case "*" | "/" | "%":
            return _product(operator, left, right)
        case "..":
            first, last = int(number_of(left)), int(number_of(right))
            step = 1 if last >= first else -1
            return list(range(first, last + step, step))
        case "-f":
            return _formatted(text_of(left), listed(right))
    return compare(operator, left, right)


def compare(operator: str, left: Value, right: Value) -> Value:
    """-eq and its kin, with the prefix c for letters' case; a list on the left is filtered."""
    name = operator.lstrip("-–—").lower()
    sensitive = name.startswith("c") and name not in ("contains",)
    if name[:1] in "ci" and name[1:] in _COMPARED | {"contains", "notcontains", "in", "notin", "replace", "split"}:
        name = name[1:]
    if name in _COMPARED:
        test = partial(_holds, name, right=right, sensitive=sensitive)
        return [one for one in left if test(one)] if isinstance(left, list | tuple) else test(left)
    match name:
        case "contains" | "notcontains":
            return any(equal(one, right, case_sensitive=sensitive) for one in listed(left)) == (name == "contains")
        case "in" | "notin":
            return any(equal(one, left, case_sensitive=sensitive) for one in listed(right)) == (name == "in")
        case "replace":
            pattern, new = (*map(text_of, listed(right)), "")[:2]
            flags = 0 if sensitive else re.IGNORECASE
            return re.sub(pattern, re.sub(r"\$(\d)", r"\\\1", new), text_of(left), flags=flags)
        case "split":
            return re.split(text_of(right), text_of(left))
        case "join":
            return text_of(right).join(text_of(one) for one in listed(left))
    raise EngineError("OPERATOR", f"{operator} is not read here; the nearest is -eq.")


def _holds(name: str, left: Value, right: Value, sensitive: bool) -> bool:
    match name:
        case "eq" | "ne":
            return equal(left, right, case_sensitive=sensitive) == (name == "eq")
        case "like" | "notlike":
            found = wildcard(text_of(right), case_sensitive=sensitive).match(text_of(left)) is not None
            return found == (name == "like")
        case "match" | "notmatch":
            flags = 0 if sensitive else re.IGNORECASE
            return (re.search(text_of(right), text_of(left), flags) is not None) == (name == "match")
    sign = order(left, right)
    return {"gt": sign > 0, "ge": sign >= 0, "lt": sign < 0, "le": sign <= 0}[name]


def _sum(left: Value, right: Value) -> Value:
    if isinstance(left, list | tuple):
        return [*left, *listed(right)]
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return {**left, **right}
    if isinstance(left, str):
        return left + text_of(right)
    if isinstance(left, datetime | timedelta):
        return left + (right if isinstance(right, timedelta) else timespan(text_of(right)))
    return number_of(left) + number_of(right)


def _difference(left: Value, right: Value) -> Value:
    if isinstance(left, datetime):
        return left - (right if isinstance(right, timedelta) else moment_of(right))
    if isinstance(left, timedelta):
        return left - converted(right, left)
    return number_of(left) - number_of(right)


def _product(operator: str, left: Value, right: Value) -> Value:
    if operator == "*" and isinstance(left, str):
        return left * int(number_of(right))
    one, two = number_of(left), number_of(right)
    if operator == "*":
        return one * two
    if operator == "%":
        return one - two * int(one / two)
    quotient = one / two
    return int(quotient) if quotient == int(quotient) else quotient


def _formatted(pattern: str, values: list[Value]) -> str:
    def put(found: re.Match[str]) -> str:
        number = int(found[1])
        if number >= len(values):
            raise EngineError("FORMAT", "the format asks for a value that is not there.")
        if found[3]:
            raise EngineError("FORMAT", f"the format code {found[3]!r} is not read here.")
        text = text_of(values[number])
        width = int(found[2] or 0)
        return text.rjust(width) if width > 0 else text.ljust(-width)

    plain = re.sub(r"\{(\d+)(?:,(-?\d+))?(?::([^}]*))?\}", put, pattern.replace("{{", "\0").replace("}}", "\1"))
    return plain.replace("\0", "{").replace("\1", "}")


def unary(operator: str, value: Value, place: Place) -> Value:
    if operator in ("-not", "!"):
        return not truth(value)
    try:
        return -value if isinstance(value, timedelta) else -number_of(value)
    except EngineError as refusal:
        raise place.mistake(refusal.message) from None


def _guid(value: Value) -> str:
    return str(UUID(text_of(value)))


_CASTS: Mapping[str, Callable[[Value], Value]] = {
    "string": text_of,
    "int": lambda value: round(number_of(value)),
    "int32": lambda value: round(number_of(value)),
    "uint32": lambda value: round(number_of(value)),
    "double": lambda value: float(number_of(value)),
    "bool": truth,
    "boolean": truth,
    "datetime": moment_of,
    "timespan": lambda value: value if isinstance(value, timedelta) else timespan(text_of(value)),
    "guid": _guid,
    "array": listed,
    "object[]": listed,
    "string[]": lambda value: [text_of(one) for one in listed(value)],
    "void": lambda value: None,
}


def cast(type_name: str, value: Value, place: Place) -> Value:
    """``[type]value``."""
    turn = _CASTS.get(_plain(type_name))
    if turn is None:
        raise place.mistake(f"the type [{type_name}] is not read here;{_nearest(_plain(type_name), _CASTS)}")
    try:
        return turn(value)
    except (EngineError, ValueError):
        raise place.mistake(f'Cannot convert value "{text_of(value)}" to type "{type_name}".') from None


_SPANS = {
    "fromdays": "days",
    "fromhours": "hours",
    "fromminutes": "minutes",
    "fromseconds": "seconds",
}


def static(type_name: str, name: str, arguments: list[Value], clock: Clock, place: Place) -> Value:
    """``[datetime]::UtcNow``, ``[timespan]::FromHours(3)``, ``[guid]::Empty`` and the like."""
    asked = (_plain(type_name), name.lower())
    if asked in {("datetime", "now"), ("datetime", "utcnow")}:
        return clock.now()
    if asked == ("datetime", "today"):
        return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if asked == ("guid", "empty"):
        return _EMPTY_GUID
    if asked == ("timespan", "zero"):
        return timedelta(0)
    if asked[0] == "timespan" and asked[1] in _SPANS and len(arguments) == 1:
        return timedelta(**{_SPANS[asked[1]]: number_of(arguments[0])})
    if asked[1] == "parse" and asked[0] in ("datetime", "timespan", "guid") and len(arguments) == 1:
        return cast(type_name, arguments[0], place)
    if asked == ("string", "isnullorempty") and len(arguments) == 1:
        return not text_of(arguments[0])
    raise place.mistake(f"[{type_name}]::{name} is not read here; [datetime]::UtcNow and [timespan]::FromHours() are.")


def _added(unit: str) -> Callable[[Value, list[Value]], Value]:
    return lambda value, arguments: value + timedelta(**{unit: float(number_of(arguments[0]))})


_ON_MOMENTS: Mapping[str, Callable[[Value, list[Value]], Value]] = {
    "adddays": _added("days"),
    "addhours": _added("hours"),
    "addminutes": _added("minutes"),
    "addseconds": _added("seconds"),
    "touniversaltime": lambda value, arguments: value,
    "tolocaltime": lambda value, arguments: value,
}
_ON_TEXTS: Mapping[str, Callable[[Value, list[Value]], Value]] = {
    "contains": lambda value, arguments: text_of(arguments[0]) in value,
    "startswith": lambda value, arguments: value.startswith(text_of(arguments[0])),
    "endswith": lambda value, arguments: value.endswith(text_of(arguments[0])),
    "toupper": lambda value, arguments: value.upper(),
    "tolower": lambda value, arguments: value.lower(),
    "trim": lambda value, arguments: value.strip(),
    "split": lambda value, arguments: value.split(text_of(arguments[0])),
    "replace": lambda value, arguments: value.replace(text_of(arguments[0]), text_of(arguments[1])),
    "substring": lambda value, arguments: value[
        int(arguments[0]) : int(arguments[0]) + int(arguments[1]) if len(arguments) > 1 else None
    ],
}


def _put(held: Value, arguments: list[Value]) -> None:
    held[text_of(arguments[0]["Name"])] = arguments[0]


_ON_COLLECTIONS: Mapping[str, Callable[[Value, list[Value]], Value]] = {
    "add": _put,
    "remove": lambda held, arguments: held.pop(text_of(arguments[0]), None) is not None,
    "contains": lambda held, arguments: text_of(arguments[0]) in held,
}
_ON_ALL: Mapping[str, Callable[[Value, list[Value]], Value]] = {
    "tostring": lambda value, arguments: timespan_text(value) if isinstance(value, timedelta) else text_of(value),
}


def method(value: Value, name: str, arguments: list[Value], place: Place) -> Value:
    """``value.Name(arguments)``."""
    known = dict(_ON_ALL)
    if isinstance(value, datetime):
        known.update(_ON_MOMENTS)
    elif isinstance(value, str):
        known.update(_ON_TEXTS)
    elif isinstance(value, Keyed):
        known.update(_ON_COLLECTIONS)
    elif isinstance(value, list | tuple):
        known["contains"] = lambda held, given: any(equal(one, given[0]) for one in held)
    if name.lower() not in known:
        raise place.mistake(f"the method {name}() is not read here;{_nearest(name.lower(), known)}")
    try:
        return known[name.lower()](value, arguments)
    except (EngineError, LookupError, TypeError, ValueError, OverflowError):
        raise place.mistake(f"{name}() does not take these values.") from None


def _plain(type_name: str) -> str:
    return type_name.lower().removeprefix("system.")


def _nearest(name: str, known: Mapping[str, object]) -> str:
    found = get_close_matches(name, known, 1, 0.5)
    return f" did you mean {found[0]}?" if found else f" there are {', '.join(sorted(known))}."
