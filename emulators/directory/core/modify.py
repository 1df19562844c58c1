"""Modify: changes to one object, all or none.

Source: MS-ADTS 3.1.1.5.3; facts "directory" sections 4 (permissive modify, SD flags), 5 (undelete) and 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import access, lifecycle, passwords, refusals, schema_extension, write_steps
from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.draft import Draft
from emulators.directory.core.locate import locate
from emulators.directory.core.requests import ModifyOperation
from emulators.directory.core.results import DirectoryError, Result, ResultCode
from emulators.directory.core.write_steps import SYSTEM_OWNED, Write

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import Modification, Modify
    from emulators.directory.core.schema import AttributeType
    from emulators.directory.core.session import Session

ADD, DELETE, REPLACE = ModifyOperation.ADD, ModifyOperation.DELETE, ModifyOperation.REPLACE


def modify(forest: Forest, session: Session, request: Modify) -> Result:
    if not request.dn:
        return _operational(forest, session, request)
    refusals.demand_bind(session)
    if session.global_catalog:
        raise refusals.read_only_catalog()
    partition, entry = locate(session, request.dn, request.controls)
    if lifecycle.is_undelete(request):
        lifecycle.undelete(forest, session, partition, entry, request)
        return Result()
    if entry.state:
        raise refusals.unwilling("a deleted object is not modified", 0x2077)
    extending = partition.name == session.controller.partitions[2].name
    if extending:
        schema_extension.demand_class_change(forest, session, entry, request)
    write = Write(forest, session, request.controls, Draft.of(partition, entry))
    for name in _password_change(write, request):
        write.given[name] = _known(forest, name)
    for change in request.changes:
        _apply(write, change)
    write_steps.run(write)
    if extending:
        schema_extension.learn_class(forest, entry, request)
    return Result()


def _operational(forest: Forest, session: Session, request: Modify) -> Result:
    """Only schemaUpdateNow, with which the tools that extend a schema end: it counts at once here, so nothing is left
    to do.
    """
    if [change.attribute.lower() for change in request.changes] != ["schemaupdatenow"]:
        raise refusals.not_emulated("operational attributes of the rootDSE")
    refusals.demand_bind(session)
    schema_extension.demand_schema_admin(forest, session)
    return Result()


def _known(forest: Forest, name: str) -> AttributeType:
    attribute = forest.schema.attribute(name.split(";", 1)[0])
    if attribute is None:
        raise refusals.unknown_attribute()
    return attribute


def _apply(write: Write, change: Modification) -> None:
    """One modification, on top of those before it."""
    attribute = _known(write.forest, change.attribute)
    name = attribute.lower
    if name == "unicodepwd":
        return  # done as a whole in _password_change
    if name == "ntsecuritydescriptor":
        _descriptor(write, change)
        return
    _demand_writable(write, attribute)
    write.given[name] = attribute
    if change.operation == ADD and not change.values:
        raise refusals.bad_syntax(attribute)
    if attribute.is_linked:
        _link(write, attribute, change)
        return
    current = write.draft.attributes.get(name, ())
    match change.operation:
        case ModifyOperation.ADD:
            write.draft.put(name, _added(write, attribute, current, change.values))
        case ModifyOperation.DELETE:
            write.draft.put(name, _deleted(write, attribute, current, change.values))
        case ModifyOperation.REPLACE:
            write.draft.put(name, change.values)


def _demand_writable(write: Write, attribute: AttributeType) -> None:
    name = attribute.lower
    rdn = write.draft.rdn_key.partition("=")[0]
    if name in (rdn, "name"):
        raise refusals.not_on_rdn()
    if name == "objectclass":
        raise refusals.cannot_modify_class()
    if attribute.constructed or attribute.is_back_link or name in SYSTEM_OWNED or name in access.SECRET:
        raise refusals.system_owned(attribute)
    if name == "objectcategory":
        raise refusals.system_owned(attribute)


def _keys(attribute: AttributeType, values: Values) -> list[object]:
    try:
        return [attribute.syntax.key(value) for value in values]
    except ValueError:
        raise refusals.bad_syntax(attribute) from None


def _added(write: Write, attribute: AttributeType, current: Values, values: Values) -> Values:
    present = set(_keys(attribute, current))
    fresh = []
    for value, key in zip(values, _keys(attribute, values), strict=True):
        if key in present:
            if not write.controls.permissive_modify:
                raise refusals.value_exists(attribute)
            continue
        present.add(key)
        fresh.append(value)
    if attribute.single and current and fresh:
        raise refusals.value_exists(attribute)
    return (*current, *fresh)


def _deleted(write: Write, attribute: AttributeType, current: Values, values: Values) -> Values:
    permissive = write.controls.permissive_modify
    if not values:
        if not current and not permissive:
            raise refusals.value_absent(attribute)
        return ()
    gone = set(_keys(attribute, values))
    kept = tuple(v for v, key in zip(current, _keys(attribute, current), strict=True) if key not in gone)
    if len(current) - len(kept) < len(gone) and not permissive:
        raise refusals.value_absent(attribute)
    return kept


# ---- linked values ---------------------------------------------------------------------------------------------------
def _link(write: Write, attribute: AttributeType, change: Modification) -> None:
    """Changes to a linked attribute, as targets that come and targets that go."""
    name = attribute.lower
    added, removed = write.linked.setdefault(name, ({}, {}))
    entry = write.draft.entry
    assert entry is not None
    stamps = (entry.link_stamps or {}).get(name, {})

    def is_present(target: Entry) -> bool:
        if target.guid in added:
            return True
        stamp = stamps.get(target.guid)
        return stamp is not None and stamp.present and target.guid not in removed

    targets = {}
    for value in change.values:
        found = write_steps.locate_target(write, attribute, value)
        targets[found.guid] = found
    if change.operation == ADD:
        for target in targets.values():
            if not is_present(target):
                _put(target, added, removed)
            elif not write.controls.permissive_modify:
                raise refusals.already_member() if name == "member" else refusals.value_exists(attribute)
        return
    if change.operation == DELETE and targets:
        for target in targets.values():
            if is_present(target):
                _put(target, removed, added)
            elif not write.controls.permissive_modify:
                raise refusals.not_a_member() if name == "member" else refusals.value_absent(attribute)
        return
    present = [guid for guid, stamp in stamps.items() if stamp.present and guid not in removed]
    if change.operation == DELETE and not present and not added and not write.controls.permissive_modify:
        raise refusals.value_absent(attribute)
    for guid in [*present, *added]:
        if guid not in targets:
            gone = write.session.controller.find_guid(guid)
            if gone is not None:
                _put(gone, removed, added)
    for target in targets.values():
        if not is_present(target):
            _put(target, added, removed)


def _put(target: Entry, into: dict[bytes, Entry], out_of: dict[bytes, Entry]) -> None:
    """Coming cancels going and the other way round."""
    if out_of.pop(target.guid, None) is None:
        into[target.guid] = target


# ---- passwords and descriptors ---------------------------------------------------------------------------------------
def _password_change(write: Write, request: Modify) -> list[str]:
    """unicodePwd: one replace is a reset, a delete with an add a change; anything else is refused."""
    changes = [c for c in request.changes if c.attribute.lower() == "unicodepwd"]
    if not changes:
        return []
    attribute = _known(write.forest, "unicodepwd")
    operations = [c.operation for c in changes]
    if operations == [REPLACE]:
        hints = write.controls.policy_hints
        passwords.reset(write.forest, write.session, write.draft, attribute, changes[0].values, policy_hints=hints)
    elif sorted(operations) == [ADD, DELETE]:
        old = next(c.values for c in changes if c.operation == DELETE)
        new = next(c.values for c in changes if c.operation == ADD)
        passwords.change(write.forest, write.session, write.draft, attribute, old, new)
    else:
        raise DirectoryError(ResultCode.UNWILLING_TO_PERFORM, refusals.password_in_clear().text)
    return []


def _descriptor(write: Write, change: Modification) -> None:
    """A write of the parts the SD flags name (all that come, without the control)."""
    draft, forest = write.draft, write.forest
    attribute = _known(forest, "ntsecuritydescriptor")
    if change.operation == DELETE or len(change.values) != 1:
        raise refusals.bad_syntax(attribute)
    try:
        brought = sd.parse(change.values[0])
    except sd.BadDescriptor:
        raise refusals.bad_syntax(attribute) from None
    parts = write.controls.sd_flags or _parts_of(brought)
    assert draft.entry is not None
    if not access.may_write_sd(write.session.token, draft.entry, parts):
        raise refusals.no_right()
    own = draft.sd.with_parts(brought, parts)
    if own.dacl is not None:
        own = sd.SecurityDescriptor(own.owner, own.group, sd.canonical(own.dacl), own.sacl, own.control)
    descriptor = forest.descriptors.intern(own)
    kind = forest.schema.object_class(draft.structural)
    if draft.parent is not None and kind is not None:
        descriptor = forest.descriptors.child(descriptor, draft.parent.sd, kind.guid)
    draft.sd = descriptor


def _parts_of(descriptor: sd.SecurityDescriptor) -> int:
    return (
        (sd.OWNER_PART if descriptor.owner else 0)
        | (sd.GROUP_PART if descriptor.group else 0)
        | (sd.DACL_PART if descriptor.dacl is not None else 0)
        | (sd.SACL_PART if descriptor.sacl is not None else 0)
    )
