"""One object through the attribute mappings of its type: what it should hold in the tenant.

Direct copies an attribute, a constant is always the same, an expression is evaluated; a default stands in for a missing
value when the object is created, and only then. Source: cloud-sync how-to-attribute-mapping.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.cloud_sync.expression import Attribute, Call, attributes_in, evaluate, parse
from engine.cloud_sync.work import AttributeMapping, ObjectMapping
from engine.model.values import Value, as_list

#: attributes every object is read with, whatever is mapped
ALWAYS_READ = ("mS-DS-ConsistencyGuid", "objectGUID", "isCriticalSystemObject")
#: targets that hold references; of them only ``member`` holds several
REFERENCES = frozenset({"manager", "assistant", "managedBy", "member"})
MEMBER = "member"
#: what the job itself knows of its domain, usable as source
DOMAIN_ATTRIBUTES = ("DomainFQDN", "DomainNetBios")

#: DN -> source anchor of an object in scope; None = it is not
Resolve = Callable[[str], str | None]


@dataclass(frozen=True)
class CompiledMapping:
    """The mappings of one type with their expressions read."""

    mapping: ObjectMapping
    expressions: Mapping[str, Call]

    @staticmethod
    def of(mapping: ObjectMapping) -> CompiledMapping:
        """Raises MappingError when an expression cannot be used."""
        return CompiledMapping(
            mapping, {one.target: parse(one.source) for one in mapping.attributes if one.type == "Function"}
        )

    def sources(self) -> frozenset[str]:
        """The attributes of the directory that the mappings read."""
        found: set[str] = set()
        for one in self.mapping.attributes:
            if one.type == "Attribute":
                found.add(one.source[1:-1])
            elif one.type == "Function":
                found |= attributes_in(self.expressions[one.target])
        return frozenset(found - {"dn", *DOMAIN_ATTRIBUTES})


@dataclass
class Mapped:
    """values: wire name -> value, None = has none. creating: names that count at creation only. unresolved: DNs that
    stand for nothing in scope."""

    values: dict[str, Any] = field(default_factory=dict)
    creating: set[str] = field(default_factory=set)
    unresolved: list[str] = field(default_factory=list)


def map_object(
    compiled: CompiledMapping, dn: str, attributes: Mapping[str, Value], domain: Mapping[str, str], resolve: Resolve
) -> Mapped:
    """Everything the mappings make of an object. Raises MappingError when one of them fails it."""
    seen: dict[str, Value] = {**attributes, **domain, "dn": dn}
    found = Mapped()
    for one in compiled.mapping.attributes:
        if one.target in REFERENCES:
            _map_reference(one, seen, resolve, found)
            continue
        value = wire_value(_value(compiled, one, seen))
        if value is None and one.default is not None:
            found.values[one.target] = one.default
            found.creating.add(one.target)
            continue
        found.values[one.target] = value
        if one.only_when_creating:
            found.creating.add(one.target)
    return found


def _value(compiled: CompiledMapping, one: AttributeMapping, attributes: Mapping[str, Value]) -> object:
    if one.type == "Constant":
        return one.source
    if one.type == "Attribute":
        return evaluate(Attribute(one.source[1:-1]), attributes)
    return evaluate(compiled.expressions[one.target], attributes)


def _map_reference(one: AttributeMapping, attributes: Mapping[str, Value], resolve: Resolve, found: Mapped) -> None:
    """A reference to an object in scope becomes its anchor; any other is left as it is, for it cannot be told."""
    dns = [dn for dn in as_list(attributes.get(one.source[1:-1])) if isinstance(dn, str)]
    anchors: list[str] = []
    for dn in dns:
        anchor = resolve(dn)
        if anchor is None:
            found.unresolved.append(dn)
        else:
            anchors.append(anchor)
    if one.target == MEMBER:
        found.values[MEMBER] = sorted(anchors)
    elif anchors:
        found.values[one.target] = anchors[0]
    elif not dns:
        found.values[one.target] = None


def wire_value(value: object) -> Any:
    """A value as it crosses the wire; nothing and the empty text are the same."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, list):
        return [wire_value(one) for one in value] or None
    if value is None or value == "":
        return None
    return value if isinstance(value, str | int | bool) else str(value)
