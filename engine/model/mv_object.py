"""A metaverse object: the joined view of one person, group or device, each value with the rule and object that gave
it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.values import Attributes

#: nobody gave anything yet
NOBODY: Mapping[str, tuple[int, int]] = {}


class MVObject:
    """number: identity in the database. values: by attribute. References are connector-space numbers.

    Who gave each value is kept in two parts, because most objects share the first: pattern: attribute -> (rule number,
    place of the giver in ``givers``), never changed in place; givers: connector-space numbers. Rule numbers are
    positions in the server's rule table.
    """

    __slots__ = ("givers", "number", "object_type", "pattern", "values")

    def __init__(self, number: int, object_type: str) -> None:
        self.number = number
        self.object_type = object_type
        self.values: Attributes = {}
        self.pattern: Mapping[str, tuple[int, int]] = NOBODY
        self.givers: tuple[int, ...] = ()

    @property
    def contributors(self) -> dict[str, tuple[int, int]]:
        """Attribute -> (rule number, connector-space number of the giver)."""
        givers = self.givers
        return {name: (rule, givers[place]) for name, (rule, place) in self.pattern.items()}

    def __repr__(self) -> str:
        return f"MVObject({self.number}, {self.object_type})"
