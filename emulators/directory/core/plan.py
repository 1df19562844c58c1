"""Which objects a filter can match at all, when an index knows: an AND needs one such term, an OR all of them.

The objects named here still have to pass the filter. Source: MS-ADTS 3.1.1.3.1.3 leaves the plan to the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import filters, links, names
from emulators.directory.core.indexes import INDEXED
from emulators.directory.core.requests import And, Equality, Extensible, Filter, GreaterOrEqual, Or, Present

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.partition import Partition

_INDEXED = frozenset(INDEXED)


def candidates(partition: Partition, tree: Filter) -> list[Entry] | None:
    """The objects of a partition worth testing; None when only looking at all will do."""
    match tree:
        case Equality(attribute, value):
            return _equal(partition, attribute.lower(), value)
        case Extensible(filters.IN_CHAIN, str(attribute), value):
            known = partition.forest.schema.attribute(attribute)
            if known is None or not known.link_id:
                return None
            reached = filters.chain(partition.forest, partition.controller, known, value)
            return [entry for entry in reached if partition.entries.get(entry.guid) is entry]
        case And(items):
            best: list[Entry] | None = None
            for item in items:
                found = candidates(partition, item)
                if found is not None and (best is None or len(found) < len(best)):
                    best = found
                    if len(best) <= 1:
                        break
            return best
        case Or(items):
            return _union(partition, items)
        case GreaterOrEqual(attribute, value) if attribute.lower() == "usnchanged":
            try:
                return [entry for _usn, entry in partition.changes_after(int(value) - 1)]
            except ValueError:
                return []
        case Present(attribute) if attribute.lower() in ("ms-ds-consistencyguid", "serviceprincipalname"):
            return partition.indexes.having(attribute.lower())
        case _:
            return None


def _union(partition: Partition, items: tuple[Filter, ...]) -> list[Entry] | None:
    gathered: dict[bytes, Entry] = {}
    for item in items:
        found = candidates(partition, item)
        if found is None:
            return None
        for entry in found:
            gathered[entry.guid] = entry
    return list(gathered.values())


def _equal(partition: Partition, lower: str, value: bytes) -> list[Entry] | None:
    if lower in _INDEXED:
        if lower == "objectsid":
            try:
                value = filters.sid_value(value)
            except ValueError:
                return []
        return partition.indexes.find(lower, value)
    if lower == "objectguid":
        entry = partition.entries.get(filters.guid_value(value))
        return [entry] if entry is not None else []
    if lower == "distinguishedname":
        return _named(partition, value)
    schema = partition.forest.schema
    other = schema.back_link(lower) or schema.forward_link(lower)
    if other is None:
        return None
    try:
        target = partition.controller.find(names.key(value.decode()))
    except ValueError:
        return []
    if target is None:
        return None
    near = links.targets(partition, target, other)
    if partition.controller.others and schema.back_link(lower) is not None:
        near += [source for source, _name in links.hidden_sources(partition, target, lower)]
    return [entry for entry in near if partition.entries.get(entry.guid) is entry]


def _named(partition: Partition, value: bytes) -> list[Entry]:
    try:
        entry = partition.find(names.key(value.decode()))
    except ValueError:
        return []
    return [entry] if entry is not None else []
