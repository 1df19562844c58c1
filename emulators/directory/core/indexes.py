"""The indexes of a naming context: from an attribute's value to the objects that have it, in one step.

A posting is the entry itself while it is alone, a list once it is not.
Source: the attributes AD indexes and every client searches by; facts "directory" section 7.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.directory.core.entry import Attributes, Entry, Values

Postings = dict[bytes, "Entry | list[Entry]"]

#: attributes with a value index; all compare as text without case, or as octets
TEXT = ("samaccountname", "userprincipalname", "mail", "proxyaddresses", "serviceprincipalname")
OCTETS = ("objectsid", "sidhistory", "ms-ds-consistencyguid")
INDEXED = (*TEXT, *OCTETS)
_TEXT = frozenset(TEXT)


def fold(value: bytes) -> bytes:
    """The key of a text value; the value itself where it is one already."""
    if value.isascii():
        low = value.lower()
        return value if low == value else low
    return value.decode("utf-8", "replace").casefold().encode()


class Indexes:
    """Value indexes of one naming context."""

    __slots__ = ("by_attribute",)

    def __init__(self) -> None:
        self.by_attribute: dict[str, Postings] = {name: {} for name in INDEXED}

    def find(self, attribute: str, value: bytes) -> list[Entry]:
        """The entries that have a value of an indexed attribute, in the order they got it."""
        posting = self.by_attribute[attribute].get(fold(value) if attribute in _TEXT else value)
        if posting is None:
            return []
        return posting.copy() if isinstance(posting, list) else [posting]

    def having(self, attribute: str) -> list[Entry]:
        """Every entry that has an indexed attribute at all."""
        seen: dict[int, Entry] = {}
        for posting in self.by_attribute[attribute].values():
            for entry in posting if isinstance(posting, list) else (posting,):
                seen[id(entry)] = entry
        return list(seen.values())

    def insert(self, entry: Entry, attributes: Attributes) -> None:
        """Put a whole object in."""
        for name, postings in self.by_attribute.items():
            values = attributes.get(name)
            if values is not None:
                _add(postings, entry, values, name in _TEXT)

    def replace(self, entry: Entry, name: str, old: Values, new: Values) -> None:
        """Move an object from an attribute's old values to its new ones."""
        postings = self.by_attribute[name]
        text = name in _TEXT
        for value in old:
            _remove(postings, entry, fold(value) if text else value)
        _add(postings, entry, new, text)

    def drop(self, entry: Entry) -> None:
        for name in self.by_attribute:
            values = entry.attributes.get(name)
            if values:
                self.replace(entry, name, values, ())


def _add(postings: Postings, entry: Entry, values: Values, text: bool) -> None:
    for value in values:
        key = fold(value) if text else value
        posting = postings.get(key)
        if posting is None:
            postings[key] = entry
        elif isinstance(posting, list):
            if entry not in posting:
                posting.append(entry)
        elif posting is not entry:
            postings[key] = [posting, entry]


def _remove(postings: Postings, entry: Entry, key: bytes) -> None:
    posting = postings.get(key)
    if posting is entry:
        del postings[key]
    elif isinstance(posting, list) and entry in posting:
        posting.remove(entry)
        if len(posting) == 1:
            postings[key] = posting[0]


class ChangeLog:
    """Objects in the order of uSNChanged. A record is stale once its object changed again; stale ones are swept up."""

    __slots__ = ("_entries", "_usns")

    def __init__(self) -> None:
        self._usns = array("q")
        self._entries: list[Entry] = []

    def append(self, usn: int, entry: Entry) -> None:
        """Note a change; USNs only grow, except while a wholesale load brings its own."""
        if self._usns and usn < self._usns[-1]:
            place = bisect_right(self._usns, usn)
            self._usns.insert(place, usn)
            self._entries.insert(place, entry)
            return
        self._usns.append(usn)
        self._entries.append(entry)

    def after(self, usn: int) -> Iterator[tuple[int, Entry]]:
        """Live records with a greater USN, oldest first."""
        usns, entries = self._usns, self._entries
        for place in range(bisect_right(usns, usn), len(usns)):
            entry = entries[place]
            if entry.usn == usns[place]:
                yield usns[place], entry

    def sweep(self, live: int) -> None:
        """Throw stale records away once they outnumber the objects."""
        if len(self._usns) <= 2 * live + 1000:
            return
        self.rebuild(entry for usn, entry in zip(self._usns, self._entries, strict=True) if entry.usn == usn)

    def rebuild(self, entries: Iterator[Entry]) -> None:
        kept = sorted(entries, key=lambda entry: entry.usn)
        self._entries = kept
        self._usns = array("q", (entry.usn for entry in kept))
