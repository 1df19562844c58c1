"""One cmdlet call of a rules editor's script: arguments bound to parameters, each asked for by the kind it must have.

Every fault says its place, what was expected and the nearest right name. Source: facts "engine" section 18.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from engine.rules.nearest import nearest_name
from engine.rules.place import DOUBLE_QUOTED_CHARACTER, SINGLE_QUOTED_CHARACTER, ReadRule, RulePlace, Spot
from engine.rules.rule import AttributeFlow, JoinClause, ScopeClause, SyncRule
from engine.rules.script_syntax import SINGLE_QUOTES, Item, Other, Parameter, Part, Place, ScriptFault, Text

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
_NUMBER = re.compile(r"[0-9]{1,9}")
#: every cmdlet has these; what they say changes nothing but a variable
_OF_ALL = ("OutVariable", "ErrorAction")

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Condition:
    """What New-Object made: a clause, and where."""

    clause: ScopeClause | JoinClause
    place: Place


@dataclass(slots=True, eq=False)
class RuleInTheMaking:
    """What New-ADSyncRule said, and what later calls added. spots: where each part stands, as place.py names them."""

    place: Place
    said: dict[str, Any]
    spots: dict[str, Spot] = field(default_factory=dict)
    flows: list[AttributeFlow] = field(default_factory=list)
    scope: list[tuple[ScopeClause, ...]] = field(default_factory=list)
    joins: list[tuple[JoinClause, ...]] = field(default_factory=list)
    added: bool = False

    def rule(self) -> SyncRule:
        return SyncRule(**self.said, flows=tuple(self.flows), scope=tuple(self.scope), joins=tuple(self.joins))

    def read(self, file: str) -> ReadRule:
        return ReadRule(self.rule(), RulePlace(file, {"": Spot(self.place.line, self.place.column), **self.spots}))

    def add_group(self, word: str, conditions: Iterable[Condition]) -> None:
        """Take in a group of scope or join conditions."""
        made = tuple(conditions)
        groups: list[Any] = self.scope if word == "scope" else self.joins
        for position, one in enumerate(made):
            self.spots[f"{word} {len(groups)} {position}"] = Spot(one.place.line, one.place.column)
        groups.append(tuple(one.clause for one in made))


def nearest(word: str, names: Iterable[str]) -> str:
    """The end of a message about a word that is none of the names."""
    known = tuple(names)
    found = nearest_name(word, known, 0.5)
    return f"did you mean {found}?" if found else f"expected one of {', '.join(known)}."


@dataclass(frozen=True, slots=True)
class Cmdlet:
    """switches are parameters without a value; positional ones may stand without their name."""

    name: str
    perform: Callable[[Call], Any]
    parameters: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    positional: tuple[str, ...] = ()


class Call:
    """One cmdlet call: its arguments by parameter, each asked for with the kind of value it must have."""

    def __init__(self, cmdlet: Cmdlet, parts: tuple[Part, ...], value_of: Callable[[Item], Any]) -> None:
        self.value_of = value_of
        self.cmdlet = cmdlet
        self.place = parts[0].place
        self.arguments: dict[str, tuple[Parameter | None, Item | None]] = {}
        self._bind(list(parts[1:]))

    def _bind(self, parts: list[Part]) -> None:
        known = {name.lower(): name for name in (*self.cmdlet.parameters, *_OF_ALL)}
        positional = iter(self.cmdlet.positional)
        while parts:
            part = parts.pop(0)
            if isinstance(part, Other):
                raise ScriptFault(part.place, _stray(part.text))
            if not isinstance(part, Parameter):
                name = next((one for one in positional if one not in self.arguments), None)
                if name is None:
                    raise ScriptFault(part.place, f"{self.cmdlet.name}: expected a parameter before this value.")
                self.arguments[name] = (None, part)
                continue
            name = known.get(part.name.lower())
            if name is None:
                told = nearest(part.name, (f"-{one}" for one in known.values()))
                raise ScriptFault(part.place, f"{self.cmdlet.name} has no parameter -{part.name}; {told}")
            if name in self.arguments:
                raise ScriptFault(part.place, f"-{name} stands twice in this call.")
            takes_value = name not in self.cmdlet.switches or part.bound
            value = parts.pop(0) if takes_value and parts else None
            if takes_value and (value is None or isinstance(value, Parameter | Other)):
                raise ScriptFault(value.place if value else part.place, f"-{name}: expected a value.")
            self.arguments[name] = (part, value if not isinstance(value, Parameter | Other) else None)

    def where(self, name: str) -> Place:
        parameter, value = self.arguments.get(name, (None, None))
        return value.place if value else parameter.place if parameter else self.place

    def spot(self, name: str, *, inside: bool = False) -> Spot:
        """Where a value stands; inside: its first character, with the spelling of those that follow."""
        place, (_, item) = self.where(name), self.arguments.get(name, (None, None))
        if not inside or not isinstance(item, Text) or not item.raw:
            return Spot(place.line, place.column)
        character = SINGLE_QUOTED_CHARACTER if item.raw[0] in SINGLE_QUOTES else DOUBLE_QUOTED_CHARACTER
        return Spot(place.line, place.column + 1, item.raw[1:], character)

    def fault(self, name: str, reason: str) -> ScriptFault:
        return ScriptFault(self.where(name), f"-{name}: {reason}")

    def value(self, name: str) -> Any:
        _, item = self.arguments.get(name, (None, None))
        if item is None:
            raise ScriptFault(self.place, f"{self.cmdlet.name}: -{name} is missing.")
        return self.value_of(item)

    def text(self, name: str, default: str | None = None) -> str:
        if default is not None and name not in self.arguments:
            return default
        return self._text(name, self.value(name))

    def _text(self, name: str, value: object) -> str:
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        raise self.fault(name, f"expected a text, found {kind_of(value)}.")

    def texts(self, name: str) -> tuple[str, ...]:
        if name not in self.arguments:
            return ()
        value = self.value(name)
        return tuple(self._text(name, one) for one in (value if isinstance(value, tuple) else (value,)))

    def needed(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise self.fault(name, "needs a value.")
        return text

    def guid(self, name: str, default: str | None = None) -> str:
        text = self.text(name, default)
        found = _GUID.fullmatch(text)
        if found is None:
            raise self.fault(name, f"expected a GUID, found {text!r}.")
        return found[1].lower()

    def number(self, name: str) -> int:
        text = self.text(name)
        if not _NUMBER.fullmatch(text):
            raise self.fault(name, f"expected a whole number, found {text!r}.")
        return int(text)

    def switch(self, name: str) -> bool:
        if name not in self.arguments:
            return False
        _, item = self.arguments[name]
        value = True if item is None else self.value_of(item)
        if not isinstance(value, bool):
            raise self.fault(name, f"expected $true or $false, found {kind_of(value)}.")
        return value

    def one_of(self, name: str, kind: type[_Word], default: str | None = None) -> _Word:
        text = self.text(name, default)
        for member in kind:
            if member.value.lower() == text.lower():
                return member
        raise self.fault(name, f"there is no {text!r}; {nearest(text, (member.value for member in kind))}")

    def rule(self) -> RuleInTheMaking:
        value = single(self.value("SynchronizationRule"))
        if not isinstance(value, RuleInTheMaking):
            raise self.fault("SynchronizationRule", f"expected a rule of New-ADSyncRule, found {kind_of(value)}.")
        if value.added:
            raise self.fault(
                "SynchronizationRule",
                f"the rule of line {value.place.line} is added already: expected one in the making.",
            )
        return value

    def conditions(self, name: str, kind: type[ScopeClause] | type[JoinClause]) -> tuple[Condition, ...]:
        value = self.value(name)
        found: tuple[Any, ...] = tuple(single(one) for one in (value if isinstance(value, tuple) else (value,)))
        wrong = next((one for one in found if not (isinstance(one, Condition) and isinstance(one.clause, kind))), None)
        if wrong is not None:
            word = "ScopeCondition" if kind is ScopeClause else "JoinCondition"
            raise self.fault(name, f"expected objects of type {word}, found {kind_of(wrong)}.")
        return found


def single(value: object) -> object:
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def kind_of(value: object) -> str:
    """What a value is, for a message."""
    match value:
        case None:
            return "$null"
        case bool():
            return f"${str(value).lower()}"
        case str():
            return f"the text {value[:40]!r}"
        case tuple():
            return f"a list of {len(value)}"
        case RuleInTheMaking():
            return "a rule"
        case _:
            return "a condition"


def _stray(text: str) -> str:
    if text == "`":
        return "a backtick continues a line only as its last character: remove the blanks after it."
    return f"{text!r} is not read here: expected a parameter, a value or the end of the call."
