"""The Win32 code inside a diagnostic text."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory.ldap_refusal import LdapRefused, ReplicationDenied


@pytest.mark.parametrize(
    ("text", "win32"),
    [
        ("00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n\0", 8344),
        ("000021C8: AtrErr: DSID-03200BBA, #1:\n\t0: 000021C8", 8648),
        ("80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error", 0x80090308),
        ("no code here", 0),
        ("", 0),
    ],
)
def test_win32(text: str, win32: int) -> None:
    refusal = LdapRefused(50, text)
    assert refusal.win32 == win32
    assert refusal.code == "ldap-50"
    assert refusal.message == (text.rstrip("\n\0") or "LDAP result 50")


def test_replication_denied_is_a_failed_search() -> None:
    denied = ReplicationDenied()
    assert (denied.code, denied.message) == ("failed-search", "8453 Replication access was denied.")
