"""A metaverse object: the joined view of one person, group or device, each value with the rule and object that gave
it."""

from __future__ import annotations

from engine.model.values import Attributes


class MVObject:
    """number: identity in the database. values: by attribute. contributors: attribute -> (rule identifier number,
    connector-space number); rule numbers are positions in the server's rule table. References are connector-space
    numbers.
    """

    __slots__ = ("contributors", "number", "object_type", "values")

    def __init__(self, number: int, object_type: str) -> None:
        self.number = number
        self.object_type = object_type
        self.values: Attributes = {}
        self.contributors: dict[str, tuple[int, int]] = {}

    def __repr__(self) -> str:
        return f"MVObject({self.number}, {self.object_type})"
