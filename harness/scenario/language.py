"""The words of the scenario language: verbs a step may use and views an expectation may look at.

The words are handed in by whoever carries them out; this module only knows their form. ``anchorage schema`` and
``anchorage verbs``
are made from the same records that check a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.scenario.shapes import Record

#: what must hold after every step without being asked (design document, section 3)
INVARIANTS: dict[str, str] = {
    "one-exporter": "at most one server exports to a tenant",
    "anchor-constant": "the anchor of a linked object never changes",
    "one-person-one-object": "no two cloud objects for one person",
    "delete-guard": "nothing is deleted beyond the accidental-delete guard",
    "licence-kept": "no licence is orphaned",
    "staging-silent": "a staging server writes nowhere",
}


@dataclass(frozen=True)
class Verb:
    """A verb: its arguments, what it does, and an example that a test reads."""

    name: str
    arguments: Record
    doc: str
    example: str


@dataclass(frozen=True)
class View:
    """Something an expectation may look at. named: the query must name one object; many: it finds a list."""

    owner: str
    name: str
    doc: str
    example: str
    many: bool = False
    named: bool = False
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Language:
    verbs: Mapping[str, Verb] = field(default_factory=dict)
    views: Mapping[tuple[str, str], View] = field(default_factory=dict)  # (owner kind, name)
    faults: Mapping[str, str] = field(default_factory=dict)

    def views_of(self, kind: str) -> tuple[str, ...]:
        return tuple(name for owner, name in self.views if owner == kind)
