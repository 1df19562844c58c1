"""Many objects below the protocol at once: the server's own identity and defaults, light checks, full speed.

Identity that is given (GUID, SID, times, USNs) is kept. References may point forward; they are resolved at the end.
Source: contract of DirectoryService.populate and load_ldif; facts "directory" section 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from emulators.directory.core import defaults, identity, links, names, passwords, times
from emulators.directory.core.access import SECRET
from emulators.directory.core.bulk import collector_paused
from emulators.directory.core.entry import Attributes, Entry, LinkStamp, Stamp, State, Values
from emulators.directory.core.security_descriptor import BadDescriptor

if TYPE_CHECKING:
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.schema import AttributeType
    from emulators.directory.core.security_descriptor import SecurityDescriptor

GivenEntry = tuple[str, Mapping[str, Sequence[bytes]]]

#: values alike on many objects, worth one tuple for all
_UNIQUE = frozenset(
    {
        "objectguid", "objectsid", "samaccountname", "userprincipalname", "mail", "proxyaddresses", "cn", "name",
        "displayname", "distinguishedname", "ms-ds-consistencyguid", "employeeid", "usnchanged", "usncreated",
        "legacyexchangedn", "description", "telephonenumber", "mobile",
    }
)  # fmt: skip


class PopulateError(ValueError):
    """An object that cannot be put in; ``index`` counts the entries of the call from 0."""

    def __init__(self, index: int, dn: str, reason: str) -> None:
        super().__init__(f"{dn}: {reason}")
        self.index = index
        self.dn = dn
        self.reason = reason


class _Kind(NamedTuple):
    chain: Values
    category: Values
    security: SecurityDescriptor
    defaults: Attributes
    principal: bool


class _Column(NamedTuple):
    """What is known of one attribute name as the caller spells it."""

    lower: str
    single: bool
    linked: bool
    back: bool
    plain_dn: bool
    shared: bool
    attribute: AttributeType


def populate(forest: Forest, entries: Iterable[GivenEntry], *, keep_references: bool = False) -> list[Entry]:
    """Put entries in, parents before children; raises PopulateError and leaves nothing of the failing entry.

    keep_references: references to objects that are not there stay as they are written (a loaded foreign domain).
    """
    return _Filling(forest, keep_references).run(entries)


class _Filling:
    """One call of populate: its caches and what is left to resolve."""

    def __init__(self, forest: Forest, keep_references: bool) -> None:
        self.forest = forest
        self.controller = forest.controllers[0]
        self.keep_references = keep_references
        self.columns: dict[str, _Column] = {}
        self.kinds: dict[tuple[SecurityDescriptor | None, tuple[bytes, ...], bytes, bytes], _Kind] = {}
        self.parents: dict[names.Name, tuple[Partition, Entry | None]] = {}
        self.pending: list[tuple[int, Partition, Entry, str, Sequence[bytes]]] = []
        self.loose: list[tuple[Partition, Entry, str]] = []
        self.hashes: dict[bytes, bytes] = {}
        self.heads = frozenset(partition.name for partition in self.controller.partitions)
        now = times.to_seconds(forest.clock.now())
        self.time = now
        self.generalized: Values = (times.generalized(now),)
        self.owner = identity.with_rid(forest.root.sid, 512)

    def run(self, entries: Iterable[GivenEntry]) -> list[Entry]:
        add = self._add
        with collector_paused():
            made = [add(index, dn, given) for index, (dn, given) in enumerate(entries)]
            self._resolve()
        return made

    def _fail(self, index: int, dn: str, reason: str) -> PopulateError:
        return PopulateError(index, dn, reason)

    def _add(self, index: int, dn: str, given: Mapping[str, Sequence[bytes]]) -> Entry:
        forest = self.forest
        try:
            name = names.key(dn)
        except names.BadName:
            raise self._fail(index, dn, "not a distinguished name") from None
        partition, parent = self._place(index, dn, name)
        attributes, secrets, deferred, security = self._values(index, dn, given)
        classes = attributes.get("objectclass")
        if not classes:
            raise self._fail(index, dn, "has no objectClass")
        kind = self._kind(index, dn, parent, attributes, classes)
        merged: Attributes = {"objectclass": kind.chain}
        self._naming(index, dn, merged)
        for key, value in kind.defaults.items():
            if key not in attributes:
                merged[key] = value
        attributes.pop("objectclass")
        merged.update(attributes)
        usn = self._identity(partition, merged, kind)
        merged.setdefault("objectcategory", kind.category)
        merged.setdefault("instancetype", (b"4",))
        merged["distinguishedname"] = (dn.encode(),)
        guid = merged["objectguid"][0]
        rdn_key = name[0]
        if guid in partition.entries:
            raise self._fail(index, dn, "its objectGUID is already there")
        if parent is not None and parent.children is not None and rdn_key in parent.children:
            raise self._fail(index, dn, "is already there")
        entry = Entry(dn, rdn_key, guid, merged, security or kind.security)
        sid = merged.get("objectsid")
        entry.sid = sid[0] if sid else None
        entry.secrets = secrets or None
        entry.usn = usn
        entry.born = self._stamp(merged, usn)
        if "isdeleted" in merged and merged["isdeleted"][0] == b"TRUE" and parent is not partition.head:
            entry.state = State.RECYCLED if "isrecycled" in merged else State.DELETED
        partition.insert(entry, parent)
        for column, values in deferred:
            if column.linked:
                self.pending.append((index, partition, entry, column.lower, values))
            else:
                self.loose.append((partition, entry, column.lower))
        return entry

    def _place(self, index: int, dn: str, name: names.Name) -> tuple[Partition, Entry | None]:
        """The naming context and parent of a new object; a context's head has no parent."""
        above = name[1:]
        place = self.parents.get(above)
        if place is not None and name not in self.heads:
            return place
        partition = self.controller.partition_of(name)
        if partition is None:
            raise self._fail(index, dn, "lies outside the forest")
        if name == partition.name:
            if partition.entries:
                raise self._fail(index, dn, "is already there")
            return partition, None
        parent = partition.find(above)
        if parent is None:
            raise self._fail(index, dn, "its parent is not there")
        self.parents[above] = (partition, parent)
        return partition, parent

    def _values(
        self, index: int, dn: str, given: Mapping[str, Sequence[bytes]]
    ) -> tuple[Attributes, Attributes, list[tuple[_Column, Sequence[bytes]]], SecurityDescriptor | None]:
        columns = self.columns
        share = self.forest.share
        attributes: Attributes = {}
        secrets: Attributes = {}
        deferred: list[tuple[_Column, Sequence[bytes]]] = []
        security: SecurityDescriptor | None = None
        for spelled, values in given.items():
            column = columns.get(spelled) or self._column(index, dn, spelled)
            lower = column.lower
            if not values:
                continue
            if column.single and len(values) > 1:
                raise self._fail(index, dn, f"{spelled} holds one value only")
            if column.back:
                continue
            if column.linked:
                deferred.append((column, values))
                continue
            if column.plain_dn:
                deferred.append((column, values))
            if lower in SECRET:
                if lower == "unicodepwd":
                    secrets[lower] = (self._hash(index, dn, values[0]),)
                continue
            if lower == "ntsecuritydescriptor":
                try:
                    security = self.forest.descriptors.read(values[0])
                except BadDescriptor as error:
                    raise self._fail(index, dn, f"nTSecurityDescriptor: {error}") from error
                continue
            attributes[lower] = share(tuple(values)) if column.shared else tuple(values)
        return attributes, secrets, deferred, security

    def _column(self, index: int, dn: str, spelled: str) -> _Column:
        attribute = self.forest.schema.attribute(spelled)
        if attribute is None:
            raise self._fail(index, dn, f"{spelled} is not in the schema")
        column = _Column(
            attribute.lower,
            attribute.single,
            attribute.is_linked,
            attribute.is_back_link,
            attribute.syntax.is_dn
            and not attribute.is_linked
            and not attribute.is_back_link
            and attribute.lower not in ("distinguishedname", "objectcategory"),
            attribute.lower not in _UNIQUE,
            attribute,
        )
        self.columns[spelled] = column
        return column

    def _hash(self, index: int, dn: str, value: bytes) -> bytes:
        found = self.hashes.get(value)
        if found is None:
            password = passwords.quoted(value)
            if password is None:
                raise self._fail(index, dn, "unicodePwd is not a quoted UTF-16 text")
            found = self.hashes[value] = passwords.nt_hash(password)
        return found

    def _kind(
        self, index: int, dn: str, parent: Entry | None, attributes: Attributes, classes: Values
    ) -> _Kind:
        control = attributes.get("useraccountcontrol", (b"",))[0]
        group = attributes.get("grouptype", (b"",))[0]
        key = (parent.sd if parent is not None else None, classes, control, group)
        found = self.kinds.get(key)
        if found is None:
            forest = self.forest
            special = max(
                (c for c in map(forest.schema.object_class, (v.decode() for v in classes)) if c is not None),
                key=lambda c: (c.category != 3, len(forest.schema.chain(c.name))),
                default=None,
            )
            unknown = [v.decode() for v in classes if forest.schema.object_class(v.decode()) is None]
            if unknown or special is None:
                raise self._fail(index, dn, f"objectClass {', '.join(unknown)} is not in the schema")
            chain = defaults.chain_values(forest, special)
            security = forest.descriptors.class_default(special, self.owner, forest.domains[0], forest.root)
            if parent is not None:
                security = forest.descriptors.child(security, parent.sd, special.guid)
            try:
                given = defaults.class_defaults(chain, int(control or 546), int(group or -2147483646) & 0xFFFFFFFF)
            except ValueError:
                raise self._fail(index, dn, "userAccountControl or groupType is not a number") from None
            found = self.kinds[key] = _Kind(
                chain,
                (defaults.category(forest, special),),
                security,
                {name: forest.share(values) for name, values in given.items()},
                defaults.needs_sid(chain),
            )
        return found

    def _naming(self, index: int, dn: str, merged: Attributes) -> None:
        """The naming attribute and ``name``, from the DN."""
        kind, _, rest = dn.partition("=")
        cut = rest.find(",")
        value = rest if cut < 0 else rest[:cut]
        if "\\" in value or '"' in value or value != value.strip():
            rdn = names.parse(dn)[0]
            value = rdn.value
        naming: Values = (value.encode(),)
        merged[kind.strip().lower()] = naming
        merged["name"] = naming

    def _identity(self, partition: Partition, merged: Attributes, kind: _Kind) -> int:
        forest, controller = self.forest, self.controller
        if "objectguid" not in merged:
            merged["objectguid"] = (identity.new_guid(forest.random),)
        if kind.principal:
            if "objectsid" not in merged:
                merged["objectsid"] = (controller.domain.new_sid(),)
            if "samaccountname" not in merged:
                merged["samaccountname"] = (defaults.made_account_name(forest.random),)
        if "whencreated" not in merged:
            merged["whencreated"] = self.generalized
        if "whenchanged" not in merged:
            merged["whenchanged"] = merged["whencreated"]
        given = merged.get("usnchanged")
        if given is not None:
            usn = int(given[0])
            controller.usn = max(controller.usn, usn)
            merged.setdefault("usncreated", given)
            return usn
        usn = controller.next_usn()
        merged["usncreated"] = merged["usnchanged"] = (b"%d" % usn,)
        return usn

    def _stamp(self, merged: Attributes, usn: int) -> Stamp:
        created = merged["whencreated"]
        when = self.time if created is self.generalized else (times.parse_generalized(created[0]) or self.time)
        return Stamp(1, when, self.controller.invocation, usn, usn)

    # ---- references, once every object is there ----------------------------------------------------------------------
    def _resolve(self) -> None:
        found: dict[bytes, Entry | None] = {}
        for index, partition, entry, attribute, values in self.pending:
            back = self.forest.schema.back_link(attribute)
            own = entry.attributes["distinguishedname"][0]
            kept: list[bytes] = []
            stamps: dict[bytes, LinkStamp] = {}
            stamp = LinkStamp(1, entry.born.time, entry.born.time, entry.born.invocation, entry.usn, entry.usn, True)
            for value in values:
                if value in found:
                    target = found[value]
                else:
                    target = found[value] = self._target(value)
                if target is None:
                    if not self.keep_references:
                        reason = f"{attribute} names {value.decode('utf-8', 'replace')}, which is not there"
                        raise self._fail(index, entry.dn, reason)
                    kept.append(value)
                    continue
                if target.guid in stamps:
                    continue
                kept.append(target.attributes["distinguishedname"][0])
                stamps[target.guid] = stamp
                if back is not None:
                    target.attributes[back] = (*target.attributes.get(back, ()), own)
                    target.wire.clear()
            entry.attributes[attribute] = tuple(kept)
            if entry.link_stamps is None:
                entry.link_stamps = {}
            entry.link_stamps[attribute] = stamps
        for partition, entry, attribute in self.loose:
            links.note_references(partition, entry, (attribute,))

    def _target(self, value: bytes) -> Entry | None:
        try:
            return self.controller.find(names.key(value.decode()))
        except ValueError:
            return None


