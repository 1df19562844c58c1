"""Searching a connector space as the operator's window does: by state and by scope, read in small portions.

States and scopes are those of Synchronization Service Manager (facts "engine" section 21); RDN, DN or anchor, subtree.
"""

from __future__ import annotations

import base64
import binascii
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from engine.model.cs_object import CSObject
from engine.store.objects import CHUNK, CS_COLUMNS, anchor_key, dn_key, marks, read_cs

_ERRORS = "number IN (SELECT cs FROM object_error{})"
#: What the connector-space search can ask for.
STATES = {
    "connector": "mv != 0",
    "disconnector": "mv = 0 AND kind = 0",
    "placeholder": "kind = 1",
    "transient": "kind = 2",
    "pending-import": "pending_import != 0",
    "pending-import-add": "pending_import != 0 AND pending_import = 1",
    "pending-import-modify": "pending_import != 0 AND pending_import = 2",
    "pending-import-update": "pending_import != 0 AND pending_import = 2",
    "pending-import-delete": "pending_import != 0 AND pending_import = 3",
    "pending-import-delete-add": "pending_import != 0 AND pending_import = 4",
    "pending-export": "pending_export != 0",
    "pending-export-add": "pending_export != 0 AND pending_export = 1",
    "pending-export-modify": "pending_export != 0 AND pending_export = 2",
    "pending-export-update": "pending_export != 0 AND pending_export = 2",
    "pending-export-delete": "pending_export != 0 AND pending_export = 3",
    "pending-export-delete-add": "pending_export != 0 AND pending_export = 4",
    "unconfirmed-export": "unconfirmed_operation != 0",
    "error": _ERRORS.format(""),
    "import-error": _ERRORS.format(" WHERE phase = 'import'"),
    "sync-error": _ERRORS.format(" WHERE phase = 'sync'"),
    "export-error": _ERRORS.format(" WHERE phase = 'export'"),
}
_UNESCAPED_COMMA = re.compile(r"(?<!\\),")


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for; everything given must hold. connector: ordinal. states: any of them, names of STATES."""

    connector: int | None = None
    states: tuple[str, ...] = ()
    dn: str | None = None
    rdn: str | None = None
    anchor: str | None = None
    subtree: str | None = None
    object_type: str | None = None
    number: int | None = None


def find(connection: sqlite3.Connection, search: Search) -> Iterator[list[CSObject]]:
    """Objects in portions, by number. A writer at work meanwhile is neither hindered nor waited for."""
    conditions, arguments = _conditions(connection, search)
    last = 0
    while True:
        rows = connection.execute(
            f"SELECT {CS_COLUMNS} FROM cs WHERE number > ? AND {' AND '.join(conditions)} "  # noqa: S608
            f"ORDER BY number LIMIT {CHUNK}",
            (last, *arguments),
        ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        found = [cs for cs in map(read_cs, rows) if search.rdn is None or _named(cs.dn, search.rdn)]
        if found:
            yield found


def _conditions(connection: sqlite3.Connection, search: Search) -> tuple[list[str], list[object]]:
    conditions: list[str] = ["1"]
    arguments: list[object] = []

    def add(condition: str, *given: object) -> None:
        conditions.append(f"({condition})")
        arguments.extend(given)

    if search.number is not None:
        add("number = ?", search.number)
    if search.connector is not None:
        add("connector = ?", search.connector)
    if search.states:
        add(" OR ".join(f"({STATES[state]})" for state in search.states))
    if search.object_type is not None:
        add("object_type = ? COLLATE NOCASE", search.object_type)
    if search.subtree is not None:
        add("dn = ? COLLATE NOCASE OR dn LIKE ? ESCAPE '\\'", search.subtree, "%," + _literal(search.subtree))
    if search.rdn is not None:
        add("dn LIKE ? ESCAPE '\\'", f"%{_literal(search.rdn)}%")
    spaces = _spaces(connection, search)
    if search.dn is not None:
        add(f"dn_hash IN ({marks(len(spaces))})", *(dn_key(space, search.dn) for space in spaces))
    if search.anchor is not None:
        keys = [anchor_key(space, form) for space in spaces for form in _anchor_forms(search.anchor)]
        add(f"anchor_hash IN ({marks(len(keys))})", *keys)
    return conditions, arguments


def _spaces(connection: sqlite3.Connection, search: Search) -> list[int]:
    if search.connector is not None:
        return [search.connector]
    return [row[0] for row in connection.execute("SELECT ordinal FROM connector ORDER BY ordinal")]


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _named(dn: str, rdn: str) -> bool:
    """Whether the first part of the DN is this, with or without its attribute's name."""
    first = _UNESCAPED_COMMA.split(dn, maxsplit=1)[0].casefold()
    return rdn.casefold() in (first, first.partition("=")[2])


def _anchor_forms(text: str) -> list[bytes | str]:
    """What an anchor may have been written as: its own text, a GUID, hexadecimal or Base64 octets."""
    forms: list[bytes | str] = [text]
    readers: tuple[Callable[[], bytes], ...] = (
        lambda: UUID(text).bytes_le,
        lambda: bytes.fromhex(text.removeprefix("0x")),
        lambda: base64.b64decode(text, validate=True),
    )
    for read in readers:
        try:
            forms.append(read())
        except (ValueError, binascii.Error):
            continue
    return forms
