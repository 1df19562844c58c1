"""Live, deleted, recycled, gone: what each step keeps, and the way back.

Source: MS-ADTS 3.1.1.1.6, 3.1.1.5.5 and 3.1.1.5.3.7; facts "directory" section 5.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from emulators.directory.core import access, admin_holder, built_in, defaults, identity, links, names, refusals, times
from emulators.directory.core.draft import Draft
from emulators.directory.core.entry import Entry, State
from emulators.directory.core.requests import ModifyOperation
from emulators.directory.core.schema import PRESERVE_ON_DELETE

if TYPE_CHECKING:
    from emulators.directory.core.forest import Controller, Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.requests import Modify
    from emulators.directory.core.session import Session


class Event(Enum):
    DELETE = "delete"
    UNDELETE = "undelete"
    EXPIRE = "expire"  # the lifetime of the present state is over


GONE = None
#: (state, event, recycle bin on) -> next state; a pair that is not listed is refused
TRANSITIONS: dict[tuple[State, Event, bool], State | None] = {
    (State.LIVE, Event.DELETE, False): State.DELETED,
    (State.LIVE, Event.DELETE, True): State.DELETED,
    (State.DELETED, Event.UNDELETE, False): State.LIVE,
    (State.DELETED, Event.UNDELETE, True): State.LIVE,
    (State.DELETED, Event.EXPIRE, False): GONE,
    (State.DELETED, Event.EXPIRE, True): State.RECYCLED,
    (State.RECYCLED, Event.EXPIRE, False): GONE,
    (State.RECYCLED, Event.EXPIRE, True): GONE,
}

NO_MOVE_ON_DELETE = 0x02000000
_LONGEST_NAME = 255
#: what a tombstone or a recycled-object keeps besides the attributes whose searchFlags say so
KEPT = frozenset(
    {
        "attributeid", "attributesyntax", "dnreferenceupdate", "dnshostname", "flatname", "governsid", "grouptype",
        "instancetype", "ldapdisplayname", "legacyexchangedn", "ms-ds-creatorsid", "msmqownerid", "ncname",
        "objectclass", "distinguishedname", "objectguid", "objectsid", "omsyntax", "proxiedobjectname", "name",
        "samaccountname", "securityidentifier", "sidhistory", "subclassof", "systemflags", "trustpartner",
        "trustdirection", "trusttype", "trustattributes", "useraccountcontrol", "usnchanged", "usncreated",
        "whencreated", "whenchanged", "isdeleted", "isrecycled", "lastknownparent", "msds-lastknownrdn", "cn", "ou",
        "dc",
    }
)  # fmt: skip
_ALWAYS_LOST = ("objectcategory", "samaccounttype")


def bury(forest: Forest, partition: Partition, entry: Entry) -> None:
    """Delete an object: rename it, move it to Deleted Objects, and take from it what its new state does not keep."""
    bin_on = forest.options.recycle_bin
    draft = Draft.of(partition, entry)
    state = TRANSITIONS[entry.state, Event.DELETE, bin_on]
    assert state is not None
    draft.state = state
    dormant = links.detach(partition, entry)
    for name in set(dormant.forward) | {n for n in draft.attributes if n not in entry.attributes}:
        draft.attributes.pop(name, None)
    draft.dormant = dormant if bin_on else None
    draft.set("isdeleted", b"TRUE")
    old_rdn = names.parse(entry.dn)[0]
    draft.set("msds-lastknownrdn", old_rdn.value.encode())
    if entry.parent is not None:
        draft.set("lastknownparent", entry.parent.dn.encode())
    for name in _ALWAYS_LOST:
        draft.set(name)
    if not bin_on:
        strip(forest, draft)
    _mangle(partition, draft, entry, old_rdn)
    partition.commit(draft)


def strip(forest: Forest, draft: Draft) -> None:
    """Leave only what a tombstone keeps. mS-DS-ConsistencyGuid is not among it."""
    schema = forest.schema
    for name in list(draft.attributes):
        attribute = schema.attribute(name)
        if name in KEPT or (attribute is not None and attribute.search_flags & PRESERVE_ON_DELETE):
            continue
        draft.set(name)
    for name in list(draft.secrets):
        del draft.secrets[name]
        draft.touched.add(name)


def _mangle(partition: Partition, draft: Draft, entry: Entry, rdn: names.Rdn) -> None:
    """``name\\nDEL:guid`` under Deleted Objects, or where it stood when it may not move."""
    value = mangled_value(rdn.value, entry.guid)
    parent = entry.parent
    if not entry.number("systemflags") & NO_MOVE_ON_DELETE:
        parent = partition.well_known(built_in.DELETED_OBJECTS) or parent
    place(draft, rdn.attribute, value, parent)


def mangled_value(value: str, guid: bytes) -> str:
    """What a deleted object is called."""
    suffix = f"\nDEL:{identity.guid_text(guid)}"
    return value[: _LONGEST_NAME - len(suffix)] + suffix


def place(draft: Draft, attribute: str, value: str, parent: Entry | None) -> None:
    """Give a draft a name and a parent."""
    rdn = names.Rdn(attribute, value)
    draft.dn = names.join(attribute, value, parent.dn if parent is not None else "")
    draft.parent = parent
    draft.rdn_key = rdn.key
    draft.set(attribute.lower(), value.encode())
    draft.set("name", value.encode())


# ---- the way back ----------------------------------------------------------------------------------------------------
def is_undelete(request: Modify) -> bool:
    """Delete of isDeleted together with a new distinguishedName."""
    asked = {change.attribute.lower(): change for change in request.changes}
    dropped = asked.get("isdeleted")
    renamed = asked.get("distinguishedname")
    return (
        dropped is not None
        and dropped.operation == ModifyOperation.DELETE
        and renamed is not None
        and renamed.operation == ModifyOperation.REPLACE
        and len(renamed.values) == 1
    )


def undelete(forest: Forest, session: Session, partition: Partition, entry: Entry, request: Modify) -> None:
    """Reanimate a deleted object under a new name."""
    bin_on = forest.options.recycle_bin
    if entry.state == State.LIVE or (entry.state, Event.UNDELETE, bin_on) not in TRANSITIONS:
        raise refusals.unwilling("only a deleted object can be undeleted", 0x2077)
    if not access.has_control_right(session.token, partition.head, access.REANIMATE) and not _is_admin(session):
        raise refusals.no_right()
    others = [c for c in request.changes if c.attribute.lower() not in ("isdeleted", "distinguishedname")]
    if others:
        raise refusals.not_emulated("further changes in the request that undeletes")
    wanted = next(c.values[0] for c in request.changes if c.attribute.lower() == "distinguishedname")
    dn = wanted.decode("utf-8", "replace")
    name = refusals.parse_name(dn)
    parent = partition.find(name[1:])
    if parent is None or parent.state:
        raise refusals.missing(session, name)
    kind = forest.schema.object_class(entry.attributes["objectclass"][-1].decode())
    assert kind is not None
    if not access.may_create(session.token, parent, kind):
        raise refusals.no_right()
    if name[0] in (parent.children or {}):
        raise refusals.exists()
    _demand_names_free(forest, session, entry)
    draft = Draft.of(partition, entry)
    draft.state = State.LIVE
    for gone in ("isdeleted", "lastknownparent", "msds-lastknownrdn"):
        draft.set(gone)
    draft.set("objectcategory", defaults.category(forest, kind))
    _restore_account(draft, bin_on)
    rdn = names.parse(dn)[0]
    place(draft, rdn.attribute, rdn.value, parent)
    dormant, draft.dormant = draft.dormant, None
    partition.commit(draft)
    if dormant is not None:
        links.awaken(partition, entry, dormant)


def _demand_names_free(forest: Forest, session: Session, entry: Entry) -> None:
    """Somebody else may have got the logon name or the sign-in name meanwhile."""
    controller = session.controller
    account = entry.first("samaccountname")
    if account is not None and _held(controller.domain_partition, "samaccountname", account):
        raise refusals.account_name_taken()
    name = entry.first("userprincipalname")
    if name is not None and any(_held(one, "userprincipalname", name) for one in controller.domain_partitions):
        attribute = forest.schema.attribute("userprincipalname")
        assert attribute is not None
        raise refusals.principal_name_taken(attribute)


def _held(partition: Partition, attribute: str, value: bytes) -> bool:
    """Whether a live object has the value."""
    return any(not other.state for other in partition.indexes.find(attribute, value))


def _is_admin(session: Session) -> bool:
    """Administrators hold reanimation through full control of the naming context's head."""
    return session.token.holds(access.ADMINISTRATORS)


def _restore_account(draft: Draft, bin_on: bool) -> None:
    if draft.is_a(b"group"):
        kind = draft.number("grouptype") & 0xFFFFFFFF
        draft.set("samaccounttype", str(defaults.group_account_type(kind)).encode())
    if not draft.is_account:
        return
    control = draft.number("useraccountcontrol", 546)
    if not bin_on:
        control |= defaults.DISABLED
        draft.set("useraccountcontrol", str(control).encode())
        for name, values in defaults.class_defaults(draft.classes, control, 0).items():
            if name not in draft.attributes:
                draft.set(name, *values)
    draft.set("samaccounttype", str(defaults.account_type(control)).encode())


# ---- the passing of time ---------------------------------------------------------------------------------------------
def tick(forest: Forest, now: datetime) -> int:
    """Move every object on whose time in its state is over, and let AdminSDHolder run; returns how many changed."""
    moved = admin_holder.tick(forest, now)
    for partition in forest.partitions:
        for entry in _buried(partition):
            ends = _end(forest, partition.controller, entry)
            if ends is not None and ends <= now:
                _expire(forest, partition, entry)
                moved += 1
    return moved


def next_due(forest: Forest) -> datetime | None:
    """When the next object's time is over or AdminSDHolder runs; None when there is nothing to wait for."""
    ends = (
        end
        for partition in forest.partitions
        for entry in _buried(partition)
        if (end := _end(forest, partition.controller, entry)) is not None
    )
    soonest = min(ends, default=None)
    holder = admin_holder.next_due(forest)
    return min((moment for moment in (soonest, holder) if moment is not None), default=None)


def _buried(partition: Partition) -> list[Entry]:
    """The deleted objects of a partition, the fixed containers apart."""
    if partition.dead <= 1:
        container = partition.well_known(built_in.DELETED_OBJECTS)
        if partition.dead == (container is not None and container.state != State.LIVE):
            return []
    return [e for e in partition.entries.values() if e.state and not e.number("systemflags") & 0x80000000]


def _end(forest: Forest, controller: Controller, entry: Entry) -> datetime | None:
    stamp = entry.stamp_of("isrecycled" if entry.state == State.RECYCLED else "isdeleted")
    if stamp is None:
        return None
    service = _directory_service(forest, controller)
    days = service.number("tombstonelifetime", 60) if service is not None else 60
    if entry.state == State.DELETED and forest.options.recycle_bin and service is not None:
        days = service.number("msds-deletedobjectlifetime", days)
    return times.EPOCH + timedelta(seconds=stamp.time, days=days)


def _directory_service(forest: Forest, controller: Controller) -> Entry | None:
    dn = f"CN=Directory Service,CN=Windows NT,CN=Services,{forest.configuration_dn}"
    return controller.find(names.key(dn))


def _expire(forest: Forest, partition: Partition, entry: Entry) -> None:
    following = TRANSITIONS[entry.state, Event.EXPIRE, forest.options.recycle_bin]
    if following is GONE:
        partition.remove(entry)
        return
    draft = Draft.of(partition, entry)
    draft.state = following
    draft.dormant = None
    strip(forest, draft)
    draft.set("isrecycled", b"TRUE")
    partition.commit(draft)
