"""The password write-back service of a server: its relay in the tenant, its heartbeat, its events.

Source: facts "tenant" 10 (heartbeat each five minutes), install OPT-05 (one active server: a second one breaks the
first's link), RTC-02 (off in staging); write-back troubleshooting (events 31001 to 31034 of PasswordResetService).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from engine.connectors.active_directory.session import DirectoryAccount
from engine.connectors.entra.held_line import Document, HeldLine, RelayRefused
from engine.connectors.entra.sealed_password import PasswordKey, SealBroken
from engine.errors import EngineError
from engine.password_writeback.account import AccountNotFoundError, find_account
from engine.password_writeback.setting import NewPassword, Written, set_password
from engine.store.database import Database

if TYPE_CHECKING:
    from engine.server import SyncServer

SETTING = "Microsoft.OptionalFeature.PasswordWriteback"
HEARTBEAT = timedelta(minutes=5)
_ONBOARDED = "password-writeback-onboarded"  # fact of the database
#: operation of the tenant -> events of its start, success and failure
EVENTS: Mapping[str, tuple[int, int, int]] = {
    "change": (31006, 31007, 31008),
    "reset-by-administrator": (31009, 31010, 31011),
}


class RelayState(StrEnum):
    OFF = "off"  # not enabled, in staging mode, or the service is stopped
    LISTENING = "listening"
    DOWN = "down"  # the tenant could not be reached; tried again at the next beat
    CUT = "cut"  # another server has taken the relay over


class RelayEvent(StrEnum):
    CONNECTED = "connected"
    FAILED = "failed"
    TAKEN_OVER = "taken-over"
    STOPPED = "stopped"


_S, _E = RelayState, RelayEvent
TRANSITIONS: Mapping[tuple[RelayState, RelayEvent], RelayState] = {
    (_S.OFF, _E.CONNECTED): _S.LISTENING,
    (_S.OFF, _E.FAILED): _S.DOWN,
    (_S.DOWN, _E.CONNECTED): _S.LISTENING,
    (_S.DOWN, _E.FAILED): _S.DOWN,
    (_S.LISTENING, _E.TAKEN_OVER): _S.CUT,
    (_S.LISTENING, _E.FAILED): _S.DOWN,
    (_S.LISTENING, _E.STOPPED): _S.OFF,
    (_S.DOWN, _E.STOPPED): _S.OFF,
    (_S.CUT, _E.STOPPED): _S.OFF,
}


class PasswordWriteback:
    """Owns the relay's state and line."""

    def __init__(self, server: SyncServer) -> None:
        self.server = server
        self.state = RelayState.OFF
        self._line: HeldLine | None = None
        self._key: PasswordKey | None = None
        self._beat: datetime | None = None

    # ---- life --------------------------------------------------------------------------------------------------------
    @property
    def enabled(self) -> bool:
        return self.server.global_settings.get(SETTING) == "True"

    def follow(self, *, running: bool) -> None:
        """Take the relay to the state the server's settings ask for."""
        wanted = running and self.enabled and not self.server.staging
        if not wanted:
            self.stop()
            if running and not self.enabled and self.server.database.fact(_ONBOARDED):
                self._offboard()
        elif self.state in (RelayState.OFF, RelayState.DOWN):
            self._connect()

    def stop(self) -> None:
        """Listen no longer; idempotent."""
        if self.state is RelayState.OFF:
            return
        self._hang_up()
        self.state = TRANSITIONS[self.state, RelayEvent.STOPPED]
        self.server.events.write(31016)

    def hang_up(self) -> None:
        """The machine is gone, or goes back to another moment: nothing is said."""
        self._hang_up()
        self.state = RelayState.OFF

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def next_due(self) -> datetime | None:
        """When the next heartbeat is due."""
        listening = self.state in (RelayState.LISTENING, RelayState.DOWN)
        return self._beat + HEARTBEAT if listening and self._beat is not None else None

    def tick(self, now: datetime) -> None:
        """The heartbeat: is the relay still this server's; what was down is tried again."""
        due = self.next_due()
        if due is None or due > now:
            return
        self._beat = now
        if self.state is RelayState.DOWN:
            self._connect()
            return
        assert self._line is not None
        try:
            self._line.heartbeat()
        except RelayRefused as refusal:
            self._hang_up()
            self.state = TRANSITIONS[self.state, RelayEvent.TAKEN_OVER]
            self.server.events.write(31034, detail=refusal.message)
        except EngineError as refusal:
            self._down(refusal)
        else:
            self.server.events.write(31019)

    def _connect(self) -> None:
        """Set the relay up anew, which cuts off whoever had it, and listen."""
        server = self.server
        first = not server.database.fact(_ONBOARDED)
        self._beat = server.clock.now()
        source = Random(f"{server.seed}/{server.name}/password-writeback/{self._beat.isoformat()}")
        self._key = PasswordKey(source.randbytes(32))
        if first:
            server.events.write(31004)
        try:
            client = server.systems.tenant_client(server.entra_connector[1])
            body = {"MachineName": server.name, "PublicKey": self._key.public}
            answer = client.call("OnboardPasswordWriteback", body, service="/register/")
            self._line = HeldLine(
                client.address,
                path="/relay/password/0",
                secret=str(answer["Secret"]),
                ca_bundle=server.network.ca_bundle,
                work=self._carry_out,
            )
            self._line.connect()
        except EngineError as refusal:
            self._down(refusal)
            return
        self.state = TRANSITIONS[self.state, RelayEvent.CONNECTED]
        if first:
            server.events.write(31018)
            server.events.write(31005)
            server.database.set_fact(_ONBOARDED, "True")
        server.events.write(31015)

    def _down(self, refusal: EngineError) -> None:
        self._hang_up()
        if self.state is not RelayState.DOWN:
            self.server.events.write(32002, detail=refusal.message)
        self.state = TRANSITIONS[self.state, RelayEvent.FAILED]

    def _offboard(self) -> None:
        server = self.server
        server.events.write(31012)
        try:
            client = server.systems.tenant_client(server.entra_connector[1])
            client.call("OffboardPasswordWriteback", {"MachineName": server.name}, service="/register/")
        except EngineError as refusal:
            server.events.write(31014, detail=refusal.message)
            return
        server.database.set_fact(_ONBOARDED, "")
        server.events.write(31013)

    # ---- one request, in the thread of the line ----------------------------------------------------------------------
    def _carry_out(self, request: Document) -> Document:
        events = self.server.events
        operation, tracking = str(request.get("Operation")), str(request.get("Id"))
        if operation not in EVENTS:
            events.write(32000, tracking=tracking, detail=f"The operation {operation} is not known.")
            return {"Outcome": "error"}
        start, success, failure = EVENTS[operation]
        events.write(start, tracking=tracking)
        written = self._set(request)
        if written.set:
            events.write(success, tracking=tracking)
        else:
            if written.word == "policy":
                events.write(6329, detail=written.text)
            events.write(failure, tracking=tracking, detail=written.text)
        return {"Outcome": written.word}

    def _set(self, request: Document) -> Written:
        server = self.server
        assert self._key is not None
        database = Database.read_only(server.database.path)
        try:
            new = self._key.open(str(request.get("Password") or ""))
            old = self._key.open(str(request["OldPassword"])) if request.get("OldPassword") else ""
            account = find_account(server, database.connection, str(request.get("CloudAnchor")))
            parameters = account.connector.parameters
            name = f"{parameters.get('forest-login-user', '')}@{parameters.get('forest-login-domain', '')}"
            bound = DirectoryAccount(name, server.configuration.secret(account.connector.identifier))
            address = server.network.forest(parameters.get("forest-name", account.connector.name)).holding(account.dn)
            password = NewPassword(new, old, must_change=request.get("ForceChange") is True)
            return set_password(
                address, bound, account.dn, password, version=server.version, ca_bundle=server.network.ca_bundle
            )
        except AccountNotFoundError as missing:
            return Written(missing.word, str(missing))
        except (SealBroken, EngineError) as refusal:
            return Written("error", refusal.message)
        finally:
            database.connection.close()
