"""What a migration tool leaves on an account of another forest: the old SID in sIDHistory, the password's hash.

The stand-in for DsAddSidHistory and the Password Export Server, which are RPC. Source: facts "directory" sections 11
(Migrate-SID-History) and 12 (moves between forests).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import access, identity, passwords, refusals, times
from emulators.directory.core.draft import Draft
from emulators.directory.core.locate import locate
from emulators.directory.core.requests import Controls
from emulators.directory.core.results import Result

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import MigrateAccount
    from emulators.directory.core.session import Session

_NT_HASH_OCTETS = 16
#: what can carry a SID of elsewhere
_CARRIERS = (b"user", b"group")


def migrate_account(forest: Forest, session: Session, request: MigrateAccount) -> Result:
    """Append to sIDHistory, take over the hash, or both; all or none.

    Raises DirectoryError: not protected, no Migrate-SID-History right on the domain head, no Reset Password right, a
    SID of this forest or one that an account of it carries already, an object that is neither account nor group.
    """
    passwords.demand_protection(session)
    refusals.demand_bind(session)
    if session.global_catalog:
        raise refusals.read_only_catalog()
    partition, entry = locate(session, request.dn, Controls())
    draft = Draft.of(partition, entry)
    if not any(entry.has_class(name) for name in _CARRIERS):
        raise refusals.not_an_account()
    if request.source_sid:
        _remember_sid(forest, session, draft, request.source_sid)
    if request.nt_hash:
        _take_hash(forest, session, draft, entry, request.nt_hash)
    partition.commit(draft)
    return Result()


def _remember_sid(forest: Forest, session: Session, draft: Draft, sid: bytes) -> None:
    head = session.controller.domain_partition.head
    if not access.has_control_right(session.token, head, access.MIGRATE_SID_HISTORY):
        raise refusals.no_right()
    if not identity.is_sid(sid):
        raise refusals.bad_sid()
    if any(identity.with_rid(one.sid, int.from_bytes(sid[-4:], "little")) == sid for one in forest.domains):
        raise refusals.source_domain_in_forest()
    if any(partition.indexes.find("sidhistory", sid) for partition in session.controller.catalog):
        raise refusals.sid_exists_in_forest()
    draft.set("sidhistory", *draft.attributes.get("sidhistory", ()), sid)


def _take_hash(forest: Forest, session: Session, draft: Draft, entry: Entry, nt_hash: bytes) -> None:
    """The password is the one of the source account; the domain's policy looked at it there, not here."""
    if not access.has_control_right(session.token, entry, access.RESET_PASSWORD):
        raise refusals.no_right()
    if len(nt_hash) != _NT_HASH_OCTETS or not entry.has_class(b"user"):
        raise refusals.password_in_clear()
    draft.secrets["unicodepwd"] = (nt_hash,)
    draft.touched.add("unicodepwd")
    draft.set("pwdlastset", str(times.to_ticks(forest.clock.now())).encode())
