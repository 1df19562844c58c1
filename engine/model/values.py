"""Attribute values: one equality, one order, one text form.

A single-valued attribute holds ``str``, ``int``, ``bool`` or ``bytes``; a multi-valued one holds a ``list`` of them,
never empty and without duplicates. An absent attribute is absent: there is no empty string and no empty list in an
object. References are integers: the row number of the referenced connector-space object (see model/cs_object.py).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

Scalar = str | int | bool | bytes
Value = Scalar | list[Scalar]
Attributes = dict[str, Value]


def as_list(value: Value | None) -> list[Scalar]:
    """Return the values as a list: none, one or many."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def same(left: Value | None, right: Value | None) -> bool:
    """Whether two values are the same: multi-values as sets, strings by exact characters, True is not 1."""
    if left is right:
        return True
    if isinstance(left, list) or isinstance(right, list):
        if left is None or right is None:
            return False
        a, b = as_list(left), as_list(right)
        return len(a) == len(b) and (a == b or set(a) == set(b))
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def unique(values: Iterable[Scalar]) -> list[Scalar]:
    """Drop repeated values, keeping the first of each in order."""
    return list(dict.fromkeys(values))


def text_of(value: Scalar) -> str:
    """The one text form of a value: Base64 for binary, True/False for Booleans."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)
