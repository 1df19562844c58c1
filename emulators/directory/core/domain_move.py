"""A move from one domain of a forest to another: the object keeps its GUID and its password and gets a new SID.

What it leaves behind tells replication clients of the old domain that it is gone. The real directory hands the object
over by a call between controllers and notes the move in a proxy object; neither can be seen here.
Source: MS-ADTS 3.1.1.5.4.2, MS-DRSR 4.1.15.3, documentation of IADsContainer.MoveHere; facts "directory" section 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulators.directory.core import (
    access,
    bind,
    built_in,
    defaults,
    delete,
    identity,
    lifecycle,
    links,
    names,
    refusals,
)
from emulators.directory.core.entry import Entry, State
from emulators.directory.core.locate import locate
from emulators.directory.core.results import DirectoryError, Result, ResultCode

if TYPE_CHECKING:
    from emulators.directory.core.forest import Controller, Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.requests import ModifyDN
    from emulators.directory.core.schema import ObjectClass
    from emulators.directory.core.session import Session

DISALLOW_MOVE = 0x04000000
#: classes that belong to their domain
_BOUND = frozenset(
    {
        b"domainDNS", b"builtinDomain", b"lostAndFound", b"foreignSecurityPrincipal", b"trustedDomain", b"rIDManager",
        b"rIDSet", b"infrastructureUpdate", b"secret",
    }
)  # fmt: skip
_HIGHEST_BUILT_IN_RID = 1000
_DOMAIN_USERS, _DOMAIN_COMPUTERS = b"513", b"515"
#: what an object leaves behind of itself; everything else went along
_LEFT = ("objectclass", "objectguid", "instancetype", "whencreated", "usncreated")


@dataclass(frozen=True, slots=True)
class _Move:
    """A move that all checks allow."""

    entry: Entry
    source: Partition
    target: Partition
    parent: Entry
    rdn: names.Rdn


def move(forest: Forest, session: Session, request: ModifyDN, rdn: names.Rdn, kind: ObjectClass) -> Result:
    """Carry out a ModifyDN with the cross-domain control; one that names no controller is checked only."""
    source, entry = locate(session, request.dn, request.controls)
    _demand_movable(source, entry, kind)
    target, parent = _destination(session, source, request)
    _demand_rights(forest, session, target.controller, entry, parent, kind)
    _demand_free_memberships(source, entry)
    allowed = forest.schema.possible_superiors(kind.name)
    if parent.state or not any(value.decode().lower() in allowed for value in parent.attributes["objectclass"]):
        raise refusals.naming_violation()
    if rdn.key in (parent.children or {}):
        raise refusals.exists()
    account = entry.first("samaccountname")
    if account is not None and any(not other.state for other in target.indexes.find("samaccountname", account)):
        raise refusals.account_name_taken()
    if request.controls.cross_domain_target:
        _carry_over(_Move(entry, source, target, parent, rdn))
    return Result()


def leads_elsewhere(session: Session, superior: str) -> bool:
    """Whether a new parent lies in a domain that another controller holds."""
    if not session.controller.others or superior.startswith("<"):
        return False
    return session.controller.partition_of(refusals.parse_name(superior)) in session.controller.others


# ---- what may move where ---------------------------------------------------------------------------------------------
def _demand_movable(source: Partition, entry: Entry, kind: ObjectClass) -> None:
    if entry.state:
        raise refusals.unwilling("a deleted object does not move", 0x2129)
    flags = entry.number("systemflags")
    if flags & delete.DISALLOW_DELETE:
        raise refusals.unwilling("a fixed object of the directory", 0x20CE)
    if flags & DISALLOW_MOVE or entry.attributes.get("iscriticalsystemobject") == (b"TRUE",):
        raise refusals.unwilling("a fixed object of the directory", 0x2077)
    control = entry.number("useraccountcontrol")
    bound = control & (defaults.SERVER | defaults.INTERDOMAIN) or any(map(entry.has_class, _BOUND)) or kind.system_only
    built_in = entry.sid is not None and identity.rid_of(entry.sid) <= _HIGHEST_BUILT_IN_RID
    if bound or built_in or source is not source.controller.domain_partition:
        raise refusals.unwilling("an object that belongs to its domain", 0x212C)
    if any(not child.state for child in (entry.children or {}).values()):
        raise refusals.children_exist()


def _destination(session: Session, source: Partition, request: ModifyDN) -> tuple[Partition, Entry]:
    """The new parent, which the controller named in the control must hold."""
    if request.new_superior is None:
        raise refusals.unwilling("a move between domains names the new parent", 0x212C)
    name = refusals.parse_name(request.new_superior)
    target = session.controller.partition_of(name)
    if target is source:
        raise refusals.unwilling("the object is in that domain already", 0x2125)
    if target is None or target not in session.controller.others:
        raise refusals.unwilling("the new parent is in no domain of the forest", 0x212C)
    helper = request.controls.cross_domain_target
    if helper and helper.lower().rstrip(".") != target.controller.dns.lower():
        known = [other.controller.dns.lower() for other in session.controller.others]
        if helper.lower().rstrip(".") not in known:
            raise _unavailable()
        raise refusals.unwilling("the controller named holds another domain", 0x212C)
    parent = target.find(name)
    if parent is None:
        raise refusals.no_such_object(target.head.dn)
    return target, parent


def _unavailable() -> DirectoryError:
    return DirectoryError(
        ResultCode.UNAVAILABLE, "000020EF: SvcErr: DSID-031A11C8, problem 5002 (UNAVAILABLE), data 0\n"
    )


def _demand_rights(
    forest: Forest, session: Session, target: Controller, entry: Entry, parent: Entry, kind: ObjectClass
) -> None:
    """Deleting here and, as the controller of the other domain sees the caller, creating there."""
    if session.token.system:
        return
    there = bind.token_for(forest, target, session.account) if session.account is not None else session.token
    if not (access.may_delete(session.token, entry, kind) and access.may_create(there, parent, kind)):
        raise refusals.no_right()


def _demand_free_memberships(source: Partition, entry: Entry) -> None:
    """No global group but the primary one may hold the object, and a group of other than universal scope is empty."""
    for group in links.targets(source, entry, "memberof"):
        if group.number("grouptype") & defaults.GLOBAL:
            raise refusals.unwilling("a member of a global group does not leave its domain", 0x212D)
    if not entry.has_class(b"group") or not entry.attributes.get("member"):
        return
    scope = entry.number("grouptype") & 0xE
    if scope == defaults.GLOBAL:
        raise refusals.unwilling("a global group with members does not leave its domain", 0x2132)
    if scope == defaults.DOMAIN_LOCAL:
        raise refusals.unwilling("a local group with members does not leave its domain", 0x2133)


# ---- the move itself -------------------------------------------------------------------------------------------------
def _carry_over(step: _Move) -> None:
    """Out of the one domain, into the other; whoever names the object goes on naming it."""
    entry, source, target = step.entry, step.source, step.target
    incoming = _incoming(source, entry)
    old_dn, old_rdn_key, old_parent = entry.dn, entry.rdn_key, entry.parent
    left = {name: entry.attributes[name] for name in _LEFT if name in entry.attributes}
    source.indexes.drop(entry)
    del source.entries[entry.guid]
    dn = names.join(step.rdn.attribute, step.rdn.value, step.parent.dn)
    links.rename(source, entry, dn, step.rdn.key, step.parent)
    remains = _remains(source, entry, left, (old_dn, old_rdn_key, old_parent))
    earlier = target.entries.get(entry.guid)
    if earlier is not None:
        target.remove(earlier)  # what it left behind when it moved away from here
    _settle(step)
    _link_anew(step, incoming)
    target.inherit_anew(entry)
    for changed in (remains, entry):
        changed.wire.clear()
        for observer in target.forest.observers:
            observer(changed)


def _incoming(source: Partition, entry: Entry) -> list[tuple[Partition, Entry, str]]:
    """Who links to the object, from every naming context, whether it shows there or not."""
    schema, controller = source.forest.schema, source.controller
    found: list[tuple[Partition, Entry, str]] = []
    for name in entry.attributes:
        attribute = schema.forward_link(name)
        if attribute is not None:
            others = links.targets(source, entry, name)
            found += [(controller.partition_holding(other), other, attribute) for other in others]
    for partition in controller.catalog:
        found += [(partition, other, name) for other, name in links.hidden_sources(partition, entry)]
    return found


def _remains(
    source: Partition, entry: Entry, left: dict[str, tuple[bytes, ...]], place: tuple[str, str, Entry | None]
) -> Entry:
    """The object's place in its old domain: dead, without a way back, and gone after the tombstone lifetime."""
    dn, _rdn_key, parent = place
    at = source.next_moment()
    rdn = names.parse(dn)[0]
    container = source.well_known(built_in.DELETED_OBJECTS) or source.head
    mangled = names.Rdn(rdn.attribute, lifecycle.mangled_value(rdn.value, entry.guid))
    new_dn = names.join(mangled.attribute, mangled.value, container.dn)
    attributes = {
        **left,
        rdn.attribute.lower(): (mangled.value.encode(),),
        "name": (mangled.value.encode(),),
        "distinguishedname": (new_dn.encode(),),
        "isdeleted": (b"TRUE",),
        "isrecycled": (b"TRUE",),
        "whenchanged": (at.generalized,),
        "usnchanged": (str(at.usn).encode(),),
    }
    if parent is not None:
        attributes["lastknownparent"] = (parent.attributes["distinguishedname"][0],)
    remains = Entry(new_dn, mangled.key, entry.guid, attributes, container.sd)
    remains.state = State.RECYCLED
    remains.born = entry.born
    remains.stamps = dict.fromkeys(("isdeleted", "isrecycled", "name", "lastknownparent"), at.first)
    remains.usn = at.usn
    source.insert(remains, container)
    return remains


def _settle(step: _Move) -> None:
    """Identity in the new domain, everything stamped as new there."""
    entry, target = step.entry, step.target
    at = target.next_moment()
    attributes = entry.attributes
    attributes[step.rdn.attribute.lower()] = attributes["name"] = (step.rdn.value.encode(),)
    if entry.sid is not None:
        attributes["sidhistory"] = (*attributes.get("sidhistory", ()), entry.sid)
        entry.sid = target.controller.domain.new_sid()
        attributes["objectsid"] = (entry.sid,)
    if "primarygroupid" in attributes:
        computer = entry.has_class(b"computer")
        attributes["primarygroupid"] = (_DOMAIN_COMPUTERS if computer else _DOMAIN_USERS,)
    attributes["whenchanged"] = (at.generalized,)
    attributes["usncreated"] = attributes["usnchanged"] = (str(at.usn).encode(),)
    entry.born = at.first
    entry.stamps = None
    entry.usn = at.usn
    target.insert(entry, step.parent)
    links.note_references(target, entry)


def _link_anew(step: _Move, incoming: list[tuple[Partition, Entry, str]]) -> None:
    """Back links show where the objects now stand: some begin to, some no longer do."""
    schema = step.target.forest.schema
    entry = step.entry
    for partition, other, attribute in incoming:
        links.show_back(partition, other, attribute, entry)
    for name in list(entry.attributes):
        if schema.back_link(name) is not None:
            for other in links.targets(step.target, entry, name):
                links.show_back(step.target, entry, name, other)
