"""Fetching password hashes from a domain controller: the stand-in for reading them by directory replication.

The product uses the replication protocol over RPC; the harness puts an extended operation in its place (facts
"directory" section 10, last paragraph; rights: section 11). Hashes never show themselves in texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.connectors.active_directory import ber
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import TIMEOUT_SECONDS, LdapClient
from engine.connectors.active_directory.ldap_refusal import (
    ERROR_DS_DRA_ACCESS_DENIED,
    ERROR_INVALID_COOKIE,
    INSUFFICIENT_ACCESS_RIGHTS,
    LdapRefused,
    ReplicationDenied,
    dropped_connection,
    failed_search,
)
from engine.connectors.active_directory.session import DirectoryAccount, DirectorySession
from engine.errors import ConnectorError

REPLICATION_STAND_IN = "2.25.310985046285573426317218014612340192311"


@dataclass(frozen=True, slots=True)
class PasswordRecord:
    """One user's password as the domain controller holds it."""

    dn: str
    anchor: bytes  # objectGUID
    sid: bytes
    nt_hash: bytes = field(repr=False)
    password_last_set: int  # 100 ns since 1601
    user_account_control: int


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """Changed passwords and where the next read goes on; ``more``: it should go on at once."""

    records: list[PasswordRecord]
    cookie: bytes
    more: bool


def read_password_page(client: LdapClient, naming_context: str, cookie: bytes, objects_max: int) -> PasswordPage:
    """One page of users whose password changed since the cookie."""
    request = ber.write(
        ber.SEQUENCE,
        ber.write(ber.OCTET_STRING, naming_context.encode()),
        ber.write(ber.OCTET_STRING, cookie),
        ber.write_integer(objects_max),
    )
    try:
        value = client.extended(REPLICATION_STAND_IN, request)
    except LdapRefused as refusal:
        if refusal.win32 == ERROR_DS_DRA_ACCESS_DENIED or refusal.result == INSUFFICIENT_ACCESS_RIGHTS:
            raise ReplicationDenied() from refusal
        run_result = (
            "no-start-full-import-required" if refusal.win32 == ERROR_INVALID_COOKIE else "stopped-connectivity"
        )
        raise failed_search(refusal.message, run_result) from refusal
    try:
        more, next_cookie, objects = ber.read(value or b"").children()
        records = [_record(element) for element in objects.children()]
    except (ValueError, IndexError) as error:
        raise dropped_connection("The directory sent password records that cannot be read.") from error
    return PasswordPage(records, next_cookie.octets, more.boolean)


def _record(element: ber.Element) -> PasswordRecord:
    dn, guid, sid, nt_hash, password_last_set, user_account_control = element.children()
    return PasswordRecord(
        dn.text, guid.octets, sid.octets, nt_hash.octets, password_last_set.integer, user_account_control.integer
    )


class PasswordReader:
    """Reads one forest's password changes, domain by domain; always over a protected connection."""

    def __init__(
        self,
        address: ForestAddress,
        account: DirectoryAccount,
        *,
        ca_bundle: str,
        security: Security = Security.LDAPS,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._session = DirectorySession(
            address, account, ca_bundle=ca_bundle, security=security, timeout_seconds=timeout_seconds
        )

    def read(self, naming_context: str, cookie: bytes, objects_max: int = 500) -> Iterator[PasswordPage]:
        """Every page since the cookie (empty = all users), over the bound connection while it lives.

        A beat every two minutes does not prove the credentials each time as a run does; a lost connection is remade.
        """
        kept, client = self._session.held, self._session.current()
        more = True
        while more:
            try:
                page = read_password_page(client, naming_context, cookie, objects_max)
            except ConnectorError as error:
                if not kept or error.code != "dropped-connection":
                    raise
                client = self._session.begin()
                page = read_password_page(client, naming_context, cookie, objects_max)
            kept = False
            cookie, more = page.cookie, page.more
            yield page

    def close(self) -> None:
        self._session.close()
