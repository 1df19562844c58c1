"""One account's connection between steps."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.session import DirectoryAccount, DirectorySession
from engine.errors import ConnectorError


@pytest.fixture
def session(directory: Any) -> Any:
    made = DirectorySession(
        ForestAddress("127.0.0.1", directory.port, directory.secure_port),
        DirectoryAccount("ana@contoso.com", "the secret"),
        ca_bundle="",
        security=Security.CLEAR,
        timeout_seconds=5,
    )
    yield made
    made.close()


def test_the_connection_is_kept_and_the_credentials_proved_again(directory: Any, session: DirectorySession) -> None:
    directory.bound().bound()
    first = session.begin()
    assert session.begin() is first
    assert session.current() is first


def test_after_a_refusal_the_next_step_tries_again(directory: Any, session: DirectorySession) -> None:
    directory.expect("bind", lambda r: r.done(49)).bound()
    with pytest.raises(ConnectorError):
        session.begin()
    assert session.current().open


def test_the_password_never_shows_itself() -> None:
    assert "the secret" not in repr(DirectoryAccount("ana@contoso.com", "the secret"))
