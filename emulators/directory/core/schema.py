"""The classes and attributes a forest knows, and what each says about its values and instances.

The tables in schema_data are facts of Windows Server 2016's schema, as published with the open specifications for use
in implementations; exchange.tsv and exchange_classes.tsv are what an Exchange preparation adds. Definitions are built
on demand. Source: MS-ADTS 3.1.1.2, MS-ADA1-3, MS-ADSC; facts "directory" section 7.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from emulators.directory.core.syntaxes import Syntax, syntax_of

DATA = Path(__file__).parent / "schema_data"

# searchFlags
ANR = 0x4
PRESERVE_ON_DELETE = 0x8
CONFIDENTIAL = 0x80
# systemFlags of attributeSchema
NOT_REPLICATED = 0x1
CONSTRUCTED = 0x4

#: prefix -> upper half of an attid; the table every forest starts with (MS-DRSR 5.16.4)
PREFIXES = {
    "2.5.4": 0, "2.5.6": 1, "1.2.840.113556.1.2": 2, "1.2.840.113556.1.3": 3, "2.16.840.1.101.2.2.1": 4,
    "2.16.840.1.101.2.2.3": 5, "2.16.840.1.101.2.1.5": 6, "2.16.840.1.101.2.1.4": 7, "2.5.5": 8,
    "1.2.840.113556.1.4": 9, "1.2.840.113556.1.5": 10, "1.2.840.113556.1.4.260": 11, "1.2.840.113556.1.5.56": 12,
    "1.2.840.113556.1.4.262": 13, "1.2.840.113556.1.5.57": 14, "1.2.840.113556.1.4.263": 15,
    "1.2.840.113556.1.5.58": 16, "1.2.840.113556.1.5.73": 17, "1.2.840.113556.1.4.305": 18,
    "0.9.2342.19200300.100": 19, "2.16.840.1.113730.3": 20, "0.9.2342.19200300.100.1": 21,
    "2.16.840.1.113730.3.1": 22, "1.2.840.113556.1.5.7000": 23, "2.5.21": 24, "2.5.18": 25, "2.5.20": 26,
}  # fmt: skip


#: the column of a class's own optional attributes
_MAYS = 10


class AttributeType(NamedTuple):
    """One attributeSchema object."""

    name: str  # lDAPDisplayName
    lower: str
    cn: str
    oid: str
    syntax: Syntax
    attribute_syntax: str
    om_syntax: int
    single: bool
    range_lower: int | None
    range_upper: int | None
    search_flags: int
    system_flags: int
    partial: bool  # in the global catalog
    system_only: bool
    link_id: int  # 0: not linked; even: forward; odd: back
    guid: bytes  # schemaIDGUID
    property_set: bytes  # attributeSecurityGUID, empty when in none
    attid: int

    @property
    def is_back_link(self) -> bool:
        return self.link_id & 1 == 1

    @property
    def is_forward_link(self) -> bool:
        return self.link_id > 0 and self.link_id & 1 == 0

    @property
    def is_linked(self) -> bool:
        """A forward link of plain names; links with data are kept as ordinary values."""
        return self.is_forward_link and self.attribute_syntax == "2.5.5.1"

    @property
    def constructed(self) -> bool:
        return bool(self.system_flags & CONSTRUCTED)

    @property
    def replicated(self) -> bool:
        return not self.system_flags & (NOT_REPLICATED | CONSTRUCTED) and not self.is_back_link

    @property
    def confidential(self) -> bool:
        return bool(self.search_flags & CONFIDENTIAL)


class ObjectClass(NamedTuple):
    """One classSchema object; musts, mays and superiors are its own only."""

    name: str
    lower: str
    cn: str
    oid: str
    superior: str
    category: int  # 0 of 1988, 1 structural, 2 abstract, 3 auxiliary
    rdn: str
    default_category: str  # cn of the class its instances are filed under
    guid: bytes
    auxiliaries: tuple[str, ...]
    musts: tuple[str, ...]
    mays: tuple[str, ...]
    superiors: tuple[str, ...]
    system_only: bool
    default_sddl: str


class Schema:
    """Look-ups by lower-case name. Immutable once built: forests share it."""

    def __init__(self, exchange: bool) -> None:
        self.exchange = exchange
        self._attribute_rows = _rows("attributes.tsv")
        self._exchange_names: tuple[str, ...] = ()
        if exchange:
            added = _rows("exchange.tsv")
            self._attribute_rows.update(added)
            self._exchange_names = tuple(row.split("\t", 1)[0] for row in added.values())
        self._class_rows = _rows("classes.tsv")
        if exchange:
            self._class_rows.update(_rows("exchange_classes.tsv"))
        self._attributes: dict[str, AttributeType | None] = {}
        self._classes: dict[str, ObjectClass | None] = {}
        self._closures: dict[str, tuple[str, ...]] = {}
        self._allowed: dict[str, frozenset[str]] = {}
        self._required: dict[str, frozenset[str]] = {}
        self._back: dict[str, str | None] = {}
        self._linked: dict[int, str] | None = None
        self.extensions: tuple[tuple[str, str], ...] = ()

    def extended(self, added: Iterable[tuple[str, str]]) -> Schema:
        """A schema of one forest that knows more: rows of attributes (class empty), attributes by class."""
        more = Schema(self.exchange)
        more.extensions = (*self.extensions, *added)
        for owner, text in more.extensions:
            if not owner:
                more._attribute_rows[text.split("\t", 1)[0].lower()] = text
                continue
            cells = more._class_rows[owner.lower()].split("\t")
            cells[_MAYS] = f"{cells[_MAYS]} {text}".strip()
            more._class_rows[owner.lower()] = "\t".join(cells)
        return more

    def defines(self, identifier: str, guid: str) -> bool:
        """Whether an attribute has this attributeID or this schemaIDGUID (hexadecimal) already."""
        rows = (row.split("\t") for row in self._attribute_rows.values())
        return any(row[2] == identifier or row[11] == guid for row in rows)

    def attribute(self, name: str) -> AttributeType | None:
        """The attribute of that name (any case), or None."""
        known = self._attributes.get(name)
        if known is not None:
            return known
        lower = name.lower()
        known = self._attributes.get(lower)
        if known is None:
            row = self._attribute_rows.get(lower)
            if row is None:
                return None
            known = _attribute(row)
            self._attributes[lower] = known
        return known

    def spelling(self, lower: str) -> str:
        """The schema's spelling of a name; the name itself when the schema lacks it."""
        known = self._attributes.get(lower) or self.attribute(lower)
        return known.name if known is not None else lower

    def object_class(self, name: str) -> ObjectClass | None:
        lower = name.lower()
        known = self._classes.get(lower)
        if known is None:
            row = self._class_rows.get(lower)
            if row is None:
                return None
            known = _object_class(row, self._exchange_names)
            self._classes[lower] = known
        return known

    @cached_property
    def definition_names(self) -> frozenset[bytes]:
        """The folded common names of all definition objects."""
        rows = (*self._attribute_rows.values(), *self._class_rows.values())
        return frozenset(row.split("\t", 2)[1].lower().encode() for row in rows)

    def chain(self, name: str) -> tuple[str, ...]:
        """The names from top down to the class, in the schema's spelling; empty for an unknown class."""
        lower = name.lower()
        chain = self._closures.get(lower)
        if chain is None:
            names: list[str] = []
            current = self.object_class(name)
            while current is not None:
                names.append(current.name)
                current = self.object_class(current.superior) if current.lower != "top" else None
            chain = tuple(reversed(names))
            self._closures[lower] = chain
        return chain

    def allowed(self, name: str) -> frozenset[str]:
        """Lower-case names of every attribute an instance of the class may or must have."""
        found = self._allowed.get(name)
        if found is None:
            gathered: set[str] = set(self.required(name))
            for part in self._parts(name):
                gathered.update(attribute.lower() for attribute in part.mays)
            found = self._allowed[name] = frozenset(gathered)
        return found

    def required(self, name: str) -> frozenset[str]:
        """Lower-case names of every attribute an instance of the class must have."""
        found = self._required.get(name)
        if found is None:
            found = frozenset(attribute.lower() for part in self._parts(name) for attribute in part.musts)
            self._required[name] = found
        return found

    def possible_superiors(self, name: str) -> frozenset[str]:
        """Lower-case names of the classes an instance may be created under."""
        return frozenset(
            superior.lower() for link in self.chain(name) for superior in self._class(link).superiors
        ) | frozenset(s.lower() for p in self._parts(name) for s in p.superiors)

    def back_link(self, forward: str) -> str | None:
        """Lower-case name of the back link of a forward link (lower-case), None when there is none."""
        if forward not in self._back:
            attribute = self.attribute(forward)
            found = None
            if attribute is not None and attribute.is_linked:
                found = self._by_link_id().get(attribute.link_id + 1)
            self._back[forward] = found
        return self._back[forward]

    def forward_link(self, back: str) -> str | None:
        """Lower-case name of the forward link of a back link (lower-case)."""
        attribute = self.attribute(back)
        if attribute is None or not attribute.is_back_link:
            return None
        forward = self._by_link_id().get(attribute.link_id - 1)
        return forward if forward is not None and self.back_link(forward) is not None else None

    @cached_property
    def confidential_names(self) -> frozenset[str]:
        """Lower-case names of the attributes that need control access to read."""
        rows = self._attribute_rows.items()
        return frozenset(lower for lower, row in rows if int(row.split("\t", 8)[7]) & CONFIDENTIAL)

    def attribute_names(self) -> tuple[str, ...]:
        """Every attribute's lower-case name, in alphabetical order."""
        return tuple(sorted(self._attribute_rows))

    def class_names(self) -> tuple[str, ...]:
        return tuple(sorted(self._class_rows))

    def _class(self, name: str) -> ObjectClass:
        found = self.object_class(name)
        if found is None:
            raise KeyError(name)
        return found

    def _parts(self, name: str) -> list[ObjectClass]:
        """The class, what it inherits from and every auxiliary class among them."""
        parts: list[ObjectClass] = []
        waiting = list(self.chain(name))
        seen: set[str] = set()
        while waiting:
            current = self._class(waiting.pop())
            if current.lower in seen:
                continue
            seen.add(current.lower)
            parts.append(current)
            for auxiliary in current.auxiliaries:
                waiting.extend(self.chain(auxiliary))
        return parts

    def _by_link_id(self) -> dict[int, str]:
        if self._linked is None:
            self._linked = {}
            for lower, row in self._attribute_rows.items():
                link_id = row.split("\t")[10]
                if link_id:
                    self._linked[int(link_id)] = lower
        return self._linked


@lru_cache(maxsize=2)
def load_schema(exchange: bool = False) -> Schema:
    """The schema of a new forest, shared by all forests of the process."""
    return Schema(exchange)


def _rows(name: str) -> dict[str, str]:
    lines = (DATA / name).read_text(encoding="utf-8").split("\n")
    return {line[: line.index("\t")].lower(): line for line in lines if line}


def _attribute(row: str) -> AttributeType:
    (name, cn, oid, syntax, count, lower, upper, search, system, flags, link, guid, property_set) = row.split("\t")
    arc, om_syntax = (int(part) for part in syntax.split("/"))
    return AttributeType(
        name=name,
        lower=name.lower(),
        cn=cn,
        oid=oid,
        syntax=syntax_of(arc, om_syntax),
        attribute_syntax=f"2.5.5.{arc}",
        om_syntax=om_syntax,
        single=count == "S",
        range_lower=int(lower) if lower else None,
        range_upper=int(upper) if upper else None,
        search_flags=int(search),
        system_flags=int(system),
        partial="P" in flags,
        system_only="O" in flags,
        link_id=int(link) if link else 0,
        guid=bytes.fromhex(guid),
        property_set=bytes.fromhex(property_set),
        attid=attid(oid),
    )


def _object_class(row: str, exchange: tuple[str, ...]) -> ObjectClass:
    cells = row.split("\t")
    name, cn, oid, superior, category, rdn, default_category, guid = cells[:8]
    auxiliaries, musts, mays, superiors, flags, sddl = cells[8:]
    optional = tuple(mays.split())
    if name == "mailRecipient":
        optional += exchange
    return ObjectClass(
        name=name,
        lower=name.lower(),
        cn=cn,
        oid=oid,
        superior=superior,
        category=int(category),
        rdn=rdn,
        default_category=default_category,
        guid=bytes.fromhex(guid),
        auxiliaries=tuple(auxiliaries.split()),
        musts=tuple(musts.split()),
        mays=optional,
        superiors=tuple(superiors.split()),
        system_only="O" in flags,
        default_sddl=sddl,
    )


def attid(oid: str) -> int:
    """The 32-bit form diagnostics and metadata use: the prefix's number and the last arc."""
    prefix, _, last = oid.rpartition(".")
    arc = int(last)
    number = PREFIXES.get(prefix)
    if number is None:
        # Prefixes a forest learns later are numbered by that forest; here by the prefix's own octets.
        number = 0x4000 | sum(byte * (index + 1) for index, byte in enumerate(prefix.encode())) & 0x3FFF
    return number << 16 | (arc & 0x3FFF if arc < 0x4000 else 0x8000 | arc & 0x3FFF)
