"""A connection that stays open between steps; each step proves the credentials anew.

A password changed in the directory is thus noticed by the next step (facts "install" CRD-01), as is a lost connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import TIMEOUT_SECONDS, LdapClient
from engine.errors import ConnectorError


@dataclass(frozen=True, slots=True)
class DirectoryAccount:
    """Who connects: a UPN, ``DOMAIN\\name`` or DN, and the password."""

    user_name: str
    password: str = field(repr=False)


class DirectorySession:
    """One account at one forest."""

    def __init__(
        self,
        address: ForestAddress,
        account: DirectoryAccount,
        *,
        ca_bundle: str,
        security: Security = Security.LDAPS,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._address = address
        self._account = account
        self._ca_bundle = ca_bundle
        self._security = security
        self._timeout_seconds = timeout_seconds
        self._client: LdapClient | None = None

    @property
    def held(self) -> bool:
        """Whether a connection is open, bound at some time before."""
        return self._client is not None and self._client.open

    def begin(self) -> LdapClient:
        """A connection on which the credentials have just been accepted; the open one when it still lives."""
        if self._client is not None and self._client.open:
            try:
                self._client.bind(self._account.user_name, self._account.password)
                return self._client
            except ConnectorError as error:
                if error.code != "dropped-connection":
                    raise
        self.close()
        client = LdapClient.connect(
            self._address, ca_bundle=self._ca_bundle, security=self._security, timeout_seconds=self._timeout_seconds
        )
        try:
            client.bind(self._account.user_name, self._account.password)
        except ConnectorError:
            client.close()
            raise
        self._client = client
        return client

    def current(self) -> LdapClient:
        """The open connection as it is, a new one when there is none."""
        return self._client if self._client is not None and self._client.open else self.begin()

    def elsewhere(self, address: ForestAddress) -> DirectorySession:
        """The same account at another controller."""
        return DirectorySession(
            address,
            self._account,
            ca_bundle=self._ca_bundle,
            security=self._security,
            timeout_seconds=self._timeout_seconds,
        )

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
