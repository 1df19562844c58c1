"""Rules as the wizard's policy file holds them (JSON), to SyncRule and back, unknown keys kept.

A standard rule may be named only (name, identifier, tag, precedence): whoever knows the server's options completes it.
The names of keys are those seen in published files and scripts that read them; joins, flow details and the fields such
scripts never touch are ours. Source: facts "engine" section 19.1; community scripts over exported policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.rules.json_document import JsonValue
from engine.rules.json_fields import Complaints, Fields
from engine.rules.place import JSON_CHARACTER, ReadRule, RulePlace, Spot
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

#: Custom rules are carried with these numbers only; others would shift (facts "install" CFG-05).
CUSTOM_PRECEDENCE_MAX = 99

#: JSON name -> the name of the part as place.py has it
_KEYS: Mapping[str, str] = {
    "name": "name",
    "uniqueIdentifier": "id",
    "internalIdentifier": "internal-id",
    "immutableTag": "immutable-tag",
    "precedence": "precedence",
    "description": "description",
    "version": "version",
    "direction": "direction",
    "disabled": "disabled",
    "connector": "connector",
    "source": "sourceObjectType",
    "target": "targetObjectType",
    "linkType": "linkType",
    "precedenceBefore": "precedence-before",
    "precedenceAfter": "precedence-after",
    "softDeleteExpiryInterval": "softDeleteExpiryInterval",
    "enablePasswordSync": "EnablePasswordSync",
    "scopeFilters": "synchronizationCriteria",
    "joinFilters": "relationshipCriteria",
    "attributeMappings": "attribute-mappings",
    "elements": "",
}
#: what a standard rule is named by when nothing else of it is said
_NAMING = ("name", "uniqueIdentifier", "internalIdentifier", "immutableTag", "precedence", "connector", "disabled")


@dataclass(frozen=True)
class JsonRule:
    """A rule read. named_only: nothing but its name is said. unknown: keys nobody here knows."""

    read: ReadRule
    named_only: bool = False
    unknown: dict[str, Any] = field(default_factory=dict)


def read_json_rule(
    value: JsonValue, complaints: Complaints, connector: str, *, custom: bool, any_precedence: bool = False
) -> JsonRule:
    """Read one rule; what is wrong with it goes to ``complaints`` and the rest is read on.

    connector: whose the rule is when it does not say so itself.
    """
    before = len(complaints.lines)
    said = value.value if isinstance(value.value, dict) else {}
    title = next((inner.value for key, inner in said.items() if key.lower() == "name"), None)
    fields = Fields(value, complaints, f"the rule {title}" if isinstance(title, str) else "a rule")
    details = {name.lower() for name in _KEYS.keys() - set(_NAMING)}
    named_only = not custom and details.isdisjoint(fields.values)
    reader = _Rule(fields, named_only)
    rule = reader.rule(connector)
    if not custom and not rule.immutable_tag:
        fields.missing("immutableTag")
    if custom and rule.immutable_tag:
        complaints.add(value, f"{fields.what}: a rule with the tag {rule.immutable_tag} is no custom rule.")
    number = fields.get("precedence")
    if custom and number is not None and rule.precedence > CUSTOM_PRECEDENCE_MAX and not any_precedence:
        limit = f"a custom rule has a precedence from 0 to {CUSTOM_PRECEDENCE_MAX}, not {rule.precedence}"
        complaints.add(number, f"{fields.what}: {limit}; importing it would shift it.")
    place = RulePlace(complaints.file, reader.spots)
    return JsonRule(ReadRule(rule, place, len(complaints.lines) == before), named_only, fields.unknown())


class _Rule:
    """Takes one rule's object apart."""

    def __init__(self, fields: Fields, named_only: bool) -> None:
        self.fields = fields
        self.named_only = named_only
        self.spots = {"": Spot(fields.place.line, fields.place.column)}
        for name, part in _KEYS.items():
            self.mark(part, fields.values.get(name.lower()))

    def mark(self, key: str, value: JsonValue | None, *, inside: bool = False) -> None:
        if value is None or not key:
            return
        self.spots[key] = Spot(value.line, value.column)
        if inside and isinstance(value.value, str):
            self.spots[key] = Spot(value.line, value.column + 1, value.raw, JSON_CHARACTER)

    def rule(self, connector: str) -> SyncRule:
        fields = self.fields
        identifier = fields.guid("uniqueIdentifier")
        if not connector and fields.get("connector") is None:
            fields.missing("connector")
        whole = not self.named_only
        return SyncRule(
            identifier=identifier,
            name=fields.text("name"),
            direction=fields.one_of("direction", Direction, None if whole else Direction.INBOUND),
            connector=fields.guid("connector", default=connector),
            source_object_type=fields.text("source", default=None if whole else ""),
            target_object_type=fields.text("target", default=None if whole else ""),
            link_type=fields.one_of("linkType", LinkType, None if whole else LinkType.JOIN),
            precedence=fields.number("precedence"),
            flows=self.flows(),
            scope=tuple(tuple(map(self.clause, group)) for group in self.groups("scopeFilters", "scope")),
            joins=tuple(tuple(map(self.join, group)) for group in self.groups("joinFilters", "join")),
            description=fields.text("description", default=""),
            version=fields.number("version", default=1),
            immutable_tag=fields.text("immutableTag", default=""),
            disabled=fields.boolean("disabled"),
            enable_password_sync=fields.boolean("enablePasswordSync"),
            precedence_after=fields.guid("precedenceAfter", default=ZERO_GUID),
            precedence_before=fields.guid("precedenceBefore", default=ZERO_GUID),
            soft_delete_expiry=fields.text("softDeleteExpiryInterval", default="00:00:00"),
            internal_identifier=fields.guid("internalIdentifier", default=identifier),
            unknown=self.elements(),
        )

    def elements(self) -> dict[str, str]:
        """XML elements nobody knows, which a rule of an exported folder brought along."""
        value = self.fields.get("elements")
        if value is None:
            return {}
        inner = Fields(value, self.fields.complaints, f"{self.fields.what}: elements")
        return {inner.names[key]: inner.text(inner.names[key], default="") for key in inner.values}

    def groups(self, name: str, word: str) -> list[list[Fields]]:
        """Condition groups: a list of lists; a plain list is one group."""
        items = self.fields.items(name)
        if items and all(isinstance(item.value, dict) for item in items):
            groups = [items]
        else:
            groups = [item.value if isinstance(item.value, list) else [item] for item in items]
        for number, group in enumerate(groups):
            for position, clause in enumerate(group):
                self.mark(f"{word} {number} {position}", clause)
        what = f"{self.fields.what}: a condition of {name}"
        return [[Fields(clause, self.fields.complaints, what) for clause in group] for group in groups]

    @staticmethod
    def clause(fields: Fields) -> ScopeClause:
        return ScopeClause(fields.text("attribute"), fields.text("condition"), fields.text("value", default=""))

    @staticmethod
    def join(fields: Fields) -> JoinClause:
        exact = fields.boolean("caseSensitive")
        return JoinClause(fields.text("csAttribute"), fields.text("mvAttribute"), exact)

    def flows(self) -> tuple[AttributeFlow, ...]:
        found = []
        for number, item in enumerate(self.fields.items("attributeMappings")):
            fields = Fields(item, self.fields.complaints, f"{self.fields.what}: a mapping")
            if isinstance(item.value, dict):
                found.append(self.flow(number, item, fields))
        return tuple(found)

    def flow(self, number: int, item: JsonValue, fields: Fields) -> AttributeFlow:
        self.mark(f"flow {number}", item)
        self.mark(f"flow {number} dest", fields.get("destination"))
        self.mark(f"flow {number} src", fields.get("source"))
        self.mark(f"expression {number}", fields.get("expression"), inside=True)
        target, said = fields.text("destination"), fields.get("flowType")
        implied = FlowType.EXPRESSION if fields.get("expression") is not None else FlowType.DIRECT
        kind = fields.one_of("flowType", FlowType) if said is not None else implied
        expression, constant, sources = fields.get("expression"), fields.get("constant"), fields.texts("source")
        fields.what = f"{self.fields.what}: the mapping to {target or '?'}"
        if kind is FlowType.EXPRESSION and not fields.text("expression", default=""):
            fields.missing("expression")
        if kind is FlowType.CONSTANT:
            if len(sources) != 1:
                fields.complaints.add(item, f"{fields.what}: a constant is one source, not {len(sources)}.")
            text, sources = (sources[0] if sources else ""), ()
        else:
            text = fields.text("constant", default="") if constant is not None else ""
        return AttributeFlow(
            target,
            kind,
            sources,
            text if kind is FlowType.CONSTANT or constant is not None else None,
            fields.text("expression", default="") if expression is not None else None,
            fields.one_of("valueMergeType", MergeType, MergeType.UPDATE),
            fields.boolean("executeOnce"),
        )


def json_of_rule(
    rule: SyncRule, unknown: Mapping[str, Any] | None = None, *, named_only: bool = False
) -> dict[str, Any]:
    """The rule as plain data for a policy file; fields that say nothing beyond the default are left out."""
    said = {**dict(_naming(rule)), **({} if named_only else dict(_details(rule)))}
    return {**said, **(unknown or {})}


def _naming(rule: SyncRule) -> Iterator[tuple[str, Any]]:
    yield "name", rule.name
    yield "uniqueIdentifier", rule.identifier
    if rule.internal_identifier not in ("", rule.identifier):
        yield "internalIdentifier", rule.internal_identifier
    if rule.immutable_tag:
        yield "immutableTag", rule.immutable_tag
    yield "precedence", rule.precedence
    yield "connector", rule.connector
    if rule.disabled:
        yield "disabled", True


def _details(rule: SyncRule) -> Iterator[tuple[str, Any]]:
    yield "description", rule.description
    if rule.version != 1:
        yield "version", rule.version
    yield "direction", rule.direction.value
    yield "source", rule.source_object_type
    yield "target", rule.target_object_type
    yield "linkType", rule.link_type.value
    for name, guid in (("precedenceBefore", rule.precedence_before), ("precedenceAfter", rule.precedence_after)):
        if guid != ZERO_GUID:
            yield name, guid
    if rule.soft_delete_expiry != "00:00:00":
        yield "softDeleteExpiryInterval", rule.soft_delete_expiry
    yield "enablePasswordSync", rule.enable_password_sync
    yield "scopeFilters", [[_clause(clause) for clause in group] for group in rule.scope]
    yield "joinFilters", [[dict(_join(clause)) for clause in group] for group in rule.joins]
    yield "attributeMappings", [dict(_mapping(flow)) for flow in rule.flows]
    if rule.unknown:
        yield "elements", dict(rule.unknown)


def _clause(clause: ScopeClause) -> dict[str, Any]:
    return {"attribute": clause.attribute, "condition": clause.operator, "value": clause.value}


def _join(clause: JoinClause) -> Iterator[tuple[str, Any]]:
    yield "csAttribute", clause.cs_attribute
    yield "mvAttribute", clause.mv_attribute
    if clause.case_sensitive:
        yield "caseSensitive", True


def _mapping(flow: AttributeFlow) -> Iterator[tuple[str, Any]]:
    yield "destination", flow.target
    yield "flowType", flow.type.value
    if flow.type is FlowType.CONSTANT:
        yield "source", [flow.constant or ""]
    else:
        if flow.sources:
            yield "source", list(flow.sources)
        if flow.constant is not None:
            yield "constant", flow.constant
    if flow.expression is not None:
        yield "expression", flow.expression
    if flow.merge is not MergeType.UPDATE:
        yield "valueMergeType", flow.merge.value
    if flow.execute_once:
        yield "executeOnce", True
