"""What each cmdlet call of a rules editor's script adds to the rules it describes; every other statement is refused.

Nothing is executed: variables stand for texts, conditions and rules in the making. A rule without identifier gets one
made of its names, as the product would make one up. Source: facts "engine" section 18.2.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from engine.rules.place import Spot
from engine.rules.rule import (
    ZERO_GUID,
    AttributeFlow,
    Direction,
    FlowType,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
)
from engine.rules.scoping import OPERATORS
from engine.rules.script_call import Call, Cmdlet, Condition, RuleInTheMaking, kind_of, nearest
from engine.rules.script_syntax import ScriptFault

SCOPE_CONDITION = "Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition"
JOIN_CONDITION = "Microsoft.IdentityManagement.PowerShell.ObjectModel.JoinCondition"

#: identifiers of rules whose script names none
_NAMELESS = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_TIME_SPAN = re.compile(r"(?:\d{1,8}\.)?\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,7})?")
#: where a field of a rule stands, by the name it has in the exported form
_SPOTS: Mapping[str, str] = {
    "id": "Identifier",
    "name": "Name",
    "direction": "Direction",
    "connector": "Connector",
    "sourceObjectType": "SourceObjectType",
    "targetObjectType": "TargetObjectType",
    "linkType": "LinkType",
    "precedence": "Precedence",
    "precedence-after": "PrecedenceAfter",
    "precedence-before": "PrecedenceBefore",
}


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
    spots = {key: call.spot(name) for key, name in _SPOTS.items() if name in call.arguments}
    return RuleInTheMaking(call.place, said, spots)


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
    flow = AttributeFlow(call.needed("Destination"), kind, sources, constant, expression, merge, once)
    number = len(rule.flows)
    rule.spots[f"flow {number}"] = Spot(call.place.line, call.place.column)
    rule.spots[f"flow {number} dest"] = call.spot("Destination")
    if "Source" in call.arguments:
        rule.spots[f"flow {number} src"] = call.spot("Source")
    if expression is not None:
        rule.spots[f"expression {number}"] = call.spot("Expression", inside=True)
    rule.flows.append(flow)
    return rule


def _new_object(call: Call) -> Condition:
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
        return Condition(ScopeClause(first, operator.upper(), second or ""), call.place)
    if not isinstance(second, str) or not second:
        raise call.fault("ArgumentList", f"expected a metaverse attribute second, found {kind_of(second)}.")
    if not isinstance(third, bool):
        raise call.fault("ArgumentList", f"expected $true or $false third, found {kind_of(third)}.")
    return Condition(JoinClause(first, second, third), call.place)


def _add_scope(call: Call) -> RuleInTheMaking:
    rule = call.rule()
    rule.add_group("scope", call.conditions("ScopeConditions", ScopeClause))
    return rule


def _add_join(call: Call) -> RuleInTheMaking:
    rule = call.rule()
    rule.add_group("join", call.conditions("JoinConditions", JoinClause))
    return rule


def add_rule(call: Call) -> RuleInTheMaking:
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
    Cmdlet("Add-ADSyncRule", add_rule, ("SynchronizationRule",)),
    Cmdlet("Get-ADSyncRule", _get_rule, ("Identifier",)),
    Cmdlet("Import-Module", _import_module, ("Name", "Force"), ("Force",), ("Name",)),
    Cmdlet("Out-Null", _out_null),
)
BY_NAME = {cmdlet.name.lower(): cmdlet for cmdlet in CMDLETS}
