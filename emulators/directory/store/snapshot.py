"""Freeze a whole forest into octets and thaw it again: entries, stamps, links, counters, the seeded stream.

A versioned msgpack document; values many entries share are stored once and shared again after thawing.
Source: design document section 1 ("One state, kept").
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import msgpack

from emulators.directory.core import schema_nc, times
from emulators.directory.core.bulk import collector_paused
from emulators.directory.core.entry import Dormant, Entry, LinkStamp, Stamp, State
from emulators.directory.core.forest import Controller, Descriptors, Domain, Forest
from emulators.directory.core.partition import Partition
from emulators.directory.core.schema import load_schema

FORMAT = "anchorage-directory"
VERSION = 1


class BadSnapshot(ValueError):
    """The octets are not a snapshot this version can thaw."""


def freeze(forest: Forest, down: Collection[str] = ()) -> bytes:
    """The whole state of a forest. down: the domains whose controllers are out of reach.

    What the controllers share is written once, with the controller of the root domain.
    """
    shared: dict[int, int] = {}
    table: list[tuple[bytes, ...]] = []
    for values in forest.shared_values.values():
        shared[id(values)] = len(table)
        table.append(values)
    descriptors = list(forest.descriptors.by_octets.values())
    places = {descriptor: place for place, descriptor in enumerate(descriptors)}
    version, internal, gauss = forest.random.getstate()
    document = {
        "format": FORMAT,
        "version": VERSION,
        "exchange": forest.schema.exchange,
        "schema": [list(one) for one in forest.schema.extensions],
        "protection": [times.to_seconds(forest.protection_due), forest.protection_usn],
        "random": [version, list(internal), gauss],
        "values": table,
        "descriptors": [descriptor.octets for descriptor in descriptors],
        "domains": [[d.dns, d.netbios, d.dn, d.sid, d.next_rid] for d in forest.domains],
        "controllers": [
            {
                "name": c.name,
                "invocation": c.invocation,
                "usn": c.usn,
                "partitions": [_freeze_partition(p, shared, places) for p in c.partitions if p.controller is c],
            }
            for c in forest.controllers
        ],
        "down": list(down),
    }
    return bytes(msgpack.packb(document, use_bin_type=True))


def _freeze_partition(partition: Partition, shared: dict[int, int], places: dict[Any, int]) -> dict[str, Any]:
    entries = []
    for entry in partition.entries.values():
        attributes = {name: shared.get(id(values), values) for name, values in entry.attributes.items()}
        # The stamps most entries lack are left out.
        rest = None
        if entry.stamps or entry.link_stamps or entry.secrets or entry.dormant or entry.state:
            links = {name: stamps for name, stamps in (entry.link_stamps or {}).items() if stamps}
            rest = [entry.stamps or None, links or None, entry.secrets or None, entry.dormant, int(entry.state)]
        above = entry.parent.guid if entry.parent is not None else None
        entries.append([attributes, entry.rdn_key, above, places[entry.sd], entry.usn, entry.born, rest])
    loose = [[guid, list(where)] for guid, where in partition.loose.items() if where]
    return {"dn": partition.dn, "unfilled": partition.fill is not None, "entries": entries, "loose": loose}


def thaw(forest: Forest, state: bytes) -> tuple[str, ...]:
    """Put a forest back into a frozen state; its clock and observers stay. Raises BadSnapshot.

    Gives the domains whose controllers were out of reach.
    """
    with collector_paused():
        return _thaw(forest, state)


def _thaw(forest: Forest, state: bytes) -> tuple[str, ...]:
    try:
        document = msgpack.unpackb(state, raw=False, use_list=False, strict_map_key=False)
    except (ValueError, msgpack.exceptions.ExtraData) as error:
        raise BadSnapshot("not a snapshot") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadSnapshot("not a snapshot of a directory")
    if document["version"] != VERSION:
        raise BadSnapshot(f"snapshot version {document['version']}, this is version {VERSION}")
    if document["exchange"] != forest.schema.exchange:
        raise BadSnapshot("the snapshot's forest has another schema")
    if tuple(c["name"] for c in document["controllers"]) != tuple(c.name for c in forest.controllers):
        raise BadSnapshot("the snapshot's forest has other controllers")
    forest.schema = load_schema(document["exchange"])
    if document["schema"]:
        forest.schema = forest.schema.extended(tuple(one) for one in document["schema"])
    version, internal, gauss = document["random"]
    forest.random.setstate((version, internal, gauss))
    seconds, forest.protection_usn = document["protection"]
    forest.protection_due = times.EPOCH + timedelta(seconds=seconds)
    forest.shared_values = {values: values for values in document["values"]}
    forest.descriptors = Descriptors()
    forest.tokens.clear()
    descriptors = [forest.descriptors.read(octets) for octets in document["descriptors"]]
    forest.domains[:] = [Domain(*row) for row in document["domains"]]
    shared: list[Partition] = []
    for controller, frozen in zip(forest.controllers, document["controllers"], strict=True):
        controller.domain = next(d for d in forest.domains if d.dns == controller.domain.dns)
        controller.invocation = frozen["invocation"]
        controller.usn = frozen["usn"]
        controller.partitions = [
            _thaw_partition(forest, controller, part, document["values"], descriptors) for part in frozen["partitions"]
        ]
        controller.partitions += shared
        shared = shared or controller.partitions[1:]
    forest.acquaint()
    down: tuple[str, ...] = document["down"]
    return down


def _thaw_partition(
    forest: Forest, controller: Controller, frozen: dict[str, Any], table: tuple[Any, ...], descriptors: list[Any]
) -> Partition:
    partition = Partition(forest, controller, frozen["dn"])
    if frozen["unfilled"]:
        partition.fill = schema_nc.fill
    made: dict[bytes, Entry] = {}
    parents: list[tuple[Entry, bytes | None]] = []
    born: dict[tuple[Any, ...], Stamp] = {}
    for packed, rdn_key, above, place, usn, stamp, rest in frozen["entries"]:
        attributes = {name: table[values] if type(values) is int else values for name, values in packed.items()}
        guid = attributes["objectguid"][0]
        dn = attributes["distinguishedname"][0].decode()
        entry = Entry(dn, rdn_key, guid, attributes, descriptors[place])
        sid = attributes.get("objectsid")
        if sid is not None:
            entry.sid = sid[0]
        entry.usn = usn
        entry.born = born.get(stamp) or born.setdefault(stamp, Stamp(*stamp))
        if rest is not None:
            _thaw_rest(entry, rest)
        made[guid] = entry
        parents.append((entry, above))
    for entry, above in parents:
        partition.insert(entry, None if above is None else made[above])
    partition.loose = {guid: dict.fromkeys(where) for guid, where in frozen["loose"]}
    return partition


def _thaw_rest(entry: Entry, rest: tuple[Any, ...]) -> None:
    stamps, link_stamps, secrets, dormant, state = rest
    if stamps:
        entry.stamps = {name: Stamp(*stamp) for name, stamp in stamps.items()}
    if link_stamps:
        entry.link_stamps = {
            name: {guid: LinkStamp(*stamp) for guid, stamp in of_name.items()} for name, of_name in link_stamps.items()
        }
    entry.secrets = secrets or None
    if dormant:
        forward, backward = dormant
        entry.dormant = Dormant(dict(forward), tuple((guid, name) for guid, name in backward))
    entry.state = State(state)
