"""Delete: an object becomes a tombstone, or a deleted-object where the recycle bin is on.

Source: MS-ADTS 3.1.1.5.5; facts "directory" sections 4 (tree delete) and 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import access, lifecycle, refusals
from emulators.directory.core.locate import locate
from emulators.directory.core.results import DirectoryError, Result, ResultCode

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.requests import Delete
    from emulators.directory.core.schema import ObjectClass
    from emulators.directory.core.session import Session

DISALLOW_DELETE = 0x80000000
TREE_LIMIT = 16384


def delete(forest: Forest, session: Session, request: Delete) -> Result:
    refusals.demand_bind(session)
    if session.global_catalog:
        raise refusals.read_only_catalog()
    partition, entry = locate(session, request.dn, request.controls)
    _demand_deletable(partition, entry)
    below = [child for child in (entry.children or {}).values() if not child.state]
    if request.controls.tree_delete:
        return _tree(forest, session, partition, entry)
    if not access.may_delete(session.token, entry, _kind(forest, entry)):
        raise refusals.no_right()
    if below:
        raise refusals.children_exist()
    lifecycle.bury(forest, partition, entry)
    return Result()


def _kind(forest: Forest, entry: Entry) -> ObjectClass:
    kind = forest.schema.object_class(entry.attributes["objectclass"][-1].decode())
    assert kind is not None
    return kind


def _demand_deletable(partition: Partition, entry: Entry) -> None:
    if entry is partition.head or entry.number("systemflags") & DISALLOW_DELETE:
        raise refusals.unwilling("a fixed object of the directory", 0x20CE)
    if entry.attributes.get("iscriticalsystemobject") == (b"TRUE",):
        raise refusals.unwilling("a critical system object", 0x2077)
    if entry.state:
        raise refusals.unwilling("deleting a deleted object", 0x2077)


def _tree(forest: Forest, session: Session, partition: Partition, entry: Entry) -> Result:
    """Delete an object and all below it, leaves first; too many at once ends in adminLimitExceeded."""
    if not access.may_delete_tree(session.token, entry):
        raise refusals.no_right()
    family = [member for member in entry.below() if not member.state]
    for member in family:
        _demand_deletable(partition, member)
    family.reverse()
    for member in family[:TREE_LIMIT]:
        lifecycle.bury(forest, partition, member)
    if len(family) > TREE_LIMIT:
        raise DirectoryError(
            ResultCode.ADMIN_LIMIT_EXCEEDED,
            "00002122: SvcErr: DSID-0315117F, problem 5008 (ADMIN_LIMIT_EXCEEDED), data 0\n",
        )
    return Result()
