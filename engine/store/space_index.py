"""Connector-space objects by the values an outbound rule joins on, for one synchronization step.

Made of the stored objects when a rule first asks, one pass for each attribute, then kept in step with what is
provisioned. Source: reverse joins, facts "engine" 3.2 step 8 and 6.3.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from engine.model.change import Operation
from engine.model.cs_object import CSObject, Kind
from engine.model.values import Attributes, Scalar, as_list
from engine.store.objects import CS_COLUMNS, join_key, read_cs


class SpaceIndex:
    """Gives candidates by hash; whoever asks compares the values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[int, str, str], dict[int, list[int]]] = {}

    @property
    def asked(self) -> bool:
        """Whether any rule has looked something up in this step."""
        return bool(self._known)

    def find(
        self, connector: int, object_type: str, attribute: str, value: Scalar, unsaved: Iterable[CSObject]
    ) -> list[int]:
        """Numbers of the objects that may hold the value. unsaved: objects made and not written yet."""
        held = self._known.get((connector, object_type, attribute))
        if held is None:
            held = self._known[connector, object_type, attribute] = {}
            rows = self._connection.execute(
                f"SELECT {CS_COLUMNS} FROM cs WHERE connector * 4 + kind = ? AND object_type = ?",  # noqa: S608
                (connector * 4 + int(Kind.STAGING), object_type),
            )
            for row in rows:
                _note(held, attribute, read_cs(row))
            for cs in unsaved:
                if cs.connector == connector and cs.object_type == object_type:
                    _note(held, attribute, cs)
        return held.get(join_key(attribute, value), [])

    def add(self, cs: CSObject) -> None:
        """Make an object that was just provisioned findable."""
        for (connector, object_type, attribute), held in self._known.items():
            if connector == cs.connector and object_type == cs.object_type:
                _note(held, attribute, cs)


def findable(cs: CSObject) -> Attributes:
    """What an outbound rule finds an object by; a deletion that is only staged takes nothing away yet."""
    return cs.confirmed_and_sent() if cs.pending_export is Operation.DELETE else cs.newest()


def _note(held: dict[int, list[int]], attribute: str, cs: CSObject) -> None:
    for value in as_list(findable(cs).get(attribute)):
        numbers = held.setdefault(join_key(attribute, value), [])
        if cs.number not in numbers:
            numbers.append(cs.number)
