"""What changes on an object: an operation with the attributes it touches, and how to apply and compute one.

A change names whole new values; ``None`` removes the attribute. Differences inside long multi-values are computed only
where they leave for the wire. Source: connector-space layers, facts "engine" section 1.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from engine.model.values import Attributes, Value, same


class Operation(IntEnum):
    """Kinds of pending import and pending export, as the operator's search names them."""

    NONE = 0
    ADD = 1
    UPDATE = 2
    DELETE = 3
    DELETE_ADD = 4

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Operation.NONE: "none",
    Operation.ADD: "add",
    Operation.UPDATE: "update",
    Operation.DELETE: "delete",
    Operation.DELETE_ADD: "delete-add",
}

Changes = dict[str, Value | None]


def apply(attributes: Attributes, changes: Mapping[str, Value | None] | None) -> Attributes:
    """Return the attributes with the changes in place; the input is left as it was."""
    if not changes:
        return attributes
    result = dict(attributes)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def difference(before: Mapping[str, Value], after: Mapping[str, Value]) -> Changes:
    """What turns ``before`` into ``after``."""
    changes: Changes = {}
    for name, value in after.items():
        held = before.get(name)
        if held is not value and not same(held, value):
            changes[name] = value
    for name in before:
        if name not in after:
            changes[name] = None
    return changes
