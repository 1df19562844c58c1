"""Connector-space and metaverse objects to rows and back. Attribute layers travel as msgpack blobs.

Look-up keys are hashes of a space and a folded text, 64 bits wide for DN and anchor and 32 for join values, so that
indexes stay narrow; whoever looks up by hash checks the object it gets.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from zlib import crc32

import msgpack

from engine.model.change import Operation
from engine.model.cs_object import CSObject, Kind, LinkedBy
from engine.model.mv_object import MVObject

CS_COLUMNS = (
    "number, connector, partition, kind, object_type, dn, anchor, mv, linked_by, linking_rule, owned, "
    "pending_import, pending_export, unconfirmed_operation, base, pending, unapplied, unconfirmed"
)
#: whether a connector space holds an object of a kind, and how many; the parameter is connector * 4 + kind
HOLDS_KIND = "SELECT 1 FROM cs WHERE connector * 4 + kind = ? LIMIT 1"
COUNT_KIND = "SELECT count(*) FROM cs WHERE connector * 4 + kind = ?"
_INSERT_CS = (
    "INSERT OR REPLACE INTO cs (number, connector, partition, kind, object_type, dn, dn_hash, anchor, anchor_hash, mv, "
    "linked_by, linking_rule, owned, pending_import, pending_export, unconfirmed_operation, base, pending, unapplied, "
    "unconfirmed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_UPDATE_STATE = (
    "UPDATE cs SET mv=?, linked_by=?, linking_rule=?, owned=?, pending_import=?, pending_export=?, "
    "unconfirmed_operation=?, pending=?, unapplied=?, unconfirmed=? WHERE number=?"
)
_packb = msgpack.Packer(use_bin_type=True, autoreset=True).pack
_unpackb = msgpack.unpackb
_KINDS = tuple(Kind)
_LINKS = tuple(LinkedBy)
_OPERATIONS = tuple(Operation)

CHUNK = 500


def hash_key(text: str) -> int:
    """A signed 64-bit key of a text."""
    digest = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@lru_cache(maxsize=4096)
def dn_key(connector: int, dn: str) -> int:
    """The key of a DN in one connector space: case and spaces round separators do not count."""
    folded = dn.casefold()
    if ", " in folded or " ," in folded or " =" in folded or "= " in folded:
        folded = ",".join("=".join(part.strip() for part in piece.split("=", 1)) for piece in folded.split(","))
    return hash_key(f"dn\0{connector}\0{folded}")


def anchor_key(connector: int, anchor: bytes | str) -> int:
    text = anchor.hex() if isinstance(anchor, bytes) else anchor
    return hash_key(f"anchor\0{connector}\0{text}")


@lru_cache(maxsize=4096, typed=True)
def join_key(attribute: str, value: object) -> int:
    """The key of one value of a join attribute: text is folded, bytes are exact. Who finds by it compares values."""
    if isinstance(value, bytes):
        text = value.hex()
    else:
        text = str(value).casefold()
    return crc32(f"{attribute}\0{text}".encode("utf-8", "surrogateescape"))


def read_cs(row: Sequence[Any]) -> CSObject:
    """Build the object from a row of CS_COLUMNS."""
    (
        number, connector, partition, kind, object_type, dn, anchor, mv, linked_by, linking_rule, owned,
        pending_import, pending_export, unconfirmed_operation, base, pending, unapplied, unconfirmed,
    ) = row  # fmt: skip
    result = CSObject.__new__(CSObject)
    result.number = number
    result.connector = connector
    result.partition = partition
    result.kind = _KINDS[kind]
    result.object_type = object_type
    result.dn = dn
    result.anchor = anchor
    result.mv = mv
    result.linked_by = _LINKS[linked_by]
    result.linking_rule = linking_rule
    result.owned = bool(owned)
    result.keys = None
    result.pending_import = _OPERATIONS[pending_import]
    result.pending_export = _OPERATIONS[pending_export]
    result.unconfirmed_operation = _OPERATIONS[unconfirmed_operation]
    result.base = _unpackb(base) if base else {}
    result.pending = _unpackb(pending) if pending else None
    result.unapplied = _unpackb(unapplied) if unapplied else None
    result.unconfirmed = _unpackb(unconfirmed) if unconfirmed else None
    return result


def write_cs(connection: sqlite3.Connection, objects: Iterable[CSObject]) -> None:
    """Insert or replace whole rows."""
    connection.executemany(_INSERT_CS, map(_whole_row, objects))


def keys_of(o: CSObject) -> tuple[int, int | None]:
    """The look-up keys of an object's DN and anchor, computed once for each pair of them."""
    held = o.keys
    if held is None or held[0] is not o.dn or held[1] is not o.anchor:
        anchored = anchor_key(o.connector, o.anchor) if o.anchor is not None else None
        held = o.keys = (o.dn, o.anchor, dn_key(o.connector, o.dn), anchored)
    return held[2], held[3]


def _whole_row(o: CSObject) -> tuple[object, ...]:
    placed, anchored = keys_of(o)
    return (
        o.number, o.connector, o.partition, int(o.kind), o.object_type, o.dn, placed, o.anchor,
        anchored, o.mv, int(o.linked_by), o.linking_rule,
        int(o.owned), int(o.pending_import), int(o.pending_export), int(o.unconfirmed_operation),
        _packb(o.base) if o.base else None, _packb(o.pending) if o.pending else None,
        _packb(o.unapplied) if o.unapplied else None, _packb(o.unconfirmed) if o.unconfirmed else None,
    )  # fmt: skip


def write_cs_state(connection: sqlite3.Connection, objects: Iterable[CSObject]) -> None:
    """Update link, pending and export state; DN, anchor and base are as they were."""
    connection.executemany(_UPDATE_STATE, map(_state_row, objects))


def _state_row(o: CSObject) -> tuple[object, ...]:
    return (
        o.mv, int(o.linked_by), o.linking_rule, int(o.owned), int(o.pending_import), int(o.pending_export),
        int(o.unconfirmed_operation), _packb(o.pending) if o.pending else None,
        _packb(o.unapplied) if o.unapplied else None, _packb(o.unconfirmed) if o.unconfirmed else None, o.number,
    )  # fmt: skip


def read_mv(row: Sequence[Any]) -> MVObject:
    """Build the object from a row of the view ``metaverse``."""
    number, object_type, body, pattern, givers = row
    result = MVObject(number, object_type)
    result.values = _unpackb(body)
    result.pattern = read_pattern(pattern)
    result.givers = (givers,) if type(givers) is int else tuple(_unpackb(givers))
    return result


@lru_cache(maxsize=4096)
def read_pattern(body: bytes) -> Mapping[str, tuple[int, int]]:
    """Who gave which value; the same bytes are the same mapping."""
    names, rules, places = _unpackb(body)
    return dict(zip(names, zip(rules, places, strict=True), strict=True))


def pack_pattern(pattern: Mapping[str, tuple[int, int]]) -> bytes:
    """The same pattern gives the same bytes, in whatever order it was made."""
    names = sorted(pattern)
    return bytes(_packb((names, [pattern[name][0] for name in names], [pattern[name][1] for name in names])))


class PatternNumbers:
    """The numbers of patterns in one database; those it does not hold yet are put in. Lives as long as a step."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._known: dict[int, tuple[Mapping[str, tuple[int, int]], int]] = {}  # by identity, kept alive beside it

    def number(self, pattern: Mapping[str, tuple[int, int]]) -> int:
        held = self._known.get(id(pattern))
        if held is not None:
            return held[1]
        body = pack_pattern(pattern)
        self.connection.execute("INSERT OR IGNORE INTO pattern (body) VALUES (?)", (body,))
        number: int = self.connection.execute("SELECT number FROM pattern WHERE body = ?", (body,)).fetchone()[0]
        if len(self._known) >= CHUNK:
            self._known.clear()
        self._known[id(pattern)] = (pattern, number)
        return number


def write_mv(connection: sqlite3.Connection, objects: Iterable[MVObject], patterns: PatternNumbers) -> None:
    number = patterns.number
    connection.executemany(
        "INSERT OR REPLACE INTO mv VALUES (?,?,?,?,?)",
        [
            (
                o.number,
                o.object_type,
                _packb(o.values),
                number(o.pattern),
                o.givers[0] if len(o.givers) == 1 else _packb(o.givers),
            )
            for o in objects
        ],
    )


def next_number(connection: sqlite3.Connection, namespace: str) -> int:
    """The number of the next new object of ``cs`` or ``mv``: above all that are there and all that ever were."""
    held = connection.execute(f"SELECT max(number) FROM {namespace}").fetchone()[0] or 0  # noqa: S608
    spent = connection.execute("SELECT number FROM spent WHERE namespace = ?", (namespace,)).fetchone()[0]
    return int(max(held, spent)) + 1


def chunks(numbers: Sequence[int], size: int = CHUNK) -> Iterable[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def marks(count: int) -> str:
    return ",".join("?" * count)
