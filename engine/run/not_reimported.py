"""The warning exported-change-not-reimported: what was exported, what the import shows instead.

Source: facts "engine" 1.7, 5.5 (change-not-reimported/delta) and 17.2.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Mapping

from engine.model.cs_object import CSObject
from engine.model.values import Value
from engine.store.run_history import ObjectError

#: The one import error that is a warning.
NOT_REIMPORTED = "exported-change-not-reimported"


def not_reimported(
    connection: sqlite3.Connection, cs: CSObject, missing: Mapping[str, Value | None], references: frozenset[str]
) -> ObjectError:
    """The warning about an object; ``delta`` of its detail is JSON: attribute -> exported and imported value."""
    names, held = ", ".join(sorted(missing)), cs.imported()
    delta = {
        name: {
            "exported": _plain(connection, missing[name], reference=name in references),
            "imported": _plain(connection, held.get(name), reference=name in references),
        }
        for name in sorted(missing)
    }
    text = f"The exported value of {names} was not confirmed by the import."
    detail = {"attributes": names, "delta": json.dumps(delta)}
    return ObjectError(cs.number, cs.dn, "import", NOT_REIMPORTED, text, detail)


def _plain(connection: sqlite3.Connection, value: Value | None, *, reference: bool) -> object:
    """A value as JSON holds it; a reference by the DN of its object."""
    if isinstance(value, list):
        return [_plain(connection, one, reference=reference) for one in value]
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if reference and isinstance(value, int):
        row = connection.execute("SELECT dn FROM cs WHERE number = ?", (value,)).fetchone()
        return row[0] if row else None
    return value
