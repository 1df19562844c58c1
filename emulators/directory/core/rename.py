"""ModifyDN: a new name, a new place, or both. The object, its GUID, its SID and its memberships stay.

Source: MS-ADTS 3.1.1.5.4; facts "directory" sections 9 and 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import access, domain_move, lifecycle, names, refusals, write_steps
from emulators.directory.core.draft import Draft
from emulators.directory.core.locate import locate
from emulators.directory.core.results import Result

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import ModifyDN
    from emulators.directory.core.schema import ObjectClass
    from emulators.directory.core.session import Session

DISALLOW_MOVE, DISALLOW_RENAME = 0x04000000, 0x08000000


def rename(forest: Forest, session: Session, request: ModifyDN) -> Result:
    refusals.demand_bind(session)
    if session.global_catalog:
        raise refusals.read_only_catalog()
    if not request.delete_old_rdn:
        raise refusals.unwilling("the old name always goes", 0x57)
    partition, entry = locate(session, request.dn, request.controls)
    if entry is partition.head or entry.state:
        raise refusals.unwilling("neither heads nor deleted objects are renamed", 0x2077)
    if partition.name == session.controller.partitions[2].name:
        raise refusals.not_emulated("renaming a definition of the schema")
    kind = forest.schema.object_class(entry.attributes["objectclass"][-1].decode())
    assert kind is not None
    rdn = _new_rdn(forest, kind, request.new_rdn)
    if request.controls.cross_domain_target is not None:
        return domain_move.move(forest, session, request, rdn, kind)
    parent = entry.parent
    if request.new_superior is not None:
        if domain_move.leads_elsewhere(session, request.new_superior):
            raise refusals.elsewhere()
        other, parent = locate(session, request.new_superior, request.controls)
        if other is not partition:
            raise refusals.unwilling("a move across naming contexts", 0x2079)
    assert parent is not None
    moving = parent is not entry.parent
    _check_rights(forest, session, entry, parent, kind, moving, rdn)
    _check_place(forest, entry, parent, kind, moving)
    occupant = (parent.children or {}).get(rdn.key)
    if occupant is not None and occupant is not entry:
        raise refusals.exists()
    draft = Draft.of(partition, entry)
    lifecycle.place(draft, names.parse(entry.dn)[0].attribute, rdn.value, parent)
    partition.commit(draft)
    if moving:
        partition.inherit_anew(entry)
    return Result()


def _new_rdn(forest: Forest, kind: ObjectClass, text: str) -> names.Rdn:
    try:
        rdn = names.rdn(text)
    except names.BadName:
        raise refusals.bad_name(text) from None
    if rdn.attribute.lower() != kind.rdn.lower():
        raise refusals.naming_violation()
    attribute = forest.schema.attribute(kind.rdn)
    assert attribute is not None
    write_steps.check_value(attribute, rdn.value.encode())
    return rdn


def _check_rights(
    forest: Forest, session: Session, entry: Entry, parent: Entry, kind: ObjectClass, moving: bool, rdn: names.Rdn
) -> None:
    """Renaming writes the naming attribute and the name; moving deletes here and creates there."""
    token = session.token
    if moving and not (access.may_delete(token, entry, kind) and access.may_create(token, parent, kind)):
        raise refusals.no_right()
    if moving and rdn.value == entry.text("name"):
        return
    for name in (kind.rdn, "name"):
        attribute = forest.schema.attribute(name)
        assert attribute is not None
        if not access.may_write(token, entry, attribute):
            raise refusals.no_write_right()


def _check_place(forest: Forest, entry: Entry, parent: Entry, kind: ObjectClass, moving: bool) -> None:
    flags = entry.number("systemflags")
    if flags & (DISALLOW_MOVE if moving else DISALLOW_RENAME):
        raise refusals.unwilling("a fixed object of the directory", 0x2077)
    if not moving:
        return
    node: Entry | None = parent
    while node is not None:
        if node is entry:
            raise refusals.unwilling("an object does not move below itself", 0x2081)
        node = node.parent
    allowed = forest.schema.possible_superiors(kind.name)
    if parent.state or not any(value.decode().lower() in allowed for value in parent.attributes["objectclass"]):
        raise refusals.naming_violation()
