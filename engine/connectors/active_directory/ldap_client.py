"""A blocking LDAP conversation: one method per verb; requests are written with ldaptor's codec.

Refusals of a single request are LdapRefused, everything that ends the conversation is a ConnectorError.
Source: RFC 4511; facts "directory" sections 1, 4, 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum

from ldaptor.protocols.pureber import BEREnumerated, BERSequence, BERSet
from ldaptor.protocols.pureldap import (
    LDAPAddRequest,
    LDAPAttributeDescription,
    LDAPAttributeValue,
    LDAPBindRequest,
    LDAPDelRequest,
    LDAPExtendedRequest,
    LDAPMessage,
    LDAPModifyDNRequest,
    LDAPModifyRequest,
    LDAPProtocolRequest,
    LDAPSearchRequest,
    LDAPUnbindRequest,
)

from engine.connectors.active_directory import controls as ldap_controls
from engine.connectors.active_directory.controls import Control
from engine.connectors.active_directory.entry_reading import read_entries
from engine.connectors.active_directory.ldap_channel import Answer, ForestAddress, LdapChannel, Security, open_channel
from engine.connectors.active_directory.ldap_refusal import (
    INVALID_CREDENTIALS,
    SIZE_LIMIT_EXCEEDED,
    LdapRefused,
    dropped_connection,
    failed_authentication,
    failed_connection,
)
from engine.connectors.active_directory.search_filter import encode_filter
from engine.errors import ConnectorError

START_TLS = "1.3.6.1.4.1.1466.20037"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"
TIMEOUT_SECONDS = 120.0


class Scope(IntEnum):
    BASE = 0
    ONE_LEVEL = 1
    SUBTREE = 2


class ModifyOperation(IntEnum):
    ADD = 0
    DELETE = 1
    REPLACE = 2


@dataclass(frozen=True, slots=True)
class Modification:
    """One change of a modify request."""

    operation: ModifyOperation
    attribute: str
    values: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Entry:
    """One entry as the directory sent it; look-ups ignore the case of names."""

    dn: str
    attributes: dict[str, list[bytes]] = field(default_factory=dict)

    def values(self, name: str) -> list[bytes]:
        found = self.attributes.get(name)
        if found is None:
            lower = name.lower()
            found = next((v for n, v in self.attributes.items() if n.lower() == lower), [])
        return found

    def first(self, name: str) -> bytes | None:
        values = self.values(name)
        return values[0] if values else None

    def texts(self, name: str) -> list[str]:
        return [value.decode("utf-8", "replace") for value in self.values(name)]

    def text(self, name: str, default: str = "") -> str:
        texts = self.texts(name)
        return texts[0] if texts else default


class _Written:
    """Octets that stand where ldaptor expects one of its objects."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def toWire(self) -> bytes:  # noqa: N802 - the name ldaptor calls
        return self._octets


class LdapClient:
    """A conversation with one domain controller."""

    def __init__(self, channel: LdapChannel, security: Security) -> None:
        self._channel = channel
        self._identifier = 0
        self.security = security

    @classmethod
    def connect(
        cls,
        address: ForestAddress,
        *,
        ca_bundle: str,
        security: Security = Security.LDAPS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        port: int | None = None,
    ) -> LdapClient:
        """Open a connection; raises ConnectorError ``failed-connection``."""
        client = cls(open_channel(address, security, ca_bundle, timeout_seconds, port), security)
        if security is Security.START_TLS:
            try:
                client.extended(START_TLS)
            except LdapRefused as refusal:
                client.close()
                raise failed_connection(f"{address.host} refuses StartTLS: {refusal.message}") from refusal
            client._channel.protect(ca_bundle, address.host)
        return client

    @property
    def open(self) -> bool:
        return self._channel.open

    def close(self) -> None:
        """Say goodbye and give up the connection; idempotent."""
        if self._channel.open:
            with suppress(ConnectorError):  # already gone: nothing to say goodbye to
                self._send(LDAPUnbindRequest())
            self._channel.close()

    def __enter__(self) -> LdapClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- verbs -------------------------------------------------------------------------------------------------------
    def bind(self, name: str, password: str) -> None:
        """Simple bind. An empty password would be an anonymous bind and is refused here."""
        if not password:
            raise failed_authentication("The password is empty.")
        answer = self._channel.wait(self._send(LDAPBindRequest(dn=name, auth=password.encode())))
        if answer.result == INVALID_CREDENTIALS:
            raise failed_authentication(f"The directory refused the credentials of {name}: {_refused(answer).message}")
        if answer.result:
            raise failed_connection(f"The directory refused the bind: {_refused(answer).message}")

    def who_am_i(self) -> str:
        """``u:DOMAIN\\name``, empty when anonymous."""
        return (self.extended(WHO_AM_I) or b"").decode("utf-8", "replace")

    def root_dse(self, attributes: Sequence[str] = ()) -> Entry:
        found = self.search("", Scope.BASE, "(objectClass=*)", attributes)
        if not found:
            raise dropped_connection("The directory shows no rootDSE.")
        return found[0]

    def search(
        self,
        base: str,
        scope: Scope = Scope.SUBTREE,
        filter_text: str = "(objectClass=*)",
        attributes: Sequence[str] = (),
        *,
        controls: Sequence[Control] = (),
        size_limit: int = 0,
    ) -> list[Entry]:
        """All entries of an unpaged search; reaching the caller's own size limit is no refusal."""
        operation = _search_operation(base, scope, filter_text, attributes, size_limit)
        answer = self._channel.wait(self._send(operation, controls))
        if answer.result and not (size_limit and answer.result == SIZE_LIMIT_EXCEEDED):
            raise _refused(answer)
        return entries_of(answer.block)

    def search_all(
        self,
        base: str,
        scope: Scope = Scope.SUBTREE,
        filter_text: str = "(objectClass=*)",
        attributes: Sequence[str] = (),
        *,
        controls: Sequence[Control] = (),
        page_size: int = 500,
    ) -> Iterator[Entry]:
        """All entries of a paged search, one after the other."""
        for block, _ in self.search_blocks(base, scope, filter_text, attributes, page_size, controls):
            yield from entries_of(block)

    def search_blocks(
        self,
        base: str,
        scope: Scope,
        filter_text: str,
        attributes: Sequence[str],
        page_size: int,
        controls: Sequence[Control] = (),
    ) -> Iterator[tuple[bytes, bool]]:
        """(undecoded entries, is this the last page) per page; the next page is asked for before one is handed out."""
        operation = _Written(_search_operation(base, scope, filter_text, attributes).toWire())
        pending = self._send(operation, (*controls, ldap_controls.paged(page_size)))
        while True:
            answer = self._channel.wait(pending)
            if answer.result:
                raise _refused(answer)
            cookie = ldap_controls.page_cookie(answer.controls)
            if not cookie:
                yield answer.block, True
                return
            pending = self._send(operation, (*controls, ldap_controls.paged(page_size, cookie)))
            try:
                yield answer.block, False
            except GeneratorExit:
                self._channel.forget(pending)
                raise

    def dirsync_blocks(
        self, base: str, filter_text: str, attributes: Sequence[str], cookie: bytes, flags: int, bytes_max: int
    ) -> Iterator[tuple[bytes, bytes]]:
        """(undecoded entries, cookie after them) per answer until nothing more is to come."""
        operation = _Written(_search_operation(base, Scope.SUBTREE, filter_text, attributes).toWire())
        more = True
        while more:
            pending = self._send(operation, (ldap_controls.dirsync(flags, bytes_max, cookie),))
            answer = self._channel.wait(pending)
            if answer.result:
                raise _refused(answer)
            found = ldap_controls.dirsync_answer(answer.controls)
            if found is None:
                raise dropped_connection("The directory answered a DirSync request without its control.")
            more, cookie = found
            yield answer.block, cookie

    def add(self, dn: str, attributes: Mapping[str, Sequence[bytes]], controls: Sequence[Control] = ()) -> None:
        written = [(LDAPAttributeDescription(name), _set(values)) for name, values in attributes.items()]
        self._do(LDAPAddRequest(entry=dn, attributes=written), controls)

    def modify(self, dn: str, changes: Iterable[Modification], controls: Sequence[Control] = ()) -> None:
        written = [
            BERSequence(
                [
                    BEREnumerated(int(change.operation)),
                    BERSequence([LDAPAttributeDescription(change.attribute), _set(change.values)]),
                ]
            )
            for change in changes
        ]
        self._do(LDAPModifyRequest(object=dn, modification=written), controls)

    def modify_dn(
        self, dn: str, new_rdn: str, new_superior: str | None = None, controls: Sequence[Control] = ()
    ) -> None:
        """Rename or move; the old RDN value goes."""
        self._do(LDAPModifyDNRequest(dn, new_rdn, True, newSuperior=new_superior), controls)

    def delete(self, dn: str, controls: Sequence[Control] = ()) -> None:
        self._do(LDAPDelRequest(entry=dn), controls)

    def extended(self, oid: str, value: bytes | None = None) -> bytes | None:
        """An extended operation; answers its response value."""
        return self._do(LDAPExtendedRequest(requestName=oid, requestValue=value), ()).value

    # ---- wire --------------------------------------------------------------------------------------------------------
    def _do(self, operation: LDAPProtocolRequest, controls: Sequence[Control]) -> Answer:
        answer = self._channel.wait(self._send(operation, controls))
        if answer.result:
            raise _refused(answer)
        return answer

    def _send(self, operation: LDAPProtocolRequest | _Written, controls: Sequence[Control] = ()) -> int:
        self._identifier = self._identifier % 0x7FFFFFFF + 1
        listed = [(c.oid, True if c.critical else None, c.value) for c in controls] or None
        self._channel.send(LDAPMessage(operation, controls=listed, id=self._identifier).toWire())
        return self._identifier


def _search_operation(
    base: str, scope: Scope, filter_text: str, attributes: Sequence[str], size_limit: int = 0
) -> LDAPSearchRequest:
    return LDAPSearchRequest(
        baseObject=base,
        scope=int(scope),
        sizeLimit=size_limit,
        filter=_Written(encode_filter(filter_text)),
        attributes=list(attributes),
    )


def _set(values: Sequence[bytes]) -> BERSet:
    return BERSet([LDAPAttributeValue(value) for value in values])


def _refused(answer: Answer) -> LdapRefused:
    return LdapRefused(answer.result, answer.text, answer.matched_dn)


def entries_of(block: bytes) -> list[Entry]:
    """Decode a block without any knowledge of the schema."""
    try:
        return [Entry(dn.decode("utf-8", "replace"), attributes) for dn, attributes in read_entries(block)]
    except (IndexError, ValueError) as error:
        raise dropped_connection(f"The directory sent an entry that cannot be read ({error}).") from error
