"""A ticket for a service: for whoever is bound, made with the service's key, refused when the service is unknown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.md4 import nt_hash
from emulators.directory.core.results import ResultCode
from emulators.directory.core.session import open_session

SERVICE = "HOST/autologon.example"
KEY = "Sail.Away-88-and-longer"


@pytest.fixture
def service(admin: Any) -> str:
    name = "CN=SSO,CN=Computers,DC=contoso,DC=com"
    admin.expect(
        r.Add(
            name,
            (
                ("objectClass", (b"computer",)),
                ("sAMAccountName", (b"SSO$",)),
                ("userAccountControl", (b"4096",)),
                ("servicePrincipalName", (SERVICE.encode(),)),
                ("unicodePwd", (f'"{KEY}"'.encode("utf-16-le"),)),
            ),
        )
    )
    return name


def read(ticket: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    body, proof = (base64.b64decode(part) for part in ticket.split(b"."))
    return json.loads(body), body, proof


def test_it_names_the_bound_account_and_proves_itself_with_the_services_key(admin: Any, service: str) -> None:
    answer = admin.expect(r.AskTicket(SERVICE))
    said, body, proof = read(answer.value)
    assert (said["realm"], said["service"]) == ("contoso.com", SERVICE)
    assert base64.b64decode(said["sid"]) == admin.session.account.sid
    assert hmac.new(nt_hash(KEY), body, hashlib.sha256).digest() == proof


def test_an_unknown_or_disabled_service_has_no_ticket(admin: Any, service: str) -> None:
    admin.expect(r.AskTicket("HOST/elsewhere"), ResultCode.UNWILLING_TO_PERFORM)
    admin.change(service, ("REPLACE", "userAccountControl", "4098"))
    admin.expect(r.AskTicket(SERVICE), ResultCode.UNWILLING_TO_PERFORM)


def test_nobody_gets_one_in_clear_or_unbound(admin: Any, service: str, kit: Any) -> None:
    stranger = kit.hand(admin.forest, open_session(admin.forest, protected=True))
    assert stranger.send(r.AskTicket(SERVICE)).code == ResultCode.OPERATIONS_ERROR
    in_clear = kit.hand(admin.forest, open_session(admin.forest, protected=False))
    assert in_clear.send(r.AskTicket(SERVICE)).code == ResultCode.UNWILLING_TO_PERFORM
