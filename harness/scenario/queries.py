"""What an expectation looks at: ``tenant.users(id, userPrincipalName, department = Sales)``.

A query names an owner and a view. In parentheses, separated by commas: fields to keep (``id``, ``objectGUID as
anchor``), conditions
(``name = value``, ``name != value``) and, for a view of one object, the object's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SUBJECT = re.compile(r"\s*([^()\s,=]+)\s*")
_CONDITION = re.compile(r"([^=!\s][^=!]*?)\s*(!=|=)\s*(.*)\Z", re.DOTALL)
_FIELD = re.compile(r"([A-Za-z][\w.;-]*)(?:\s+as\s+([A-Za-z][\w-]*))?\Z")
_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    wanted: object
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Bare:
    """A word in the parentheses without a comparison: a field to keep, or the name of the one object."""

    text: str
    field: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """subject: owner and view; bare: fields to keep or, first in a view of one object, its name."""

    text: str
    subject: str
    bare: tuple[Bare, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def name(self) -> str | None:
        """Return the name of the one object asked for."""
        return self.bare[0].text if self.bare else None

    def fields(self, *, named: bool) -> tuple[tuple[str, str], ...]:
        """Return (field, shown name) pairs to keep; empty = all."""
        words = self.bare[1:] if named else self.bare
        return tuple((word.field, word.shown) for word in words)

    def owner_and_view(self) -> tuple[str, str]:
        """Split ``contoso.com.users`` into ``contoso.com`` and ``users``."""
        owner, _, view = self.subject.rpartition(".")
        return owner, view


class QueryError(ValueError):
    """A query that cannot be read; offset is the place in its text."""

    def __init__(self, message: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


def read_query(text: str) -> Query:
    """Read a query; raises QueryError."""
    found = _SUBJECT.match(text)
    if found is None:
        raise QueryError(f"{text!r} names nothing to look at")
    rest = text[found.end() :]
    if not rest:
        return Query(text, found[1])
    if not rest.startswith("(") or not rest.rstrip().endswith(")"):
        raise QueryError("after the name of a view come parentheses or nothing", found.end())
    bare: list[Bare] = []
    conditions: list[Condition] = []
    offset = found.end() + 1
    inner = rest.rstrip()[1:-1]
    for part in split_items(inner):
        item = part.strip()
        if not item:
            if inner.strip():
                raise QueryError("an empty place between commas", offset)
        else:
            _read_item(item, bare, conditions)
        offset += len(part) + 1
    return Query(text, found[1], tuple(bare), tuple(conditions))


def _read_item(item: str, bare: list[Bare], conditions: list[Condition]) -> None:
    condition = _CONDITION.match(item)
    if condition is not None and item[0] not in "\"'":
        conditions.append(Condition(condition[1].strip(), read_value(condition[3]), condition[2] == "!="))
        return
    found = _FIELD.match(item)
    bare.append(Bare(_unquote(item), found[1], found[2] or found[1]) if found else Bare(_unquote(item)))


def split_items(text: str) -> list[str]:
    """Split at commas that stand outside quotes, brackets and braces; a DN in quotes stays whole."""
    parts = [""]
    quote = ""
    depth = 0
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        if sign == "," and not quote and depth <= 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def read_value(text: str) -> object:
    """Return the value a condition names: true, false, null, a whole number, or text."""
    shown = text.strip()
    if shown.startswith(("'", '"')):
        return _unquote(shown)
    if shown in _CONSTANTS:
        return _CONSTANTS[shown]
    return int(shown) if re.fullmatch(r"-?\d{1,18}", shown) else shown


def _unquote(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0] else text


@dataclass(frozen=True)
class Owners:
    """The names a query may start with, by kind (``tenant``, ``forest``, ``server``, ``world``)."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def kind_of(self, owner: str) -> str | None:
        for kind, names in self.names.items():
            if owner == kind or owner.lower() in (name.lower() for name in names):
                return kind
        return None


def project(value: Any, fields: tuple[tuple[str, str], ...]) -> Any:
    """Keep only these fields of an object, under the names given; no fields = all."""
    if not fields or not isinstance(value, dict):
        return value
    folded = {key.lower(): item for key, item in value.items()}
    return {shown: folded.get(name.lower()) for name, shown in fields}


def holds(value: Any, condition: Condition) -> bool:
    """Whether an object meets a condition; text is compared without regard to case, a list by what it contains."""
    if not isinstance(value, dict):
        return False
    found = next((item for key, item in value.items() if key.lower() == condition.name.lower()), None)
    candidates = found if isinstance(found, list) else [found]
    met = any(_same(candidate, condition.wanted) for candidate in candidates) or (
        found == [] and condition.wanted is None
    )
    return met != condition.negated


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, bool) or isinstance(wanted, bool) or found is None or wanted is None:
        return found is wanted or (isinstance(found, str) and found.lower() == str(wanted).lower())
    return str(found).casefold() == str(wanted).casefold()
