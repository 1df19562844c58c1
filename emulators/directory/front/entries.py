"""SearchResultEntry bytes: encoded once per entry and selection, then joined under fresh envelopes.

The encoded forms live in ``entry.wire``, which the core empties with every commit that changes what would be sent.
Source: RFC 4511 section 4.5.2; design document section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from struct import Struct

from emulators.directory.core.entry import Entry
from emulators.directory.core.results import Found, Reference
from emulators.directory.front.ber import length
from emulators.directory.front.codec import reference_operation

#: About how many octets are joined before they are handed to the transport (larger pieces cost more, measured).
CHUNK_BYTES = 128 * 1024

#: Selections kept per entry: a handful of clients with their own attribute lists, no more.
_SELECTIONS_MAX = 4
_REFERENCES_MAX = 100

#: SET and OCTET STRING headers of a single short value, by its length; SEQUENCE headers by content length
_ONE_VALUE = tuple(bytes((0x31, n + 2, 0x04, n)) for n in range(126))
_SEQUENCE = tuple(bytes((0x30, n)) for n in range(128))
_ENVELOPE_2 = Struct(">BBH").pack


class EntryEncoder:
    """Encodes the entries of one forest; keeps the encoded attribute names (as the schema spells them)."""

    __slots__ = ("_names", "_references", "_spelling")

    def __init__(self, spelling: Callable[[str], str]) -> None:
        self._spelling = spelling
        self._names: dict[str, bytes] = {}
        self._references: dict[tuple[str, ...], bytes] = {}

    def _name(self, lower: str) -> bytes:
        encoded = self._names.get(lower)
        if encoded is None:
            octets = self._spelling(lower).encode()
            encoded = self._names[lower] = b"\x04" + length(len(octets)) + octets
        return encoded

    def _stored(self, entry: Entry, names: Iterable[str]) -> bytes:
        """Encode stored attributes as the content of a PartialAttributeList."""
        attributes = entry.attributes
        known = self._names
        parts: list[bytes] = []
        for lower in names:
            values = attributes.get(lower)
            if values is None:  # gone since the search: a long answer is encoded while it is sent
                continue
            name = known.get(lower) or self._name(lower)
            if len(values) == 1:
                value = values[0]
                size = len(value)
                total = len(name) + size + 4
                if total < 128:
                    parts += (_SEQUENCE[total], name, _ONE_VALUE[size], value)
                    continue
            parts.append(_attribute(name, values))
        return b"".join(parts)

    def operation(self, found: Found) -> bytes:
        """The protocolOp of one entry, from the cache when its selection was asked before."""
        entry = found.entry
        names = found.names
        wire = entry.wire
        dn = found.dn
        if not found.extra and dn is entry.dn:
            cached: bytes | None = wire.get(names)
            if cached is None:
                stored = self._stored(entry, entry.attributes if names is None else names)
                cached = _operation(dn, stored)
                if len(wire) >= _SELECTIONS_MAX:
                    wire.clear()
                wire[names] = cached
            return cached
        key = ("list", names)
        stored_list: bytes | None = wire.get(key)
        if stored_list is None:
            stored_list = self._stored(entry, entry.attributes if names is None else names)
            if len(wire) >= _SELECTIONS_MAX:
                wire.clear()
            wire[key] = stored_list
        if not found.extra:
            return _operation(dn, stored_list)
        extra = b"".join([_attribute(_literal(name), values) for name, values in found.extra])
        return _operation(dn, stored_list + extra)

    def reference(self, reference: Reference) -> bytes:
        """The protocolOp of a continuation reference; a forest has few different ones."""
        cached = self._references.get(reference.urls)
        if cached is None:
            cached = reference_operation(reference)
            if len(self._references) < _REFERENCES_MAX:
                self._references[reference.urls] = cached
        return cached

    def names_only(self, found: Found) -> bytes:
        """The protocolOp of one entry for a search that asked for types only."""
        names = found.entry.attributes if found.names is None else found.names
        parts = [_attribute(self._name(lower), ()) for lower in names]
        parts += [_attribute(_literal(name), ()) for name, _ in found.extra]
        return _operation(found.dn, b"".join(parts))


def _literal(name: str) -> bytes:
    octets = name.encode()
    return b"\x04" + length(len(octets)) + octets


def _attribute(name: bytes, values: Iterable[bytes]) -> bytes:
    content = b"".join([b"\x04" + length(len(value)) + value for value in values])
    size = length(len(content))
    total = len(name) + 1 + len(size) + len(content)
    return b"".join((b"0", length(total), name, b"1", size, content))


def _operation(dn: str, attributes: bytes) -> bytes:
    name = dn.encode()
    head = b"\x04" + length(len(name)) + name
    size = length(len(attributes))
    total = len(head) + 1 + len(size) + len(attributes)
    return b"".join((b"d", length(total), head, b"0", size, attributes))


def search_messages(
    encoder: EntryEncoder, message_id: bytes, items: list[Found | Reference], types_only: bool
) -> Iterator[bytes]:
    """Yield the messages of a search answer in chunks of about CHUNK_BYTES."""
    one = encoder.names_only if types_only else encoder.operation
    reference = encoder.reference
    parts: list[bytes] = []
    size = 0
    id_size = len(message_id)
    for item in items:
        operation = reference(item) if item.__class__ is Reference else one(item)  # type: ignore[arg-type]
        body = len(operation) + id_size
        head = _ENVELOPE_2(0x30, 0x82, body) if 255 < body < 65536 else b"0" + length(body)
        parts += (head, message_id, operation)
        size += body
        if size >= CHUNK_BYTES:
            yield b"".join(parts)
            parts = []
            size = 0
    if parts:
        yield b"".join(parts)
