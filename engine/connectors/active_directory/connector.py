"""The Connector protocol for an Active Directory forest: paged full reads, DirSync deltas, exports one by one.

Source: facts "directory" sections 4, 5, 9; facts "engine" sections 2, 4, 17.1, 17.3; decisions D14.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from engine.connectors.active_directory import controls
from engine.connectors.active_directory.distinguished_name import guid_dn, rdn_and_parent
from engine.connectors.active_directory.entry_mapping import (
    DELTA_MARKS,
    attributes_of_new,
    changed_object,
    deleted_object,
    first_range,
    full_object,
    is_deleted,
    modifications,
    must_be_read_whole,
    new_object,
    object_filter,
    object_type_of,
)
from engine.connectors.active_directory.entry_reading import ReadPlan, TypedEntry, read_typed_entries, typed_values
from engine.connectors.active_directory.export_refusal import export_refusal
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import TIMEOUT_SECONDS, LdapClient, Scope
from engine.connectors.active_directory.ldap_refusal import (
    ERROR_DS_DRA_ACCESS_DENIED,
    ERROR_INVALID_COOKIE,
    INSUFFICIENT_ACCESS_RIGHTS,
    NO_SUCH_OBJECT,
    PROTOCOL_ERROR,
    LdapRefused,
    ReplicationDenied,
    dropped_connection,
    failed_search,
)
from engine.connectors.active_directory.schema_discovery import discover_schema
from engine.connectors.active_directory.search_filter import escape
from engine.connectors.active_directory.session import DirectoryAccount, DirectorySession
from engine.connectors.connector import (
    ExportChange,
    ExportOperation,
    ExportResult,
    ImportedObject,
    ImportPage,
)
from engine.model.configuration import Partition
from engine.model.schema import Schema

__all__ = ["ActiveDirectoryConnector", "DirectoryAccount"]

_FLAGS = controls.INCREMENTAL_VALUES | controls.ANCESTORS_FIRST
_OCTETS_PER_OBJECT = 8192
_OCTETS_MIN = 1 << 20


class ActiveDirectoryConnector:
    """One forest. A step begins by proving the credentials again, on the connection that is there if it still lives.

    object_security_fallback: without the right to replicate, read changes as the account sees the directory.
    """

    def __init__(
        self,
        address: ForestAddress,
        account: DirectoryAccount,
        *,
        ca_bundle: str,
        schema: Schema | None = None,
        security: Security = Security.LDAPS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        object_security_fallback: bool = True,
    ) -> None:
        self._address = address
        self._session = DirectorySession(
            address, account, ca_bundle=ca_bundle, security=security, timeout_seconds=timeout_seconds
        )
        self._sessions = {address: self._session}  # one controller of each domain
        self._schema = schema
        self._exporting: set[DirectorySession] = set()
        self._fallback = object_security_fallback
        self._object_security: dict[str, bool] = {}  # by partition, once an answer has decided

    def schema(self) -> Schema:
        if self._schema is None or not self._schema.attributes:
            self._schema = discover_schema(self._session.begin())
        return self._schema

    def close(self) -> None:
        self._exporting.clear()
        for session in self._sessions.values():
            session.close()

    def _session_of(self, dn: str) -> DirectorySession:
        """The session with a controller of the domain a DN lies in."""
        address = self._address.holding(dn)
        if address is self._address:
            return self._session
        held = self._sessions.get(address)
        if held is None:
            held = self._sessions[address] = self._session.elsewhere(address)
        return held

    # ---- reading -----------------------------------------------------------------------------------------------------
    def read_full(self, partition: Partition, attributes: Sequence[str], page_size: int) -> Iterator[ImportPage]:
        """Paged search over the partition. The DirSync cookie is taken before it, so nothing falls between the two."""
        schema = self.schema()
        client = self._session_of(partition.dn).begin()
        watermark = self._first_cookie(client, partition)
        plan = ReadPlan(schema, attributes or schema.attributes, object_type_of(partition.object_types))
        asked = _asked(attributes, schema)
        with _reading(partition):
            pages = client.search_blocks(
                partition.dn, Scope.SUBTREE, object_filter(partition.object_types), asked, page_size
            )
            for block, last in pages:
                objects = [self._whole(client, entry, plan) for entry in _typed(block, plan)]
                yield ImportPage([o for o in objects if o is not None], watermark if last else None)

    def read_delta(
        self, partition: Partition, attributes: Sequence[str], watermark: bytes, page_size: int
    ) -> Iterator[ImportPage]:
        """DirSync from the watermark; an empty one (no right to replicate at full import time) reads everything."""
        schema = self.schema()
        client = self._session_of(partition.dn).begin()
        plan = ReadPlan(schema, attributes or schema.attributes, object_type_of(partition.object_types), DELTA_MARKS)
        whole = ReadPlan(schema, attributes or schema.attributes, object_type_of(partition.object_types))
        asked = _asked(attributes, schema)
        asked += tuple(mark for mark in DELTA_MARKS if asked and mark not in asked)
        bytes_max = max(_OCTETS_MIN, page_size * _OCTETS_PER_OBJECT)
        with _reading(partition, with_cookie=bool(watermark)):
            for block, cookie in self._dirsync(client, partition, asked, watermark, bytes_max):
                objects: list[ImportedObject] = []
                for entry in _typed(block, plan):
                    found = self._delta_object(client, entry, schema, whole, asked)
                    if found is not None:
                        objects.append(found)
                yield ImportPage(objects, cookie)

    def read_object(
        self, partition: Partition, attributes: Sequence[str], anchor: bytes | str
    ) -> ImportedObject | None:
        """One object wherever it is now, whole; None when it is gone or of a type that is not selected."""
        if not isinstance(anchor, bytes):
            return None
        schema = self.schema()
        plan = ReadPlan(schema, attributes or schema.attributes, object_type_of(partition.object_types))
        with _reading(partition):
            client = self._session_of(partition.dn).current()
            return self._read_object(client, guid_dn(anchor), plan, _asked(attributes, schema))

    def read_at(self, partition: Partition, attributes: Sequence[str], dn: str) -> ImportedObject | None:
        """The object at a DN, whole; None when there is none, or one of a type that is not selected."""
        schema = self.schema()
        plan = ReadPlan(schema, attributes or schema.attributes, object_type_of(partition.object_types))
        with _reading(partition):
            return self._read_object(self._session_of(dn).begin(), dn, plan, _asked(attributes, schema))

    def object_class(self, dn: str) -> str | None:
        """The most specific class of the object at a DN; None when the account sees no such object."""
        self._session_of(dn).begin()
        found = self._seen_at(dn, "(objectClass=*)", "objectClass")
        return found[-1].decode("utf-8", "replace") if found else None

    def has_member(self, group: str, dn: str) -> bool | None:
        """Whether the group names the DN as a member; None when the account sees no such group."""
        if self._seen_at(group, "(objectClass=*)", "objectClass") is None:
            return None
        return self._seen_at(group, f"(member={escape(dn)})", "objectClass") is not None

    def _seen_at(self, dn: str, condition: str, attribute: str) -> list[bytes] | None:
        try:
            found = self._session_of(dn).current().search(dn, Scope.BASE, condition, (attribute,))
        except LdapRefused:
            return None
        return found[0].values(attribute) if found else None

    def _delta_object(
        self, client: LdapClient, entry: TypedEntry, schema: Schema, whole: ReadPlan, asked: tuple[str, ...]
    ) -> ImportedObject | None:
        if is_deleted(entry):
            return deleted_object(entry)
        if entry.object_type_known:
            return new_object(entry, schema)
        if must_be_read_whole(entry):
            return self._read_object(client, guid_dn(entry.anchor), whole, asked)
        return changed_object(entry, schema)

    def _first_cookie(self, client: LdapClient, partition: Partition) -> bytes:
        """A cookie for now: a DirSync request that asks only for objectGUID finds nothing and is cheap.

        Without the right to replicate the full import still works; the empty cookie makes the next delta import say so.
        """
        try:
            with _reading(partition):
                answers = list(self._dirsync(client, partition, ("objectGUID",), b"", _OCTETS_MIN))
        except ReplicationDenied:
            return b""
        return answers[-1][1]

    def _dirsync(
        self, client: LdapClient, partition: Partition, asked: Sequence[str], cookie: bytes, bytes_max: int
    ) -> Iterator[tuple[bytes, bytes]]:
        """DirSync with the replication right, or as the account sees the directory; the first answer decides."""
        wanted = object_filter(partition.object_types)
        decided = self._object_security.get(partition.dn, None if self._fallback else False)
        if not decided:
            try:
                for answer in client.dirsync_blocks(partition.dn, wanted, asked, cookie, _FLAGS, bytes_max):
                    decided = self._object_security[partition.dn] = False
                    yield answer
                return
            except LdapRefused as refusal:
                if decided is False or refusal.result != INSUFFICIENT_ACCESS_RIGHTS:
                    raise
        flags = _FLAGS | controls.OBJECT_SECURITY
        for answer in client.dirsync_blocks(partition.dn, wanted, asked, cookie, flags, bytes_max):
            self._object_security[partition.dn] = True
            yield answer

    def _whole(self, client: LdapClient, entry: TypedEntry, plan: ReadPlan) -> ImportedObject | None:
        found = full_object(entry)
        if found is not None and entry.aside:
            for name, values, start in first_range(entry):
                kind = self.schema().attributes[name].type
                while start is not None:
                    more, start = _next_range(client, entry.anchor, name, start)
                    values += more
                found.attributes[name] = typed_values(values, kind)
        return found

    def _read_object(
        self, client: LdapClient, base: str, plan: ReadPlan, asked: tuple[str, ...]
    ) -> ImportedObject | None:
        """One object by its DN or GUID; None when it is not there, or gone again (the next delta tells)."""
        try:
            for block, _ in client.search_blocks(base, Scope.BASE, "(objectClass=*)", asked, 1):
                for entry in _typed(block, plan):
                    return self._whole(client, entry, plan)
        except LdapRefused as refusal:
            if refusal.result != NO_SUCH_OBJECT:
                raise
        return None

    # ---- exporting ---------------------------------------------------------------------------------------------------
    def export(self, changes: Sequence[ExportChange]) -> list[ExportResult]:
        return [self._export_one(self._client_for(change.dn), change) for change in changes]

    def _client_for(self, dn: str) -> LdapClient:
        """The connection an object is written over; its credentials are proven by the first write of the step."""
        session = self._session_of(dn)
        if session in self._exporting:
            return session.current()
        client = session.begin()
        self._exporting.add(session)
        return client

    def finish_export(self, total: int, succeeded: int) -> None:
        self._exporting.clear()

    def _export_one(self, client: LdapClient, change: ExportChange) -> ExportResult:
        try:
            match change.operation:
                case ExportOperation.ADD:
                    client.add(change.dn, attributes_of_new(change))
                    return ExportResult(change.number, anchor=_anchor_of(client, change.dn))
                case ExportOperation.DELETE:
                    _where_it_is(client, change, client.delete)
                case ExportOperation.UPDATE:
                    return _update(client, change)
            return ExportResult(change.number, anchor=change.anchor)
        except LdapRefused as refusal:
            return export_refusal(change.number, change.operation, refusal)


def _asked(attributes: Sequence[str], schema: Schema) -> tuple[str, ...]:
    """What a search asks for: the selected attributes the forest has; nothing named means all of them."""
    if not attributes:
        return ()
    known = [name for name in attributes if name in schema.attributes]
    return tuple(dict.fromkeys(("objectClass", "objectGUID", *known)))


def _typed(block: bytes, plan: ReadPlan) -> list[TypedEntry]:
    try:
        return read_typed_entries(block, plan)
    except (IndexError, ValueError) as error:
        raise dropped_connection(f"The directory sent an entry that cannot be read ({error}).") from error


def _next_range(client: LdapClient, anchor: bytes, name: str, start: int) -> tuple[list[bytes], int | None]:
    """The next part of a long attribute."""
    found = client.search(guid_dn(anchor), Scope.BASE, "(objectClass=*)", (f"{name};range={start}-*",))
    for entry in found:
        for option, values in entry.attributes.items():
            _, _, bounds = option.partition(";range=")
            if bounds:
                high = bounds.partition("-")[2]
                return values, None if high == "*" or not values else int(high) + 1
    return [], None


@contextmanager
def _reading(partition: Partition, *, with_cookie: bool = False) -> Iterator[None]:
    """A refusal while reading ends the step; which one decides how the run is called."""
    try:
        yield
    except LdapRefused as refusal:
        if with_cookie and (refusal.win32 == ERROR_INVALID_COOKIE or refusal.result == PROTOCOL_ERROR):
            message = f"The directory no longer accepts the cookie of {partition.name}: a full import is required."
            raise failed_search(message, "no-start-full-import-required") from refusal
        if refusal.win32 == ERROR_DS_DRA_ACCESS_DENIED or refusal.result == INSUFFICIENT_ACCESS_RIGHTS:
            raise ReplicationDenied() from refusal
        if refusal.result == NO_SUCH_OBJECT:
            raise failed_search(f"{partition.dn} does not exist.", "no-start-partition-delete") from refusal
        raise failed_search(refusal.message) from refusal


def _anchor_of(client: LdapClient, dn: str) -> bytes | None:
    found = client.search(dn, Scope.BASE, "(objectClass=*)", ("objectGUID",))
    return found[0].first("objectGUID") if found else None


def _dn_of(client: LdapClient, anchor: bytes | str | None) -> str | None:
    if not isinstance(anchor, bytes):
        return None
    try:
        found = client.search(guid_dn(anchor), Scope.BASE, "(objectClass=*)", ("objectGUID",))
    except LdapRefused:
        return None
    return found[0].dn if found else None


def _where_it_is(client: LdapClient, change: ExportChange, verb: Callable[[str], None]) -> None:
    """Do it at the DN the change names; when the object has moved since the import, at its new one."""
    try:
        verb(change.dn)
    except LdapRefused as refusal:
        where = _dn_of(client, change.anchor) if refusal.result == NO_SUCH_OBJECT else None
        if where is None or where.lower() == change.dn.lower():
            raise
        verb(where)


def _update(client: LdapClient, change: ExportChange) -> ExportResult:
    """Rename first, then modify under the new name."""
    wanted = modifications(change)
    permissive = (controls.permissive_modify(),)
    if change.new_dn is None:
        if wanted:
            _where_it_is(client, change, lambda dn: client.modify(dn, wanted, permissive))
        return ExportResult(change.number, anchor=change.anchor)
    rdn, parent = rdn_and_parent(change.new_dn)
    superior = None if parent.lower() == rdn_and_parent(change.dn)[1].lower() else parent
    try:
        _where_it_is(client, change, lambda dn: client.modify_dn(dn, rdn, superior))
    except LdapRefused as refusal:
        parent_missing = refusal.result == NO_SUCH_OBJECT and _dn_of(client, change.anchor) is not None
        return export_refusal(change.number, change.operation, refusal, parent_missing=parent_missing)
    if wanted:
        client.modify(change.new_dn, wanted, permissive)
    return ExportResult(change.number, anchor=change.anchor)
