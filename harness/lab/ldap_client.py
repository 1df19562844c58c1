"""A blocking LDAP conversation, as an administrator's tool holds one with a domain controller.

The harness's own client: engine and emulators share no module, and the harness leans on neither for what it asserts.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.lab.ber import (
    BOOLEAN,
    ENUMERATED,
    BrokenBerError,
    boolean,
    header,
    integer,
    number,
    octets,
    parts,
    sequence,
)
from harness.lab.ldap_filters import encode_filter

BASE, ONE_LEVEL, SUBTREE = 0, 1, 2
ADD, DELETE, REPLACE = 0, 1, 2
PAGED = "1.2.840.113556.1.4.319"
SHOW_DELETED = "1.2.840.113556.1.4.417"
TREE_DELETE = "1.2.840.113556.1.4.805"
CROSS_DOMAIN_MOVE = "1.2.840.113556.1.4.521"
SD_FLAGS = "1.2.840.113556.1.4.801"
READ_HASHES = "2.25.310985046285573426317218014612340192311"
ASK_TICKET = "2.25.271093465178231906524170823649510387"
MIGRATE_ACCOUNT = "2.25.3894762966283924903723249596171186977"
PAGE_SIZE = 1000

RESULT_NAMES = {
    0: "success", 1: "operationsError", 2: "protocolError", 3: "timeLimitExceeded", 4: "sizeLimitExceeded",
    8: "strongerAuthRequired", 10: "referral", 11: "adminLimitExceeded", 12: "unavailableCriticalExtension",
    13: "confidentialityRequired", 16: "noSuchAttribute", 17: "undefinedAttributeType", 18: "inappropriateMatching",
    19: "constraintViolation", 20: "attributeOrValueExists", 21: "invalidAttributeSyntax", 32: "noSuchObject",
    34: "invalidDNSyntax", 49: "invalidCredentials", 50: "insufficientAccessRights", 51: "busy", 52: "unavailable",
    53: "unwillingToPerform", 64: "namingViolation", 65: "objectClassViolation", 66: "notAllowedOnNonLeaf",
    67: "notAllowedOnRDN", 68: "entryAlreadyExists", 69: "objectClassModsProhibited", 71: "affectsMultipleDSAs",
    80: "other",
}  # fmt: skip

Values = Sequence[bytes]


class LdapRefusedError(Exception):
    """The directory answered with a result other than success;
    ``code`` is its name, ``text`` its diagnostic message.
    """

    def __init__(self, code: int, text: str, matched: str = "") -> None:
        self.number = code
        self.code = RESULT_NAMES.get(code, str(code))
        self.text = text.rstrip("\0\n")
        self.matched = matched
        super().__init__(f"{self.code} ({code}): {self.text}" if self.text else f"{self.code} ({code})")


class LdapUnreachableError(Exception):
    """The connection could not be made or broke off."""


@dataclass
class Entry:
    """One object as the directory sent it. ``values`` finds an attribute in any case."""

    dn: str
    attributes: dict[str, list[bytes]] = field(default_factory=dict)

    def values(self, name: str) -> list[bytes]:
        folded = name.lower()
        return next((values for key, values in self.attributes.items() if key.lower() == folded), [])

    def first(self, name: str) -> bytes | None:
        found = self.values(name)
        return found[0] if found else None


class LdapConversation:
    """One connection, one bind, one request at a time."""

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None = None, timeout_seconds: float = 60) -> None:
        self._buffer = bytearray()
        self._next = 0
        try:
            plain = socket.create_connection((host, port), timeout_seconds)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        except OSError as error:
            raise LdapUnreachableError(f"no connection: {error.strerror or error}") from None

    # ---- verbs ---------------------------------------------------------------------------------------------------
    def bind(self, name: str, password: str) -> None:
        """Sign in with a simple bind."""
        self._ask(sequence(integer(3), octets(name), octets(password, 0x80), tag=0x60), 0x61)

    def add(self, dn: str, attributes: Mapping[str, Values]) -> None:
        listed = [sequence(octets(name), _set(values)) for name, values in attributes.items() if values]
        self._ask(sequence(octets(dn), sequence(*listed), tag=0x68), 0x69)

    def modify(self, dn: str, changes: Iterable[tuple[int, str, Values]]) -> None:
        """Send changes: (ADD, DELETE or REPLACE, attribute, values)."""
        listed = [
            sequence(integer(operation, ENUMERATED), sequence(octets(name), _set(values)))
            for operation, name, values in changes
        ]
        self._ask(sequence(octets(dn), sequence(*listed), tag=0x66), 0x67)

    def delete(self, dn: str, *, tree: bool = False) -> None:
        controls = [_control(TREE_DELETE, critical=True)] if tree else []
        self._ask(octets(dn, 0x4A), 0x6B, controls)

    def rename(self, dn: str, new_rdn: str, new_superior: str | None = None, controls: Sequence[bytes] = ()) -> None:
        superior = octets(new_superior, 0x80) if new_superior is not None else b""
        self._ask(sequence(octets(dn), octets(new_rdn), boolean(True), superior, tag=0x6C), 0x6D, controls)

    def move_between_domains(self, dn: str, new_rdn: str, new_superior: str, controller: str) -> None:
        """Move an object to another domain of the forest, with the help of a controller there."""
        self.rename(dn, new_rdn, new_superior, [_control(CROSS_DOMAIN_MOVE, controller.encode(), critical=True)])

    def migrate_account(self, dn: str, source_sid: bytes, nt_hash: bytes) -> None:
        """Give an account the SID and the password of the one it takes the place of; empty = not."""
        self._extended(MIGRATE_ACCOUNT, sequence(octets(dn), octets(source_sid), octets(nt_hash)))

    def password_hashes(self, naming_context: str) -> dict[bytes, bytes]:
        """Return the NT hash of every account of a domain by its SID, as an export server reads them."""
        found: dict[bytes, bytes] = {}
        cookie, more = b"", True
        while more:
            answer = self._extended(READ_HASHES, sequence(octets(naming_context), octets(cookie), integer(0)))
            more_field, cookie_field, objects = parts(next(parts(answer))[1])
            for _, row in parts(objects[1]):
                fields = list(parts(row))
                found[fields[2][1]] = fields[3][1]
            cookie, more = cookie_field[1], number(more_field[1]) != 0
        return found

    def service_ticket(self, service: str) -> str:
        """Return a ticket for a service, for whoever is signed in on this connection."""
        return self._extended(ASK_TICKET, sequence(octets(service))).decode()

    def _extended(self, operation: str, value: bytes) -> bytes:
        identifier = self._send(sequence(octets(operation, 0x80), octets(value, 0x81), tag=0x77), [])
        _, content, _ = self._answer(identifier)
        _raise_unless_success(content)
        return next((part for tag, part in parts(content) if tag == 0x8B), b"")

    def modify_deleted(self, dn: str, changes: Iterable[tuple[int, str, Values]]) -> None:
        """Modify an object of the recycle bin (how an administrator brings it back)."""
        listed = [
            sequence(integer(operation, ENUMERATED), sequence(octets(name), _set(values)))
            for operation, name, values in changes
        ]
        request = sequence(octets(dn), sequence(*listed), tag=0x66)
        self._ask(request, 0x67, [_control(SHOW_DELETED, critical=True)])

    def access_list(self, dn: str) -> bytes:
        """Return an object's security descriptor with its access list alone."""
        request = sequence(
            octets(dn), integer(BASE, ENUMERATED), integer(0, ENUMERATED), integer(0), integer(0), boolean(False),
            encode_filter("(objectClass=*)"), sequence(octets("nTSecurityDescriptor")), tag=0x63,
        )  # fmt: skip
        entries: list[Entry] = []
        self._search_page(request, [_ACCESS_LIST_ONLY], entries)
        return entries[0].first("nTSecurityDescriptor") or b""

    def set_access_list(self, dn: str, descriptor: bytes) -> None:
        """Write an object's access list; owner and group stay."""
        change = sequence(integer(REPLACE, ENUMERATED), sequence(octets("nTSecurityDescriptor"), _set([descriptor])))
        self._ask(sequence(octets(dn), sequence(change), tag=0x66), 0x67, [_ACCESS_LIST_ONLY])

    def search(
        self,
        base: str,
        filter_text: str = "(objectClass=*)",
        attributes: Sequence[str] = (),
        *,
        scope: int = SUBTREE,
        deleted: bool = False,
        size_limit: int = 0,
    ) -> list[Entry]:
        """Return every entry found, page by page."""
        wanted = sequence(*(octets(name) for name in attributes))
        request = sequence(
            octets(base), integer(scope, ENUMERATED), integer(0, ENUMERATED), integer(size_limit), integer(0),
            boolean(False), encode_filter(filter_text), wanted, tag=0x63,
        )  # fmt: skip
        entries: list[Entry] = []
        cookie = b""
        while True:
            controls = [_control(PAGED, sequence(integer(PAGE_SIZE), octets(cookie)))]
            if deleted:
                controls.append(_control(SHOW_DELETED, critical=True))
            cookie = self._search_page(request, controls if scope != BASE or deleted else [], entries)
            if not cookie:
                return entries

    def close(self) -> None:
        """Say goodbye and close; idempotent."""
        with contextlib.suppress(OSError):  # the other side may be gone already: that is what is wanted
            self._socket.sendall(sequence(integer(self._number()), b"\x42\x00"))
        self._socket.close()

    # ---- one request and its answers -----------------------------------------------------------------------------
    def _number(self) -> int:
        self._next += 1
        return self._next

    def _send(self, request: bytes, controls: Sequence[bytes]) -> int:
        identifier = self._number()
        attached = sequence(*controls, tag=0xA0) if controls else b""
        try:
            self._socket.sendall(sequence(integer(identifier), request, attached))
        except OSError as error:
            raise LdapUnreachableError(f"the connection broke off: {error.strerror or error}") from None
        return identifier

    def _ask(self, request: bytes, answer_tag: int, controls: Sequence[bytes] = ()) -> None:
        identifier = self._send(request, controls)
        tag, content, _ = self._answer(identifier)
        if tag != answer_tag:
            raise LdapUnreachableError(f"an answer of another kind: {tag:#x}")
        _raise_unless_success(content)

    def _search_page(self, request: bytes, controls: Sequence[bytes], entries: list[Entry]) -> bytes:
        identifier = self._send(request, controls)
        while True:
            tag, content, attached = self._answer(identifier)
            if tag == 0x64:
                entries.append(_entry(content))
            elif tag == 0x65:
                _raise_unless_success(content)
                return _page_cookie(attached)

    def _answer(self, identifier: int) -> tuple[int, bytes, bytes]:
        while True:
            message = list(parts(self._message()))
            if len(message) < 2:
                raise LdapUnreachableError("a message without an operation")
            if number(message[0][1]) == identifier:
                return message[1][0], message[1][1], message[2][1] if len(message) > 2 else b""
            if number(message[0][1]) == 0:
                _raise_unless_success(message[1][1])
                raise LdapUnreachableError("the directory ended the connection")

    def _message(self) -> bytes:
        while True:
            found = header(self._buffer)  # type: ignore[arg-type]
            if found is not None and len(self._buffer) >= found[2]:
                content = bytes(self._buffer[found[1] : found[2]])
                del self._buffer[: found[2]]
                return content
            try:
                received = self._socket.recv(262144)
            except OSError as error:
                raise LdapUnreachableError(f"the connection broke off: {error.strerror or error}") from None
            if not received:
                raise LdapUnreachableError("the directory closed the connection")
            self._buffer += received


def _set(values: Values) -> bytes:
    return sequence(*(octets(value) for value in values), tag=0x31)


def _control(oid: str, value: bytes | None = None, *, critical: bool = False) -> bytes:
    return sequence(octets(oid), boolean(critical), octets(value) if value is not None else b"")


#: of the four parts of a security descriptor, the access list
_ACCESS_LIST_ONLY = _control(SD_FLAGS, sequence(integer(4)), critical=True)


def _raise_unless_success(content: bytes) -> None:
    fields = list(parts(content))
    if len(fields) < 3 or fields[0][0] not in (ENUMERATED, BOOLEAN):
        raise BrokenBerError("a result without a code")
    code = number(fields[0][1])
    if code:
        raise LdapRefusedError(code, fields[2][1].decode("utf-8", "replace"), fields[1][1].decode("utf-8", "replace"))


def _entry(content: bytes) -> Entry:
    (_, dn), (_, listed) = list(parts(content))[:2]
    entry = Entry(dn.decode("utf-8", "replace"))
    for _, attribute in parts(listed):
        (_, name), (_, values) = list(parts(attribute))[:2]
        entry.attributes[name.decode()] = [value for _, value in parts(values)]
    return entry


def _page_cookie(attached: bytes) -> bytes:
    for _, control in parts(attached):
        fields = list(parts(control))
        if fields[0][1].decode() == PAGED:
            inside = next(parts(fields[-1][1]))[1]
            return list(parts(inside))[1][1]
    return b""
