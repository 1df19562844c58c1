"""Result sets that wait for their next page. A cookie belongs to its session and to one exact search.

Source: MS-ADTS 3.1.1.3.4.1.1 and LDAP policy MaxResultSetsPerConn; facts "directory" section 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.directory.core import refusals
from emulators.directory.core.results import Found, Reference

if TYPE_CHECKING:
    from emulators.directory.core.requests import Search

_COOKIE = struct.Struct(">4sII")
_MAGIC = b"PGRS"


@dataclass(slots=True)
class ResultSet:
    """A search under way: what is still to come and what must be asked again unchanged."""

    identifier: int
    fingerprint: tuple[object, ...]
    stream: Iterator[Found | Reference]
    served: int = 0  # pages so far
    sent: int = 0  # entries so far
    ahead: list[Found | Reference] = field(default_factory=list)

    @property
    def cookie(self) -> bytes:
        return _COOKIE.pack(_MAGIC, self.identifier, self.served)

    def take(self, count: int) -> tuple[list[Found | Reference], bool]:
        """The next page and whether anything is left after it."""
        page = self.ahead
        self.ahead = []
        entries = sum(isinstance(item, Found) for item in page)
        for item in self.stream:
            if isinstance(item, Found):
                if entries == count:
                    self.ahead = [item]
                    break
                entries += 1
            page.append(item)
        self.served += 1
        self.sent += entries
        return page, bool(self.ahead)


@dataclass(slots=True)
class ResultSets:
    """The live result sets of one session; the oldest is dropped when there are too many."""

    limit: int
    _live: dict[int, ResultSet] = field(default_factory=dict)
    _next: int = 1

    def open(self, request: Search, stream: Iterator[Found | Reference]) -> ResultSet:
        made = ResultSet(self._next, fingerprint(request), stream)
        self._next += 1
        return made

    def keep(self, result_set: ResultSet) -> None:
        self._live.pop(result_set.identifier, None)
        self._live[result_set.identifier] = result_set
        while len(self._live) > self.limit:
            del self._live[next(iter(self._live))]

    def close(self, result_set: ResultSet) -> None:
        self._live.pop(result_set.identifier, None)

    def resume(self, request: Search, cookie: bytes) -> ResultSet:
        """The result set of a cookie; refused when it is another session's, dropped, or for another search."""
        if len(cookie) != _COOKIE.size or cookie[:4] != _MAGIC:
            raise refusals.bad_control()
        _magic, identifier, served = _COOKIE.unpack(cookie)
        found = self._live.get(identifier)
        if found is None or found.served != served or found.fingerprint != fingerprint(request):
            raise refusals.bad_control()
        return found


def fingerprint(request: Search) -> tuple[object, ...]:
    """What the next page's request must repeat."""
    attributes = tuple(name.lower() for name in request.attributes)
    return (request.base.lower(), request.scope, request.filter, attributes)
