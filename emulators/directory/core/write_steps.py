"""The steps every add and modify goes through, in this order, before the commit.

Access first, so that a caller without rights learns nothing from the later checks; stamps are the commit's own.
Source: MS-ADTS 3.1.1.5.2 and 3.1.1.5.3; house 4.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.directory.core import access, defaults, names, passwords, refusals
from emulators.directory.core.defaults import DISABLED, PASSWORD_NOT_REQUIRED
from emulators.directory.core.draft import Draft, LinkChange
from emulators.directory.core.syntaxes import DN_BINARY, DN_STRING, is_valid, measure, split_dn_value

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import Controls
    from emulators.directory.core.schema import AttributeType
    from emulators.directory.core.session import Session


Targets = dict[bytes, "Entry"]  # by GUID


@dataclass(slots=True)
class Write:
    """An add or modify under way: the draft, who wants it, and which attributes the client itself named."""

    forest: Forest
    session: Session
    controls: Controls
    draft: Draft
    given: dict[str, AttributeType] = field(default_factory=dict)
    linked: dict[str, tuple[Targets, Targets]] = field(default_factory=dict)  # attribute -> (added, removed)

    @property
    def creating(self) -> bool:
        return self.draft.entry is None


#: never written by a client; the directory owns them
SYSTEM_OWNED = frozenset(
    {
        "objectguid", "objectsid", "whencreated", "whenchanged", "usncreated", "usnchanged", "distinguishedname",
        "instancetype", "samaccounttype", "isdeleted", "isrecycled", "lastknownparent", "msds-lastknownrdn",
        "replpropertymetadata", "badpwdcount", "badpasswordtime", "lastlogon", "lastlogoff", "logoncount",
        "lastlogontimestamp", "iscriticalsystemobject", "sidhistory", "name", "repluptodatevector", "ms-ds-creatorsid",
        "primarygrouptoken", "rid",
    }
)  # fmt: skip


#: mandatory attributes the directory provides itself
_OWN_TO_GIVE = frozenset(
    {"ntsecuritydescriptor", "objectsid", "samaccountname", "objectcategory", "instancetype", "objectclass", "name"}
)


def check_access(write: Write) -> None:
    """Write property on each attribute named; validated writes and the descriptor's own rights besides."""
    token, entry = write.session.token, write.draft.entry
    if entry is None or token.system:
        return
    for name, attribute in write.given.items():
        if name in ("unicodepwd", "ntsecuritydescriptor"):
            continue  # checked where they are written
        if access.may_write(token, entry, attribute):
            continue
        if name == "member" and _only_self(write) and access.may_add_self(token, entry):
            continue
        raise refusals.no_write_right()


def _only_self(write: Write) -> bool:
    added, removed = write.linked.get("member", ({}, {}))
    return all(access.is_self(write.session.token, target) for target in (*added.values(), *removed.values()))


def check_schema(write: Write) -> None:
    """Attributes belong to the class, values to their syntax and range, single values stay single."""
    schema = write.forest.schema
    structural = write.draft.structural
    allowed = schema.allowed(structural)
    extra = [v.decode() for v in write.draft.classes]
    for name, attribute in write.given.items():
        values = write.draft.attributes.get(name, ())
        if name not in allowed and not any(name in schema.allowed(auxiliary) for auxiliary in extra):
            if values or name in write.linked:
                raise refusals.not_in_class(attribute)
            continue
        if name in write.linked:
            _check_link_count(write, attribute)
            continue
        if attribute.single and len(values) > 1:
            raise refusals.too_many_values(attribute)
        for value in values:
            check_value(attribute, value)
    for name in schema.required(structural):
        if name in write.draft.attributes or name in _OWN_TO_GIVE:
            continue
        if write.creating or name in write.given:
            raise refusals.must_missing()


def _check_link_count(write: Write, attribute: AttributeType) -> None:
    added, removed = write.linked[attribute.lower]
    stored = write.draft.entry.attributes.get(attribute.lower, ()) if write.draft.entry is not None else ()
    if attribute.single and len(stored) + len(added) - len(removed) > 1:
        raise refusals.too_many_values(attribute)


def check_value(attribute: AttributeType, value: bytes) -> None:
    """One value against its attribute's syntax and range."""
    if not is_valid(attribute.syntax, value):
        raise refusals.bad_syntax(attribute)
    lower, upper = attribute.range_lower, attribute.range_upper
    if lower is None and upper is None:
        return
    size = measure(attribute.syntax, value)
    if (upper is not None and size > upper) or (lower is not None and size < lower):
        raise refusals.out_of_range(attribute, len(value))


def check_names(write: Write) -> None:
    """sAMAccountName is unique in the domain, userPrincipalName and SPNs in the forest."""
    draft, schema = write.draft, write.forest.schema
    partition = write.session.controller.domain_partition
    if "samaccountname" in draft.touched:
        name = draft.first("samaccountname")
        if name is None:
            raise refusals.must_missing()
        if any(char in name for char in b'"/\\[]:;|=+*?<>,') or name[-1:] == b".":
            attribute = schema.attribute("samaccountname")
            assert attribute is not None
            raise refusals.constraint(attribute, 0x523, "031A0FCF")
        others = partition.indexes.find("samaccountname", name)
        if any(other is not draft.entry and not other.state for other in others):
            raise refusals.account_name_taken()
    for unique in ("userprincipalname", "serviceprincipalname"):
        if unique not in draft.touched:
            continue
        attribute = schema.attribute(unique)
        assert attribute is not None
        for value in draft.attributes.get(unique, ()):
            domains = write.session.controller.domain_partitions
            others = [other for domain in domains for other in domain.indexes.find(unique, value)]
            if any(other is not draft.entry and not other.state for other in others):
                raise refusals.principal_name_taken(attribute)


def derive_account(write: Write) -> None:
    """userAccountControl, groupType and what follows from them."""
    draft, touched = write.draft, write.draft.touched
    if draft.is_account and "useraccountcontrol" in touched:
        _account_control(write)
    if draft.is_a(b"group") and "grouptype" in touched:
        _group_type(write)
    if draft.is_account and "pwdlastset" in touched and "pwdlastset" in write.given:
        _pwd_last_set(write)
    if "lockouttime" in write.given:
        attribute = write.given["lockouttime"]
        if draft.number("lockouttime") != 0:
            raise refusals.constraint(attribute, 0x57, "031A1254")
        draft.set("badpwdcount", b"0")
    if "primarygroupid" in write.given and not write.creating:
        _primary_group(write)


def _account_control(write: Write) -> None:
    draft = write.draft
    control = draft.number("useraccountcontrol", 546)
    control &= ~(0x10 | 0x800000)  # computed bits are not stored
    if not control & (defaults.NORMAL | defaults.WORKSTATION | defaults.SERVER | defaults.INTERDOMAIN):
        control |= defaults.NORMAL
    enabled = not control & DISABLED
    before = draft.entry.number("useraccountcontrol") if draft.entry is not None else DISABLED
    was_enabled = draft.entry is not None and not before & DISABLED
    person = control & defaults.NORMAL and not control & PASSWORD_NOT_REQUIRED
    if enabled and not was_enabled and person and not passwords.is_acceptable(draft):
        raise refusals.password_policy_reset()
    draft.set("useraccountcontrol", str(control).encode())
    draft.set("samaccounttype", str(defaults.account_type(control)).encode())


def _group_type(write: Write) -> None:
    """Scope changes go through universal; a built-in group keeps its type."""
    draft = write.draft
    kind = draft.number("grouptype") & 0xFFFFFFFF
    scope = kind & 0xE
    if scope not in (defaults.GLOBAL, defaults.DOMAIN_LOCAL, defaults.UNIVERSAL):
        raise refusals.unwilling("a group has exactly one scope", 0x2141)
    if draft.entry is not None:
        before = draft.entry.number("grouptype") & 0xFFFFFFFF
        old = before & 0xE
        if before & defaults.SYSTEM_GROUP and before != kind:
            raise refusals.unwilling("a built-in group keeps its type", 0x2146)
        if old != scope and defaults.UNIVERSAL not in (old, scope):
            raise refusals.unwilling("global and domain local change by way of universal", 0x2141)
    draft.set("grouptype", str(defaults.signed(kind)).encode())
    draft.set("samaccounttype", str(defaults.group_account_type(kind)).encode())


def _pwd_last_set(write: Write) -> None:
    """0 means must change, -1 means now; nothing else is accepted."""
    from emulators.directory.core.times import to_ticks

    draft = write.draft
    value = draft.number("pwdlastset")
    if "unicodepwd" in write.given and value != 0:
        draft.set("pwdlastset", str(to_ticks(write.forest.clock.now())).encode())
    elif value == -1:
        before = draft.entry.number("pwdlastset") if draft.entry is not None else 0
        draft.set("pwdlastset", str(before or to_ticks(write.forest.clock.now())).encode())
    elif value != 0:
        raise refusals.constraint(write.given["pwdlastset"], 0x57, "031A1254")


def _primary_group(write: Write) -> None:
    """The new primary group must be one the account is a member of; memberships trade places."""
    from emulators.directory.core.identity import with_rid

    draft, session = write.draft, write.session
    entry = draft.entry
    assert entry is not None
    partition = session.controller.domain_partition
    domain = session.domain.sid
    found = partition.indexes.find("objectsid", with_rid(domain, draft.number("primarygroupid")))
    members = entry.attributes.get("memberof", ())
    if not found or found[0].attributes["distinguishedname"][0] not in members:
        raise refusals.unwilling("the primary group must be a group of the account", 0x561)


def check_references(write: Write) -> None:
    """Plain DN-valued attributes must name objects there are; the stored value is the object's own name."""
    find = write.session.controller.find
    for name, attribute in write.given.items():
        if not attribute.syntax.is_dn or name in write.linked or name in ("objectcategory", "distinguishedname"):
            continue
        with_data = attribute.syntax in (DN_BINARY, DN_STRING)
        values: list[bytes] = []
        for value in write.draft.attributes.get(name, ()):
            prefix, dn = split_dn_value(value) if with_data else (b"", value)
            target = find(names.key(dn.decode()))
            if target is None:
                raise refusals.constraint(attribute)
            values.append(prefix + target.attributes["distinguishedname"][0])
        if values:
            write.draft.attributes[name] = tuple(values)


def check_links(write: Write) -> None:
    """Turn link changes into what commit carries out, after AD's checks on group membership."""
    draft = write.draft
    for name, (added, removed) in write.linked.items():
        for target in added.values():
            if name == "member":
                _check_member(write, target)
        draft.links += [LinkChange(name, target, present=False) for target in removed.values()]
        draft.links += [LinkChange(name, target, present=True) for target in added.values()]


def _check_member(write: Write, target: Entry) -> None:
    draft = write.draft
    if draft.entry is not None and target is draft.entry:
        raise refusals.unwilling("a group is not its own member", 0x2147)
    attribute = write.given["member"]
    if not draft.is_a(b"group"):
        return
    if target.sid is None and not target.has_class(b"contact") and not target.has_class(b"group"):
        kind = draft.number("grouptype") & 0xFFFFFFFF
        if kind & defaults.SECURITY:
            raise refusals.constraint(attribute)
    primary = target.number("primarygroupid")
    own = draft.entry.sid if draft.entry is not None else None
    if primary and own is not None and own[:-4] == (target.sid or b"")[:-4]:
        from emulators.directory.core.identity import rid_of

        if rid_of(own) == primary:
            raise refusals.already_member()
    abroad = bool(write.session.controller.others) and draft.partition.entries.get(target.guid) is not target
    if abroad and draft.number("grouptype") & 0xE == defaults.GLOBAL:
        raise refusals.unwilling("a global group holds nobody of another domain", 0x2147)
    if target.has_class(b"group"):
        _check_nesting(draft, target, abroad=abroad)


def _check_nesting(draft: Draft, target: Entry, *, abroad: bool) -> None:
    """Global groups hold globals of their domain; universal ones no domain-local; local ones none of elsewhere."""
    outer = draft.number("grouptype") & 0xE
    inner = target.number("grouptype") & 0xE
    if outer == defaults.GLOBAL and inner != defaults.GLOBAL:
        raise refusals.unwilling("a global group holds no group of another scope", 0x2144 if inner == 4 else 0x2145)
    if outer == defaults.UNIVERSAL and inner == defaults.DOMAIN_LOCAL:
        raise refusals.unwilling("a universal group holds no local group", 0x2146)
    if abroad and inner == defaults.DOMAIN_LOCAL:
        raise refusals.unwilling("a local group holds no local group of another domain", 0x2148)


def _values_unique(write: Write) -> None:
    """A multi-valued attribute holds each value once, by its own equality."""
    for name, attribute in write.given.items():
        values: Values = write.draft.attributes.get(name, ())
        if len(values) < 2 or name in write.linked:
            continue
        keys = [attribute.syntax.key(value) for value in values]
        if len(set(keys)) != len(keys):
            raise refusals.value_exists(attribute)


Step = Callable[[Write], None]

#: fixed order; links come last so that every refusal precedes a change to another object
WRITE_STEPS: tuple[Step, ...] = (
    check_access,
    check_schema,
    _values_unique,
    derive_account,
    check_names,
    check_references,
    check_links,
)


def run(write: Write) -> Entry:
    """All steps, then the commit."""
    for step in WRITE_STEPS:
        step(write)
    return write.draft.partition.commit(write.draft)


def locate_target(write: Write, attribute: AttributeType, value: bytes) -> Entry:
    """The object a linked value names; a SID of elsewhere becomes a foreign security principal."""
    from emulators.directory.core import foreign, locate

    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise refusals.bad_syntax(attribute) from None
    if text.upper().startswith("<SID="):
        return foreign.principal(write.forest, write.session, attribute, text)
    found = locate.find(write.session, text)
    if found is None or (found.state and write.draft.state == found.state.LIVE and not write.controls.show_deleted):
        raise refusals.constraint(attribute)
    return found
