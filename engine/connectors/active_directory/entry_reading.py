"""Reading SearchResultEntry messages in one pass: the hot loop of every import.

Two readers over a block of whole LDAP messages: ``read_entries`` keeps raw values; ``read_typed_entries`` turns them
into engine values as it goes, by a plan made once per read.
Source: RFC 4511 4.5.2; facts "directory" section 4 (ranges).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum

from engine.connectors.active_directory import ber
from engine.model.schema import AttributeType, Schema
from engine.model.values import Scalar, Value

_ENTRY = 0x64


class Kind(IntEnum):
    """What the reader does with the values of one attribute."""

    TEXT = 0
    BINARY = 1
    CONVERTED = 2
    TEXTS = 3
    BINARIES = 4
    CONVERTED_LIST = 5
    OBJECT_CLASS = 6
    OBJECT_GUID = 7
    ASIDE = 8  # kept raw, beside the attributes
    SKIPPED = 9


class TypedEntry:
    """One entry in engine values. emptied: attributes sent without values; aside: raw values by name and option."""

    __slots__ = ("anchor", "aside", "attributes", "dn", "emptied", "error", "object_type", "object_type_known")

    def __init__(self, dn: str) -> None:
        self.dn = dn
        self.anchor = b""
        self.object_type: str | None = None
        self.object_type_known = False  # the directory sent objectClass, whatever came of it
        self.attributes: dict[str, Value] = {}
        self.emptied: list[str] | None = None
        self.aside: dict[str, list[bytes]] | None = None
        self.error: str | None = None


_Step = tuple[str, Kind, Callable[[bytes], Scalar]]


def boolean(octets: bytes) -> bool:
    """The LDAP form of a Boolean; any other text is an invalid value."""
    if octets == b"TRUE":
        return True
    if octets == b"FALSE":
        return False
    raise ValueError("neither TRUE nor FALSE")


def integer(octets: bytes) -> int:
    """An integer or large integer; what needs more than 64 bits is an invalid value."""
    number = int(octets)
    if not -(2**63) <= number < 2**63:
        raise ValueError("beyond 64 bits")
    return number


_CONVERTERS: dict[AttributeType, Callable[[bytes], Scalar]] = {
    AttributeType.INTEGER: integer,
    AttributeType.BOOLEAN: boolean,
    AttributeType.STRING: bytes.decode,
    AttributeType.REFERENCE: bytes.decode,
    AttributeType.BINARY: bytes,
}
_KINDS = {
    (AttributeType.STRING, False): Kind.TEXT,
    (AttributeType.REFERENCE, False): Kind.TEXT,
    (AttributeType.BINARY, False): Kind.BINARY,
    (AttributeType.STRING, True): Kind.TEXTS,
    (AttributeType.REFERENCE, True): Kind.TEXTS,
    (AttributeType.BINARY, True): Kind.BINARIES,
}


def typed_values(octets: Iterable[bytes], attribute_type: AttributeType) -> list[Scalar]:
    """Convert the raw values of one attribute."""
    convert = _CONVERTERS[attribute_type]
    return [convert(value) for value in octets]


class ReadPlan:
    """Which attributes are read and how: made once per search, keyed by the octets of the name as the server writes it.

    object_type_of: names of a whole objectClass value, top first, to the engine's object type (None = not wanted).
    aside: lower-case names kept raw beside the attributes.
    """

    def __init__(
        self,
        schema: Schema,
        attributes: Iterable[str],
        object_type_of: Callable[[tuple[str, ...]], str | None],
        aside: Iterable[str] = (),
    ) -> None:
        self.object_type_of = object_type_of
        self.object_types: dict[bytes, str | None] = {}
        self.steps: dict[bytes, _Step] = {}
        self._by_lower: dict[str, _Step] = {}
        self.guid_name: str | None = None
        for name in attributes:
            definition = schema.attributes.get(name)
            if definition is None:
                continue
            kind = _KINDS.get((definition.type, definition.multivalued))
            if kind is None:
                kind = Kind.CONVERTED_LIST if definition.multivalued else Kind.CONVERTED
            self._by_lower[name.lower()] = (name, kind, _CONVERTERS[definition.type])
        if "objectguid" in self._by_lower:
            self.guid_name = self._by_lower["objectguid"][0]
        self.selected_aside = {n.lower(): self._by_lower[n.lower()] for n in aside if n.lower() in self._by_lower}
        for name in aside:
            self._by_lower[name.lower()] = (name, Kind.ASIDE, bytes)
        self._by_lower["objectguid"] = ("objectGUID", Kind.OBJECT_GUID, bytes)
        self._by_lower["objectclass"] = ("objectClass", Kind.OBJECT_CLASS, bytes)
        self.steps.update({step[0].encode(): step for step in self._by_lower.values()})

    def step(self, octets: bytes) -> _Step:
        """The step of a name not met before; names with options are kept aside under their full spelling."""
        text = octets.decode("utf-8", "replace")
        name, _, options = text.partition(";")
        step = self._by_lower.get(name.lower(), (name, Kind.SKIPPED, bytes))
        if options and step[1] is not Kind.SKIPPED:
            step = (f"{step[0]};{options}", Kind.ASIDE, bytes)
        self.steps[octets] = step
        return step

    def object_type(self, octets: bytes) -> str | None:
        """The object type of an encoded objectClass value; remembered, because a forest has few of them."""
        classes = tuple(value.text for value in ber.read(octets).children())
        found = self.object_types[octets] = self.object_type_of(classes)
        return found


def read_entries(block: bytes) -> Iterator[tuple[bytes, dict[str, list[bytes]]]]:
    """(DN, raw values by name) of every entry; references and intermediate responses are passed over."""
    position, size = 0, len(block)
    while position < size:
        message = ber.read(block, position)
        position = message.end
        operation = message.children()[1]
        if operation.tag != _ENTRY:
            continue
        dn, attributes = operation.children()
        found: dict[str, list[bytes]] = {}
        for attribute in attributes.children():
            name, values = attribute.children()
            found[name.text] = [value.octets for value in values.children()]
        yield dn.octets, found


def read_typed_entries(b: bytes, plan: ReadPlan) -> list[TypedEntry]:
    """Read a whole block. A value that does not fit its type makes an entry with ``error``, the others are unharmed.

    Lengths are read inline and positions have short names because these two loops are the engine's largest cost.
    Raises IndexError or BerError on octets that are not LDAP.
    """
    found: list[TypedEntry] = []
    pos, size = 0, len(b)
    while pos < size:
        n = b[pos + 1]
        if n < 128:
            p = pos + 2
        else:
            p = pos + 2 + (n & 0x7F)
            n = int.from_bytes(b[pos + 2 : p], "big")
        pos = p + n
        p += 2 + b[p + 1]  # message identifier
        if b[p] != _ENTRY:
            continue
        n = b[p + 1]
        p += 2 if n < 128 else 2 + (n & 0x7F)
        n = b[p + 1]  # objectName
        if n < 128:
            p += 2
        else:
            q = p + 2 + (n & 0x7F)
            n = int.from_bytes(b[p + 2 : q], "big")
            p = q
        q = p + n
        entry = TypedEntry(b[p:q].decode("utf-8", "replace"))
        found.append(entry)
        n = b[q + 1]  # attribute list
        p = q + 2 if n < 128 else q + 2 + (n & 0x7F)
        try:
            _read_attributes(b, p, pos, entry, plan)
        except ber.BerError:
            raise
        except ValueError:
            entry.error = "invalid-attribute-value"
    return found


def _read_attributes(b: bytes, p: int, end: int, entry: TypedEntry, plan: ReadPlan) -> None:
    """The attributes of one entry: ``p`` walks, ``q`` and ``s`` end what it points at, ``e`` ends the attribute."""
    attributes, steps = entry.attributes, plan.steps
    text, octets, texts = Kind.TEXT, Kind.BINARY, Kind.TEXTS
    while p < end:
        n = b[p + 1]  # PartialAttribute
        if n < 128:
            p += 2
        else:
            q = p + 2 + (n & 0x7F)
            n = int.from_bytes(b[p + 2 : q], "big")
            p = q
        e = p + n
        q = p + 2 + b[p + 1]  # the name, always shorter than 128 octets
        step = steps.get(b[p + 2 : q]) or plan.step(b[p + 2 : q])
        kind = step[1]
        n = b[q + 1]  # SET OF
        p = q + 2 if n < 128 else q + 2 + (n & 0x7F)
        if p >= e:
            _without_values(entry, step)
            p = e
            continue
        n = b[p + 1]  # the first value
        if n < 128:
            p += 2
        else:
            s = p + 2 + (n & 0x7F)
            n = int.from_bytes(b[p + 2 : s], "big")
            p = s
        s = p + n
        if kind is text and s == e:
            attributes[step[0]] = b[p:s].decode()
        elif kind is octets and s == e:
            attributes[step[0]] = b[p:s]
        elif kind is texts:
            values: list[Scalar] = [b[p:s].decode()]
            while s < e:
                n = b[s + 1]
                if n < 128:
                    p = s + 2
                else:
                    p = s + 2 + (n & 0x7F)
                    n = int.from_bytes(b[s + 2 : p], "big")
                s = p + n
                values.append(b[p:s].decode())
            attributes[step[0]] = values
        elif kind is Kind.CONVERTED and s == e:
            attributes[step[0]] = step[2](b[p:s])
        elif kind is Kind.OBJECT_GUID:
            entry.anchor = b[p:s]
            if plan.guid_name:
                attributes[plan.guid_name] = entry.anchor
        elif kind is Kind.OBJECT_CLASS:
            raw = b[q:e]
            entry.object_type_known = True
            entry.object_type = plan.object_types[raw] if raw in plan.object_types else plan.object_type(raw)
        elif kind is not Kind.SKIPPED:
            _several(entry, step, b[q:e])
        p = e


def _without_values(entry: TypedEntry, step: _Step) -> None:
    """DirSync names a removed attribute and sends no values."""
    name, kind, _ = step
    if kind is Kind.ASIDE:
        entry.aside = entry.aside or {}
        entry.aside[name] = []
    elif kind not in (Kind.SKIPPED, Kind.OBJECT_CLASS, Kind.OBJECT_GUID):
        entry.emptied = entry.emptied or []
        entry.emptied.append(name)


def _several(entry: TypedEntry, step: _Step, octets: bytes) -> None:
    """Several values, or values kept aside: the rarer cases."""
    name, kind, convert = step
    raw = [value.octets for value in ber.read(octets).children()]
    if kind is Kind.ASIDE:
        entry.aside = entry.aside or {}
        entry.aside[name] = raw
    elif kind in (Kind.TEXTS, Kind.BINARIES, Kind.CONVERTED_LIST):
        entry.attributes[name] = [convert(value) for value in raw]
    else:
        entry.error = "multi-single-mismatch"
