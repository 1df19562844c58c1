"""Which objects a job provisions: by OU or by direct membership of a group; system and conflict objects never.

Source: facts "tenant" 13.3; cloud-sync how-to-configure (no nested groups), how-to-troubleshoot "Skipped objects".
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from engine.cloud_sync.work import ScopingFilter
from engine.model.values import Value

OUT_OF_SCOPE, SYSTEM_OBJECT, CONFLICT_OBJECT = "OutOfScope", "CriticalSystemObject", "ReplicationVictim"
_CONFLICT_MARKS = ("\\0acnf:", "\ncnf:")


@dataclass(frozen=True, slots=True)
class Scope:
    """The filter of a job with the direct members of its groups, DNs in lower case."""

    filter: ScopingFilter
    members: Set[str] = frozenset()

    def reason_against(self, dn: str, attributes: Mapping[str, Value]) -> str | None:
        """Why an object is left out; None when it is in."""
        if attributes.get("isCriticalSystemObject") is True:
            return SYSTEM_OBJECT
        return self.reason_against_name(dn)

    def reason_against_name(self, dn: str) -> str | None:
        """The part of the decision that the DN alone makes."""
        folded = dn.lower()
        if any(mark in folded for mark in _CONFLICT_MARKS):
            return CONFLICT_OBJECT
        if self.filter.groups:
            return None if folded in self.members else OUT_OF_SCOPE
        if self.filter.organizational_units:
            inside = any(folded.endswith(f",{unit.lower()}") for unit in self.filter.organizational_units)
            return None if inside else OUT_OF_SCOPE
        return None
