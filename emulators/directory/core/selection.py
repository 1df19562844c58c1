"""Which attributes of a found object go back: the client's list against what is stored, computed, readable and long.

Source: MS-ADTS 3.1.1.3.1.3.3 (ranges), 3.1.1.3.4.1.5 (extended DN), 3.1.1.3.4.1.11 (SD flags);
facts "directory" sections 4 and 8.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulators.directory.core import access, constructed, identity, names, refusals
from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.constructed import Asked
from emulators.directory.core.defaults import UNIVERSAL
from emulators.directory.core.requests import Scope
from emulators.directory.core.results import Found
from emulators.directory.core.syntaxes import DN

if TYPE_CHECKING:
    from emulators.directory.core.access import Readable
    from emulators.directory.core.entry import Entry, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import Search
    from emulators.directory.core.schema import AttributeType
    from emulators.directory.core.session import Session

Extra = tuple[str, "Values"]

_RANGE = re.compile(r"range=(\d{1,9})-(\d{1,9}|\*)", re.IGNORECASE)
_ALL_PARTS = sd.OWNER_PART | sd.GROUP_PART | sd.DACL_PART | sd.SACL_PART


class Selection:
    """The attribute list of one search, understood once."""

    def __init__(self, forest: Forest, session: Session, request: Search) -> None:
        self.forest = forest
        self.session = session
        self.token = session.token
        self.base_scope = request.scope == Scope.BASE
        self.extended = request.controls.extended_dn
        self.limit = forest.options.max_value_range
        self.without_error = request.controls.range_without_error
        self.sd_parts = request.controls.sd_flags
        self.security = self.sd_parts is not None and not request.attributes
        self.everything = not request.attributes
        self.stored: list[str] = []
        self.computed: list[str] = []
        self.ranges: dict[str, tuple[int, int | None]] = {}
        for asked in request.attributes:
            self._understand(asked)
        self.explicit = tuple(dict.fromkeys(self.stored))
        self.plain = self.extended is None and not session.global_catalog
        #: every stored attribute and nothing besides: no look at single names
        self.quick = self.plain and self.everything and not (self.computed or self.security or self.ranges)

    def _understand(self, asked: str) -> None:
        name, _, option = asked.partition(";")
        if name == "*":
            self.everything = True
            self.security = self.security or self.sd_parts is not None
            return
        if name in ("1.1", "+"):
            return
        attribute = self.forest.schema.attribute(name)
        if attribute is None or attribute.lower in access.SECRET:
            return
        lower = attribute.lower
        if lower == "ntsecuritydescriptor":
            self.security = True
        elif lower in constructed.CONSTRUCTED:
            self.computed.append(lower)
        else:
            self.stored.append(lower)
            match = _RANGE.fullmatch(option)
            if match is not None:
                self.ranges[lower] = (int(match[1]), None if match[2] == "*" else int(match[2]))

    # ---- one object --------------------------------------------------------------------------------------------------
    def of(self, entry: Entry, readable: Readable) -> Found:
        """The answer for an object, given what the caller may read of it."""
        if self.quick and readable.all and not entry.guarded and not self._is_wide(entry):
            return Found(entry, entry.dn, None)
        attributes = entry.attributes
        free = readable.all and not entry.guarded and self.plain
        if self.everything:
            wide = self._is_wide(entry)
            if free and not wide and not self.ranges:
                if not self.computed and not self.security:
                    return Found(entry, entry.dn, None)
                return Found(entry, entry.dn, None, self._extras(entry, readable, []))
            listed = [*attributes, *(name for name in self.explicit if name not in attributes)]
        else:
            listed = [name for name in self.explicit if name in attributes]
            wide = self._is_wide(entry)
        if not free:
            listed = [name for name in listed if self._may_read(name, readable)]
            if "member" in listed and self.session.global_catalog and not catalogued(self.session, entry):
                listed.remove("member")
        extra: list[Extra] = []
        if wide or self.ranges or self.extended is not None:
            listed = self._rewrite(entry, listed, extra)
        dn = entry.dn if self.extended is None else self.extended_dn(entry)
        return Found(entry, dn, tuple(listed), self._extras(entry, readable, extra))

    def _is_wide(self, entry: Entry) -> bool:
        attributes, limit = entry.attributes, self.limit
        if entry.link_stamps is not None:
            for name in entry.link_stamps:
                if len(attributes.get(name, ())) > limit:
                    return True
        if "memberof" in attributes and len(attributes["memberof"]) > limit:
            return True
        return "directreports" in attributes and len(attributes["directreports"]) > limit

    def _may_read(self, name: str, readable: Readable) -> bool:
        attribute = self.forest.schema.attribute(name)
        if attribute is None:
            return readable.all
        if self.session.global_catalog and not in_catalog(attribute):
            return False
        return readable.property(attribute)

    def _extras(self, entry: Entry, readable: Readable, extra: list[Extra]) -> tuple[Extra, ...]:
        schema = self.forest.schema
        for name in self.computed:
            values = constructed.value(name, Asked(self.forest, self.session, entry, self.base_scope))
            if values:
                extra.append((schema.spelling(name), values))
        if self.security:
            octets = self.security_octets(entry, readable)
            if octets is not None:
                extra.append(("nTSecurityDescriptor", (octets,)))
        return tuple(extra)

    def security_octets(self, entry: Entry, readable: Readable) -> bytes | None:
        """The parts asked for; nothing when one of them is beyond the caller."""
        parts = self.sd_parts if self.sd_parts else _ALL_PARTS
        if parts & sd.SACL_PART and not access.has_security_privilege(self.token):
            return None
        if parts & ~sd.SACL_PART and not readable.secure:
            return None
        return entry.sd.part(parts)

    # ---- long and rewritten values -----------------------------------------------------------------------------------
    def _rewrite(self, entry: Entry, listed: list[str], extra: list[Extra]) -> list[str]:
        """Take the names whose values must be changed for this answer out of the list and add what goes instead."""
        schema = self.forest.schema
        kept: list[str] = []
        for name in listed:
            values = entry.attributes.get(name, ())
            attribute = schema.attribute(name)
            if self.extended is not None and attribute is not None and attribute.syntax is DN:
                values = tuple(self.extended_value(value) for value in values)
                changed = True
            else:
                changed = False
            span = self.ranges.get(name)
            if span is None and len(values) <= self.limit:
                if changed:
                    extra.append((schema.spelling(name), values))
                else:
                    kept.append(name)
                continue
            part = self._part(schema.spelling(name), values, span or (0, None))
            if part is not None:
                extra.append(part)
        return kept

    def _part(self, name: str, values: Values, span: tuple[int, int | None]) -> Extra | None:
        """A range of values under its option; past the end is an error unless the client declined that."""
        start, last = span
        if start >= len(values):
            if self.without_error or not values:
                return None
            raise refusals.bad_range()
        end = min(start + self.limit - 1, len(values) - 1)
        if last is not None:
            end = min(end, last)
        upper = "*" if end == len(values) - 1 else str(end)
        return (f"{name};range={start}-{upper}", values[start : end + 1])

    def extended_dn(self, entry: Entry) -> str:
        return extended_name(entry, self.extended or 0)

    def extended_value(self, value: bytes) -> bytes:
        """A DN value in extended form, when it names an object there is."""
        try:
            target = self.session.controller.find(names.key(value.decode()))
        except ValueError:
            return value
        return extended_name(target, self.extended or 0).encode() if target is not None else value


def in_catalog(attribute: AttributeType) -> bool:
    """Whether the global catalog has an attribute: those of the partial set, and back links."""
    return attribute.partial or attribute.is_back_link


def catalogued(session: Session, group: Entry) -> bool:
    """Whether the global catalog has a group's members: its own domain's groups and universal ones."""
    partition = session.controller.partition_holding(group)
    return bool(partition not in session.controller.others or group.number("grouptype") & UNIVERSAL)


def extended_name(entry: Entry, form: int) -> str:
    """``<GUID=...>;<SID=...>;dn``, hexadecimal (0) or as text (1)."""
    guid = identity.guid_text(entry.guid) if form else entry.guid.hex()
    sid = ""
    if entry.sid is not None:
        sid = f"<SID={identity.sid_text(entry.sid) if form else entry.sid.hex()}>;"
    return f"<GUID={guid}>;{sid}{entry.dn}"
