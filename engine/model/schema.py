"""Object types and attribute definitions of a connector space or of the metaverse."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class AttributeType(StrEnum):
    STRING = "string"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    BINARY = "binary"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class AttributeDefinition:
    """One attribute: its values' type and whether an object may hold several."""

    name: str
    type: AttributeType = AttributeType.STRING
    multivalued: bool = False
    indexable: bool = False


@dataclass(frozen=True)
class Schema:
    """attributes: by exact name; object_types: type name to the names of its attributes."""

    attributes: dict[str, AttributeDefinition] = field(default_factory=dict)
    object_types: dict[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def _references(self) -> frozenset[str]:
        return frozenset(n for n, a in self.attributes.items() if a.type is AttributeType.REFERENCE)

    @cached_property
    def _multivalued(self) -> frozenset[str]:
        return frozenset(n for n, a in self.attributes.items() if a.multivalued)

    def reference_attributes(self) -> frozenset[str]:
        return self._references

    def multivalued_attributes(self) -> frozenset[str]:
        return self._multivalued
