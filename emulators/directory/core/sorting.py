"""Sorted searches: one key, as Active Directory allows; what cannot be sorted is refused or goes unsorted.

The verdict travels in the response control 474. A critical control that cannot be honoured ends the search with
unavailableCriticalExtension. Source: RFC 2891 section 2; LDAPSortKey (winldap): one key only; facts "directory" 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import refusals
from emulators.directory.core.results import Result, ResultCode

if TYPE_CHECKING:
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import Controls, SortKey
    from emulators.directory.core.results import Found


def verdict(forest: Forest, controls: Controls) -> ResultCode | None:
    """What the response control says: success, or why not; None when no order was asked for."""
    if controls.sort is None:
        return None
    if len(controls.sort) != 1:
        return ResultCode.UNWILLING_TO_PERFORM
    attribute = forest.schema.attribute(controls.sort[0].attribute)
    if attribute is None:
        return ResultCode.NO_SUCH_ATTRIBUTE
    return ResultCode.UNWILLING_TO_PERFORM if attribute.constructed else ResultCode.SUCCESS


def refused(why: ResultCode) -> Result:
    """The end of a search whose critical sort control cannot be honoured: no entries."""
    error = refusals.order_not_supported()
    return Result(error.code, error.text, sort_result=why)


def arranged(forest: Forest, key: SortKey, items: list[Found]) -> list[Found]:
    """In the order of one key; objects without the attribute come last (first when reversed)."""
    attribute = forest.schema.attribute(key.attribute)
    if attribute is None:
        return items
    lower, ordering = attribute.lower, attribute.syntax.key
    having = [item for item in items if lower in item.entry.attributes]
    lacking = [item for item in items if lower not in item.entry.attributes]
    having.sort(key=lambda item: ordering(item.entry.attributes[lower][0]), reverse=key.reverse)
    return lacking + having if key.reverse else having + lacking
