"""The Authentication Agent: takes sign-ins from the tenant and has a domain controller check each password.

Source: facts "tenant" 10 (PTA), install USI-02; pass-through troubleshooting: LogonUser against AD, the trace log names
the Win32 reason. Validation is an LDAP bind; its data code is the reason. A password lives only while it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.connectors.active_directory.ldap_channel import ForestAddress
from engine.connectors.active_directory.ldap_client import LdapClient
from engine.connectors.entra.held_line import Document, HeldLine
from engine.connectors.entra.sealed_password import PasswordKey, SealBroken
from engine.errors import ConnectorError, EngineError
from engine.network import Network

SUCCESS, LOGON_FAILURE = 0, 1326
_DATA = re.compile(r"\bdata ([0-9a-fA-F]+)\b")
LOG_MAX = 200


@dataclass(frozen=True)
class AgentIdentity:
    """What the agent keeps of its registration. forests: those it may ask, in order."""

    agent_id: str
    secret: str = field(repr=False)
    key: str = field(repr=False)
    tenant: str = ""
    forests: tuple[str, ...] = ()

    def as_document(self) -> dict[str, object]:
        return {
            "agent_id": self.agent_id,
            "secret": self.secret,
            "key": self.key,
            "tenant": self.tenant,
            "forests": list(self.forests),
        }

    @staticmethod
    def of(document: Mapping[str, object]) -> AgentIdentity:
        forests = document["forests"]
        assert isinstance(forests, list)
        return AgentIdentity(
            str(document["agent_id"]), str(document["secret"]), str(document["key"]), str(document["tenant"]),
            tuple(map(str, forests)),
        )  # fmt: skip


class AuthenticationAgent:
    """One running agent."""

    def __init__(self, identity: AgentIdentity, network: Network) -> None:
        self.identity = identity
        self._network = network
        self._key = PasswordKey.of(identity.key)
        self._line = HeldLine(
            network.tenant(identity.tenant),
            path=f"/relay/authentication/{identity.agent_id}",
            secret=identity.secret,
            ca_bundle=network.ca_bundle,
            work=self._validate,
        )
        self.log: list[str] = []  # the trace log

    @property
    def running(self) -> bool:
        return self._line.open

    def start(self) -> None:
        """Connect to the tenant. Raises EngineError."""
        self._line.connect()

    def stop(self) -> None:
        self._line.close()

    # ---- one request -------------------------------------------------------------------------------------------------
    def _validate(self, request: Document) -> Document:
        number, user = str(request.get("Id")), str(request.get("UserName") or "")
        try:
            password = self._key.open(str(request.get("Password") or ""))
        except SealBroken:
            return self._failed(number, "not-decrypted")
        reason: int | None = LOGON_FAILURE
        for name in self._forests_for(user):
            try:
                reason = logon(self._network.forest(name), user, password, self._network.ca_bundle)
            except EngineError:  # no controller has that name
                reason = None
            if reason is None:
                return self._failed(number, "directory-unreachable")
            if reason != LOGON_FAILURE:
                break
        if reason != SUCCESS:
            self._note(f"Passthrough Authentication request failed. RequestId: '{number}'. Reason: '{reason}'.")
        return {"Reason": reason}

    def _failed(self, number: str, failure: str) -> Document:
        self._note(f"Passthrough Authentication request failed. RequestId: '{number}'. Reason: '{failure}'.")
        return {"Failure": failure}

    def _note(self, line: str) -> None:
        self.log = [*self.log[-(LOG_MAX - 1) :], line]

    def _forests_for(self, user: str) -> list[str]:
        """The forests to ask: first the one the name's suffix belongs to, then the others in order."""
        suffix = user.rpartition("@")[2].lower()
        return sorted(self.identity.forests, key=lambda name: not f".{suffix}".endswith(f".{name.lower()}"))


def logon(address: ForestAddress, user: str, password: str, ca_bundle: str) -> int | None:
    """Check a password with a domain controller: 0 or the Win32 reason; None when no controller answers."""
    if not password:
        return LOGON_FAILURE  # an empty one would be an anonymous bind
    try:
        with LdapClient.connect(address, ca_bundle=ca_bundle) as client:
            client.bind(user, password)
    except ConnectorError as refusal:
        found = _DATA.search(refusal.message)
        if refusal.code != "failed-authentication" or found is None:
            return None
        return int(found[1], 16)
    return SUCCESS
