"""Group-based filtering: who is a direct member of a group, and whom a change of the filtering group concerns.

Membership is that of the group in the connector space, so a group in an OU that is not selected has no members. A
delta synchronization looks again at those who came or went, found by the change of the group itself. Source:
configure-filtering, facts "engine" 14, "install" DOF-09 and SFG-01 to SFG-05.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.model.change import Operation
from engine.model.cs_object import CSObject
from engine.model.values import Value, as_list
from engine.store.database import Database
from engine.store.objects import CS_COLUMNS, chunks, dn_key, marks, read_cs

MEMBER = "member"
#: The connector's parameter that names the filtering group; empty = none.
PARAMETER = "Connector.GroupFilteringGroupDn"
#: The global setting that says whether any connector is filtered.
SETTING = "Microsoft.OptionalFeature.GroupFiltering"


class GroupMembership:
    """Answers scope clauses ISMEMBEROF and ISNOTMEMBEROF. ordinals: of the directories' connectors.

    What a group holds is read once and kept until ``forget``, which every step does when it starts.
    """

    def __init__(self, database: Database, ordinals: Iterable[int]) -> None:
        self._database = database
        self._ordinals = tuple(ordinals)
        self._groups: dict[str, tuple[int, frozenset[int]]] = {}

    def forget(self) -> None:
        self._groups.clear()

    def __call__(self, attributes: Mapping[str, Value], group: str) -> bool:
        """Whether the object (its ``dn``) is a direct member of the group of that DN."""
        dn = attributes.get("dn")
        if not isinstance(dn, str):
            return False
        held = self._groups.get(group)
        if held is None:
            held = self._groups[group] = self._read(group)
        ordinal, members = held
        if not members:
            return False
        row = self._database.connection.execute(
            "SELECT number FROM cs WHERE dn_hash = ?", (dn_key(ordinal, dn),)
        ).fetchone()
        return row is not None and row[0] in members

    def moved(self, ordinal: int, group: str) -> list[int]:
        """Objects that a pending import of the group brings in or puts out; nobody while the group rests."""
        found = self._group(ordinal, group)
        if found is None or found.pending_import is Operation.NONE:
            return []
        before = frozenset() if found.pending_import is Operation.ADD else _members(found.base)
        imported: list[int] = []
        for part in chunks(sorted(before ^ _effective(found))):
            imported += (
                row[0]
                for row in self._database.connection.execute(
                    f"SELECT number FROM cs WHERE number IN ({marks(len(part))}) "  # noqa: S608
                    "AND kind = 0 AND anchor IS NOT NULL ORDER BY number",
                    part,
                )
            )
        return imported

    def _read(self, group: str) -> tuple[int, frozenset[int]]:
        for ordinal in self._ordinals:
            found = self._group(ordinal, group)
            if found is not None:
                return ordinal, _effective(found)
        return 0, frozenset()

    def _group(self, ordinal: int, dn: str) -> CSObject | None:
        if not dn:
            return None
        row = self._database.connection.execute(
            f"SELECT {CS_COLUMNS} FROM cs WHERE dn_hash = ?",  # noqa: S608
            (dn_key(ordinal, dn),),
        ).fetchone()
        found = None if row is None else read_cs(row)
        return found if found is not None and found.object_type == "group" else None


def _effective(group: CSObject) -> frozenset[int]:
    return frozenset() if group.pending_import is Operation.DELETE else _members(group.imported())


def _members(attributes: Mapping[str, Value]) -> frozenset[int]:
    return frozenset(number for number in as_list(attributes.get(MEMBER)) if isinstance(number, int))
