"""Forward links, their back links, and every other reference by name: kept true through writes, renames and deletes.

A linked value is stored as the target's own distinguishedName octets; a back link is stored on the target beside its
other attributes. Source: MS-ADTS 3.1.1.1.6 and 3.1.1.1.9 (link value stamps); facts "directory" sections 6, 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import metadata, names
from emulators.directory.core.defaults import UNIVERSAL
from emulators.directory.core.draft import LinkChange
from emulators.directory.core.entry import Dormant
from emulators.directory.core.syntaxes import DN_BINARY, DN_STRING, split_dn_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.directory.core.entry import Entry, Values
    from emulators.directory.core.metadata import Moment
    from emulators.directory.core.partition import Partition

#: DN-valued attributes that are never followed: the object's own name, and the class's place in the schema
_SELF_NAMED = frozenset({"distinguishedname", "objectcategory"})


def apply(partition: Partition, entry: Entry, changes: Iterable[LinkChange], at: Moment) -> None:
    """Carry out link changes on the object and the back links of the targets."""
    schema = partition.forest.schema
    added: dict[str, list[bytes]] = {}
    removed: dict[str, set[bytes]] = {}
    own = entry.attributes["distinguishedname"][0]
    for change in changes:
        back = schema.back_link(change.attribute)
        target = change.target
        dn = target.attributes["distinguishedname"][0]
        if change.present:
            added.setdefault(change.attribute, []).append(dn)
            if back is not None and shows_back(partition, entry, change.attribute, target):
                target.attributes[back] = (*target.attributes.get(back, ()), own)
        else:
            removed.setdefault(change.attribute, set()).add(dn)
            if back is not None:
                _drop_value(target, back, own)
            partition.loose.get(target.guid, {}).pop((entry.guid, change.attribute), None)
        target.wire.clear()
        metadata.stamp_link(entry, change.attribute, target.guid, change.present, at)
    for attribute, gone in removed.items():
        _set(entry, attribute, tuple(v for v in entry.attributes.get(attribute, ()) if v not in gone))
    for attribute, new in added.items():
        entry.attributes[attribute] = (*entry.attributes.get(attribute, ()), *new)


def shows_back(partition: Partition, entry: Entry, attribute: str, target: Entry) -> bool:
    """Whether a target is to hold the back link; of one that does not, the link is noted as a plain reference.

    A link into another domain shows at its target where the target's controllers hold it as global catalogs: membership
    of universal groups, and other attributes of the partial set.
    """
    controller = partition.controller
    if not controller.others or partition is not controller.domain_partition:
        return True
    if partition.entries.get(target.guid) is target:
        return True
    known = partition.forest.schema.attribute(attribute)
    if attribute == "member":
        seen = bool(entry.number("grouptype") & UNIVERSAL)
    else:
        seen = known is not None and known.partial
    if not seen:
        partition.loose.setdefault(target.guid, {})[(entry.guid, attribute)] = None
    return seen


def show_back(partition: Partition, entry: Entry, attribute: str, target: Entry) -> None:
    """Put the back link of one link where it belongs after one of the two changed its domain."""
    back = partition.forest.schema.back_link(attribute)
    if back is None:
        return
    own = entry.attributes["distinguishedname"][0]
    partition.loose.get(target.guid, {}).pop((entry.guid, attribute), None)
    _drop_value(target, back, own)
    if shows_back(partition, entry, attribute, target):
        target.attributes[back] = (*target.attributes.get(back, ()), own)
    target.wire.clear()


def hidden_sources(partition: Partition, target: Entry, attribute: str | None = None) -> list[tuple[Entry, str]]:
    """Who of a domain links to an object of another domain without showing there."""
    schema = partition.forest.schema
    found = []
    for guid, name in partition.loose.get(target.guid, ()):
        known = schema.attribute(name)
        source = partition.entries.get(guid)
        if source is None or known is None or not known.is_linked or attribute not in (None, name):
            continue
        if target.attributes["distinguishedname"][0] in source.attributes.get(name, ()):
            found.append((source, name))
    return found


def _set(entry: Entry, attribute: str, values: Values) -> None:
    if values:
        entry.attributes[attribute] = values
    else:
        entry.attributes.pop(attribute, None)


def _drop_value(entry: Entry, attribute: str, value: bytes) -> None:
    kept = list(entry.attributes.get(attribute, ()))
    if value in kept:
        kept.remove(value)
    _set(entry, attribute, tuple(kept))


def targets(partition: Partition, entry: Entry, attribute: str) -> list[Entry]:
    """The objects a linked attribute names."""
    find = partition.controller.find
    found = (find(names.key(value.decode())) for value in entry.attributes.get(attribute, ()))
    return [target for target in found if target is not None]


# ---- deletion and return ---------------------------------------------------------------------------------------------
def detach(partition: Partition, entry: Entry) -> Dormant:
    """Take every link from and to an object away, without stamps: its deletion says it all. What was is returned."""
    schema = partition.forest.schema
    own = entry.attributes["distinguishedname"][0]
    forward: dict[str, tuple[bytes, ...]] = {}
    backward: list[tuple[bytes, str]] = []
    for name in list(entry.attributes):
        attribute = schema.attribute(name)
        if attribute is None or not (attribute.is_linked or attribute.is_back_link):
            continue
        near = targets(partition, entry, name)
        other = schema.back_link(name) or schema.forward_link(name)
        if attribute.is_linked:
            forward[name] = tuple(target.guid for target in near)
        for target in near:
            if other is not None:
                _drop_value(target, other, own)
                target.wire.clear()
            if attribute.is_back_link and other is not None:
                backward.append((target.guid, other))
                if target.link_stamps is not None:
                    target.link_stamps.get(other, {}).pop(entry.guid, None)
        entry.attributes.pop(name, None)  # an object that names itself has lost this end with the other one
    for other_partition in partition.controller.catalog if partition.controller.others else ():
        for source, name in hidden_sources(other_partition, entry):
            _drop_value(source, name, own)
            source.wire.clear()
            backward.append((source.guid, name))
            if source.link_stamps is not None:
                source.link_stamps.get(name, {}).pop(entry.guid, None)
    entry.link_stamps = None
    entry.wire.clear()
    return Dormant(forward, tuple(backward))


def awaken(partition: Partition, entry: Entry, dormant: Dormant) -> None:
    """Put the links of a returned object back, as far as their other ends are still there."""
    controller = partition.controller
    at = partition.next_moment()
    own = [
        LinkChange(name, target, present=True)
        for name, guids in dormant.forward.items()
        for guid in guids
        if (target := controller.find_guid(guid)) is not None and not target.state
    ]
    if own:
        apply(partition, entry, own, at)
        touch(partition, entry, at)
    for guid, name in dormant.backward:
        source = controller.find_guid(guid)
        if source is not None and not source.state:
            home = controller.partition_holding(source)
            at = home.next_moment()
            apply(home, source, [LinkChange(name, entry, present=True)], at)
            touch(home, source, at)


def touch(partition: Partition, entry: Entry, at: Moment) -> None:
    """Note that an object changed at a moment."""
    entry.usn = at.usn
    entry.attributes["usnchanged"] = (str(at.usn).encode(),)
    entry.attributes["whenchanged"] = (at.generalized,)
    partition.log.append(at.usn, entry)
    entry.wire.clear()


# ---- references without a back link ----------------------------------------------------------------------------------
def note_references(partition: Partition, entry: Entry, changed: Iterable[str] | None = None) -> None:
    """Remember which objects this one names in plain DN-valued attributes, so that their renames reach it."""
    schema = partition.forest.schema
    for name in list(entry.attributes) if changed is None else changed:
        if name in _SELF_NAMED:
            continue
        attribute = schema.attribute(name)
        if attribute is None or not attribute.syntax.is_dn or attribute.is_linked or attribute.is_back_link:
            continue
        for value in entry.attributes.get(name, ()):
            target = _named(partition, value, attribute.syntax in (DN_BINARY, DN_STRING))
            if target is not None:
                partition.loose.setdefault(target.guid, {})[(entry.guid, name)] = None


def _named(partition: Partition, value: bytes, with_data: bool) -> Entry | None:
    try:
        dn = split_dn_value(value)[1] if with_data else value
        return partition.controller.find(names.key(dn.decode()))
    except ValueError:
        return None


# ---- renaming --------------------------------------------------------------------------------------------------------
def rename(partition: Partition, entry: Entry, dn: str, rdn_key: str, parent: Entry | None) -> None:
    """Give an object and all below it their new names, and correct every value that names them."""
    family = list(entry.below())
    referrers = _referrers(partition, family)
    old_parent = entry.parent
    if old_parent is not None and old_parent.children is not None:
        old_parent.children.pop(entry.rdn_key, None)
    entry.rdn_key = rdn_key
    entry.parent = parent
    if parent is not None:
        if parent.children is None:
            parent.children = {}
        parent.children[rdn_key] = entry
    cut = len(entry.dn)
    renamed: dict[bytes, bytes] = {}
    for member in family:
        old = member.attributes["distinguishedname"][0]
        member.dn = dn if member is entry else member.dn[:-cut] + dn
        new = member.dn.encode()
        renamed[old] = new
        member.attributes["distinguishedname"] = (new,)
        member.wire.clear()
    for referrer, attribute in referrers:
        referrer.attributes[attribute] = tuple(_corrected(value, renamed) for value in referrer.attributes[attribute])
        referrer.wire.clear()


def _corrected(value: bytes, renamed: dict[bytes, bytes]) -> bytes:
    new = renamed.get(value)
    if new is not None:
        return new
    if value[:2] in (b"B:", b"S:"):
        try:
            prefix, dn = split_dn_value(value)
        except ValueError:
            return value
        return prefix + renamed.get(dn, dn)
    return value


def _referrers(partition: Partition, family: list[Entry]) -> list[tuple[Entry, str]]:
    """Who names any of these objects, and in which attribute; found before the names change."""
    schema = partition.forest.schema
    controller = partition.controller
    found: dict[tuple[int, str], tuple[Entry, str]] = {}
    for member in family:
        for name in member.attributes:
            other = schema.back_link(name) or schema.forward_link(name)
            if other is None:
                continue
            for value in member.attributes[name]:
                referrer = controller.find(names.key(value.decode()))
                if referrer is not None and other in referrer.attributes:
                    found[(id(referrer), other)] = (referrer, other)
        for other_partition in controller.catalog:
            for guid, name in other_partition.loose.get(member.guid, ()):
                referrer = other_partition.entries.get(guid)
                if referrer is not None and name in referrer.attributes:
                    found[(id(referrer), name)] = (referrer, name)
    return list(found.values())


def forget(partition: Partition, entry: Entry) -> None:
    """Before an object is gone for good: no back link and no plain reference may name it any more."""
    schema = partition.forest.schema
    own = entry.attributes["distinguishedname"][0]
    for referrer, attribute in _referrers(partition, [entry]):
        known = schema.attribute(attribute)
        if known is not None and not known.is_linked and not known.is_back_link:
            continue
        _set(referrer, attribute, tuple(v for v in referrer.attributes[attribute] if v != own))
        referrer.wire.clear()
    left = partition.controller.find_guid(entry.guid)
    if left is None or left is entry:  # another is the object itself, which moved to another domain
        partition.loose.pop(entry.guid, None)
