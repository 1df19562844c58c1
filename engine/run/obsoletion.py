"""The end of a full import: what it did not see is staged as deleted, and placeholders nobody refers to any more go.

Source: facts "engine" sections 2.2 and 13.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

from engine.model.change import Operation
from engine.model.cs_object import Kind
from engine.store.objects import marks


def obsolete_unseen(
    connection: sqlite3.Connection, connector: int, positions: Sequence[int], seen: Collection[int]
) -> int:
    """Stage as deletes what lies in the partitions at these positions and was not seen. Returns how many objects."""
    rows = connection.execute(
        f"SELECT number FROM cs WHERE connector = ? AND partition IN ({marks(len(positions))}) "  # noqa: S608
        "AND anchor IS NOT NULL AND pending_import != ?",
        (connector, *positions, int(Operation.DELETE)),
    )
    gone = [(int(Operation.DELETE), number) for (number,) in rows if number not in seen]
    connection.executemany("UPDATE cs SET pending_import = ?, pending = NULL WHERE number = ?", gone)
    return len(gone)


def drop_placeholders(connection: sqlite3.Connection, connector: int) -> None:
    """Delete a connector's placeholders that nothing links to, joins or waits for."""
    connection.execute(
        "DELETE FROM cs WHERE connector * 4 + kind = ? AND mv = 0 AND pending_export = 0 "
        "AND unconfirmed_operation = 0 AND NOT EXISTS (SELECT 1 FROM reference WHERE target = cs.number)",
        (connector * 4 + Kind.PLACEHOLDER,),
    )
