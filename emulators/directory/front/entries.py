"""SearchResultEntry bytes: encoded once per entry and selection, then joined under fresh envelopes.

The encoded forms live in ``entry.wire``, which the core empties with every commit that changes what would be sent.
Source: RFC 4511 section 4.5.2; design document section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from struct import Struct

from emulators.directory.core.results import Found, Reference
from emulators.directory.front.ber import length
from emulators.directory.front.codec import reference_operation

#: About how many octets are joined before they are handed to the transport (larger pieces cost more, measured).
CHUNK_BYTES = 128 * 1024

#: Selections kept per entry: a handful of clients with their own attribute lists, no more.
_SELECTIONS_MAX = 4
_REFERENCES_MAX = 100

#: Value lengths whose headers are kept per attribute name; longer values have theirs made each time.
_KEPT_LENGTH_MAX = 512
_ENVELOPE_2 = Struct(">BBH").pack


class EntryEncoder:
    """Encodes the entries of one forest; keeps what recurs: names as the schema spells them, headers, class lists."""

    __slots__ = ("_classes", "_headers", "_names", "_references", "_spelling")

    def __init__(self, spelling: Callable[[str], str]) -> None:
        self._spelling = spelling
        self._names: dict[str, bytes] = {}
        #: name -> length of a single value -> everything that stands before that value
        self._headers: dict[str, dict[int, bytes]] = {}
        self._classes: dict[tuple[bytes, ...], bytes] = {}
        self._references: dict[tuple[str, ...], bytes] = {}

    def _name(self, lower: str) -> bytes:
        encoded = self._names.get(lower)
        if encoded is None:
            encoded = self._names[lower] = _literal(self._spelling(lower))
        return encoded

    def _header(self, lower: str, size: int) -> bytes:
        """All octets of an attribute with one value of that size, up to the value."""
        name = self._name(lower)
        value = b"\x04" + length(size)
        values = b"1" + length(len(value) + size) + value
        header = b"0" + length(len(name) + len(values) + size) + name + values
        if size <= _KEPT_LENGTH_MAX:
            self._headers.setdefault(lower, {})[size] = header
        return header

    def _stored(self, pairs: Iterable[tuple[str, tuple[bytes, ...]]]) -> bytes:
        """Encode stored attributes as the content of a PartialAttributeList."""
        headers = self._headers
        parts: list[bytes] = []
        append = parts.append
        for lower, values in pairs:
            if len(values) == 1:
                value = values[0]
                try:
                    append(headers[lower][len(value)])
                except KeyError:
                    append(self._header(lower, len(value)))
                append(value)
            elif lower == "objectclass":
                append(self._classes.get(values) or self._class_list(values))
            else:
                append(_attribute(self._name(lower), values))
        return b"".join(parts)

    def _class_list(self, values: tuple[bytes, ...]) -> bytes:
        encoded = self._classes[values] = _attribute(self._name("objectclass"), values)
        return encoded

    def _list(self, found: Found) -> bytes:
        """The stored attributes of an entry that are to be sent, in the order asked for."""
        attributes = found.entry.attributes
        if found.names is None:
            return self._stored(attributes.items())
        # one may be gone since the search: a long answer is encoded while it is sent
        return self._stored([(name, attributes[name]) for name in found.names if name in attributes])

    def operation(self, found: Found) -> bytes:
        """The protocolOp of one entry, from the cache when its selection was asked before."""
        entry = found.entry
        names = found.names
        wire = entry.wire
        dn = found.dn
        if not found.extra and dn is entry.dn:
            cached: bytes | None = wire.get(names)
            if cached is None:
                cached = _operation(dn, self._list(found))
                if len(wire) >= _SELECTIONS_MAX:
                    wire.clear()
                wire[names] = cached
            return cached
        key = ("list", names)
        stored_list: bytes | None = wire.get(key)
        if stored_list is None:
            stored_list = self._list(found)
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
