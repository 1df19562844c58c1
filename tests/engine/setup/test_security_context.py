"""Who a process is to a proxy: facts "install" section 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.setup.answers import HostMachine
from engine.setup.security_context import seen_from_outside, service_context

HOST = HostMachine("SYNC1", Path("unused"), domain="contoso.com", signed_in_user="CONTOSO\\Administrator")


@pytest.mark.parametrize(
    ("account", "seen"),
    [
        ("NT SERVICE\\ADSync", "CONTOSO\\SYNC1$"),
        ("NT AUTHORITY\\SYSTEM", "CONTOSO\\SYNC1$"),
        ("SYNC1\\local", "CONTOSO\\SYNC1$"),
        (".\\local", "CONTOSO\\SYNC1$"),
        ("local", "CONTOSO\\SYNC1$"),
        ("CONTOSO\\svc", "CONTOSO\\svc"),
        ("CONTOSO\\gmsa$", "CONTOSO\\gmsa$"),
        ("svc@contoso.com", "svc@contoso.com"),
    ],
)
def test_account(account: str, seen: str) -> None:
    assert seen_from_outside(account, HOST) == seen


def test_without_components_the_service_is_virtual(stage) -> None:
    stage.host_changes = {"domain": "contoso.com"}
    assert service_context(stage.state()) == "CONTOSO\\SYNC1$"
