"""Exported rule XML to SyncRule and back, byte for byte. Source: facts "engine" section 19.2.

One ``conditions`` element is one OR group; in outbound rules a scope's ``csAttribute`` names a metaverse attribute.
Elements nobody here knows are kept and written back after the known ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from engine.errors import ConfigurationError
from engine.model.xml_document import XmlElement, XmlWriter, attribute_text, escaped, read_document
from engine.rules.nearest import hint
from engine.rules.place import XML_CHARACTER, ReadRule, RulePlace, Spot
from engine.rules.rule import (
    AttributeFlow,
    Direction,
    FlowType,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
    SyncRule,
)

ROOT = "synchronizationRule"
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?\Z")
_KNOWN_NAMES = (
    "id internal-id version name description immutable-tag direction disabled connector sourceObjectType "
    "targetObjectType linkType precedence precedence-after precedence-before softDeleteExpiryInterval "
    "EnablePasswordSync attribute-mappings relationshipCriteria synchronizationCriteria"
)
_KNOWN = frozenset(_KNOWN_NAMES.split())
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


class _Reading:
    """Takes a rule's elements apart and gathers what is wrong with them."""

    def __init__(self, root: XmlElement, source: str, content: bytes) -> None:
        self.root = root
        self.source = source
        # places inside a text are counted in UTF-8 bytes; in another encoding the element itself must do
        self.content = b"" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else content
        self.problems: list[str] = []
        self.spots: dict[str, Spot] = {"": Spot(root.line, root.column)}
        for element in root:
            self.mark(element.name, element)

    def complain(self, element: XmlElement, reason: str) -> None:
        self.problems.append(f"{self.source}:{element.line}:{element.column}: {element.name}: {reason}")

    def text(self, name: str, default: str | None = None) -> str:
        element = self.root.child(name)
        if element is None:
            if default is None:
                self.complain(self.root, f"the element {name} is missing.")
            return default or ""
        if default is None and not element.text.strip():
            self.complain(element, "needs a value.")
        return element.text.strip()

    def guid(self, name: str, default: str | None = None) -> str:
        text = self.text(name, default)
        match = _GUID.match(text)
        if match is None:
            element = self.root.child(name)
            if text and element is not None:
                self.complain(element, f"{text!r} is not a GUID.")
            return text
        return match[1].lower()

    def number(self, name: str, default: str | None = None) -> int:
        text = self.text(name, default)
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
        element = self.root.child(name)
        if text and element is not None:
            self.complain(element, f"{text!r} is not a number.")
        return 0

    def boolean(self, name: str) -> bool:
        text = self.text(name, "False").lower()
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        element = self.root.child(name)
        if text and element is not None:
            self.complain(element, f"{text!r} is neither True nor False.")
        return False

    def one_of(self, name: str, kind: type[Direction] | type[LinkType], fallback: str) -> str:
        text = self.text(name)
        for member in kind:
            if member.value.lower() == text.lower():
                return member.value
        element = self.root.child(name)
        if text and element is not None:
            choices = ", ".join(member.value for member in kind)
            told = hint(text, (member.value for member in kind))
            self.complain(element, f"{text!r} is none of {choices}.{told}")
        return fallback

    def truth(self, element: XmlElement, text: str) -> bool:
        """A Boolean beside or inside a mapping or condition; absent is False."""
        if text.strip() and text.strip().lower() not in _BOOLEANS:
            self.complain(element, f"{text.strip()!r} is neither True nor False.")
        return _BOOLEANS.get(text.strip().lower(), False)

    def flows(self) -> tuple[AttributeFlow, ...]:
        mappings = self.root.child("attribute-mappings")
        found = [(mapping, flow) for mapping in mappings or () if (flow := self._flow(mapping)) is not None]
        for number, (mapping, _) in enumerate(found):
            self.mark(f"flow {number}", mapping)
            self.mark(f"flow {number} dest", mapping.child("dest"))
            self.mark(f"flow {number} src", mapping.at("src/attr") or mapping.child("src"))
            self.mark(f"expression {number}", mapping.child("expression"), inside=True)
        return tuple(flow for _, flow in found)

    def mark(self, key: str, element: XmlElement | None, *, inside: bool = False) -> None:
        """Note where a part stands; inside: where its text begins, with its spelling."""
        if element is None:
            return
        self.spots[key] = Spot(element.line, element.column)
        start = self.content.find(b">", element.offset) + 1
        if inside and not element.children and start:
            tag = self.content[element.offset : start].decode("utf-8", "replace")
            raw = self.content[start : self.content.find(b"</", start)].decode("utf-8", "replace")
            if "\n" not in tag and "<" not in raw:  # else the element itself must do
                self.spots[key] = Spot(element.line, element.column + len(tag), raw, XML_CHARACTER)

    def _flow(self, mapping: XmlElement) -> AttributeFlow | None:
        target = mapping.text_at("dest")
        if not target:
            self.complain(mapping, "the element dest is missing.")
            return None
        source = mapping.child("src")
        expression = mapping.child("expression")
        names = tuple(attr.text.strip() for attr in source.all("attr")) if source is not None else ()
        constant = source.text if source is not None and not names and source.text.strip() else None
        merge_text = mapping.text_at("valueMergeType") or "Update"
        merge = next((m for m in MergeType if m.value.lower() == merge_text.lower()), None)
        if merge is None:
            told = hint(merge_text, (member.value for member in MergeType))
            self.complain(mapping.child("valueMergeType") or mapping, f"{merge_text!r} is no merge type.{told}")
            merge = MergeType.UPDATE
        once = self.truth(mapping, mapping.attributes.get("execute-once", ""))
        if expression is not None:
            kind = FlowType.EXPRESSION
        elif names:
            kind = FlowType.DIRECT
        elif constant is not None:
            kind = FlowType.CONSTANT
        else:
            self.complain(mapping, f"{target} has neither a source nor an expression.")
            return None
        text = expression.text if expression is not None else None
        return AttributeFlow(target, kind, names, constant, text, merge, once)

    def joins(self) -> tuple[tuple[JoinClause, ...], ...]:
        criteria = self.root.child("relationshipCriteria")
        self._mark_groups("join", criteria)
        return tuple(tuple(self._join(condition) for condition in group) for group in criteria or ())

    def _mark_groups(self, word: str, criteria: XmlElement | None) -> None:
        for number, group in enumerate(criteria or ()):
            for position, clause in enumerate(group):
                self.mark(f"{word} {number} {position}", clause)

    def _join(self, condition: XmlElement) -> JoinClause:
        cs_attribute, mv_attribute = condition.text_at("csAttribute"), condition.text_at("ilmAttribute")
        if not cs_attribute or not mv_attribute:
            self.complain(condition, "needs csAttribute and ilmAttribute.")
        exact = condition.child("caseSensitive")
        return JoinClause(cs_attribute, mv_attribute, exact is not None and self.truth(exact, exact.text))

    def scope(self) -> tuple[tuple[ScopeClause, ...], ...]:
        criteria = self.root.child("synchronizationCriteria")
        self._mark_groups("scope", criteria)
        return tuple(tuple(self._clause(clause) for clause in group) for group in criteria or ())

    def _clause(self, clause: XmlElement) -> ScopeClause:
        attribute, operator = clause.text_at("csAttribute"), clause.text_at("csOperator")
        if not attribute or not operator:
            self.complain(clause, "needs csAttribute and csOperator.")
        value = clause.child("csValue")
        return ScopeClause(attribute, operator, value.text if value is not None and value.text.strip() else "")


def read_rule(source: bytes | str | Path, name: str = "") -> SyncRule:
    """Read one rule from XML or from a file; raises ConfigurationError with every fault of the file, one per line."""
    found, problems = examine_rule(source, name)
    if problems:
        raise ConfigurationError("rule-invalid", "\n".join(problems))
    return found.rule


def examine_rule(source: bytes | str | Path, name: str = "") -> tuple[ReadRule, list[str]]:
    """Read what can be read, and say what cannot; raises ConfigurationError for what is no rule at all."""
    if isinstance(source, Path):
        label = name or source.name
        try:
            content = source.read_bytes()
        except OSError as error:
            raise ConfigurationError("file-unreadable", f"{label}: cannot be read: {error.strerror}.") from None
    else:
        label, content = name or "rule", source.encode() if isinstance(source, str) else source
    root = read_document(source if isinstance(source, str) else content, label)
    if root.name != ROOT:
        message = f"{label}:{root.line}:{root.column}: {root.name}: expected {ROOT}."
        raise ConfigurationError("rule-invalid", message)
    reading = _Reading(root, label, content)
    rule = _rule(reading)
    return ReadRule(rule, RulePlace(label, reading.spots), not reading.problems), reading.problems


def _rule(reading: _Reading) -> SyncRule:
    identifier = reading.guid("id")
    zero = "{00000000-0000-0000-0000-000000000000}"
    return SyncRule(
        identifier=identifier,
        name=reading.text("name"),
        direction=Direction(reading.one_of("direction", Direction, "Inbound")),
        connector=reading.guid("connector"),
        source_object_type=reading.text("sourceObjectType"),
        target_object_type=reading.text("targetObjectType"),
        link_type=LinkType(reading.one_of("linkType", LinkType, "Join")),
        precedence=reading.number("precedence"),
        flows=reading.flows(),
        scope=reading.scope(),
        joins=reading.joins(),
        description=reading.text("description", ""),
        version=reading.number("version", "1"),
        immutable_tag=reading.text("immutable-tag", ""),
        disabled=reading.boolean("disabled"),
        enable_password_sync=reading.boolean("EnablePasswordSync"),
        precedence_after=reading.guid("precedence-after", zero),
        precedence_before=reading.guid("precedence-before", zero),
        soft_delete_expiry=reading.text("softDeleteExpiryInterval", "00:00:00"),
        internal_identifier=reading.guid("internal-id", f"{{{identifier}}}"),
        unknown={element.name: _as_text(element) for element in reading.root if element.name not in _KNOWN},
    )


def _as_text(element: XmlElement) -> str:
    """An element nobody knows, on one line, as it will be written back."""
    attributes = "".join(f" {key}={attribute_text(value)}" for key, value in element.attributes.items())
    inside = "".join(_as_text(child) for child in element.children)
    text = escaped(element.text if not element.children else element.text.strip())
    return f"<{element.name}{attributes}>{text}{inside}</{element.name}>"


def write_rule(rule: SyncRule) -> str:
    """Write the rule as the product exports it: element order, two blanks a level, no declaration, no final newline."""
    xml = XmlWriter()
    xml.open(ROOT)
    xml.element("id", f"{{{rule.identifier}}}")
    xml.element("internal-id", f"{{{rule.internal_identifier or rule.identifier}}}")
    xml.element("version", str(rule.version))
    xml.element("name", rule.name)
    xml.element("description", rule.description)
    xml.element("immutable-tag", rule.immutable_tag)
    xml.element("direction", rule.direction.value)
    xml.element("disabled", str(rule.disabled))
    xml.element("connector", f"{{{rule.connector}}}")
    xml.element("sourceObjectType", rule.source_object_type)
    xml.element("targetObjectType", rule.target_object_type)
    xml.element("linkType", rule.link_type.value)
    xml.element("precedence", str(rule.precedence))
    xml.element("precedence-after", f"{{{rule.precedence_after}}}")
    xml.element("precedence-before", f"{{{rule.precedence_before}}}")
    xml.element("softDeleteExpiryInterval", rule.soft_delete_expiry)
    xml.element("EnablePasswordSync", str(rule.enable_password_sync).lower())
    _write_flows(xml, rule.flows)
    _write_joins(xml, rule.joins)
    _write_scope(xml, rule.scope)
    for line in rule.unknown.values():
        xml.raw(line)
    xml.close()
    return xml.text()


def _write_flows(xml: XmlWriter, flows: Iterable[AttributeFlow]) -> None:
    if not flows:
        xml.element("attribute-mappings")
        return
    xml.open("attribute-mappings")
    for flow in flows:
        xml.open("mapping", ' execute-once="true"' if flow.execute_once else "")
        xml.element("dest", flow.target)
        if flow.sources:
            xml.open("src")
            for name in flow.sources:
                xml.element("attr", name)
            xml.close()
        elif flow.constant is not None:
            xml.element("src", flow.constant)
        if flow.expression is not None:
            xml.element("expression", flow.expression)
        xml.element("valueMergeType", flow.merge.value)
        xml.close()
    xml.close()


def _write_joins(xml: XmlWriter, joins: tuple[tuple[JoinClause, ...], ...]) -> None:
    if not joins:
        xml.element("relationshipCriteria")
        return
    xml.open("relationshipCriteria")
    for group in joins:
        xml.open("conditions")
        for clause in group:
            xml.open("condition")
            if clause.case_sensitive:
                xml.element("caseSensitive", "True")
            xml.element("csAttribute", clause.cs_attribute)
            xml.element("ilmAttribute", clause.mv_attribute)
            xml.close()
        xml.close()
    xml.close()


def _write_scope(xml: XmlWriter, scope: tuple[tuple[ScopeClause, ...], ...]) -> None:
    if not scope:
        xml.element("synchronizationCriteria")
        return
    xml.open("synchronizationCriteria")
    for group in scope:
        xml.open("conditions")
        for clause in group:
            xml.open("scope")
            xml.element("csAttribute", clause.attribute)
            xml.element("csOperator", clause.operator)
            xml.element("csValue", clause.value)
            xml.close()
        xml.close()
    xml.close()
