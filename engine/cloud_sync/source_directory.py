"""The agent's eyes in its domain: everything, what changed since a cookie, one object, a group's members, by LDAP.

Source: facts "tenant" 13.1 (cookie for delta), 13.3; facts "directory" section 5 (DirSync).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.cloud_sync.anchor import guid_text
from engine.cloud_sync.cycle import SourceObject
from engine.connectors.active_directory.connector import ActiveDirectoryConnector, DirectoryAccount
from engine.connectors.active_directory.ldap_channel import ForestAddress
from engine.connectors.connector import ImportedObject, ImportKind, ValueChanges
from engine.errors import ConnectorError
from engine.model.configuration import Partition
from engine.model.values import Value, as_list

OBJECT_TYPES = ("user", "inetOrgPerson", "group", "contact")
PAGE = 500


@dataclass
class Changes:
    """What a delta read found. watermark: where the next one goes on."""

    objects: list[SourceObject] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    watermark: bytes | None = None
    read: int = 0


class SourceDirectory:
    """One domain, read with the agent's account."""

    def __init__(
        self, address: ForestAddress, domain_dn: str, domain: str, account: DirectoryAccount, *, ca_bundle: str
    ) -> None:
        self._connector = ActiveDirectoryConnector(address, account, ca_bundle=ca_bundle)
        self._partition = Partition(domain, domain_dn, domain, object_types=OBJECT_TYPES)

    def close(self) -> None:
        self._connector.close()

    def everything(self, attributes: Iterable[str]) -> Changes:
        """Read every object whole; the cookie is taken before."""
        found = Changes()
        for page in self._connector.read_full(self._partition, tuple(attributes), PAGE):
            found.objects += [source for source in map(_whole, page.objects) if source is not None]
            found.watermark = page.watermark or found.watermark
        found.read = len(found.objects)
        return found

    def changes(self, attributes: Iterable[str], watermark: bytes, groups: frozenset[str]) -> Changes:
        """Read what changed, each object whole; of a scoping group also whoever came or went."""
        wanted = tuple(attributes)
        found = Changes(watermark=watermark)
        anchors: dict[bytes, None] = {}
        moved: dict[str, None] = {}
        for page in self._connector.read_delta(self._partition, wanted, watermark, PAGE):
            found.watermark = page.watermark or found.watermark
            for one in page.objects:
                found.read += 1
                if not isinstance(one.anchor, bytes):
                    continue
                if one.kind is ImportKind.DELETE:
                    found.gone.append(guid_text(one.anchor))
                    anchors.pop(one.anchor, None)
                    continue
                anchors[one.anchor] = None
                if one.dn.lower() in groups:
                    moved.update(dict.fromkeys(_moved_members(one)))
        for anchor in anchors:
            source = _whole(self._connector.read_object(self._partition, wanted, anchor))
            if source is not None:
                found.objects.append(source)
        held = {source.guid for source in found.objects}
        for source in self._at(wanted, moved):
            if source.guid not in held:
                held.add(source.guid)
                found.objects.append(source)
        return found

    def look_again(self, attributes: Iterable[str], objects: Iterable[str], found: Changes) -> None:
        """Add objects that failed before; one that is not there any more is gone."""
        held = {guid_text(source.guid) for source in found.objects} | set(found.gone)
        for key in objects:
            if key in held:
                continue
            guid = uuid.UUID(key).bytes_le
            source = _whole(self._connector.read_object(self._partition, tuple(attributes), guid))
            if source is None:
                found.gone.append(key)
            else:
                found.objects.append(source)

    def object_at(self, attributes: Iterable[str], dn: str) -> SourceObject | None:
        return _whole(self._connector.read_at(self._partition, tuple(attributes), dn))

    def _at(self, attributes: tuple[str, ...], dns: Iterable[str]) -> Iterator[SourceObject]:
        for dn in dns:
            source = self.object_at(attributes, dn)
            if source is not None:
                yield source

    def members(self, groups: Iterable[str]) -> frozenset[str]:
        """The direct members of groups, DNs in lower case; a group that is not there has none."""
        found: set[str] = set()
        for dn in groups:
            try:
                group = self._connector.read_at(self._partition, ("member",), dn)
            except ConnectorError as error:
                if error.run_result != "no-start-partition-delete":
                    raise
                group = None
            if group is not None:
                members = group.attributes.get("member")
                listed = as_list(members) if not isinstance(members, ValueChanges) else []
                found |= {str(member).lower() for member in listed}
        return frozenset(found)


def _whole(one: ImportedObject | None) -> SourceObject | None:
    if one is None or not isinstance(one.anchor, bytes) or one.object_type is None:
        return None
    attributes: dict[str, Value] = {
        name: value
        for name, value in one.attributes.items()
        if value is not None and not isinstance(value, ValueChanges)
    }
    return SourceObject(one.anchor, one.object_type, one.dn, attributes)


def _moved_members(group: ImportedObject) -> list[str]:
    changes = group.attributes.get("member")
    if isinstance(changes, ValueChanges):
        return [str(value) for value in (*changes.added, *changes.removed)]
    return [str(value) for value in as_list(changes)]
