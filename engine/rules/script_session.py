"""A rules editor's script performed statement by statement: its variables, the rules it makes, every fault placed.

Nothing is executed: variables stand for texts, conditions and rules in the making. Source: facts "engine" 18.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from engine.rules.script_call import Call, RuleInTheMaking, nearest, single
from engine.rules.script_cmdlets import BY_NAME, CMDLETS, add_rule
from engine.rules.script_syntax import Item, Listing, Other, Parameter, Part, Reference, ScriptFault, Statement, Text

_NUMBER = re.compile(r"[0-9]{1,9}")
_CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "null": None}


class _KnownFault(Exception):
    """A value comes from a statement whose fault is already told."""


_FAULTY = object()


class Session:
    """The variables and rules of one script while it is read; faults are gathered statement by statement."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}
        self.spelled: dict[str, str] = {}
        self.made: list[RuleInTheMaking] = []
        self.rules: list[RuleInTheMaking] = []
        self.faults: list[ScriptFault] = []

    def perform(self, statement: Statement) -> None:
        """Take in one statement."""
        try:
            self._perform(statement)
        except ScriptFault as fault:
            self.faults.append(fault)
            self._mark_faulty(statement)
        except _KnownFault:
            self._mark_faulty(statement)

    def finish(self) -> None:
        """A rule that is made and never added is a fault; where others are told, it may be their consequence."""
        if self.faults:
            return
        self.faults += [
            ScriptFault(one.place, f"the rule {one.said['name']!r} is never added: Add-ADSyncRule is missing.")
            for one in self.made
            if not one.added
        ]

    def value(self, item: Item) -> Any:
        """What an argument stands for: a text, $true, $false, $null, a rule, a condition, or a tuple of them."""
        if isinstance(item, Text):
            return item.text
        if isinstance(item, Listing):
            return tuple(self.value(one) for one in item.items)
        if item.name.lower() in _CONSTANTS:
            return _CONSTANTS[item.name.lower()]
        if item.name.lower() not in self.variables:
            known = [f"${name}" for name in self.spelled.values()]
            told = nearest(f"${item.name}", known) if known else "no variable is set before this line."
            raise ScriptFault(item.place, f"the variable ${item.name} is not set; {told}")
        return self._inside(item, self.variables[item.name.lower()])

    def _inside(self, item: Reference, value: Any) -> Any:
        if value is _FAULTY:
            raise _KnownFault
        if item.index is not None:
            values = value if isinstance(value, tuple) else (value,)
            if item.index >= len(values):
                raise ScriptFault(item.place, f"${item.name} holds {len(values)}: there is no [{item.index}].")
            value = values[item.index]
        for name in item.properties:
            found = single(value)
            known = {"identifier": "identifier", "name": "name"}
            if not isinstance(found, RuleInTheMaking) or name.lower() not in known:
                raise ScriptFault(item.place, f"the property .{name} is not read: expected .Identifier of a rule.")
            value = found.said[known[name.lower()]]
        return value

    def _perform(self, statement: Statement) -> None:
        first, *others = statement.calls
        head = first[0]
        if isinstance(head, Text) and head.bare and not (statement.target and _NUMBER.fullmatch(head.text)):
            result = self._call(first)
        elif statement.target and not isinstance(head, Parameter | Other):
            if len(first) > 1:
                raise ScriptFault(first[1].place, "expected the end of the line after the value.")
            result = self.value(head)
        else:
            raise ScriptFault(head.place, _no_statement(head))
        for call in others:
            if not (isinstance(call[0], Text) and call[0].text.lower() == "out-null"):
                raise ScriptFault(call[0].place, "a pipeline is read only into Out-Null.")
            self._call(call)
            result = None if statement.target else result
        if statement.target:
            self._set(statement.target, result)

    def _call(self, parts: tuple[Part, ...]) -> Any:
        head = parts[0]
        assert isinstance(head, Text)
        cmdlet = BY_NAME.get(head.text.lower())
        if cmdlet is None:
            told = nearest(head.text, (one.name for one in CMDLETS))
            raise ScriptFault(head.place, f"{head.text} is no cmdlet of the rules editor's scripts; {told}")
        call = Call(cmdlet, parts, self.value)
        result = cmdlet.perform(call)
        if isinstance(result, RuleInTheMaking):
            if result not in self.made:
                self.made.append(result)
            if cmdlet.perform is add_rule:
                self._add(call, result)
        if "OutVariable" in call.arguments:
            self._set(call.needed("OutVariable"), (result,))
        return result

    def _add(self, call: Call, making: RuleInTheMaking) -> None:
        identifier = making.said["identifier"]
        before = next((one for one in self.made if one.added and one.said["identifier"] == identifier), None)
        if before is not None:
            told = f"the rule of line {before.place.line} has the identifier {identifier} already."
            raise ScriptFault(call.place, told)
        making.added = True
        self.rules.append(making)

    def _set(self, name: str, value: Any) -> None:
        self.variables[name.lower()] = value
        self.spelled.setdefault(name.lower(), name)

    def _mark_faulty(self, statement: Statement) -> None:
        for name in _targets(statement):
            self._set(name, _FAULTY)


def _targets(statement: Statement) -> Iterator[str]:
    """The variables a statement would have set anew; a call that adds to a rule leaves the rule as it was."""
    if statement.target:
        yield statement.target
    for call in statement.calls:
        if isinstance(call[0], Text) and call[0].text.lower().startswith("add-"):
            continue
        for part, following in pairwise(call):
            if isinstance(part, Parameter) and part.name.lower() == "outvariable" and isinstance(following, Text):
                yield following.text


def _no_statement(head: Part) -> str:
    if isinstance(head, Parameter):
        return f"-{head.name} begins a line: the line before lacks its backtick."
    if isinstance(head, Other):
        return f"{head.text!r} begins no statement of the rules editor's scripts: expected a cmdlet."
    return "a value alone does nothing: expected a cmdlet."
