"""What travels through a pipeline: records with a type, texts, numbers, moments, lists; and how each is shown as text.

Moments are shown as an American server shows them. Source: about_Type_Operators, about_Comparison_Operators; facts
"engine" 16.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from engine.errors import EngineError
from engine.timespan import timespan, timespan_text

Value = Any

_DATE_FORMS = (
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M", "%m/%d/%Y",
)  # fmt: skip


class Record(dict[str, Any]):
    """An object of the pipeline: its properties in order, the name of its type, and what it was made from.

    A property is found in any case; ``source`` is for the cmdlets that take the object back.
    """

    def __init__(self, type_name: str = "", properties: Mapping[str, Any] | None = None, source: object = None) -> None:
        super().__init__(properties or {})
        self.type_name = type_name
        self.source = source

    def find(self, name: str) -> str | None:
        """The property's own spelling."""
        if name in self:
            return name
        folded = name.lower()
        return next((key for key in self if key.lower() == folded), None)

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


class Keyed(dict[str, Any]):
    """A collection whose items are records asked for by name: ``ConnectivityParameters['UserName'].Value``."""


def text_of(value: Value) -> str:
    """A value as PowerShell puts it into a text."""
    match value:
        case None:
            return ""
        case bool():
            return "True" if value else "False"
        case Enum():
            return str(value.value)
        case timedelta():
            return ("-" if value < timedelta(0) else "") + timespan_text(abs(value))
        case datetime():
            hour = value.hour % 12 or 12
            half = "AM" if value.hour < 12 else "PM"
            return f"{value.month}/{value.day}/{value.year} {hour}:{value.minute:02}:{value.second:02} {half}"
        case float():
            return f"{value:.15g}"
        case Record():
            return record_text(value)
        case bytes():
            return " ".join(str(octet) for octet in value)
        case Mapping():
            return "System.Collections.Hashtable"
        case list() | tuple():
            return " ".join(text_of(one) for one in value)
    return str(value)


def record_text(record: Record) -> str:
    """What stands for a record inside a list: its name, else what came of it, else its type."""
    for name in ("Name", "SyncRuleName", "DN", "DistinguishedName", "StepResult", "Status"):
        held = record.get(name)
        if isinstance(held, str) and held:
            return held
    return record.type_name or "@{" + "; ".join(f"{k}={text_of(v)}" for k, v in record.items()) + "}"


def listed(value: Value) -> list[Value]:
    """A value as the pipeline takes it: a list is spread, nothing is nothing."""
    if value is None:
        return []
    if isinstance(value, Keyed):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else [value]


def single(values: list[Value]) -> Value:
    """What a variable holds of a pipeline's output."""
    return None if not values else values[0] if len(values) == 1 else values


def truth(value: Value) -> bool:
    """Whether a value counts as $true."""
    if isinstance(value, list | tuple):
        return bool(value) and (len(value) > 1 or truth(value[0]))
    if isinstance(value, timedelta | datetime | Record):
        return True
    return bool(value)


def number_of(value: Value) -> int | float:
    """A value as a number; raises EngineError."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if value is None:
        return 0
    text = text_of(value).strip()
    try:
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    except ValueError:
        raise EngineError("VALUE_TEXT", f'Cannot convert value "{text}" to type "System.Int32".') from None


def moment_of(value: Value) -> datetime:
    """A value as a moment; a text without a zone is the server's time, which is UTC. Raises EngineError."""
    if isinstance(value, datetime):
        return value
    text = text_of(value).strip()
    try:
        written = datetime.fromisoformat(text)
        return written if written.tzinfo is not None else written.replace(tzinfo=UTC)
    except ValueError:
        pass
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise EngineError("VALUE_TEXT", f'Cannot convert value "{text}" to type "System.DateTime".')


def converted(value: Value, like: Value) -> Value:
    """The right side of a comparison in the type of the left one; raises EngineError when it has no such form."""
    if isinstance(like, bool):
        return truth(value)
    if isinstance(like, Enum | str):
        return text_of(value)
    if isinstance(like, datetime):
        return moment_of(value)
    if isinstance(like, timedelta):
        return value if isinstance(value, timedelta) else timespan(text_of(value))
    if isinstance(like, int | float):
        return number_of(value)
    return value


def equal(left: Value, right: Value, *, case_sensitive: bool = False) -> bool:
    """-eq; what cannot be converted is not equal."""
    if left is None or right is None:
        return left is right
    try:
        other = converted(right, left)
    except EngineError:
        return False
    if isinstance(left, Enum | str):
        one, two = text_of(left), str(other)
        return one == two if case_sensitive else one.casefold() == two.casefold()
    return bool(left == other)


def order(left: Value, right: Value) -> int:
    """-1, 0 or 1; $null comes first."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    other = converted(right, left)
    one: Any = left
    if isinstance(left, Enum | str):
        one, other = text_of(left).casefold(), str(other).casefold()
    elif not isinstance(left, bool | int | float | datetime | timedelta):
        one, other = text_of(left).casefold(), text_of(right).casefold()
    return int(one > other) - int(one < other)


def wildcard(pattern: str, *, case_sensitive: bool = False) -> re.Pattern[str]:
    """A pattern with ``*``, ``?``, ``[a-z]`` and back-ticked characters."""
    written, position = "", 0
    while position < len(pattern):
        character = pattern[position]
        closing = pattern.find("]", position + 1) if character == "[" else -1
        if character == "`" and position + 1 < len(pattern):
            position += 1
            written += re.escape(pattern[position])
        elif character in "*?":
            written += ".*" if character == "*" else "."
        elif closing > position + 1:
            written += "[" + pattern[position + 1 : closing].replace("\\", r"\\").replace("^", r"\^") + "]"
            position = closing
        else:
            written += re.escape(character)
        position += 1
    return re.compile(written + r"\Z", re.DOTALL | (0 if case_sensitive else re.IGNORECASE))


def names_of(value: Value) -> list[str]:
    """The properties a value offers, for messages and for wildcards in -Property."""
    if isinstance(value, Mapping):
        return list(value)
    return ["Length"] if isinstance(value, str) else []


def property_of(value: Value, name: str) -> Value:
    """``value.Name``: of every item of a list when the list itself has none; $null when there is nothing."""
    folded = name.lower()
    if isinstance(value, Record):
        key = value.find(name)
        if key is not None:
            return value[key]
        return len(listed(value)) if folded in ("count", "length") else None
    if isinstance(value, Mapping):
        if folded in ("count", "keys", "values"):
            return {"count": len(value), "keys": list(value), "values": list(value.values())}[folded]
        return next((held for key, held in value.items() if str(key).lower() == folded), None)
    if isinstance(value, list | tuple):
        if folded in ("count", "length"):
            return len(value)
        return single([held for one in value for held in listed(property_of(one, name))])
    return _simple_property(value, folded)


def _simple_property(value: Value, name: str) -> Value:
    if isinstance(value, str) and name == "length":
        return len(value)
    if name in ("count", "length"):
        return 0 if value is None else 1
    if isinstance(value, Enum) and name == "value__":
        return list(type(value)).index(value)
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        whole = int(seconds)
        return {
            "days": value.days, "hours": whole // 3600 % 24, "minutes": whole // 60 % 60, "seconds": whole % 60,
            "totaldays": seconds / 86400, "totalhours": seconds / 3600, "totalminutes": seconds / 60,
            "totalseconds": seconds,
        }.get(name)  # fmt: skip
    if isinstance(value, datetime):
        return {
            "year": value.year, "month": value.month, "day": value.day, "hour": value.hour, "minute": value.minute,
            "second": value.second, "dayofweek": value.strftime("%A"),
            "date": value.replace(hour=0, minute=0, second=0, microsecond=0),
        }.get(name)  # fmt: skip
    return None


def item_of(value: Value, index: Value) -> Value:
    """``value[index]``; $null outside the list."""
    if isinstance(index, list | tuple):
        return [item_of(value, one) for one in index]
    if isinstance(value, Mapping) and not isinstance(index, int):
        return property_of(value, text_of(index)) if not isinstance(value, Record) else None
    position = int(number_of(index))
    items: Iterable[Value] = value if isinstance(value, str | list | tuple) else listed(value)
    held = list(items)
    return held[position] if -len(held) <= position < len(held) else None
