"""Many objects below the protocol at once: the server's own identity and defaults, light checks, full speed.

Identity that is given (GUID, SID, times, USNs) is kept. References may point forward; they are resolved at the end.
Source: contract of DirectoryService.populate and load_ldif; facts "directory" section 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from emulators.directory.core import defaults, identity, links, names, passwords, times
from emulators.directory.core.access import SECRET
from emulators.directory.core.bulk import collector_paused
from emulators.directory.core.entry import Attributes, Entry, LinkStamp, Stamp, State, Values
from emulators.directory.core.md4 import nt_hash
from emulators.directory.core.security_descriptor import BadDescriptor

if TYPE_CHECKING:
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.security_descriptor import SecurityDescriptor

GivenEntry = tuple[str, Mapping[str, Sequence[bytes]]]

#: values that differ from object to object: not worth looking for their like
_UNIQUE_NAMES = frozenset(
    {
        "objectguid", "objectsid", "samaccountname", "userprincipalname", "mail", "proxyaddresses", "cn", "name",
        "displayname", "distinguishedname", "ms-ds-consistencyguid", "employeeid", "usnchanged", "usncreated",
        "legacyexchangedn", "description", "telephonenumber", "mobile",
    }
)  # fmt: skip


#: the parent's access list, the classes, userAccountControl, groupType, the naming context
_KindKey = tuple["SecurityDescriptor | None", tuple[bytes, ...], bytes, bytes, "Partition"]


class PopulateError(ValueError):
    """An object that cannot be put in; ``index`` counts the entries of the call from 0."""

    def __init__(self, index: int, dn: str, reason: str) -> None:
        super().__init__(f"{dn}: {reason}")
        self.index = index
        self.dn = dn
        self.reason = reason


#: what becomes of an attribute's values
_PLAIN, _UNIQUE, _REFERENCE, _PASSWORD, _SECURITY, _SKIP = range(6)
_PLAIN_RDN = re.compile(r'[A-Za-z]+=[^\\",+;<>#=\x00-\x1f ](?:[^\\",+;<>#=\x00-\x1f]*[^\\",+;<>#=\x00-\x1f ])?')


class _Kind(NamedTuple):
    """What objects of one class under one access list begin with."""

    template: Attributes
    rdn: str
    security: SecurityDescriptor
    principal: bool


class _Column(NamedTuple):
    """What is known of one attribute name as the caller spells it."""

    lower: str
    how: int
    single: bool
    linked: bool


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
        self.kinds: dict[_KindKey, _Kind] = {}
        self.parents: dict[str, tuple[Partition, Entry | None]] = {}
        self.shared = forest.shared_values
        self.pending: list[tuple[int, Entry, str, Sequence[bytes]]] = []
        self.loose: list[tuple[Partition, Entry, str]] = []
        self.hashes: dict[bytes, bytes] = {}
        self.heads = frozenset(partition.dn for partition in self.controller.catalog)
        now = times.to_seconds(forest.clock.now())
        self.time = now
        self.moments: dict[Values, int] = {}
        self.generalized: Values = (times.generalized(now),)
        self.ticks: Values = forest.share((str(times.to_ticks(forest.clock.now())).encode(),))

    def run(self, entries: Iterable[GivenEntry]) -> list[Entry]:
        add = self._add
        with collector_paused():
            made = [add(index, dn, given) for index, (dn, given) in enumerate(entries)]
            self._resolve()
        return made

    def _fail(self, index: int, dn: str, reason: str) -> PopulateError:
        return PopulateError(index, dn, reason)

    def _add(self, index: int, dn: str, given: Mapping[str, Sequence[bytes]]) -> Entry:
        partition, parent, rdn_key, naming = self._place(index, dn)
        kind = self._kind(index, dn, partition, parent, given)
        attributes = kind.template.copy()
        values: Values = (naming,)
        attributes[kind.rdn] = values
        attributes["name"] = values
        deferred: list[tuple[_Column, Sequence[bytes]]] | None = None
        secrets: Attributes | None = None
        security = kind.security
        columns = self.columns
        share = self.shared
        share_new = self.forest.share
        for spelled, listed in given.items():
            column = columns.get(spelled) or self._column(index, dn, spelled)
            how = column.how
            if how == _PLAIN and listed:
                values = tuple(listed)
                if len(values) > 1 and column.single:
                    raise self._fail(index, dn, f"{spelled} holds one value only")
                attributes[column.lower] = share.get(values) or share_new(values)
            elif how == _UNIQUE and listed:
                values = tuple(listed)
                if len(values) > 1 and column.single:
                    raise self._fail(index, dn, f"{spelled} holds one value only")
                attributes[column.lower] = values
            elif how == _REFERENCE and listed:
                deferred = deferred or []
                deferred.append((column, listed))
                if not column.linked:
                    attributes[column.lower] = tuple(listed)
            elif how == _PASSWORD and listed:
                secrets = {column.lower: (self._hash(index, dn, listed[0]),)}
            elif how == _SECURITY and listed:
                security = self._descriptor(index, dn, listed[0])
        if secrets is not None and "pwdlastset" not in map(str.lower, given):
            attributes["pwdlastset"] = self.ticks  # an object whose password is set need not change it
        usn = self._identity(partition, attributes, kind)
        attributes["distinguishedname"] = (dn.encode(),)
        guid = attributes["objectguid"][0]
        if guid in partition.entries:
            raise self._fail(index, dn, "its objectGUID is already there")
        if parent is not None and parent.children is not None and rdn_key in parent.children:
            raise self._fail(index, dn, "is already there")
        entry = Entry(dn, rdn_key, guid, attributes, security)
        sid = attributes.get("objectsid")
        if sid is not None:
            entry.sid = sid[0]
        entry.secrets = secrets
        entry.usn = usn
        entry.born = self._stamp(partition, attributes, usn)
        if "isdeleted" in attributes and attributes["isdeleted"][0] == b"TRUE":
            entry.state = State.RECYCLED if "isrecycled" in attributes else State.DELETED
        partition.insert(entry, parent)
        for column, listed in deferred or ():
            if column.linked:
                self.pending.append((index, entry, column.lower, listed))
            else:
                self.loose.append((partition, entry, column.lower))
        return entry

    def _place(self, index: int, dn: str) -> tuple[Partition, Entry | None, str, bytes]:
        """Naming context, parent, key and naming value of a new object; a context's head has no parent."""
        head, _, tail = dn.partition(",")
        place = self.parents.get(tail)
        if place is not None and dn not in self.heads and _PLAIN_RDN.fullmatch(head) is not None:
            return *place, head.lower(), head.partition("=")[2].encode()
        try:
            name = names.key(dn)
            rdn = names.parse(dn)[0]
        except (names.BadName, IndexError):
            raise self._fail(index, dn, "not a distinguished name") from None
        partition = self.controller.partition_of(name)
        if partition is None:
            raise self._fail(index, dn, "lies outside the forest")
        if name == partition.name:
            if partition.entries:
                raise self._fail(index, dn, "is already there")
            return partition, None, name[0], rdn.value.encode()
        parent = partition.find(name[1:])
        if parent is None:
            raise self._fail(index, dn, "its parent is not there")
        if _PLAIN_RDN.fullmatch(head) is not None:
            self.parents[tail] = (partition, parent)
        return partition, parent, name[0], rdn.value.encode()

    def _descriptor(self, index: int, dn: str, octets: bytes) -> SecurityDescriptor:
        try:
            return self.forest.descriptors.read(octets)
        except BadDescriptor as error:
            raise self._fail(index, dn, f"nTSecurityDescriptor: {error}") from error

    def _column(self, index: int, dn: str, spelled: str) -> _Column:
        attribute = self.forest.schema.attribute(spelled)
        if attribute is None:
            raise self._fail(index, dn, f"{spelled} is not in the schema")
        lower = attribute.lower
        plain_dn = attribute.syntax.is_dn and lower not in ("distinguishedname", "objectcategory")
        if attribute.is_back_link or attribute.constructed or lower == "objectclass":
            how = _SKIP
        elif lower == "unicodepwd":
            how = _PASSWORD
        elif lower in SECRET:
            how = _SKIP
        elif lower == "ntsecuritydescriptor":
            how = _SECURITY
        elif plain_dn:
            how = _REFERENCE
        else:
            how = _UNIQUE if lower in _UNIQUE_NAMES else _PLAIN
        column = _Column(lower, how, attribute.single, attribute.is_linked)
        self.columns[spelled] = column
        return column

    def _hash(self, index: int, dn: str, value: bytes) -> bytes:
        found = self.hashes.get(value)
        if found is None:
            password = passwords.quoted(value)
            if password is None:
                raise self._fail(index, dn, "unicodePwd is not a quoted UTF-16 text")
            found = self.hashes[value] = nt_hash(password)
        return found

    def _kind(
        self, index: int, dn: str, partition: Partition, parent: Entry | None, given: Mapping[str, Sequence[bytes]]
    ) -> _Kind:
        classes = given.get("objectClass") or self._any_case(given, "objectclass")
        control = given.get("userAccountControl") or self._any_case(given, "useraccountcontrol")
        group = given.get("groupType") or self._any_case(given, "grouptype")
        security = parent.sd if parent is not None else None
        key = (security, tuple(classes), control[0] if control else b"", group[0] if group else b"", partition)
        return self.kinds.get(key) or self._new_kind(index, dn, key)

    def _any_case(self, given: Mapping[str, Sequence[bytes]], lower: str) -> Sequence[bytes]:
        """An attribute the caller may spell another way."""
        if lower == "useraccountcontrol" and "groupType" in given:
            return ()
        if lower == "grouptype" and "userAccountControl" in given:
            return ()
        return next((values for name, values in given.items() if name.lower() == lower), ())

    def _new_kind(self, index: int, dn: str, key: _KindKey) -> _Kind:
        forest = self.forest
        above, classes, control, group, partition = key
        if not classes:
            raise self._fail(index, dn, "has no objectClass")
        spelled = [value.decode("utf-8", "replace") for value in classes]
        known = [kind for kind in map(forest.schema.object_class, spelled) if kind is not None]
        if len(known) < len(spelled):
            unknown = ", ".join(name for name in spelled if forest.schema.object_class(name) is None)
            raise self._fail(index, dn, f"objectClass {unknown} is not in the schema")
        special = max(known, key=lambda kind: (kind.category != 3, len(forest.schema.chain(kind.name))))
        chain = defaults.chain_values(forest, special)
        domain = partition.controller.domain
        owner = identity.with_rid(domain.sid, 512)
        security = forest.descriptors.class_default(special, owner, domain, forest.root)
        if above is not None:
            security = forest.descriptors.child(security, above, special.guid)
        try:
            given = defaults.class_defaults(chain, int(control or 546), int(group or -2147483646) & 0xFFFFFFFF)
        except ValueError:
            raise self._fail(index, dn, "userAccountControl or groupType is not a number") from None
        given_names = (kind.name.encode() for kind in known if kind.category == 3)
        auxiliary = tuple(name for name in given_names if name not in chain)
        template: Attributes = {
            "objectclass": forest.share((*auxiliary, *chain)),
            special.rdn.lower(): (b"",),
            "distinguishedname": (b"",),
            "instancetype": forest.share((b"4",)),
            "name": (b"",),
            **{name: forest.share(values) for name, values in given.items()},
            "objectcategory": forest.share((defaults.category(forest, special),)),
        }
        found = _Kind(template, special.rdn.lower(), security, defaults.needs_sid(chain))
        self.kinds[key] = found
        return found

    def _identity(self, partition: Partition, merged: Attributes, kind: _Kind) -> int:
        forest, controller = self.forest, self.controller
        if "objectguid" not in merged:
            merged["objectguid"] = (identity.new_guid(forest.random),)
        if kind.principal:
            if "objectsid" not in merged:
                merged["objectsid"] = (partition.controller.domain.new_sid(),)
            if "samaccountname" not in merged:
                merged["samaccountname"] = (defaults.made_account_name(forest.random),)
        created = merged.setdefault("whencreated", self.generalized)
        merged.setdefault("whenchanged", created)
        given = merged.get("usnchanged")
        if given is not None:
            usn = int(given[0])
            controller.usn = max(controller.usn, usn)
            merged.setdefault("usncreated", given)
            return usn
        usn = controller.next_usn()
        merged["usncreated"] = merged["usnchanged"] = (b"%d" % usn,)
        return usn

    def _stamp(self, partition: Partition, merged: Attributes, usn: int) -> Stamp:
        created = merged["whencreated"]
        invocation = partition.controller.invocation
        if created is self.generalized:
            return Stamp(1, self.time, invocation, usn, usn)
        when = self.moments.get(created)
        if when is None:
            when = self.moments[created] = times.parse_generalized(created[0]) or self.time
        return Stamp(1, when, invocation, usn, usn)

    # ---- references, once every object is there ----------------------------------------------------------------------
    def _resolve(self) -> None:
        found: dict[bytes, Entry | None] = {}
        crossing = bool(self.controller.others)
        for index, entry, attribute, values in self.pending:
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
                if back is not None and (not crossing or self._shows_back(entry, attribute, target)):
                    target.attributes[back] = (*target.attributes.get(back, ()), own)
                    target.wire.clear()
            entry.attributes[attribute] = tuple(kept)
            if entry.link_stamps is None:
                entry.link_stamps = {}
            entry.link_stamps[attribute] = stamps
        for partition, entry, attribute in self.loose:
            links.note_references(partition, entry, (attribute,))

    def _shows_back(self, entry: Entry, attribute: str, target: Entry) -> bool:
        return links.shows_back(self.controller.partition_holding(entry), entry, attribute, target)

    def _target(self, value: bytes) -> Entry | None:
        try:
            return self.controller.find(names.key(value.decode()))
        except ValueError:
            return None
