"""The GUIDs of connector-space and metaverse objects, made from the identity of the database and the object's number.

Every object has one (facts "engine" 1.1). It is a keyed permutation of the number with a check behind it, so that the
number can be read back without a table and the GUID of another database is known as foreign.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

#: What the product shows where there is no object: the metaverse object of a disconnector.
EMPTY = "00000000-0000-0000-0000-000000000000"

_HALF_BITS = 24  # of a number; 48 bits are more objects than a database can hold
_HALF = (1 << _HALF_BITS) - 1
_ROUNDS = 4


def database_identity(made: str) -> str:
    """The identity of a new database, from what tells it from all others: seed, server and time."""
    return str(UUID(bytes=blake2b(made.encode(), digest_size=16).digest(), version=4))


def cs_identifier(database: str, number: int) -> str:
    """The GUID of the connector-space object of that number."""
    return _identifier(f"{database}/cs", number)


def mv_identifier(database: str, number: int) -> str:
    """The GUID of the metaverse object of that number; the empty GUID for 0, which is no object."""
    return _identifier(f"{database}/mv", number) if number else EMPTY


def cs_number(database: str, identifier: str) -> int | None:
    """The number of a connector-space object by its GUID; None for a GUID that this database did not give."""
    return _number(f"{database}/cs", identifier)


def mv_number(database: str, identifier: str) -> int | None:
    """The number of a metaverse object by its GUID; None for a GUID that this database did not give."""
    return _number(f"{database}/mv", identifier)


def _identifier(key: str, number: int) -> str:
    if not 0 < number < 1 << 2 * _HALF_BITS:
        raise ValueError(f"{number} is not the number of an object")
    left, right = number >> _HALF_BITS, number & _HALF
    for turn in range(_ROUNDS):
        left, right = right, left ^ _mix(key, turn, right)
    octets = ((left << _HALF_BITS) | right).to_bytes(6, "big") + blake2b(
        f"{key}/{number}".encode(), digest_size=10
    ).digest()
    return str(UUID(bytes=octets, version=4))


def _number(key: str, identifier: str) -> int | None:
    try:
        given = UUID(identifier)
    except ValueError:
        return None
    scrambled = int.from_bytes(given.bytes[:6], "big")
    left, right = scrambled >> _HALF_BITS, scrambled & _HALF
    for turn in reversed(range(_ROUNDS)):
        left, right = right ^ _mix(key, turn, left), left
    number = (left << _HALF_BITS) | right
    return number if number and _identifier(key, number) == str(given) else None


def _mix(key: str, turn: int, half: int) -> int:
    return int.from_bytes(blake2b(f"{key}/{turn}/{half}".encode(), digest_size=3).digest(), "big")
