"""Read a SearchRequest, the busiest message, by hand: one pass over the octets, straight into the core's records.

ldaptor's classes read the same bytes into the same meaning (tests compare the two); they take ten times as long.
Source: RFC 4511 section 4.5.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from emulators.directory.core.requests import (
    And,
    Approximate,
    Controls,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Scope,
    Search,
    Substrings,
)
from emulators.directory.front.ber import Malformed, children, expect, read, read_boolean, read_integer

SCOPES = (Scope.BASE, Scope.ONE_LEVEL, Scope.SUBTREE)

#: How deep and/or/not may nest; a filter beyond it is refused before anything recurses.
FILTER_DEPTH_MAX = 100

#: scope, dereferencing, size limit, time limit, types only as nearly every client writes them: one octet each
_USUAL = re.compile(
    rb"\x0a\x01([\x00-\x02])\x0a\x01[\x00-\x03]\x02\x01([\x00-\x7f])\x02\x01([\x00-\x7f])\x01\x01(.)", re.DOTALL
).match

_COMPARISONS: dict[int, Callable[[str, bytes], Filter]] = {
    0xA3: Equality,
    0xA5: GreaterOrEqual,
    0xA6: LessOrEqual,
    0xA8: Approximate,
}


class Unacceptable(ValueError):
    """The message is sound BER, but a field holds what the protocol forbids: protocolError, the connection stays."""


def text(data: bytes, start: int, stop: int) -> str:
    try:
        return str(data[start:stop], "utf-8")
    except UnicodeDecodeError as exc:
        raise Unacceptable("text that is not UTF-8") from exc


def read_search(data: bytes, start: int, stop: int, controls: Controls) -> Search:
    """Decode the content of a SearchRequest."""
    base_start, pos = expect(data, start, stop, 0x04)
    base = text(data, base_start, pos) if pos > base_start else ""
    usual = _USUAL(data, pos, stop)
    if usual is not None:
        scope, size_limit, time_limit, types_only = usual[1][0], usual[2][0], usual[3][0], usual[4] != b"\0"
        pos = usual.end()
    else:
        scope, size_limit, time_limit, types_only, pos = _read_fixed_fields(data, pos, stop)
    condition, pos = read_filter(data, pos, stop, FILTER_DEPTH_MAX)
    item, end = expect(data, pos, stop, 0x30)
    if end != stop:
        raise Malformed("octets after the attribute list")
    attributes: tuple[str, ...] = ()
    if item < end:
        names = []
        while item < end:
            name, item = expect(data, item, end, 0x04)
            names.append(text(data, name, item))
        attributes = tuple(names)
    return Search(base, SCOPES[scope], condition, attributes, size_limit, time_limit, types_only, controls)


def _read_fixed_fields(data: bytes, pos: int, stop: int) -> tuple[int, int, int, bool, int]:
    """Scope, size limit, time limit, types only, and where the filter begins; with dereferencing checked."""
    numbers = []
    for tag, high in ((0x0A, 2), (0x0A, 3), (0x02, 0x7FFFFFFF), (0x02, 0x7FFFFFFF)):
        start, pos = expect(data, pos, stop, tag)
        number = read_integer(data, start, pos)
        if not 0 <= number <= high:
            raise Unacceptable("a field out of its range")
        numbers.append(number)
    start, pos = expect(data, pos, stop, 0x01)
    return numbers[0], numbers[2], numbers[3], read_boolean(data, start, pos), pos


def read_filter(data: bytes, pos: int, end: int, depth: int) -> tuple[Filter, int]:
    """Decode one filter at pos: the filter and where it ends."""
    tag, start, stop = read(data, pos, end)
    comparison = _COMPARISONS.get(tag)
    if comparison is not None:
        name, value = expect(data, start, stop, 0x04)
        first, last = expect(data, value, stop, 0x04)
        if last != stop:
            raise Malformed("octets after an assertion")
        return comparison(text(data, name, value), data[first:last]), stop
    if tag == 0x87:
        return Present(text(data, start, stop)), stop
    if tag in (0xA0, 0xA1, 0xA2):
        if depth <= 0:
            raise Unacceptable("a filter that nests too deep")
        if tag == 0xA2:
            item, last = read_filter(data, start, stop, depth - 1)
            if last != stop:
                raise Malformed("more than one filter inside a negation")
            return Not(item), stop
        items = []
        while start < stop:
            item, start = read_filter(data, start, stop, depth - 1)
            items.append(item)
        return (And if tag == 0xA0 else Or)(tuple(items)), stop
    if tag == 0xA4:
        return _substrings(data, start, stop), stop
    if tag == 0xA9:
        return _extensible(data, start, stop), stop
    raise Malformed(f"no filter has the tag {tag:#04x}")


def _substrings(data: bytes, start: int, stop: int) -> Substrings:
    name, pos = expect(data, start, stop, 0x04)
    first, last = expect(data, pos, stop, 0x30)
    if last != stop:
        raise Malformed("octets after the substrings")
    initial: bytes | None = None
    final: bytes | None = None
    middle: list[bytes] = []
    for tag, value, end in children(data, first, last):
        if tag == 0x80 and initial is None and not middle and final is None:
            initial = data[value:end]
        elif tag == 0x81 and final is None:
            middle.append(data[value:end])
        elif tag == 0x82 and final is None:
            final = data[value:end]
        else:
            raise Malformed("substrings out of order")
    if initial is None and final is None and not middle:
        raise Unacceptable("a substring filter without substrings")
    return Substrings(text(data, name, pos), initial, tuple(middle), final)


def _extensible(data: bytes, start: int, stop: int) -> Extensible:
    rule: str | None = None
    attribute: str | None = None
    value: bytes | None = None
    dn_attributes = False
    for tag, first, last in children(data, start, stop):
        if tag == 0x81:
            rule = text(data, first, last)
        elif tag == 0x82:
            attribute = text(data, first, last)
        elif tag == 0x83:
            value = data[first:last]
        elif tag == 0x84:
            dn_attributes = read_boolean(data, first, last)
        else:
            raise Malformed(f"tag {tag:#04x} in an extensible match")
    if value is None:
        raise Malformed("an extensible match without a value")
    return Extensible(rule, attribute, value, dn_attributes)
