"""What a value in a scenario file may be. One description serves three uses: checking, the JSON Schema and the docs.

A shape checks plain values and complains by path; the reader turns paths into places. A text that is nothing but a
variable fits every
shape here and is checked again when the step runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.scenario.durations import DURATION_PATTERN, read_duration
from harness.scenario.scope import Scope
from harness.scenario.tree import Path
from harness.scenario.variables import is_variable, uses_variables

Json = dict[str, Any]


class Shape(Protocol):
    """What every shape can do."""

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        """Complain to the scope about everything that is wrong."""

    def convert(self, value: Any) -> Any:
        """Return the checked value as the verb wants it."""

    def schema(self) -> Json:
        """Return the JSON Schema."""

    def text(self) -> str:
        """Return the shape in a few words."""


@dataclass(frozen=True)
class Text:
    """A text; numbers are taken as they are written. pattern and words narrow it."""

    words: str = "text"
    pattern: str = ""

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            scope.complain(path, f"here belongs {self.words}, not {kind_of(value)}")
        elif self.pattern and not uses_variables(value) and not re.search(self.pattern, str(value)):
            scope.complain(path, f"here belongs {self.words}, not {value}")

    def convert(self, value: Any) -> Any:
        return str(value)

    def schema(self) -> Json:
        return {"type": ["string", "number"], "description": self.words}

    def text(self) -> str:
        return self.words


@dataclass(frozen=True)
class Pattern:
    """A regular expression."""

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        try:
            re.compile(str(value))
        except re.error as error:
            scope.complain(path, f"unreadable regular expression: {error}")

    def convert(self, value: Any) -> Any:
        return str(value)

    def schema(self) -> Json:
        return {"type": "string", "format": "regex"}

    def text(self) -> str:
        return "regular expression"


@dataclass(frozen=True)
class Integer:
    minimum: int | None = 0

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if is_variable(value):
            return
        if isinstance(value, bool) or not isinstance(value, int):
            scope.complain(path, f"here belongs a whole number, not {kind_of(value)}")
        elif self.minimum is not None and value < self.minimum:
            scope.complain(path, f"{value} is too small: {self.minimum} or more")

    def convert(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        limit = {} if self.minimum is None else {"minimum": self.minimum}
        return either_variable({"type": "integer", **limit})

    def text(self) -> str:
        return "whole number"


@dataclass(frozen=True)
class Boolean:
    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if not isinstance(value, bool) and not is_variable(value):
            hint = "write true or false" if str(value).lower() in ("yes", "no", "on", "off") else ""
            scope.complain(path, f"here belongs true or false, not {kind_of(value)}", hint)

    def convert(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        return either_variable({"type": "boolean"})

    def text(self) -> str:
        return "true or false"


@dataclass(frozen=True)
class Duration:
    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if uses_variables(value):
            return
        try:
            read_duration(str(value))
        except ValueError as error:
            scope.complain(path, str(error))

    def convert(self, value: Any) -> Any:
        return read_duration(str(value))

    def schema(self) -> Json:
        return either_variable({"type": "string", "pattern": DURATION_PATTERN})

    def text(self) -> str:
        return "time such as 30m, 6h, 31d"


@dataclass(frozen=True)
class Choice:
    choices: tuple[str, ...]

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if uses_variables(value):
            return
        if not isinstance(value, str) or value not in self.choices:
            scope.complain_name(path, f"{shown(value)} is none of {', '.join(self.choices)}", str(value), self.choices)

    def convert(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        return either_variable({"enum": list(self.choices)})

    def text(self) -> str:
        return " | ".join(self.choices)


@dataclass(frozen=True)
class Name:
    """The name of something the world or an earlier step made: a server, a forest, a tenant, a snapshot."""

    kind: str
    declares: bool = False

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if not isinstance(value, str):
            scope.complain(path, f"here belongs the name of a {self.kind}, not {kind_of(value)}")
        elif uses_variables(value):
            return
        elif self.declares:
            scope.declare(self.kind, value)
        else:
            scope.use(self.kind, value, path)

    def convert(self, value: Any) -> Any:
        return str(value)

    def schema(self) -> Json:
        return {"type": "string", "description": f"name of a {self.kind}"}

    def text(self) -> str:
        return f"name of a {self.kind}"


@dataclass(frozen=True)
class ListOf:
    """A list; a single value stands for a list of one."""

    item: Shape

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if isinstance(value, list):
            for index, one in enumerate(value):
                self.item.check(one, (*path, index), scope)
        elif not is_variable(value):
            self.item.check(value, path, scope)

    def convert(self, value: Any) -> Any:
        return [self.item.convert(one) for one in (value if isinstance(value, list) else [value])]

    def schema(self) -> Json:
        return {"anyOf": [{"type": "array", "items": self.item.schema()}, self.item.schema()]}

    def text(self) -> str:
        return f"list of {self.item.text()}"


@dataclass(frozen=True)
class MapOf:
    """A mapping whose keys the author chooses."""

    item: Shape
    key: Shape = field(default_factory=Text)

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if is_variable(value):
            return
        if not isinstance(value, dict):
            scope.complain(path, f"here belong names with {self.item.text()}, not {kind_of(value)}")
            return
        for name, one in value.items():
            with scope.at_keys():
                self.key.check(name, (*path, name), scope)
            self.item.check(one, (*path, name), scope)

    def convert(self, value: Any) -> Any:
        return {name: self.item.convert(one) for name, one in value.items()}

    def schema(self) -> Json:
        return either_variable({"type": "object", "additionalProperties": self.item.schema()})

    def text(self) -> str:
        return f"names with {self.item.text()}"


@dataclass(frozen=True)
class Anything:
    words: str = "any value"

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        """Nothing is wrong."""

    def convert(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        return {"description": self.words}

    def text(self) -> str:
        return self.words


@dataclass(frozen=True)
class Checked:
    """A shape with one more question, asked of values that already have the right form."""

    shape: Shape
    ask: Callable[[Any, Path, Scope], None]

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        before = scope.count
        self.shape.check(value, path, scope)
        if scope.count == before and not is_variable(value):
            self.ask(value, path, scope)

    def convert(self, value: Any) -> Any:
        return self.shape.convert(value)

    def schema(self) -> Json:
        return self.shape.schema()

    def text(self) -> str:
        return self.shape.text()


@dataclass(frozen=True)
class Key:
    """One key of a record."""

    name: str
    shape: Shape
    required: bool = False
    doc: str = ""


@dataclass(frozen=True)
class Record:
    """A mapping with known keys. shorthand: the key a plain value stands for.

    open: shape of further keys, None = refused.
    """

    keys: tuple[Key, ...]
    shorthand: str = ""
    open: Shape | None = None
    what: str = ""

    def names(self) -> dict[str, Key]:
        return {key.name: key for key in self.keys}

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        if is_variable(value) and not self.shorthand:
            return
        if not isinstance(value, dict):
            self._check_shorthand(value, path, scope)
            return
        known = self.names()
        for name, one in value.items():
            if name in known:
                known[name].shape.check(one, (*path, name), scope)
            elif self.open is not None:
                self.open.check(one, (*path, name), scope)
            else:
                what = self.what or "this mapping"
                scope.complain_name((*path, name), f"{what} has no key {name}", name, known, key=True)
        for key in self.keys:
            if key.required and key.name not in value:
                scope.complain(path, f"{self.what or 'this mapping'} needs the key {key.name} ({key.shape.text()})")

    def _check_shorthand(self, value: Any, path: Path, scope: Scope) -> None:
        if not self.shorthand:
            if value is None and not any(key.required for key in self.keys):
                return
            keys = ", ".join(key.name for key in self.keys[:8])
            scope.complain(path, f"here belongs a mapping with keys such as {keys}, not {kind_of(value)}")
        elif value is None and any(key.required for key in self.keys):
            scope.complain(path, f"{self.what or 'this'} needs {self.names()[self.shorthand].shape.text()}")
        elif value is not None:
            self.names()[self.shorthand].shape.check(value, path, scope)

    def convert_names(self, value: Any) -> dict[str, Any]:
        """Return the mapping a value stands for, its parts not yet converted."""
        if value is None:
            return {}
        return value if isinstance(value, dict) else {self.shorthand: value}

    def convert(self, value: Any) -> Any:
        value = self.convert_names(value)
        known = self.names()
        return {name: known[name].shape.convert(one) if name in known else one for name, one in value.items()}

    def schema(self) -> Json:
        properties = {
            key.name: {**key.shape.schema(), **({"description": key.doc} if key.doc else {})} for key in self.keys
        }
        schema: Json = {"type": "object", "properties": properties}
        required = [key.name for key in self.keys if key.required]
        if required:
            schema["required"] = required
        schema["additionalProperties"] = self.open.schema() if self.open is not None else False
        if not self.shorthand:
            whole = either_variable(schema)
            return whole if required else {"anyOf": [*whole["anyOf"], {"type": "null"}]}
        short = self.names()[self.shorthand].shape.schema()
        return {"anyOf": [schema, short] + ([] if required else [{"type": "null"}])}

    def text(self) -> str:
        return "{" + ", ".join(key.name for key in self.keys) + "}"


@dataclass(frozen=True)
class Either:
    """A value of one of two forms, told apart by whether it is a mapping."""

    mapping: Shape
    other: Shape

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        (self.mapping if isinstance(value, dict) else self.other).check(value, path, scope)

    def convert(self, value: Any) -> Any:
        return (self.mapping if isinstance(value, dict) else self.other).convert(value)

    def schema(self) -> Json:
        return {"anyOf": [self.other.schema(), self.mapping.schema()]}

    def text(self) -> str:
        return f"{self.other.text()} or {self.mapping.text()}"


def either_variable(schema: Json) -> Json:
    """Return the schema with a variable allowed in its place."""
    return {"anyOf": [schema, {"type": "string", "pattern": r"\$"}]}


def kind_of(value: Any) -> str:
    """Return what a value is, in the author's words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"{str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {shown(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def shown(value: Any) -> str:
    text = str(value)
    return f"'{text}'" if len(text) <= 40 else f"'{text[:37]}...'"


def keys_of(shape: Shape) -> Mapping[str, Key]:
    """Return the keys of a record, also when it is wrapped in another shape."""
    if isinstance(shape, Record):
        return shape.names()
    if isinstance(shape, Checked):
        return keys_of(shape.shape)
    if isinstance(shape, Either):
        return keys_of(shape.mapping)
    return {}
