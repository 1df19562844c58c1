"""Synchronization rules at the prompt: shown, made, changed, added, removed; a script of the rules editor works pasted.

What a rule's cmdlets may say is decided where such scripts are read (engine/rules/script_cmdlets.py), what a rule set
may hold where rules are edited (engine/rules/editing.py). Source: facts "engine" sections 6.1, 18.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import Any

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record, truth
from engine.cmdlets.registry import Cmdlet, Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.rules.editing import add_rules, remove_rules
from engine.rules.rule import AttributeFlow, JoinClause, LinkType, ScopeClause, SyncRule
from engine.rules.script_call import Call, Condition, RuleInTheMaking
from engine.rules.script_call import Cmdlet as ScriptCmdlet
from engine.rules.script_cmdlets import CMDLETS as SCRIPT_CMDLETS
from engine.rules.script_syntax import Parameter as ScriptParameter
from engine.rules.script_syntax import Place, Reference, ScriptFault, Text
from engine.timespan import timespan_text

CONFIGURATION_PARAMETER = "Microsoft.IdentityManagement.PowerShell.ObjectModel.ConfigurationParameter"
_PLACE = Place(1, 1)
#: what may be set on a rule that Get-ADSyncRule showed, and the field it changes
_SETTABLE = {
    "Name": "name",
    "Description": "description",
    "Disabled": "disabled",
    "Precedence": "precedence",
    "PrecedenceAfter": "precedence_after",
    "PrecedenceBefore": "precedence_before",
    "LinkType": "link_type",
    "EnablePasswordSync": "enable_password_sync",
    "ImmutableTag": "immutable_tag",
}


@cmdlet("Get-ADSyncRule", Parameter("Identifier", Kind.GUID, position=0, piped=("Identifier",)), reads=True)
def get_adsync_rule(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show the synchronization rules by precedence, or the one of an identifier."""
    rules = sorted(server.rules().values(), key=lambda rule: rule.precedence)
    if "Identifier" not in parameters:
        return [rule_record(rule) for rule in rules]
    identifier = parameters["Identifier"]
    found = [rule for rule in rules if rule.identifier == identifier]
    if not found:
        raise EngineError("no-such-rule", f"There is no synchronization rule {identifier}.")
    return [rule_record(rule) for rule in found]


@cmdlet("Add-ADSyncRule", Parameter("SynchronizationRule", Kind.OBJECT, needed=True, position=0, piped=("*",)))
def add_adsync_rule(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Add a rule to the server, or put a changed one in the place of the one with its identifier."""
    record = _one(parameters["SynchronizationRule"])
    if isinstance(record.source, RuleInTheMaking):
        rule = record.source.rule()
        record.source.added = True
    elif isinstance(record.source, SyncRule):
        rule = _changed(record.source, record)
    else:
        raise EngineError("PARAMETER_VALUE", "-SynchronizationRule takes a rule of New-ADSyncRule or Get-ADSyncRule.")
    server.connector(rule.connector)
    add_rules(server, [rule])
    return []


@cmdlet(
    "Remove-ADSyncRule",
    Parameter("SynchronizationRule", Kind.OBJECT, position=0, piped=("*",)),
    Parameter("Identifier", Kind.GUID),
)
def remove_adsync_rule(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Delete a rule."""
    given = parameters.one_of("SynchronizationRule", "Identifier")
    identifier = given if isinstance(given, str) else str(_one(given).get("Identifier", ""))
    rule = next((one for one in server.rules().values() if one.identifier == identifier.strip("{}").lower()), None)
    if rule is None:
        raise EngineError("no-such-rule", f"There is no synchronization rule {identifier}.")
    remove_rules(server, rule.name, rule.connector)
    return []


def _one(value: Any) -> Record:
    one = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    if not isinstance(one, Record):
        raise EngineError("PARAMETER_VALUE", "-SynchronizationRule takes one rule of New-ADSyncRule or Get-ADSyncRule.")
    return one


def _changed(rule: SyncRule, record: Record) -> SyncRule:
    """The rule with what was set on its record."""
    changes: dict[str, Any] = {}
    for name, shown in rule_record(rule).items():
        if record.get(name) == shown:
            continue
        if name not in _SETTABLE:
            raise EngineError("RULE_PROPERTY", f"{name} of a rule cannot be set here; {', '.join(_SETTABLE)} can.")
        changes[_SETTABLE[name]] = record[name]
    for name in ("disabled", "enable_password_sync"):
        if name in changes:
            changes[name] = truth(changes[name])
    try:
        if "precedence" in changes:
            changes["precedence"] = int(changes["precedence"])
        if "link_type" in changes:
            changes["link_type"] = LinkType(str(changes["link_type"]))
    except ValueError as wrong:
        raise EngineError("RULE_PROPERTY", f"The rule cannot be changed so: {wrong}.") from None
    return replace(rule, **changes)


# ---- the editor's scripts --------------------------------------------------------------------------------------------
def _script_cmdlet(model: ScriptCmdlet) -> Cmdlet:
    """A cmdlet of the editor's scripts, run by what reads such scripts."""

    def body(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
        del server
        parts: list[Any] = [Text(_PLACE, model.name, bare=True)]
        for name in parameters.values:
            parts += [ScriptParameter(_PLACE, name, bound=True), Reference(_PLACE, name)]
        try:
            made = model.perform(Call(model, tuple(parts), lambda item: _plain(parameters[item.name])))  # type: ignore[union-attr]
        except ScriptFault as fault:
            raise EngineError("RULE_SCRIPT", fault.message) from None
        return [_made(made)]

    body.__doc__ = _HELP[model.name]
    declared = tuple(
        Parameter(
            name,
            Kind.SWITCH if name in model.switches else Kind.OBJECT,
            position=model.positional.index(name) if name in model.positional else None,
        )
        for name in model.parameters
    )
    return cmdlet(model.name, *declared)(body)


_HELP = {
    "New-ADSyncRule": "Begin a rule; Add-ADSyncRule puts it on the server.",
    "Add-ADSyncAttributeFlowMapping": "Add an attribute flow to a rule in the making.",
    "Add-ADSyncScopeConditionGroup": "Add a group of scope conditions to a rule in the making.",
    "Add-ADSyncJoinConditionGroup": "Add a group of join conditions to a rule in the making.",
    "New-Object": "Make a scope condition, a join condition or a configuration parameter.",
}


def _plain(value: Any) -> Any:
    """A value of the prompt as the reader of scripts takes it."""
    match value:
        case Record():
            return value.source if value.source is not None else value
        case list() | tuple():
            return tuple(_plain(one) for one in value)
        case bool() | None:
            return value
        case Enum():
            return str(value.value)
        case timedelta():
            return timespan_text(value)
        case int() | float():
            return str(value)
    return value


def _made(made: Any) -> Record:
    if isinstance(made, RuleInTheMaking):
        return _record("SynchronizationRule", rule_row(made.rule()), made)
    assert isinstance(made, Condition)
    return _condition(made.clause)


def _condition(clause: ScopeClause | JoinClause) -> Record:
    """A condition as New-Object makes it; the cmdlets that add groups take it back."""
    made = Condition(clause, _PLACE)
    if isinstance(clause, ScopeClause):
        return Record("ScopeCondition", _scope_row(clause), made)
    return Record("JoinCondition", _join_row(clause), made)


def _new_object(model: ScriptCmdlet) -> Cmdlet:
    """New-Object, which also makes the parameter that asks for a full password synchronization."""
    plain = _script_cmdlet(model)

    def body(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
        if str(parameters.get("TypeName", "")).lower() != CONFIGURATION_PARAMETER.lower():
            found: Sequence[Record] = plain.body(server, parameters)
            return found
        given = parameters.get("ArgumentList")
        name = given[0] if isinstance(given, list | tuple) and given else given
        if not isinstance(name, str):
            raise EngineError("PARAMETER_VALUE", "A configuration parameter needs a name as its first argument.")
        return [Record("ConfigurationParameter", {"Name": name, "Value": None})]

    body.__doc__ = plain.help
    return cmdlet(model.name, *plain.parameters)(body)


# ---- records ---------------------------------------------------------------------------------------------------------
def rule_record(rule: SyncRule) -> Record:
    """A rule as Get-ADSyncRule shows it."""
    return _record("SynchronizationRule", rule_row(rule), rule)


def _record(type_name: str, row: dict[str, Any], source: object) -> Record:
    return Record(type_name, row, source)


def rule_row(rule: SyncRule) -> dict[str, Any]:
    """The properties of a rule under the names of the cmdlet."""
    return {
        "Identifier": rule.identifier,
        "InternalIdentifier": rule.internal_identifier or rule.identifier,
        "Name": rule.name,
        "Version": rule.version,
        "Description": rule.description,
        "ImmutableTag": rule.immutable_tag,
        "Connector": rule.connector,
        "Direction": rule.direction,
        "Disabled": rule.disabled,
        "SourceObjectType": rule.source_object_type,
        "TargetObjectType": rule.target_object_type,
        "Precedence": rule.precedence,
        "PrecedenceAfter": rule.precedence_after,
        "PrecedenceBefore": rule.precedence_before,
        "LinkType": rule.link_type,
        "EnablePasswordSync": rule.enable_password_sync,
        "JoinFilter": [_group("Join", group) for group in rule.joins],
        "ScopeFilter": [_group("Scope", group) for group in rule.scope],
        "AttributeFlowMappings": [Record("AttributeFlowMapping", _flow_row(flow), flow) for flow in rule.flows],
        "SoftDeleteExpiryInterval": rule.soft_delete_expiry,
        "IsStandardRule": rule.is_standard,
    }


def _group(word: str, clauses: Sequence[ScopeClause | JoinClause]) -> Record:
    return Record(f"{word}ConditionGroup", {f"{word}ConditionList": [_condition(clause) for clause in clauses]})


def _join_row(clause: JoinClause) -> dict[str, Any]:
    return {
        "CSAttribute": clause.cs_attribute,
        "MVAttribute": clause.mv_attribute,
        "CaseSensitive": clause.case_sensitive,
    }


def _scope_row(clause: ScopeClause) -> dict[str, Any]:
    return {
        "Attribute": clause.attribute,
        "ComparisonOperator": clause.operator,
        "ComparisonValue": clause.value,
    }


def _flow_row(flow: AttributeFlow) -> dict[str, Any]:
    return {
        "Source": [flow.constant] if flow.constant is not None else list(flow.sources),
        "Destination": flow.target,
        "FlowType": flow.type,
        "ExecuteOnce": flow.execute_once,
        "ValueMergeType": flow.merge,
        "Expression": flow.expression,
    }


_SCRIPTED = {one.name: one for one in SCRIPT_CMDLETS if one.name in _HELP}
new_adsync_rule = _script_cmdlet(_SCRIPTED["New-ADSyncRule"])
add_adsync_attribute_flow_mapping = _script_cmdlet(_SCRIPTED["Add-ADSyncAttributeFlowMapping"])
add_adsync_scope_condition_group = _script_cmdlet(_SCRIPTED["Add-ADSyncScopeConditionGroup"])
add_adsync_join_condition_group = _script_cmdlet(_SCRIPTED["Add-ADSyncJoinConditionGroup"])
new_object = _new_object(_SCRIPTED["New-Object"])
