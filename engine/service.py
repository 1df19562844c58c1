"""The Windows service ADSync of one machine: whether it runs, the account it logs on with, the key it decrypts with.

Starting asks three things in this order: does the account log on (the domain itself is asked), has the database room,
can the encryption key be read. Source: facts "install" section 20 (CRD-02 to CRD-04) and 22; change-serviceacct-pass;
seed004 (a service that shows Running while its account's password has expired).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.connectors.active_directory.ldap_channel import Security
from engine.connectors.active_directory.ldap_client import LdapClient
from engine.errors import EngineError
from engine.versions import at_least

if TYPE_CHECKING:
    from engine.server import SyncServer

VIRTUAL_ACCOUNT = "NT SERVICE\\ADSync"
#: From this release on the product abandons an unreadable key itself when the account's password is changed (CRD-04).
HANDLES_THE_KEY_SINCE = "1.1.484.0"
KEY_SET = "key-set"  # fact of the database: which key its credentials are encrypted with
NOT_RUNNING = "The ADSync service is not running."
LOGON_FAILURE = (
    "Windows could not start the Microsoft Entra ID Sync service on Local Computer. Error 1069: The service did not"
    " start due to a logon failure."
)
DISK_FULL = "The server encountered an error because SQL Server is out of disk space."
KEY_UNREADABLE = (
    "Windows could not start the Microsoft Entra ID Sync on Local Computer. For more information, review the System"
    " Event log. If this is a non-Microsoft service, contact the service vendor, and refer to service-specific error"
    " code -21451857952."
)
#: data code of a refused bind to the reason Windows writes
REASONS: Mapping[str, str] = {
    "52e": "The user name or password is incorrect.",
    "525": "The user name or password is incorrect.",
    "532": "The password for this account has expired.",
    "533": "This user can't sign in because this account is currently disabled.",
    "701": "The user's account has expired.",
    "773": "The user's password must be changed before signing in.",
    "775": "The referenced account is currently locked out and may not be logged on to.",
}
_DATA = re.compile(r"data ([0-9a-f]+)")


class ServiceState(StrEnum):
    RUNNING = "Running"
    STOPPED = "Stopped"


class ServiceEvent(StrEnum):
    START = "start"
    STOP = "stop"


TRANSITIONS: Mapping[tuple[ServiceState, ServiceEvent], ServiceState] = {
    (ServiceState.STOPPED, ServiceEvent.START): ServiceState.RUNNING,
    (ServiceState.RUNNING, ServiceEvent.STOP): ServiceState.STOPPED,
    # what is so already stays so, as Start-Service and Stop-Service have it
    (ServiceState.RUNNING, ServiceEvent.START): ServiceState.RUNNING,
    (ServiceState.STOPPED, ServiceEvent.STOP): ServiceState.STOPPED,
}


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """The account as the service control manager keeps it. forest: the one a domain account lives in; "" = a virtual
    or managed account, whose password Windows looks after."""

    name: str = VIRTUAL_ACCOUNT
    password: str = field(default="", repr=False)
    forest: str = ""

    @property
    def has_password(self) -> bool:
        return bool(self.forest)


@dataclass(frozen=True, slots=True)
class ServiceMemory:
    """What a machine keeps of its service besides the database. key_set "" = a key that cannot be read."""

    state: ServiceState
    account: ServiceAccount
    key_set: str


class SyncService:
    """Owns the state; the server asks it before it works."""

    def __init__(self, server: SyncServer) -> None:
        self.server = server
        self.state = ServiceState.RUNNING
        self.account = ServiceAccount()
        self.key_set = server.database.fact(KEY_SET)

    @property
    def running(self) -> bool:
        return self.state is ServiceState.RUNNING

    def require_running(self) -> None:
        """Refuse what only a running service does."""
        if not self.running:
            raise EngineError("SERVICE_STOPPED", NOT_RUNNING)

    # ---- starting and stopping ---------------------------------------------------------------------------------------
    def stop(self) -> None:
        """Stop in order: connections are given up, what was in memory is forgotten, the log is folded in."""
        if not self.running:
            return
        server = self.server
        server.requests.writeback.stop()
        server.events.write(2002)
        server.passwords.close()
        server.systems.close()
        server.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.state = TRANSITIONS[self.state, ServiceEvent.STOP]

    def start(self) -> None:
        """Start, or raise EngineError with what the service control manager says; the reason stands in the log."""
        if self.running:
            return
        self._log_on()
        if self.server.size.full:
            self.server.events.write(6323)
            raise EngineError("ERROR_6323", DISK_FULL)
        if not self.key_readable:
            self.server.events.write(6028)
            raise EngineError("ENCRYPTION_KEY", KEY_UNREADABLE)
        self.state = TRANSITIONS[self.state, ServiceEvent.START]
        self.server.history.end_interrupted(self.server.clock.now())
        self.server.reload()
        self.server.events.write(2001)
        self.server.requests.follow()

    def restart(self) -> None:
        self.stop()
        self.start()

    def _log_on(self) -> None:
        try:
            self.check_account()
        except EngineError as refused:
            found = _DATA.search(refused.message)
            reason = REASONS.get(found[1], refused.message) if found else refused.message
            self.server.events.write(7038, account=self.account.name, reason=reason)
            raise EngineError("ERROR_1069", LOGON_FAILURE) from None

    # ---- the account -------------------------------------------------------------------------------------------------
    def check_account(self) -> None:
        """Ask the domain whether the account may log on with the password that is kept. Raises ConnectorError."""
        account = self.account
        if not account.has_password:
            return
        network = self.server.network
        client = LdapClient.connect(
            network.forest(account.forest), ca_bundle=network.ca_bundle, security=Security.LDAPS
        )
        try:
            client.bind(account.name, account.password)
        finally:
            client.close()

    def run_as(self, account: ServiceAccount) -> None:
        """The wizard sets the service up with an account; it cannot be exchanged later (IRC-10)."""
        self.account = account

    def set_password(self, password: str) -> None:
        """Services > Log On: the password the service control manager keeps.

        Builds before 1.1.484 lose the key with it, for Windows destroys what protects it; later ones see to it
        themselves and abandon a key that cannot be read any more.
        """
        if not self.account.has_password:
            raise EngineError("ACCOUNT_WITHOUT_PASSWORD", f"Windows itself keeps the password of {self.account.name}.")
        self.account = replace(self.account, password=password)
        if not at_least(self.server.version, HANDLES_THE_KEY_SINCE):
            self.lose_key()
        elif not self.key_readable:
            self._new_key()

    # ---- the encryption key ------------------------------------------------------------------------------------------
    @property
    def key_readable(self) -> bool:
        """Whether the credentials in the database are encrypted with a key this machine can read."""
        return self.key_set == self.server.database.fact(KEY_SET)

    def lose_key(self) -> None:
        """What protects the key on this machine is gone."""
        self.key_set = "unreadable"

    def abandon_key(self) -> None:
        """miiskmu.exe /a: a new key; nothing encrypted with the old one can be decrypted again (CRD-04)."""
        if at_least(self.server.version, HANDLES_THE_KEY_SINCE):
            text = (
                f"Version {self.server.version} abandons the encryption key itself when the password of the service"
                " account is changed."
            )
            raise EngineError("KEY_HANDLED_BY_PRODUCT", text)
        if self.running:
            raise EngineError("SERVICE_RUNNING", "Stop the ADSync service before the encryption key is abandoned.")
        self._new_key()

    def _new_key(self) -> None:
        server = self.server
        with server.database.transaction():
            server.configuration.forget_secrets()
            server.database.set_fact(KEY_SET, server.identifier(f"key-set/{server.clock.now().isoformat()}"))
        self.take_key()

    def take_key(self) -> None:
        """The key of the database as it is now is this machine's."""
        self.key_set = self.server.database.fact(KEY_SET)

    # ---- snapshots ---------------------------------------------------------------------------------------------------
    def snapshot(self) -> ServiceMemory:
        return ServiceMemory(self.state, self.account, self.key_set)

    def restore(self, memory: ServiceMemory) -> None:
        self.state, self.account, self.key_set = memory.state, memory.account, memory.key_set
