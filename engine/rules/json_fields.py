"""The values of a JSON object by name, each asked for with the kind it must have; every fault is told with its place.

Names are found whatever the case of their letters, as PowerShell finds them. Source: facts "engine" section 19.1.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, TypeVar

from engine.rules.json_document import JsonValue
from engine.rules.nearest import hint, nearest_name

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
_Word = TypeVar("_Word", bound=StrEnum)


class Complaints:
    """Gathers what is wrong with a file, each with its place."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []

    def add(self, value: JsonValue, reason: str) -> None:
        self.lines.append(f"{self.file}:{value.line}:{value.column}: {reason}")


class Fields:
    """An object's values by name, letters' case aside; each asked for with the kind it must have."""

    def __init__(self, value: JsonValue, complaints: Complaints, what: str) -> None:
        self.place = value
        self.complaints = complaints
        self.what = what
        self.asked: set[str] = set()
        self.values: dict[str, JsonValue] = {}
        self.names: dict[str, str] = {}
        if not isinstance(value.value, dict):
            complaints.add(value, f"{what} is an object, not {value.kind}.")
            return
        for name, inner in value.value.items():
            if name.lower() in self.values:
                complaints.add(inner, f"{what} has {self.names[name.lower()]} and {name}.")
            self.values[name.lower()] = inner
            self.names[name.lower()] = name

    def get(self, *names: str) -> JsonValue | None:
        """The value of the first of these names that is there; null is absent."""
        self.asked.update(name.lower() for name in names)
        found = next((self.values[name.lower()] for name in names if name.lower() in self.values), None)
        return found if found is not None and found.value is not None else None

    def missing(self, name: str) -> None:
        present = [self.names[key] for key in self.values.keys() - self.asked]
        near = nearest_name(name, present)
        self.complaints.add(self.place, f"{self.what}: {name} is missing.{f' Is {near} meant for it?' if near else ''}")

    def text(self, *names: str, default: str | None = None) -> str:
        value = self.get(*names)
        if value is None:
            if default is None:
                self.missing(names[0])
            return default or ""
        if not isinstance(value.value, str):
            self.complaints.add(value, f"{self.what}: {names[0]} is a text, not {value.kind}.")
            return default or ""
        if default is None and not value.value.strip():
            self.complaints.add(value, f"{self.what}: {names[0]} needs a value.")
        return value.value

    def guid(self, *names: str, default: str | None = None) -> str:
        text = self.text(*names, default=default)
        found = _GUID.fullmatch(text.strip())
        if found is None:
            if text and (value := self.get(*names)) is not None:
                self.complaints.add(value, f"{self.what}: {names[0]} {text!r} is not a GUID.")
            return default or ""
        return found[1].lower()

    def number(self, *names: str, default: int | None = None) -> int:
        value = self.get(*names)
        if value is None:
            if default is None:
                self.missing(names[0])
            return default or 0
        if type(value.value) is int and 0 <= value.value < 10**9:
            return value.value
        self.complaints.add(value, f"{self.what}: {names[0]} is a whole number, not {value.kind}.")
        return default or 0

    def boolean(self, *names: str, default: bool = False) -> bool:
        value = self.get(*names)
        if value is None or isinstance(value.value, bool):
            return default if value is None else bool(value.value)
        if isinstance(value.value, str) and value.value.lower() in ("true", "false"):
            return value.value.lower() == "true"
        self.complaints.add(value, f"{self.what}: {names[0]} is true or false, not {value.kind}.")
        return default

    def one_of(self, name: str, kind: type[_Word], default: _Word | None = None) -> _Word:
        fallback = default or next(iter(kind))
        text = self.text(name, default=None if default is None else default.value)
        for member in kind:
            if member.value.lower() == text.lower():
                return member
        if text and (value := self.get(name)) is not None:
            choices = [member.value for member in kind]
            told = f"{self.what}: {name} {text!r} is none of {', '.join(choices)}.{hint(text, choices)}"
            self.complaints.add(value, told)
        return fallback

    def items(self, *names: str) -> list[JsonValue]:
        """The values of a list; a single value is a list of one, as PowerShell writes it."""
        value = self.get(*names)
        if value is None:
            return []
        return value.value if isinstance(value.value, list) else [value]

    def texts(self, *names: str) -> tuple[str, ...]:
        found = []
        for item in self.items(*names):
            if isinstance(item.value, str):
                found.append(item.value)
            else:
                self.complaints.add(item, f"{self.what}: {names[0]} holds texts, not {item.kind}.")
        return tuple(found)

    def unknown(self) -> dict[str, Any]:
        """What nobody asked for, as plain data."""
        return {self.names[key]: value.plain() for key, value in self.values.items() if key not in self.asked}
