"""What each cmdlet call of a rules editor's script adds to the rules it describes; every other statement is refused.

Nothing is executed: variables stand for texts, conditions and rules in the making. A rule without identifier gets one
made of its names, as the product would make one up. Source: facts "engine" section 18.2.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from engine.rules.rule import (
    ZERO_GUID,
    AttributeFlow,
    Direction,
    FlowType,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
    SyncRule,
)
from engine.rules.scoping import OPERATORS
from engine.rules.script_call import Call, Cmdlet, RuleInTheMaking, kind_of, nearest, single
from engine.rules.script_syntax import Item, Listing, Other, Parameter, Part, Reference, ScriptFault, Statement, Text

SCOPE_CONDITION = "Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition"
JOIN_CONDITION = "Microsoft.IdentityManagement.PowerShell.ObjectModel.JoinCondition"

#: identifiers of rules whose script names none
_NAMELESS = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_TIME_SPAN = re.compile(r"(?:\d{1,8}\.)?\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,7})?")
_NUMBER = re.compile(r"[0-9]{1,9}")
_CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "null": None}


class _KnownFault(Exception):
    """A value comes from a statement whose fault is already told."""


_FAULTY = object()


def _new_rule(call: Call) -> RuleInTheMaking:
    said: dict[str, Any] = {
        "name": call.needed("Name"),
        "direction": call.one_of("Direction", Direction),
        "connector": call.guid("Connector"),
        "source_object_type": call.needed("SourceObjectType"),
        "target_object_type": call.needed("TargetObjectType"),
        "link_type": call.one_of("LinkType", LinkType),
        "precedence": call.number("Precedence"),
        "description": call.text("Description", ""),
        "immutable_tag": call.text("ImmutableTag", ""),
        "precedence_after": call.guid("PrecedenceAfter", ZERO_GUID),
        "precedence_before": call.guid("PrecedenceBefore", ZERO_GUID),
        "disabled": call.switch("Disabled"),
        "enable_password_sync": call.switch("EnablePasswordSync"),
    }
    made_up = str(uuid.uuid5(_NAMELESS, f"{said['connector']}/{said['direction']}/{said['name']}"))
    said["identifier"] = said["internal_identifier"] = call.guid("Identifier", made_up)
    expiry = call.text("SoftDeleteExpiryInterval", "0")
    if expiry != "0" and not _TIME_SPAN.fullmatch(expiry):
        raise call.fault("SoftDeleteExpiryInterval", f"expected 0 or a time span like 1.00:00:00, found {expiry!r}.")
    said["soft_delete_expiry"] = "00:00:00" if expiry == "0" else expiry
    return RuleInTheMaking(call.place, said)


def _add_flow(call: Call) -> RuleInTheMaking:
    rule, kind = call.rule(), call.one_of("FlowType", FlowType)
    sources, constant, expression = call.texts("Source"), None, None
    if kind is FlowType.EXPRESSION:
        expression = call.needed("Expression")
    elif "Expression" in call.arguments and call.text("Expression"):
        raise call.fault("Expression", f"a flow of type {kind} has none: expected -FlowType 'Expression'.")
    elif not sources:
        raise ScriptFault(call.place, f"{call.cmdlet.name}: a flow of type {kind} needs -Source.")
    if kind is FlowType.CONSTANT:
        if len(sources) != 1:
            raise call.fault("Source", f"expected one constant, found {len(sources)}.")
        constant, sources = sources[0], ()
    merge = call.one_of("ValueMergeType", MergeType, MergeType.UPDATE.value)
    once = call.switch("ExecuteOnce")
    rule.flows.append(AttributeFlow(call.needed("Destination"), kind, sources, constant, expression, merge, once))
    return rule


def _new_object(call: Call) -> ScopeClause | JoinClause:
    types = {name.rsplit(".", 1)[1].lower(): name for name in (SCOPE_CONDITION, JOIN_CONDITION)}
    wanted = call.text("TypeName")
    made = next((name for name in types.values() if name.lower() == wanted.lower()), None)
    if made is None:
        guess = types.get(wanted.rsplit(".", 1)[-1].lower())
        told = f"did you mean {guess}?" if guess else nearest(wanted, types.values())
        raise call.fault("TypeName", f"there is no {wanted!r}; {told}")
    value = call.value("ArgumentList")
    arguments = value if isinstance(value, tuple) else (value,)
    if len(arguments) != 3:
        shape = "attribute, value, operator" if made == SCOPE_CONDITION else "csAttribute, mvAttribute, caseSensitive"
        raise call.fault("ArgumentList", f"expected {shape}, found {len(arguments)} values.")
    first, second, third = arguments
    if not isinstance(first, str) or not first:
        raise call.fault("ArgumentList", f"expected an attribute first, found {kind_of(first)}.")
    if made == SCOPE_CONDITION:
        operator = third if isinstance(third, str) else ""
        if operator.upper() not in OPERATORS:
            raise call.fault("ArgumentList", f"there is no operator {operator!r}; {nearest(operator, OPERATORS)}")
        if second is not None and not isinstance(second, str):
            raise call.fault("ArgumentList", f"expected a text to compare with, found {kind_of(second)}.")
        return ScopeClause(first, operator.upper(), second or "")
    if not isinstance(second, str) or not second:
        raise call.fault("ArgumentList", f"expected a metaverse attribute second, found {kind_of(second)}.")
    if not isinstance(third, bool):
        raise call.fault("ArgumentList", f"expected $true or $false third, found {kind_of(third)}.")
    return JoinClause(first, second, third)


def _add_scope(call: Call) -> RuleInTheMaking:
    rule = call.rule()
    rule.scope.append(call.conditions("ScopeConditions", ScopeClause))
    return rule


def _add_join(call: Call) -> RuleInTheMaking:
    rule = call.rule()
    rule.joins.append(call.conditions("JoinConditions", JoinClause))
    return rule


def _add_rule(call: Call) -> RuleInTheMaking:
    return call.rule()


def _get_rule(call: Call) -> None:
    call.guid("Identifier")


def _import_module(call: Call) -> None:
    if call.text("Name").lower() != "adsync":
        raise call.fault("Name", "the only module read here is ADSync.")


def _out_null(call: Call) -> None:
    """Throws output away; nothing here has any."""


_RULE_PARAMETERS = (
    "Name Identifier Description Direction Precedence PrecedenceAfter PrecedenceBefore SourceObjectType "
    "TargetObjectType Connector LinkType SoftDeleteExpiryInterval ImmutableTag EnablePasswordSync Disabled"
)
_FLOW_PARAMETERS = "SynchronizationRule Source Destination FlowType ValueMergeType ExecuteOnce Expression"
CMDLETS = (
    Cmdlet("New-ADSyncRule", _new_rule, tuple(_RULE_PARAMETERS.split()), ("EnablePasswordSync", "Disabled")),
    Cmdlet("Add-ADSyncAttributeFlowMapping", _add_flow, tuple(_FLOW_PARAMETERS.split()), ("ExecuteOnce",)),
    Cmdlet("New-Object", _new_object, ("TypeName", "ArgumentList"), (), ("TypeName", "ArgumentList")),
    Cmdlet("Add-ADSyncScopeConditionGroup", _add_scope, ("SynchronizationRule", "ScopeConditions")),
    Cmdlet("Add-ADSyncJoinConditionGroup", _add_join, ("SynchronizationRule", "JoinConditions")),
    Cmdlet("Add-ADSyncRule", _add_rule, ("SynchronizationRule",)),
    Cmdlet("Get-ADSyncRule", _get_rule, ("Identifier",)),
    Cmdlet("Import-Module", _import_module, ("Name", "Force"), ("Force",), ("Name",)),
    Cmdlet("Out-Null", _out_null),
)
_BY_NAME = {cmdlet.name.lower(): cmdlet for cmdlet in CMDLETS}


class Session:
    """The variables and rules of one script while it is read; faults are gathered statement by statement."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}
        self.spelled: dict[str, str] = {}
        self.made: list[RuleInTheMaking] = []
        self.rules: list[SyncRule] = []
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
        cmdlet = _BY_NAME.get(head.text.lower())
        if cmdlet is None:
            told = nearest(head.text, (one.name for one in CMDLETS))
            raise ScriptFault(head.place, f"{head.text} is no cmdlet of the rules editor's scripts; {told}")
        call = Call(cmdlet, parts, self.value)
        result = cmdlet.perform(call)
        if isinstance(result, RuleInTheMaking):
            if result not in self.made:
                self.made.append(result)
            if cmdlet.perform is _add_rule:
                self._add(call, result)
        if "OutVariable" in call.arguments:
            self._set(call.needed("OutVariable"), (result,))
        return result

    def _add(self, call: Call, making: RuleInTheMaking) -> None:
        rule = making.rule()
        before = next((one for one in self.made if one.added and one.said["identifier"] == rule.identifier), None)
        if before is not None:
            told = f"the rule of line {before.place.line} has the identifier {rule.identifier} already."
            raise ScriptFault(call.place, told)
        making.added = True
        self.rules.append(rule)

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
